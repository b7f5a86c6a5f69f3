/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/run.h"

#include "doctor/connect.h"
#include "doctor/firewall.h"
#include "doctor/postfix.h"
#include "doctor/relay.h"

/*
 * The firewall of this machine is read, never changed. iptables-legacy-save goes by the
 * tables that /proc names, and is asked only when there are any: it would load others.
 */

enum {
	PATIENCE_MS = 10000,
	OUTPUT_MAX = 16 << 20,
	SAID_MAX = 4096,
	SHOWN = 300,
	PATH_BYTES = 64,
	NAME_BYTES = 256,
	ENTRY_MAX = 4096
};

/* Something that has rules; the first of its programs that is there reads them. */
struct source {
	const char *programs[3];
	const char *const *arguments;
	const char *tables; /* a file that names some, else there are none; NULL: always */
	uint8_t family;     /* ADDR_NONE: both */
	bool is_instead;    /* only where there is no nft */
	struct firewall_look (*read)(
	    struct view text, const struct firewall_ask *ask, struct arena *arena);
	const char *adds; /* the program that makes rules for it */
};

static const char *const nothing[] = {NULL};
static const char *const list_ruleset[] = {"-n", "list", "ruleset", NULL};

static const struct source sources[] = {
    {{"nft"}, list_ruleset, NULL, ADDR_NONE, false, firewall_read_nft, "nft"},
    {{"iptables-nft-save", "iptables-save"}, nothing, NULL, ADDR_IPV4, true,
	firewall_read_iptables, "iptables"},
    {{"ip6tables-nft-save", "ip6tables-save"}, nothing, NULL, ADDR_IPV6, true,
	firewall_read_iptables, "ip6tables"},
    {{"iptables-legacy-save", "iptables-save"}, nothing, "/proc/net/ip_tables_names",
	ADDR_IPV4, false, firewall_read_iptables, "iptables-legacy"},
    {{"ip6tables-legacy-save", "ip6tables-save"}, nothing, "/proc/net/ip6_tables_names",
	ADDR_IPV6, false, firewall_read_iptables, "ip6tables-legacy"},
};

struct looking {
	const struct doctor_world *world;
	struct doctor_report *report;
	struct firewall_ask ask; /* but for port and family */
	struct view owner;
	bool has_family[2];                   /* Postfix uses IPv4, IPv6 */
	bool is_used[2];                      /* and mail is known to leave that way */
	unsigned port;                        /* that mail leaves by; 0: it is not known */
	const char *read[ARRAY_LEN(sources)]; /* names of programs */
	size_t n_read;
};

static bool
was_read(const struct looking *looking, const char *name)
{
	for (size_t i = 0; i < looking->n_read; i++)
		if (strcmp(looking->read[i], name) == 0)
			return true;
	return false;
}

/* One port; what holds for both families is said once. */
static void
judge_port(
    struct looking *looking, const struct source *source, struct view text, unsigned port)
{
	static const uint8_t families[] = {ADDR_IPV4, ADDR_IPV6};
	struct connect_firewall found[ARRAY_LEN(families)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct arena *arena;

		if (!looking->has_family[i] ||
		    (source->family != ADDR_NONE && source->family != families[i]))
			continue;
		arena = arena_new(0);
		looking->ask.family = families[i];
		looking->ask.port = port;
		found[n++] = (struct connect_firewall){
		    .look = source->read(text, &looking->ask, arena),
		    .port = port,
		    .family = families[i],
		    .has_family = looking->is_used[i],
		    .has_port = port == looking->port,
		    .owner = looking->owner,
		    .adds = source->adds,
		};
		arena_free(arena);
	}
	if (n == 2 && found[0].look.verdict == found[1].look.verdict &&
	    found[0].look.rule.p == found[1].look.rule.p &&
	    found[0].look.chain.p == found[1].look.chain.p) {
		found[0].family = ADDR_NONE;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		connect_judge_firewall(looking->report, &found[i]);
}

static void
run_source(struct looking *looking, const struct source *source, const char *path,
    const char *name)
{
	static const unsigned ports[] = {25, 465, 587};
	const char *argv[5] = {path};
	struct buf out = BUF_INIT(OUTPUT_MAX), said = BUF_INIT(SAID_MAX);
	struct view rest, line;
	struct err err = ERR_INIT;
	int status = 0;

	for (size_t i = 0; source->arguments[i] != NULL; i++)
		argv[i + 1] = source->arguments[i];
	int result = run(argv, VIEW(""), &out, &said, PATIENCE_MS, &status, &err);
	rest = buf_view(&said);
	(void)view_cut(&rest, '\n', &line);
	if (result < 0)
		(void)doctor_say(looking->report, DOCTOR_UNKNOWN, "%s", err.text);
	else if (status != 0)
		(void)doctor_say(looking->report, DOCTOR_UNKNOWN,
		    "%s cannot read the rules, which is for root: %.*s", name,
		    VIEW_ARG(view_head(view_trim(line), SHOWN)));
	else if (out.full)
		(void)doctor_say(
		    looking->report, DOCTOR_UNKNOWN, "%s prints too many rules", name);
	else
		for (size_t i = 0; i < ARRAY_LEN(ports); i++)
			judge_port(looking, source, buf_view(&out), ports[i]);
	looking->read[looking->n_read++] = name;
	buf_fini(&out);
	buf_fini(&said);
}

/* 1; 0: it has no table; -1: that was said not to be known. */
static int
has_tables(struct looking *looking, const struct source *source)
{
	struct buf names = BUF_INIT(SAID_MAX);
	struct err err = ERR_INIT;
	int result = 0;

	if (source->tables == NULL)
		return 1;
	if (access(source->tables, F_OK) == -1)
		return 0;
	if (file_read(source->tables, &names, &err) < 0) {
		/* Who may not read this was told so by nft before. */
		if (looking->report->first == NULL)
			(void)doctor_say(looking->report, DOCTOR_UNKNOWN, "%s", err.text);
		result = -1;
	} else {
		result = names.n > 0;
	}
	buf_fini(&names);
	return result;
}

static void
look_at(struct looking *looking, const struct source *source)
{
	static const char *const folders[] = {"/usr/sbin", "/sbin"};
	char path[PATH_BYTES];

	if ((source->is_instead && was_read(looking, "nft")) ||
	    has_tables(looking, source) != 1)
		return;
	for (size_t i = 0; i < ARRAY_LEN(source->programs); i++)
		for (size_t k = 0; k < ARRAY_LEN(folders); k++) {
			const char *name = source->programs[i];

			if (name == NULL)
				continue;
			snprintf(path, sizeof(path), "%s/%s", folders[k], name);
			if (access(path, X_OK) == -1)
				continue;
			if (!was_read(looking, name))
				run_source(looking, source, path, name);
			return;
		}
	if (source->tables != NULL)
		(void)doctor_say(looking->report, DOCTOR_UNKNOWN,
		    "%s names tables, and %s is not there to read them with",
		    source->tables, source->programs[0]);
}

static bool
find_value(struct looking *looking, const char *name, struct view *ret_value)
{
	const struct doctor_postfix *postfix = looking->world->postfix;
	struct postfix_ask ask = {.arena = looking->report->arena};

	if (postfix == NULL)
		return false;
	ask.conf = postfix->conf;
	return postfix_conf_value(&ask, view_of(name), ret_value) == 1;
}

static void
find_port(struct looking *looking)
{
	const struct doctor_postfix *postfix = looking->world->postfix;
	struct relays relays;

	looking->port = 25;
	if (relay_read(postfix != NULL ? postfix->conf : NULL, looking->report->arena,
		&relays) == 1)
		looking->port = relay_port(&relays);
}

/* Who connects, and over what. */
static void
find_postfix(struct looking *looking)
{
	char buffer[ENTRY_MAX], name[NAME_BYTES];
	struct passwd entry, *found = NULL;
	struct view value, item;

	looking->owner = VIEW("postfix");
	(void)find_value(looking, "mail_owner", &looking->owner);
	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(looking->owner));
	if (getpwnam_r(name, &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found != NULL) {
		looking->ask.has_owner = true;
		looking->ask.uid = found->pw_uid;
		looking->ask.gid = found->pw_gid;
	}
	looking->has_family[0] = looking->has_family[1] = true;
	looking->is_used[0] = true;
	for (size_t i = 0; i < looking->world->n_egress; i++)
		looking->is_used[1] |= looking->world->egress[i].family == ADDR_IPV6;
	if (!find_value(looking, "inet_protocols", &value))
		return;
	looking->has_family[0] = looking->has_family[1] = false;
	while (postfix_list_next(&value, &item)) {
		bool is_all = view_is_nocase(item, VIEW("all"));

		looking->has_family[0] |= is_all || view_is_nocase(item, VIEW("ipv4"));
		looking->has_family[1] |= is_all || view_is_nocase(item, VIEW("ipv6"));
	}
	looking->is_used[1] |= !looking->has_family[0];
}

void
connect_check_firewall(const struct doctor_world *world,
    const struct doctor_subject *subject, struct doctor_report *report)
{
	struct looking looking = {.world = world, .report = report};
	struct buf names = BUF_INIT(SAID_MAX);

	(void)subject;
	looking.ask.seed = map_seed_random();
	find_postfix(&looking);
	find_port(&looking);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		look_at(&looking, &sources[i]);
	for (size_t i = 0; i < looking.n_read; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", looking.read[i]);
	if (looking.n_read == 0 && report->first == NULL)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "neither nft nor iptables is there to read the rules with");
	else if (report->first == NULL)
		(void)doctor_say(
		    report, DOCTOR_OK, "by %s: no rule keeps mail back", buf_text(&names));
	buf_fini(&names);
}
