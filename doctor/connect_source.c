/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "postfix/program.h"

#include "doctor/ask.h"
#include "doctor/connect.h"
#include "doctor/place.h"
#include "doctor/socket.h"

/* From which address does our mail come, and does 'set egress' have it? */

enum { POSTCONF_MS = 5000, OUTPUT_MAX = 16 << 10, SMTP_PORT = 25 };

/* What main.cf says of it. */
struct sender {
	bool is_known;
	struct view relayhost, bind[2]; /* IPv4, IPv6; empty: not set */
};

static struct view
value_of(struct view lines, const char *name)
{
	struct view line, key;

	while (view_cut(&lines, '\n', &line))
		if (view_cut(&line, '=', &key) && view_is(view_trim(key), view_of(name)))
			return view_trim(line);
	return VIEW("");
}

static void
read_sender(
    const struct doctor_world *world, struct doctor_report *report, struct sender *sender)
{
	static const char *const options[] = {
	    "relayhost", "smtp_bind_address", "smtp_bind_address6", NULL};
	const struct postfix_program program = {.name = "postconf",
	    .config = world->postfix_config,
	    .options = options,
	    .milliseconds = POSTCONF_MS};
	struct buf out = BUF_INIT(OUTPUT_MAX), said = BUF_INIT(OUTPUT_MAX);

	*sender =
	    (struct sender){.is_known = postfix_run(&program, &out, &said, NULL) == 0};
	struct view lines = arena_view(report->arena, buf_view(&out));
	sender->relayhost = value_of(lines, "relayhost");
	sender->bind[0] = value_of(lines, "smtp_bind_address");
	sender->bind[1] = value_of(lines, "smtp_bind_address6");
	buf_fini(&out);
	buf_fini(&said);
}

static bool
is_egress(const struct doctor_world *world, struct addr addr)
{
	for (size_t i = 0; i < world->n_egress; i++)
		if (addr_is(world->egress[i], addr))
			return true;
	return false;
}

static bool
has_egress(const struct doctor_world *world, unsigned family)
{
	for (size_t i = 0; i < world->n_egress; i++)
		if (world->egress[i].family == family)
			return true;
	return false;
}

/* HOW it is known: "by its routes", "by smtp_bind_address". */
static void
judge(const struct doctor_world *world, const struct sender *sender, struct addr source,
    const char *how, struct doctor_report *report)
{
	struct doctor_finding *finding;
	char text[ADDR_TEXT];

	(void)addr_text(source, text);
	if (is_egress(world, source)) {
		(void)doctor_say(report, DOCTOR_OK, "mail leaves from %s, %s", text, how);
	} else if (ask_is_inside(source)) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "mail leaves this machine from %s, %s; which address it gets on its "
		    "way "
		    "out cannot be seen from here",
		    text, how);
	} else if (!sender->is_known) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "mail leaves from %s, %s, which 'set egress' does not have; whether it "
		    "goes through a relay host is not known: postconf cannot be asked",
		    text, how);
	} else {
		finding = doctor_say(report, DOCTOR_BAD,
		    "mail leaves from %s, %s, which 'set egress' does not have", text, how);
		doctor_remedy(report, finding,
		    "Add it to 'set egress' in frank.conf, or make Postfix use one that is "
		    "there:\npostconf -e 'smtp_bind_address%s = ADDRESS'",
		    source.family == ADDR_IPV6 ? "6" : "");
	}
}

/* Where the routes lead is the same for any host of the outside; nothing is sent. */
static struct addr
far_host(const struct doctor_world *world, uint8_t family)
{
	struct addr addr = {.family = ADDR_NONE};
	struct place place;

	if (world->probe.n > 0 && place_parse(world->probe, SMTP_PORT, &place) &&
	    addr_parse(place.host, &addr, NULL) == 0 && addr.family == family)
		return addr;
	(void)addr_parse(
	    family == ADDR_IPV4 ? VIEW("192.0.2.1") : VIEW("2001:db8::1"), &addr, NULL);
	return addr;
}

static void
look_at(const struct doctor_world *world, const struct sender *sender, uint8_t family,
    struct doctor_report *report)
{
	const char *name = family == ADDR_IPV4 ? "smtp_bind_address" : "smtp_bind_address6";
	struct view bind = sender->bind[family == ADDR_IPV6];
	struct addr source;
	char how[64];

	snprintf(how, sizeof(how), "by %s", name);
	if (bind.n > 0 && addr_parse(bind, &source, NULL) == 0)
		judge(world, sender, source, how, report);
	else if (bind.n > 0)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s is '%.*s', which is no address", name, VIEW_ARG(bind));
	else if (socket_source(far_host(world, family), SMTP_PORT, &source))
		judge(world, sender, source, "by its routes", report);
	else if (has_egress(world, family))
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "there is no way out over IPv%u, though 'set egress' has such "
		    "addresses",
		    family);
	else
		(void)doctor_say(
		    report, DOCTOR_OK, "there is no way out over IPv%u", family);
}

void
connect_check_source(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct sender sender;

	(void)subject;
	if (world->n_egress == 0 && !world_has_policy(world, report))
		return;
	if (world->n_egress == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "'set egress' does not say which addresses receivers see");
		return;
	}
	read_sender(world, report, &sender);
	if (sender.relayhost.n > 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "mail leaves through the relay host %.*s: 'set egress' has to be its "
		    "addresses",
		    VIEW_ARG(sender.relayhost));
		return;
	}
	look_at(world, &sender, ADDR_IPV4, report);
	look_at(world, &sender, ADDR_IPV6, report);
}
