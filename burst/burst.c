/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/bug.h"

#include "burst/private.h"

/* The whole: its time, its keys, its beginning and end. */

enum { RECIPIENTS_A_KEY = 10 };

#define MINUTE_MICROS ((int64_t)60 * 1000000)

struct burst *
burst_new(const struct burst_settings *settings, int64_t wall, const struct burst_now *now)
{
	struct burst *burst = mem_zeroed(1, sizeof(*burst));
	uint64_t recipients = settings->recipients;

	must(settings->keys >= BURST_KEYS_MIN && settings->keys <= BURST_KEYS_MAX);
	if (recipients == 0)
		recipients = (uint64_t)settings->keys * RECIPIENTS_A_KEY;
	burst->settings = *settings;
	burst->learn_hours = (settings->learn + 3599) / 3600;
	burst->remember_hours = (settings->remember + 3599) / 3600;
	atomic_init(&burst->offset, wall - now->mono);
	must(pthread_mutex_init(&burst->lock, NULL) == 0);
	for (unsigned i = 0; i < SHARDS; i++)
		region_init(&burst->regions[i], (uint32_t)(recipients / SHARDS),
		    settings->keys / SHARDS + 1);
	burst_time(burst, now);
	return burst;
}

void
burst_free(struct burst *burst)
{
	if (burst == NULL)
		return;
	must(burst->meters == NULL);
	for (unsigned i = 0; i < SHARDS; i++)
		region_fini(&burst->regions[i]);
	must(pthread_mutex_destroy(&burst->lock) == 0);
	free(burst);
}

int64_t
burst_time(struct burst *burst, const struct burst_now *now)
{
	int64_t time = now->mono + atomic_load(&burst->offset);

	if (now->minute / 60 != atomic_load(&burst->calendar.hour) ||
	    atomic_load(&burst->calendar.number) == 0) {
		must(pthread_mutex_lock(&burst->lock) == 0);
		calendar_see(&burst->calendar, now->minute, time);
		must(pthread_mutex_unlock(&burst->lock) == 0);
	}
	return time;
}

uint32_t
burst_hours(struct burst *burst, const struct burst_now *now)
{
	int64_t time = burst_time(burst, now);

	/* Hour 0 is never. */
	return time > HOUR_MICROS ? (uint32_t)(time / HOUR_MICROS) : 1;
}

/* Days since 1970-01-01 of a day of the Gregorian calendar, by years that begin in March.
 */
static int64_t
days_of(int date)
{
	int64_t day = date % 100, month = date / 100 % 100, year = date / 10000;
	int64_t of_year;

	year -= month <= 2;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

uint32_t
burst_minute(int date, int minute)
{
	int64_t minutes = days_of(date) * 1440 + minute;

	return minutes < 0 ? 0 : minutes > UINT32_MAX ? UINT32_MAX : (uint32_t)minutes;
}

uint64_t
burst_key(const struct burst *burst, struct view name)
{
	return siphash(burst->settings.seed, name.p, name.n);
}

uint64_t
burst_pair(const struct burst *burst, uint64_t origin, struct view rcpt)
{
	struct map_seed seed = {burst->settings.seed.k0 ^ origin, burst->settings.seed.k1};
	uint64_t hash = siphash(seed, rcpt.p, rcpt.n);

	/* The region is the origin's; 0 is nobody. */
	hash = (hash & ~(uint64_t)(SHARDS - 1)) | (origin & (SHARDS - 1));
	return hash != 0 ? hash : SHARDS;
}

static int
by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

size_t
burst_unique(uint64_t *hashes, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(hashes, n, sizeof(*hashes), by_value);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || hashes[i] != hashes[kept - 1])
			hashes[kept++] = hashes[i];
	return kept;
}

uint32_t
burst_watched(const struct burst *burst, uint32_t number)
{
	uint32_t now = atomic_load(&burst->calendar.number);

	return now > number ? now - number : 0;
}

static uint64_t
seconds_left(const struct burst *burst, uint32_t since)
{
	uint32_t watched = burst_watched(burst, since);

	return watched < burst->learn_hours
		   ? (uint64_t)(burst->learn_hours - watched) * 3600
		   : 0;
}

uint64_t
burst_learn_left(const struct burst *burst)
{
	return seconds_left(burst, 1);
}

uint64_t
burst_meter_learn_left(const struct burst_meter *meter)
{
	return seconds_left(meter->burst, atomic_load(&meter->since));
}

uint64_t
burst_charges(const struct burst *burst)
{
	uint64_t charges = 0;

	for (const struct burst_meter *m = burst->meters; m != NULL; m = m->next)
		for (unsigned i = 0; i < SHARDS; i++)
			charges += atomic_load(&m->shards[i].charges);
	return charges;
}

/* Meters come and go with the lock held, and whoever ticks is one who gets and puts. */
void
burst_tick(struct burst *burst, const struct burst_now *now)
{
	burst_time(burst, now);
	must(pthread_mutex_lock(&burst->lock) == 0);
	for (struct burst_meter *meter = burst->meters; meter != NULL; meter = meter->next)
		if (atomic_load(&meter->site_hour) != now->minute / 60 &&
		    burst_meter_learn_left(meter) == 0)
			meter_take_median(meter, now->minute / 60);
	must(pthread_mutex_unlock(&burst->lock) == 0);
}
