/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/keys.h"
#include "auth/spread.h"
#include "lib/bug.h"

#include "doctor/ask.h"
#include "doctor/dns.h"

/* Our keys, at the resolver and at every authoritative server. */

static bool
is_for(const struct spread_key *key, struct view domain)
{
	return view_is(view_of(key->domain), domain);
}

static void
add_record(struct doctor_report *report, struct doctor_finding *finding,
    const struct spread_key *key)
{
	struct buf record = BUF_INIT(KEY_RECORD_MAX), line = BUF_INIT(2 * KEY_RECORD_MAX);

	spread_record(key, &record);
	key_zone_record(
	    buf_view(&record), view_of(key->domain), view_of(key->selector), &line);
	doctor_remedy(report, finding, "Publish this record on every server:\n%.*s",
	    VIEW_ARG(view_trim(buf_view(&line))));
	buf_fini(&record);
	buf_fini(&line);
}

/* "ns1.example.org (192.0.2.1): there is no TXT record ..." */
static void
say_lagging(struct doctor_report *report, const struct spread *spread)
{
	struct buf text = BUF_INIT(8192);
	char addr[ADDR_TEXT];

	for (size_t i = 0; i < spread->n; i++) {
		const struct spread_answer *answer = &spread->answers[i];

		if (answer->is_known && (answer->faults & KEY_FAULTS_UNUSABLE) != 0)
			buf_addf(&text, "%s%.*s (%s)", text.n > 0 ? ", " : "",
			    VIEW_ARG(spread->servers[i]->name),
			    addr_text(spread->servers[i]->addr, addr));
	}
	struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
	    "%s/%s is not on every server; it is missing at %s", spread->key->domain,
	    spread->key->selector, buf_text(&text));
	add_record(report, finding, spread->key);
	buf_fini(&text);
}

/* The worst of what anybody says of it. */
static unsigned
all_faults(const struct spread *spread)
{
	unsigned faults = spread->resolver.is_known ? spread->resolver.faults : 0;

	for (size_t i = 0; i < spread->n; i++)
		if (spread->answers[i].is_known)
			faults |= spread->answers[i].faults;
	return faults;
}

static void
say_published(struct doctor_report *report, const struct spread *spread)
{
	const struct spread_key *key = spread->key;
	unsigned faults = all_faults(spread);
	const char *note = faults != 0 ? key_fault_text(faults) : "";

	if (spread->verdict == SPREAD_CACHED)
		(void)doctor_say(report, DOCTOR_OK,
		    "%s/%s is published; for another %u s resolvers may have what was "
		    "there before",
		    key->domain, key->selector, spread->resolver.ttl);
	else
		(void)doctor_say(report, DOCTOR_OK, "%s/%s is published%s%s", key->domain,
		    key->selector, note[0] != '\0' ? ": " : "", note);
	if (spread->n_unknown > 0)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "whether %zu of %zu servers have %s/%s: they do not answer",
		    spread->n_unknown, spread->n, key->domain, key->selector);
}

/* HAS_OTHER: another key of this domain and kind is published, and signs. */
static void
judge(struct doctor_report *report, const struct spread *spread, bool has_other)
{
	const struct spread_key *key = spread->key;
	struct doctor_finding *finding;

	switch (spread->verdict) {
	case SPREAD_PUBLISHED:
	case SPREAD_CACHED:
		say_published(report, spread);
		return;
	case SPREAD_UNKNOWN:
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%s/%s: DNS %s", key->domain,
		    key->selector, spread->is_silent ? "does not answer" : "fails");
		return;
	case SPREAD_MISSING:
	case SPREAD_LAGGING:
		if (has_other && key->name[0] == '\0') {
			(void)doctor_say(report, DOCTOR_OK,
			    "%s/%s is not published everywhere, and another key signs",
			    key->domain, key->selector);
			return;
		}
		if (spread->verdict == SPREAD_LAGGING) {
			say_lagging(report, spread);
			return;
		}
		finding = doctor_say(report, DOCTOR_BAD, "%s/%s is not published",
		    key->domain, key->selector);
		add_record(report, finding, key);
		return;
	case SPREAD_WRONG:
		finding = doctor_say(report, DOCTOR_BAD, "%s/%s is wrong in DNS: %s",
		    key->domain, key->selector, key_fault_text(all_faults(spread)));
		add_record(report, finding, key);
		return;
	}
	BUG("a verdict that there is not");
}

/* One key after the other; what was found stays until all are known. */
struct looked {
	struct spread spread;
	struct everywhere *everywhere;
	bool is_known;
};

static bool
has_other(const struct looked *looked, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (i != at && looked[i].is_known &&
		    looked[i].spread.verdict == SPREAD_PUBLISHED &&
		    looked[i].spread.key->name[0] == '\0' &&
		    looked[i].spread.key->algorithm == looked[at].spread.key->algorithm)
			return true;
	return false;
}

static void
look_at_all(struct ask *ask, const struct doctor_world *world, struct view domain)
{
	const struct spread_wish wish = {.resolver = world->resolver,
	    .port = world->dns_port,
	    .deadline = ask->deadline};
	struct looked *looked =
	    arena_array(ask->report->arena, world->n_keys, sizeof(looked[0]));
	struct err err = ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < world->n_keys; i++) {
		if (!is_for(&world->keys[i], domain))
			continue;
		struct looked *at = &looked[n++];
		at->is_known = spread_ask(ask->dns, &wish, &world->keys[i], &at->spread,
				   &at->everywhere, &err) == 0;
		if (!at->is_known)
			(void)doctor_say(ask->report, DOCTOR_UNKNOWN, "%s", err.text);
	}
	for (size_t i = 0; i < n; i++)
		if (looked[i].is_known)
			judge(ask->report, &looked[i].spread, has_other(looked, n, i));
	for (size_t i = 0; i < n; i++)
		everywhere_free(looked[i].everywhere);
}

void
dns_check_dkim(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	size_t n = 0;
	struct ask ask;

	for (size_t i = 0; i < world->n_keys; i++)
		n += is_for(&world->keys[i], subject->domain);
	if (n == 0 && world->keys_fault.n > 0)
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "%.*s", VIEW_ARG(world->keys_fault));
	else if (n == 0)
		(void)doctor_say(report, DOCTOR_UNKNOWN, "there is no key of ours for %.*s",
		    VIEW_ARG(subject->domain));
	else if (ask_begin(&ask, world, report)) {
		look_at_all(&ask, world, subject->domain);
		ask_end(&ask);
	}
}
