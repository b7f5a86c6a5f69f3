/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "policy/rule.h"

#include "metering/private.h"

/* The site, and the meters of a policy in it. */

enum { METER_ID_MAX = 512 };

struct metering_site *
metering_site_new(
    const struct burst_settings *settings, int64_t wall, const struct burst_now *now)
{
	struct metering_site *site = mem_zeroed(1, sizeof(*site));

	site->burst = burst_new(settings, wall, now);
	must(pthread_mutex_init(&site->turns, NULL) == 0);
	must(pthread_mutex_init(&site->lock, NULL) == 0);
	return site;
}

/* In turn. */
static void
put_back_retired(struct metering_site *site)
{
	must(pthread_mutex_lock(&site->lock) == 0);
	struct metering *metering = TAKE(site->retired);
	must(pthread_mutex_unlock(&site->lock) == 0);
	while (metering != NULL) {
		struct metering *next = metering->next;

		for (size_t i = 0; i < metering->n; i++)
			if (metering->bound[i] != NULL)
				burst_meter_put(site->burst, metering->bound[i]);
		free(metering);
		metering = next;
	}
}

void
metering_site_free(struct metering_site *site)
{
	if (site == NULL)
		return;
	put_back_retired(site);
	burst_free(site->burst);
	must(pthread_mutex_destroy(&site->turns) == 0);
	must(pthread_mutex_destroy(&site->lock) == 0);
	free(site);
}

struct burst *
metering_burst(const struct metering_site *site)
{
	return site->burst;
}

void
metering_turn_begin(struct metering_site *site)
{
	must(pthread_mutex_lock(&site->turns) == 0);
	put_back_retired(site);
}

void
metering_turn_end(struct metering_site *site)
{
	must(pthread_mutex_unlock(&site->turns) == 0);
}

struct burst_now
metering_now(int64_t mono, int local_date, int local_minute)
{
	return (struct burst_now){
	    .mono = mono, .minute = burst_minute(local_date, local_minute)};
}

void
metering_without_bounces(struct metering_site *site)
{
	site->has_no_bounces = true;
}

bool
metering_counts_bounces(const struct metering *metering)
{
	for (size_t i = 0; metering != NULL && i < metering->n; i++)
		if (metering->meters[i].what == METER_BOUNCES)
			return true;
	return false;
}

/* What is counted, in the words of the policy: the same count under another name or floor
 * goes on. */
static struct burst_meter *
meter_bind(struct metering_site *site, const struct policy_meter *meter,
    const struct burst_now *now)
{
	struct buf id = BUF_INIT(METER_ID_MAX);
	struct burst_meter_kind kind = {
	    .within = meter->within,
	    .is_distinct = meter->what == METER_RCPT_DOMAINS ||
			   meter->what == METER_CLIENTS || meter->what == METER_USERS,
	    .is_bytes = meter->what == METER_BYTES,
	};

	buf_addf(&id, "%s per %s within %u",
	    word_text((enum word)(WORD_MESSAGES + meter->what)),
	    word_text((enum word)(WORD_PER_USER + meter->whom)), meter->within);
	if (meter->to.n > 0)
		buf_addf(
		    &id, " to %s<%.*s>", meter->to_not ? "not " : "", VIEW_ARG(meter->to));
	kind.id = buf_view(&id);
	struct burst_meter *bound = burst_meter_get(site->burst, &kind, now);
	buf_fini(&id);
	return bound;
}

static bool
counts_rcpts(const struct policy_meter *meter)
{
	return meter->what == METER_RCPT_DOMAINS || meter->what == METER_NEW_RECIPIENTS ||
	       meter->to.n > 0;
}

struct metering *
metering_new(
    struct metering_site *site, const struct policy *policy, const struct burst_now *now)
{
	size_t n;
	const struct policy_meter *meters = policy_meters(policy, &n);

	if (n == 0 && !policy_asks(policy, FACT_AGE))
		return NULL;
	must(n <= FACTS_METERS_MAX);
	struct metering *metering = mem_zeroed(1, sizeof(*metering));
	*metering =
	    (struct metering){.site = site, .policy = policy, .meters = meters, .n = n};
	metering_turn_begin(site);
	for (size_t i = 0; i < n; i++) {
		metering->counts_new |= meters[i].what == METER_NEW_RECIPIENTS;
		metering->counts_rcpts |= counts_rcpts(&meters[i]);
		if (meters[i].what != METER_BOUNCES || !site->has_no_bounces)
			metering->bound[i] = meter_bind(site, &meters[i], now);
		while (metering->bound[metering->first[i]] != metering->bound[i])
			metering->first[i]++;
	}
	metering_turn_end(site);
	return metering;
}

void
metering_free(struct metering *metering)
{
	if (metering == NULL)
		return;
	struct metering_site *site = metering->site;

	must(pthread_mutex_lock(&site->lock) == 0);
	metering->next = site->retired;
	site->retired = metering;
	must(pthread_mutex_unlock(&site->lock) == 0);
}

struct burst_meter *
metering_meter(const struct metering *metering, size_t i)
{
	must(i < metering->n);
	return metering->bound[i];
}
