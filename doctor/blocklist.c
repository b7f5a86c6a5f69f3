/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/ask.h"
#include "doctor/blocklist.h"
#include "doctor/reverse.h"
#include "doctor/world.h"

/*
 * DNS blocklists (RFC 5782). Before anything is believed of a list, its control entries are
 * asked for: 127.0.0.2 is listed and 127.0.0.1 is not, TEST is and INVALID is not. A list
 * that refuses us (through a public resolver, or without an account) fails there.
 */

enum { SHOWN = 300 };

enum blocklist_answer
blocklist_read(const struct dns_answer *answer)
{
	if (!ask_is_known(answer))
		return BLOCKLIST_UNKNOWN;
	if (answer->state != DNS_FOUND)
		return BLOCKLIST_NOT_LISTED;
	for (uint32_t i = 0; i < answer->n; i++) {
		struct view data = answer->records[i].data;

		/* RFC 5782 2.1: in 127.0.0.0/8; 127.255.255.x are words of refusal. */
		if (data.n != 4 || data.p[0] != 127 ||
		    (data.p[1] == '\xff' && data.p[2] == '\xff'))
			return BLOCKLIST_REFUSED;
	}
	return BLOCKLIST_LISTED;
}

enum blocklist_kind
blocklist_judge(enum blocklist_answer listed, enum blocklist_answer not_listed)
{
	if (listed == BLOCKLIST_UNKNOWN || not_listed == BLOCKLIST_UNKNOWN)
		return BLOCKLIST_SILENT;
	if (listed == BLOCKLIST_REFUSED || not_listed == BLOCKLIST_REFUSED)
		return BLOCKLIST_REFUSES;
	return listed == BLOCKLIST_LISTED && not_listed == BLOCKLIST_NOT_LISTED
		   ? BLOCKLIST_WORKS
		   : BLOCKLIST_OTHER;
}

static enum blocklist_answer
ask_list(struct ask *ask, struct view name)
{
	return blocklist_read(ask_for(ask, DNS_A, name));
}

static enum blocklist_kind
try_kind(struct ask *ask, struct view listed, struct view not_listed)
{
	(void)answers_lookup(ask->answers, DNS_A, listed);
	(void)answers_lookup(ask->answers, DNS_A, not_listed);
	enum blocklist_answer yes = ask_list(ask, listed);
	return blocklist_judge(yes, ask_list(ask, not_listed));
}

static enum blocklist_kind
try_addresses(struct ask *ask, struct view zone, uint8_t family)
{
	struct addr listed = {.family = ADDR_IPV4, .bytes = {127, 0, 0, 2}};
	struct addr not_listed = {.family = ADDR_IPV4, .bytes = {127, 0, 0, 1}};
	struct arena *arena = ask->report->arena;

	if (family == ADDR_IPV6) {
		/* ::FFFF:7F00:2 and ::FFFF:7F00:1 (RFC 5782 5). */
		static const uint8_t mapped[16] = {
		    [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 2};

		listed.family = not_listed.family = ADDR_IPV6;
		memcpy(listed.bytes, mapped, sizeof(mapped));
		memcpy(not_listed.bytes, mapped, sizeof(mapped));
		not_listed.bytes[15] = 1;
	}
	return try_kind(
	    ask, reverse_name(listed, zone, arena), reverse_name(not_listed, zone, arena));
}

/* LEFT: this one, and those behind it: one that is silent takes no time from them. There is
 * a limit to the answers of one question. */
static void
begin_zone(struct ask *ask, int64_t end, size_t left)
{
	ask->answers = answers_new(ask->report->arena);
	ask->deadline = clock_share(clock_mono(), end, left);
}

static enum blocklist_kind
try_domains(struct ask *ask, struct view zone)
{
	return try_kind(ask, ask_below(ask->report, "test", zone),
	    ask_below(ask->report, "invalid", zone));
}

/* Is it a list of anything but addresses of this family? */
static enum blocklist_kind
try_others(struct ask *ask, struct view zone, uint8_t family)
{
	if (family == ADDR_IPV6 && try_addresses(ask, zone, ADDR_IPV4) == BLOCKLIST_WORKS)
		return BLOCKLIST_WORKS;
	return try_domains(ask, zone);
}

/* KIND is what the list is for what was looked for, OTHER for the other things. */
static void
say_useless(struct doctor_report *report, struct view zone, enum blocklist_kind kind,
    enum blocklist_kind other)
{
	if (kind == BLOCKLIST_SILENT)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s does not answer through this resolver", VIEW_ARG(zone));
	else if (kind == BLOCKLIST_REFUSES)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s refuses this resolver: lists want to be asked by a resolver of "
		    "one's own, or with an account",
		    VIEW_ARG(zone));
	else if (other == BLOCKLIST_WORKS)
		(void)doctor_say(
		    report, DOCTOR_OK, "%.*s is a list of other things", VIEW_ARG(zone));
	else
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s does not answer as a list has to (RFC 5782 5): what has to be "
		    "listed is not, or everything is",
		    VIEW_ARG(zone));
}

static void
say_listed(struct ask *ask, struct view what, struct view zone, struct view name)
{
	const struct dns_answer *txt = ask_for(ask, DNS_TXT, name);
	struct view reason = VIEW("");

	if (txt->n > 0)
		reason = view_head(ask_sorted(ask->report, txt)[0].data, SHOWN);
	struct doctor_finding *finding =
	    doctor_say(ask->report, DOCTOR_BAD, "%.*s is listed in %.*s%s%.*s",
		VIEW_ARG(what), VIEW_ARG(zone), reason.n > 0 ? ": " : "", VIEW_ARG(reason));
	doctor_remedy(ask->report, finding,
	    "Find out what was sent (frank incident list, frank log), stop it, and then "
	    "ask "
	    "the list to take it out, as its site says");
}

static void
judge(struct ask *ask, struct view what, struct view zone, struct view name)
{
	switch (ask_list(ask, name)) {
	case BLOCKLIST_LISTED:
		say_listed(ask, what, zone, name);
		return;
	case BLOCKLIST_NOT_LISTED:
		(void)doctor_say(ask->report, DOCTOR_OK, "%.*s is not in %.*s",
		    VIEW_ARG(what), VIEW_ARG(zone));
		return;
	case BLOCKLIST_REFUSED:
		say_useless(ask->report, zone, BLOCKLIST_REFUSES, BLOCKLIST_OTHER);
		return;
	case BLOCKLIST_UNKNOWN:
		say_useless(ask->report, zone, BLOCKLIST_SILENT, BLOCKLIST_OTHER);
		return;
	}
	BUG("an answer that there is not");
}

static bool
begin(struct ask *ask, const struct doctor_world *world, struct doctor_report *report)
{
	if (world->n_blocklists > 0)
		return ask_begin(ask, world, report);
	if (world_has_policy(world, report))
		(void)doctor_say(report, DOCTOR_OK, "'set blocklists' names none to ask");
	return false;
}

static void
check_egress(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct addr addr = *subject->egress;
	char text[ADDR_TEXT];
	struct ask ask;

	if (!begin(&ask, world, report))
		return;
	(void)addr_text(addr, text);
	const int64_t end = ask.deadline;
	for (size_t i = 0; i < world->n_blocklists; i++) {
		struct view zone = world->blocklists[i];
		enum blocklist_kind kind;

		begin_zone(&ask, end, world->n_blocklists - i);
		kind = try_addresses(&ask, zone, addr.family);
		if (kind == BLOCKLIST_WORKS)
			judge(&ask, view_of(text), zone,
			    reverse_name(addr, zone, report->arena));
		else
			say_useless(
			    report, zone, kind, try_others(&ask, zone, addr.family));
	}
	ask_end(&ask);
}

static void
check_domain(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct ask ask;

	if (!begin(&ask, world, report))
		return;
	const int64_t end = ask.deadline;
	for (size_t i = 0; i < world->n_blocklists; i++) {
		struct view zone = world->blocklists[i];
		enum blocklist_kind kind;
		struct buf name = BUF_INIT(4 * DNS_NAME_MAX);

		begin_zone(&ask, end, world->n_blocklists - i);
		kind = try_domains(&ask, zone);
		buf_addf(&name, "%.*s.%.*s", VIEW_ARG(subject->domain), VIEW_ARG(zone));
		if (kind == BLOCKLIST_WORKS)
			judge(&ask, subject->domain, zone,
			    arena_view(report->arena, buf_view(&name)));
		else
			say_useless(
			    report, zone, kind, try_addresses(&ask, zone, ADDR_IPV4));
		buf_fini(&name);
	}
	ask_end(&ask);
}

const struct doctor_check doctor_blocklist[] = {
    {"blocklist-egress", DOCTOR_EGRESS,
	"Receivers that go by this list refuse mail from the address, or take it for spam.",
	check_egress},
    {"blocklist-domain", DOCTOR_DOMAIN,
	"Receivers that go by this list refuse mail that names the domain, or take it for "
	"spam.",
	check_domain},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
