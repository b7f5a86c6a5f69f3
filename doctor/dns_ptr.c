/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"

#include "doctor/ask.h"
#include "doctor/dns.h"
#include "doctor/reverse.h"

/* The names of our own: of each address, and what we greet with. */

enum { NAMES_MAX = 10 };

static bool
has_addr(const struct dns_answer *answer, struct addr addr)
{
	for (uint32_t i = 0; i < answer->n; i++)
		if (addr_is(ask_addr(answer, i), addr))
			return true;
	return false;
}

static const struct dns_answer *
ask_kind(struct ask *ask, struct addr addr, struct view name)
{
	return ask_for(ask, addr.family == ADDR_IPV4 ? DNS_A : DNS_AAAA, name);
}

static void
say_no_ptr(struct doctor_report *report, const struct doctor_world *world, struct addr addr)
{
	char text[ADDR_TEXT];
	struct doctor_finding *finding =
	    doctor_say(report, DOCTOR_BAD, "%s has no name (PTR)", addr_text(addr, text));
	struct view name = reverse_name(addr, VIEW_NONE, report->arena);
	struct view helo = world->helo.n > 0 ? world->helo : VIEW("mail.example.org");

	doctor_remedy(report, finding,
	    "Who gives you the address sets it (hosting panel, provider):\n"
	    "%.*s. IN PTR %.*s.",
	    VIEW_ARG(name), VIEW_ARG(helo));
}

static void
say_unconfirmed(
    struct doctor_report *report, struct addr addr, const struct dns_answer *forward)
{
	char text[ADDR_TEXT];
	struct doctor_finding *finding;

	(void)addr_text(addr, text);
	finding = doctor_say(report, DOCTOR_BAD, "%s is named %.*s, which %s", text,
	    VIEW_ARG(forward->name),
	    forward->state == DNS_FOUND ? "is another address"
					: "has no address of its kind");
	doctor_remedy(report, finding, "%.*s. IN %s %s", VIEW_ARG(forward->name),
	    dns_type_name(forward->type), text);
}

/* One name that leads back is enough. */
static void
judge_names(struct ask *ask, struct addr addr, const struct dns_answer *ptr)
{
	const struct dns_answer *unknown = NULL, *wrong = NULL;
	char text[ADDR_TEXT];

	for (uint32_t i = 0; i < ptr->n && i < NAMES_MAX; i++) {
		struct view name = ptr->records[i].data;
		const struct dns_answer *forward = ask_kind(ask, addr, name);

		if (has_addr(forward, addr)) {
			(void)doctor_say(ask->report, DOCTOR_OK,
			    "%s is %.*s, and that is it", addr_text(addr, text),
			    VIEW_ARG(name));
			return;
		}
		if (!ask_is_known(forward))
			unknown = forward;
		else if (wrong == NULL)
			wrong = forward;
	}
	if (unknown != NULL)
		ask_say_unknown(ask->report, unknown);
	else if (wrong != NULL)
		say_unconfirmed(ask->report, addr, wrong);
}

void
dns_check_ptr(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct addr addr = *subject->egress;
	char text[ADDR_TEXT];
	struct ask ask;

	if (ask_is_inside(addr)) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s is not an address that receivers can see: 'set egress' is for "
		    "those that they do",
		    addr_text(addr, text));
		return;
	}
	if (!ask_begin(&ask, world, report))
		return;
	const struct dns_answer *ptr =
	    ask_for(&ask, DNS_PTR, reverse_name(addr, VIEW_NONE, report->arena));
	if (!ask_is_known(ptr))
		ask_say_unknown(report, ptr);
	else if (ptr->state != DNS_FOUND)
		say_no_ptr(report, world, addr);
	else
		judge_names(&ask, addr, ptr);
	ask_end(&ask);
}

static bool
is_full_name(struct view name)
{
	struct addr addr;

	return view_has_char(name, '.') && addr_parse(name, &addr, NULL) < 0 &&
	       name.p[0] != '[' && !view_ends_nocase(name, VIEW(".local")) &&
	       !view_ends_nocase(name, VIEW(".localdomain"));
}

static bool
is_all_inside(const struct dns_answer *v4, const struct dns_answer *v6)
{
	for (uint32_t i = 0; i < v4->n; i++)
		if (!ask_is_inside(ask_addr(v4, i)))
			return false;
	for (uint32_t i = 0; i < v6->n; i++)
		if (!ask_is_inside(ask_addr(v6, i)))
			return false;
	return true;
}

/* Which of our addresses is it? NULL: none. */
static const struct addr *
find_egress(const struct doctor_world *world, const struct dns_answer *v4,
    const struct dns_answer *v6)
{
	for (size_t i = 0; i < world->n_egress; i++)
		if (has_addr(
			world->egress[i].family == ADDR_IPV4 ? v4 : v6, world->egress[i]))
			return &world->egress[i];
	return NULL;
}

static void
say_foreign(const struct doctor_world *world, struct doctor_report *report)
{
	char text[ADDR_TEXT];
	struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
	    "%.*s is none of our addresses ('set egress')", VIEW_ARG(world->helo));

	doctor_remedy(report, finding, "%.*s. IN %s %s", VIEW_ARG(world->helo),
	    world->egress[0].family == ADDR_IPV4 ? "A" : "AAAA",
	    addr_text(world->egress[0], text));
}

static void
judge_helo_addresses(const struct doctor_world *world, const struct dns_answer *v4,
    const struct dns_answer *v6, struct doctor_report *report)
{
	const struct addr *egress = find_egress(world, v4, v6);
	struct view helo = world->helo;
	char text[ADDR_TEXT];

	if (egress != NULL)
		(void)doctor_say(report, DOCTOR_OK, "%.*s is %s", VIEW_ARG(helo),
		    addr_text(*egress, text));
	else if (world->n_egress == 0)
		(void)doctor_say(report, DOCTOR_OK,
		    "%.*s has an address; whether it is ours, 'set egress' would say",
		    VIEW_ARG(helo));
	else if (is_all_inside(v4, v6))
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s has an address here that only the inside can reach: ask a "
		    "resolver that sees what the world sees (--resolver)",
		    VIEW_ARG(helo));
	else
		say_foreign(world, report);
}

static void
judge_helo(struct ask *ask, const struct doctor_world *world)
{
	struct doctor_report *report = ask->report;
	const struct dns_answer *v4, *v6;
	char text[ADDR_TEXT] = "ADDRESS";

	ask_addresses(ask, world->helo, &v4, &v6);
	if (v4->state == DNS_FOUND || v6->state == DNS_FOUND) {
		judge_helo_addresses(world, v4, v6, report);
	} else if (!ask_is_known(v4) || !ask_is_known(v6)) {
		ask_say_unknown(report, !ask_is_known(v4) ? v4 : v6);
	} else {
		struct doctor_finding *finding = doctor_say(
		    report, DOCTOR_BAD, "%.*s has no address", VIEW_ARG(world->helo));

		if (world->n_egress > 0)
			(void)addr_text(world->egress[0], text);
		doctor_remedy(report, finding, "%.*s. IN %s %s", VIEW_ARG(world->helo),
		    view_has_char(view_of(text), ':') ? "AAAA" : "A", text);
	}
}

void
dns_check_helo(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct ask ask;

	(void)subject;
	if (world->helo.n == 0 && !world_has_policy(world, report))
		return;
	if (world->helo.n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "what our server greets others with is not known: 'set helo' in the "
		    "configuration says it");
	} else if (!is_full_name(world->helo)) {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "'%.*s' is not a name that others can look up", VIEW_ARG(world->helo));

		doctor_remedy(report, finding,
		    "Give Postfix the full name of the host, and frank.conf the same ('set "
		    "helo mail.example.org'):\n"
		    "postconf -e 'myhostname = mail.example.org'");
	} else if (ask_begin(&ask, world, report)) {
		judge_helo(&ask, world);
		ask_end(&ask);
	}
}
