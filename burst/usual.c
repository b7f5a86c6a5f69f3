/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/bug.h"

#include "burst/private.h"

/* What is usual for a key, or else for the site. */

static bool
is_learned(const struct burst_meter *meter, const struct profile *profile)
{
	return profile != NULL &&
	       burst_watched(meter->burst, profile->first) >= meter->burst->learn_hours;
}

static double
mean_of(const struct burst_meter *meter, const struct profile *profile, uint32_t hour)
{
	if (meter->is_distinct)
		return profile_mean(profile, calendar_hour_kind(hour));
	return profile_window(profile, hour, meter->within) * meter->unit;
}

void
meter_usual(struct burst_meter *meter, struct shard *shard, uint32_t number, uint32_t hour,
    struct burst_reading *reading)
{
	const struct profile *profile =
	    number != LRU_NONE ? shard_profile(shard, number) : NULL;

	reading->usual_of = BURST_USUAL_UNKNOWN;
	reading->usual = 0;
	if (burst_meter_learn_left(meter) > 0)
		return;
	if (is_learned(meter, profile)) {
		reading->usual_of = BURST_USUAL_OWN;
		reading->usual = profile_usual(mean_of(meter, profile, hour));
	} else if (atomic_load(&meter->site_hour) != 0) {
		reading->usual_of = BURST_USUAL_SITE;
		reading->usual = atomic_load(&meter->site);
	}
}

static int
by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* The means of the keys charged last that are known and send at this hour. */
static size_t
gather(struct burst_meter *meter, struct shard *shard, uint32_t hour, double *means)
{
	size_t n = 0;
	uint32_t number;
	unsigned looked = 0;

	must(pthread_mutex_lock(&shard->lock) == 0);
	number = shard->lru.newest;
	for (; number != LRU_NONE && looked < SHARD_MEDIAN; looked++) {
		const struct lru_head *head = lru_at(&shard->lru, number);
		const struct profile *profile;

		shard_fold(meter, shard, number);
		profile = shard_profile(shard, number);
		if (is_learned(meter, profile)) {
			means[n] = mean_of(meter, profile, hour);
			n += means[n] > 0;
		}
		number = head->older;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
	return n;
}

void
meter_take_median(struct burst_meter *meter, uint32_t hour)
{
	double *means = mem_zeroed((size_t)SHARDS * SHARD_MEDIAN, sizeof(*means));
	size_t n = 0;

	for (unsigned i = 0; i < SHARDS; i++)
		n += gather(meter, &meter->shards[i], hour, means + n);
	qsort(means, n, sizeof(*means), by_size);
	atomic_store(&meter->site, n != 0 ? profile_usual(means[(n - 1) / 2]) : 0);
	atomic_store(&meter->site_hour, hour);
	free(means);
}
