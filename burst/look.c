/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "burst/private.h"

/* Meters for people to look at. */

struct at {
	int64_t time;
	uint32_t hour;
};

/* With the shard's lock held, which is why the time was asked for before. */
static void
see(struct burst_meter *meter, struct shard *shard, uint32_t number, const struct at *at,
    struct burst_seen *seen)
{
	struct lru_head *head = lru_at(&shard->lru, number);
	int64_t time = at->time;

	memset(seen, 0, sizeof(*seen));
	seen->key = head->hash;
	memcpy(seen->name, shard->names[number], BURST_NAME);
	if (meter->is_distinct) {
		struct differing *record = lru_at(&shard->lru, number);

		seen->reading.reading =
		    distinct_read(&record->distinct, time, meter->window, NULL, 0);
	} else {
		struct counted *record = lru_at(&shard->lru, number);
		uint32_t slots[RING_SLOTS];

		seen->reading.reading =
		    ring_read(&record->ring, time, meter->window / RING_SLOTS) *
		    meter->unit;
		ring_slots(&record->ring, slots);
		for (unsigned i = 0; i < RING_SLOTS; i++)
			seen->slots[i] = (uint64_t)slots[i] * meter->unit;
	}
	shard_fold(meter, shard, number);
	meter_usual(meter, shard, number, at->hour, &seen->reading);
}

/* Into the N highest, of which there are *used. */
static void
insert(struct burst_seen *into, size_t n, size_t *used, const struct burst_seen *seen)
{
	size_t at = *used;

	while (at > 0 && into[at - 1].reading.reading < seen->reading.reading)
		at--;
	if (at == n)
		return;
	*used += *used < n;
	memmove(&into[at + 1], &into[at], (*used - at - 1) * sizeof(*into));
	into[at] = *seen;
}

size_t
burst_top(struct burst_meter *meter, const struct burst_now *now, struct burst_seen *into,
    size_t n)
{
	const struct at at = {burst_time(meter->burst, now), now->minute / 60};
	size_t used = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *shard = &meter->shards[i];
		uint32_t number;

		must(pthread_mutex_lock(&shard->lock) == 0);
		number = shard->lru.newest;
		while (number != LRU_NONE) {
			const struct lru_head *head = lru_at(&shard->lru, number);
			struct burst_seen seen;

			see(meter, shard, number, &at, &seen);
			if (seen.reading.reading > 0)
				insert(into, n, &used, &seen);
			number = head->older;
		}
		must(pthread_mutex_unlock(&shard->lock) == 0);
	}
	return used;
}

bool
burst_look(struct burst_meter *meter, uint64_t key, const struct burst_now *now,
    struct burst_seen *ret_seen, double ret_hours[BURST_HOURS])
{
	const struct at at = {burst_time(meter->burst, now), now->minute / 60};
	struct shard *shard = shard_of(meter, key);
	const struct profile *profile;
	uint32_t number;

	must(pthread_mutex_lock(&shard->lock) == 0);
	number = lru_find(&shard->lru, key);
	if (number != LRU_NONE) {
		see(meter, shard, number, &at, ret_seen);
		profile = shard_profile(shard, number);
		for (unsigned i = 0; i < BURST_HOURS; i++)
			ret_hours[i] =
			    profile != NULL ? profile_mean(profile, i) * meter->unit : 0;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
	return number != LRU_NONE;
}
