/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/bug.h"

#include "doctor/traffic.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	MB = 1 << 20,
	/* One or two may be a mistake of somebody's. */
	LARGE_LEAST = 3,
	/* What the large providers take, about: who allows that much is not to blame. */
	LARGE_USUAL_MB = 25,
	/* With less a night's outage of a receiver costs mail; RFC 5321 4.5.4.1 wants 4 to
	 * 5 days. */
	LIFETIME_LEAST = DAY,
	/* A receiver that is gone for good gives a few a day whatever the limit is. */
	GIVEN_UP_LEAST = 5,
	/* So many in a day are no burst that was over by itself, */
	THROTTLED_LEAST = 50,
	/* and one in so many tries keeps mail waiting. */
	THROTTLED_SHARE = 5,
	/* Fewer at once would hardly be a remedy. */
	CONCURRENCY_LEAST = 3,
	DOMAINS_SHOWN = 5,
};

void
traffic_begin(
    struct traffic *traffic, int64_t since, struct arena *arena, struct map_seed seed)
{
	*traffic = (struct traffic){.arena = arena, .since = since};
	traffic->busy = arena_alloc(arena, sizeof(*traffic->busy));
	traffic->lines = arena_alloc(arena, sizeof(*traffic->lines));
	traffic->domains_end = &traffic->domains;
	map_init(&traffic->by_domain, seed);
}

void
traffic_end(struct traffic *traffic)
{
	map_fini(&traffic->by_domain);
}

static bool
has(struct view text, struct view part)
{
	for (; text.n >= part.n; text = view_from(text, 1))
		if (view_starts_nocase(text, part))
			return true;
	return false;
}

/* Greylisting has the same codes: the words have to say it. */
static bool
is_throttled(const struct outcome *outcome)
{
	static const char *const words[] = {"rate limit", "rate-limit", "throttl",
	    "too many connections", "too many messages", "too many concurrent",
	    "unusual rate", "too fast"};

	if (!view_starts(outcome->dsn, VIEW("4.")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has(outcome->text, view_of(words[i])))
			return true;
	return false;
}

static struct view
domain_of(struct view rcpt)
{
	size_t at = rcpt.n;

	while (at > 0 && rcpt.p[at - 1] != '@')
		at--;
	return at > 0 ? view_from(rcpt, at) : VIEW_NONE;
}

/* NULL: there is no room for one more. */
static struct traffic_domain *
find_domain(struct traffic *traffic, struct view name)
{
	struct traffic_domain *domain = map_get(&traffic->by_domain, name);

	if (domain != NULL)
		return domain;
	if (traffic->n_domains == TRAFFIC_DOMAINS_MAX) {
		traffic->is_narrow = true;
		return NULL;
	}
	domain = arena_alloc(traffic->arena, sizeof(*domain));
	domain->name = arena_view(traffic->arena, name);
	(void)map_add(&traffic->by_domain, domain->name, domain);
	*traffic->domains_end = domain;
	traffic->domains_end = &domain->next;
	traffic->n_domains++;
	return domain;
}

/* Of smtp alone: what has a transport of its own has limits of its own. */
static void
add_try(struct traffic *traffic, const struct outcome *outcome)
{
	struct view name = domain_of(outcome->rcpt);
	struct traffic_domain *domain;

	if (!view_is(outcome->program, VIEW("smtp")))
		return;
	const struct busy_span span = busy_line(traffic->lines, traffic->since, outcome);
	busy_add(traffic->busy, &span);
	if (name.n == 0 || (domain = find_domain(traffic, name)) == NULL)
		return;
	domain->tries++;
	domain->throttled += is_throttled(outcome);
	busy_add(&domain->busy, &span);
}

/* qmgr says so of each message; postsuper before it of those that are made to end. */
static void
add_given_up(struct traffic *traffic, const struct outcome *outcome)
{
	if (view_is(outcome->program, VIEW("postsuper")))
		traffic->forced++;
	else
		traffic->given_up++;
}

bool
traffic_add(struct traffic *traffic, const struct outcome *outcome)
{
	if (traffic->n == TRAFFIC_ROWS_MAX) {
		traffic->is_cut = true;
		return false;
	}
	traffic->n++;
	if (view_is(outcome->what, VIEW("sent")) ||
	    view_is(outcome->what, VIEW("deferred")) ||
	    view_is(outcome->what, VIEW("bounced")))
		add_try(traffic, outcome);
	else if (view_is(outcome->what, VIEW("given-up")))
		add_given_up(traffic, outcome);
	else if (view_is(outcome->what, VIEW("rejected")))
		traffic->too_large += has(outcome->text, VIEW(": 552 5.3.4 "));
	return true;
}

static void
judge_size(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	struct doctor_finding *finding;

	if (!limits->has_size || traffic->too_large < LARGE_LEAST || limits->size == 0 ||
	    limits->size >= (unsigned long long)LARGE_USUAL_MB * MB)
		return;
	finding = doctor_say(report, DOCTOR_BAD,
	    "within a day Postfix refused %u messages of our own users for their size: "
	    "message_size_limit is %llu, and large receivers take %d MB",
	    traffic->too_large, limits->size, LARGE_USUAL_MB);
	doctor_remedy(report, finding,
	    "postconf -e 'message_size_limit = %llu'\npostfix reload",
	    (unsigned long long)LARGE_USUAL_MB * MB);
}

static void
judge_lifetime(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	struct doctor_finding *finding;

	if (!limits->has_lifetime || traffic->given_up < traffic->forced + GIVEN_UP_LEAST ||
	    limits->lifetime >= LIFETIME_LEAST)
		return;
	finding = doctor_say(report, DOCTOR_BAD,
	    "within a day Postfix gave %u messages up: maximal_queue_lifetime is %" PRId64
	    " hours, and a receiver may be away for longer",
	    traffic->given_up - traffic->forced, limits->lifetime / HOUR);
	doctor_remedy(
	    report, finding, "postconf -e 'maximal_queue_lifetime = 5d'\npostfix reload");
}

static void
say_throttled(const struct traffic_domain *domain, unsigned long long concurrency,
    struct doctor_report *report)
{
	struct doctor_finding *finding;
	char at_once[64] = "as many as it likes";

	if (concurrency > 0)
		snprintf(at_once, sizeof(at_once), "up to %llu", concurrency);
	finding = doctor_say(report, DOCTOR_BAD,
	    "within a day %.*s put %u of %u tries off because we send too fast; smtp "
	    "makes %s connections to it at once",
	    VIEW_ARG(domain->name), domain->throttled, domain->tries, at_once);
	doctor_remedy(report, finding,
	    "Give it a transport of its own that waits between deliveries, and name it in "
	    "transport_maps (%.*s slow:):\n"
	    "postconf -M 'slow/unix=slow unix - - y - - smtp'\n"
	    "postconf -e 'slow_destination_concurrency_limit = 2' "
	    "'slow_destination_rate_delay = 1s'\npostfix reload",
	    VIEW_ARG(domain->name));
}

static void
judge_throttled(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	unsigned n = 0;

	if (!limits->has_concurrency || limits->is_slowed || limits->is_one_host ||
	    (limits->concurrency > 0 && limits->concurrency < CONCURRENCY_LEAST))
		return;
	for (const struct traffic_domain *domain = traffic->domains; domain != NULL;
	     domain = domain->next) {
		if (domain->throttled < THROTTLED_LEAST ||
		    domain->throttled < domain->tries / THROTTLED_SHARE)
			continue;
		if (n < DOMAINS_SHOWN)
			say_throttled(domain, limits->concurrency, report);
		n++;
	}
	if (n > DOMAINS_SHOWN)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "and so did %u more domains, which are not shown", n - DOMAINS_SHOWN);
}

void
traffic_judge(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	if (traffic->n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "the journal has nothing of what became of mail within the last day");
		return;
	}
	judge_size(traffic, limits, report);
	judge_lifetime(traffic, limits, report);
	judge_throttled(traffic, limits, report);
	traffic_judge_waits(traffic, limits, report);
	if (traffic->is_cut)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "only the first %" PRIu64 " outcomes of the last day were looked at",
		    traffic->n);
	if (traffic->is_narrow)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "only the first %d domains of the last day were looked at",
		    TRAFFIC_DOMAINS_MAX);
	if (report->first == NULL)
		(void)doctor_say(report, DOCTOR_OK,
		    "the limits are no obstacle to the mail of the last day (%" PRIu64
		    " outcomes)",
		    traffic->n);
}
