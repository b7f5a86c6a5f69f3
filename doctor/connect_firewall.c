/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <unistd.h>

#include "lib/bug.h"
#include "lib/run.h"

#include "doctor/connect.h"
#include "doctor/firewall.h"

/* The firewall of this machine is read, never changed. */

enum { PATIENCE_MS = 10000, OUTPUT_MAX = 16 << 20, SAID_MAX = 4096, SHOWN = 300 };

struct reader {
	const char *argv[5];
	struct firewall_look (*read)(struct view text, unsigned port);
	const char *name;
};

static const struct reader readers[] = {
    {{"/usr/sbin/nft", "-n", "list", "ruleset", NULL}, firewall_read_nft, "nft"},
    {{"/sbin/nft", "-n", "list", "ruleset", NULL}, firewall_read_nft, "nft"},
    {{"/usr/sbin/iptables", "-S", NULL}, firewall_read_iptables, "iptables"},
    {{"/sbin/iptables", "-S", NULL}, firewall_read_iptables, "iptables"},
};

void
connect_judge_firewall(
    struct doctor_report *report, struct firewall_look look, unsigned port)
{
	struct view rule = view_head(look.rule, SHOWN);
	struct doctor_finding *finding;

	if (look.verdict == FIREWALL_OPEN)
		return;
	if (look.verdict == FIREWALL_MAYBE) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "connections to port %u of others may be kept back by: %.*s", port,
		    VIEW_ARG(rule));
	} else if (port != 25) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "connections to port %u of others are kept back, which matters where "
		    "mail leaves through a relay host: %.*s",
		    port, VIEW_ARG(rule));
	} else {
		finding = doctor_say(report, DOCTOR_BAD,
		    "connections to port 25 of others are kept back by: %.*s",
		    VIEW_ARG(rule));
		doctor_remedy(report, finding,
		    "Let Postfix out before this rule, where the rules are kept; such as\n"
		    "meta skuid postfix tcp dport 25 accept\n"
		    "iptables -I OUTPUT -p tcp --dport 25 -m owner --uid-owner postfix -j "
		    "ACCEPT");
	}
}

static void
read_rules(const struct reader *reader, struct doctor_report *report)
{
	static const unsigned ports[] = {25, 465, 587};
	struct buf out = BUF_INIT(OUTPUT_MAX), said = BUF_INIT(SAID_MAX);
	struct err err = ERR_INIT;
	int status = 0;
	int result = run(reader->argv, VIEW(""), &out, &said, PATIENCE_MS, &status, &err);

	if (result < 0)
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%s", err.text);
	else if (status != 0)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s cannot read the rules, which is for root: %.*s", reader->name,
		    VIEW_ARG(view_head(view_trim(buf_view(&said)), SHOWN)));
	else if (out.full)
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "%s prints too many rules", reader->name);
	bool is_read = report->first == NULL;
	for (size_t i = 0; is_read && i < ARRAY_LEN(ports); i++)
		connect_judge_firewall(
		    report, reader->read(buf_view(&out), ports[i]), ports[i]);
	if (report->first == NULL)
		(void)doctor_say(
		    report, DOCTOR_OK, "%s has no rule that keeps mail back", reader->name);
	buf_fini(&out);
	buf_fini(&said);
}

void
connect_check_firewall(const struct doctor_world *world,
    const struct doctor_subject *subject, struct doctor_report *report)
{
	(void)world;
	(void)subject;
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		if (access(readers[i].argv[0], X_OK) == 0) {
			read_rules(&readers[i], report);
			return;
		}
	(void)doctor_say(report, DOCTOR_UNKNOWN,
	    "neither nft nor iptables is there to read the rules with");
}
