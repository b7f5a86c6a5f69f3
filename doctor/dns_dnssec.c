/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/clock.h"

#include "doctor/dns.h"
#include "doctor/servers.h"

/* Is the domain signed (RFC 4035), and do its signatures hold? */

enum {
	SIG_HEAD = 18, /* octets before the signer's name */
	SIG_EXPIRES = 8,
	TYPES_MAX = 65536,
};

/* The answer to NAME and TYPE, checked by ourselves. False: the anchor is of no use. */
static bool
ask_checked(const struct doctor_world *world, struct ask *ask, enum dns_type type,
    struct view name, const struct dns_answer **ret_answer)
{
	struct ask checked = *ask;
	struct err err = ERR_INIT;
	bool is_good;

	checked.answers = answers_new(ask->report->arena);
	checked.dns = dns_new(world->resolver, &err);
	is_good =
	    checked.dns != NULL && dns_trust(checked.dns, world->trust_anchor, &err) == 0;
	if (is_good)
		*ret_answer = ask_for(&checked, type, name);
	else
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN, "%s", err.text);
	ask_end(&checked);
	return is_good;
}

static uint32_t
number_at(struct view data, size_t at)
{
	uint32_t number = 0;

	for (size_t i = 0; i < 4; i++)
		number = number << 8 | (unsigned char)data.p[at + i];
	return number;
}

/* When the signature of a record of TYPE that lasts longest ends, in seconds from NOW; at
 * least one is there where *RET_FOUND. RFC 4034 3.1.5: times are compared in a circle. */
static int64_t
longest(const struct dns_answer *answer, enum dns_type type, int64_t now, bool *ret_found)
{
	int64_t most = 0;

	*ret_found = false;
	for (uint32_t i = 0; i < answer->n; i++) {
		struct view data = answer->records[i].data;

		if (data.n < SIG_HEAD || (unsigned char)data.p[0] != (unsigned)type >> 8 ||
		    (unsigned char)data.p[1] != ((unsigned)type & 255U))
			continue;
		int64_t left =
		    (int32_t)(number_at(data, SIG_EXPIRES) - (uint32_t)(now / 1000000));
		if (!*ret_found || left > most)
			most = left;
		*ret_found = true;
	}
	return most;
}

/* True: the signatures that a server hands out have run out, and that was said. */
static bool
say_expired(struct ask *ask, const struct doctor_world *world, struct view domain)
{
	struct doctor_report quiet = *ask->report;
	struct ask asking = *ask;
	struct everywhere_found found;
	bool is_expired = false, has_one;

	/* Not to be found is no finding here. */
	quiet.end = &quiet.first;
	asking.report = &quiet;
	if (!servers_find(&asking, domain, &found))
		return false;
	struct everywhere *everywhere =
	    servers_ask(ask, world, &found, DNS_RRSIG, found.zone);
	const struct everywhere_found *answers = everywhere_answers(everywhere);
	for (size_t i = 0; i < answers->n && !is_expired; i++) {
		int64_t left =
		    longest(&answers->servers[i].answer, DNS_SOA, world->now, &has_one);
		char day[CLOCK_TEXT];

		if (!has_one || left >= 0)
			continue;
		struct doctor_finding *finding = doctor_say(ask->report, DOCTOR_BAD,
		    "the signatures of %.*s at %.*s have ended on %s: receivers that check "
		    "DNSSEC find nothing",
		    VIEW_ARG(found.zone), VIEW_ARG(answers->servers[i].name),
		    clock_day(world->now + left * 1000000, day));
		doctor_remedy(ask->report, finding,
		    "Sign the zone anew, and see why that was not done by itself");
		is_expired = true;
	}
	everywhere_free(everywhere);
	return is_expired;
}

/* Something does not fit; is it the domain, or does the resolver keep the signatures? */
static void
say_bogus(struct ask *ask, const struct doctor_world *world, struct view domain)
{
	const struct dns_answer *root;

	if (say_expired(ask, world, domain) ||
	    !ask_checked(world, ask, DNS_SOA, VIEW(""), &root))
		return;
	if (!root->is_secure) {
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN,
		    "the resolver does not hand DNSSEC records on: ask one that does "
		    "(--resolver)");
		return;
	}
	struct doctor_finding *finding = doctor_say(ask->report, DOCTOR_BAD,
	    "%.*s is bogus: its signatures do not fit its keys, or the DS record above it",
	    VIEW_ARG(domain));
	doctor_remedy(ask->report, finding,
	    "Compare the DS record at the registrar with the keys of the zone; after a "
	    "move to another provider the old one has to go:\n"
	    "delv %.*s SOA",
	    VIEW_ARG(domain));
}

/* Nobody here has checked it. */
static void
judge_unchecked(struct ask *ask, const struct doctor_world *world, struct view domain)
{
	struct doctor_report *report = ask->report;
	const struct dns_answer *ds;

	(void)answers_lookup(ask->answers, DNS_SOA, domain);
	ds = ask_for(ask, DNS_DS, domain);
	const struct dns_answer *soa = ask_for(ask, DNS_SOA, domain);
	if (!ask_is_known(ds))
		ask_say_unknown(report, ds);
	else if (ds->state != DNS_FOUND)
		(void)doctor_say(report, DOCTOR_OK,
		    "%.*s has no DS record: it is not signed, or a part of another zone",
		    VIEW_ARG(domain));
	else if (say_expired(ask, world, domain))
		return;
	else if (!ask_is_known(soa))
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s is signed, and the resolver fails (%s), maybe for that: 'set "
		    "trust-anchor' lets it be checked here",
		    VIEW_ARG(domain), dns_failure_text(soa));
	else
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s is signed, but nothing here checks it: 'set trust-anchor' names "
		    "the file that is needed",
		    VIEW_ARG(domain));
}

void
dns_check_dnssec(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct view domain = subject->domain;
	const struct dns_answer *soa = NULL;
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	bool is_usable =
	    world->trust_anchor == NULL || ask_checked(world, &ask, DNS_SOA, domain, &soa);
	if (is_usable && soa != NULL && soa->is_bogus)
		say_bogus(&ask, world, domain);
	else if (is_usable && soa != NULL && soa->is_secure)
		(void)doctor_say(report, DOCTOR_OK,
		    "%.*s is signed, and its signatures hold", VIEW_ARG(domain));
	else if (is_usable)
		judge_unchecked(&ask, world, domain);
	ask_end(&ask);
}
