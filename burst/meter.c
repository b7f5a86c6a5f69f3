/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/private.h"

/* Meters: got, read, charged. */

struct burst_meter *
burst_meter_get(
    struct burst *burst, const struct burst_meter_kind *kind, const struct burst_now *now)
{
	struct burst_meter *meter;

	must(kind->within >= BURST_WITHIN_MIN && kind->within <= BURST_WITHIN_MAX);
	burst_time(burst, now);
	for (meter = burst->meters; meter != NULL; meter = meter->next)
		if (view_is(view_of(meter->id), kind->id)) {
			meter->references++;
			return meter;
		}
	meter = aligned_alloc(_Alignof(struct burst_meter), sizeof(*meter));
	must(meter != NULL);
	memset(meter, 0, sizeof(*meter));
	meter->burst = burst;
	meter->id = mem_zeroed(1, kind->id.n + 1);
	memcpy(meter->id, kind->id.p, kind->id.n);
	meter->references = 1;
	meter->is_distinct = kind->is_distinct;
	meter->unit = kind->is_bytes ? BYTES_UNIT : 1;
	meter->within = kind->within;
	meter->window = (int64_t)kind->within * 1000000;
	atomic_init(&meter->since, atomic_load(&burst->calendar.number));
	for (unsigned i = 0; i < SHARDS; i++)
		shard_init(&meter->shards[i], (burst->settings.keys + SHARDS - 1) / SHARDS,
		    meter->is_distinct);
	must(pthread_mutex_lock(&burst->lock) == 0);
	meter->next = burst->meters;
	burst->meters = meter;
	must(pthread_mutex_unlock(&burst->lock) == 0);
	return meter;
}

void
burst_meter_put(struct burst *burst, struct burst_meter *meter)
{
	struct burst_meter **at = &burst->meters;

	must(meter->references > 0);
	if (--meter->references > 0)
		return;
	must(pthread_mutex_lock(&burst->lock) == 0);
	while (*at != meter)
		at = &(*at)->next;
	*at = meter->next;
	must(pthread_mutex_unlock(&burst->lock) == 0);
	for (unsigned i = 0; i < SHARDS; i++)
		shard_fini(&meter->shards[i], meter->is_distinct);
	free(meter->id);
	free(meter);
}

struct shard *
shard_of(struct burst_meter *meter, uint64_t key)
{
	return &meter->shards[key % SHARDS];
}

static uint64_t
in_units(const struct burst_meter *meter, uint64_t count)
{
	return count / meter->unit + (count % meter->unit != 0);
}

/* RECORD: of the meter's sort, or NULL for a key that nobody has seen. */
static uint64_t
reading_of(const struct burst_meter *meter, void *record, const struct burst_amount *amount,
    int64_t time)
{
	static const struct burst_amount nothing = {.count = 0};
	uint64_t reading = 0;

	if (amount == NULL)
		amount = &nothing;
	if (meter->is_distinct) {
		struct distinct none = {.slot = 0};
		struct differing *differing = record;

		return distinct_read(record != NULL ? &differing->distinct : &none, time,
		    meter->window, amount->hashes, amount->n_hashes);
	}
	if (record != NULL) {
		struct counted *counted = record;

		reading = ring_read(&counted->ring, time, meter->window / RING_SLOTS);
	}
	reading *= meter->unit;
	return amount->count < UINT64_MAX - reading ? reading + amount->count : UINT64_MAX;
}

struct burst_reading
burst_read(struct burst_meter *meter, uint64_t key, const struct burst_amount *amount,
    const struct burst_now *now)
{
	struct burst_reading reading = {.usual_of = BURST_USUAL_UNKNOWN};
	int64_t time = burst_time(meter->burst, now);
	struct shard *shard = shard_of(meter, key);
	uint32_t number;

	must(pthread_mutex_lock(&shard->lock) == 0);
	number = lru_find(&shard->lru, key);
	if (number != LRU_NONE)
		shard_fold(meter, shard, number);
	reading.reading = reading_of(
	    meter, number != LRU_NONE ? lru_at(&shard->lru, number) : NULL, amount, time);
	meter_usual(meter, shard, number, now->minute / 60, &reading);
	must(pthread_mutex_unlock(&shard->lock) == 0);
	return reading;
}

static void
add_to_hour(struct hour_so_far *hour, uint64_t amount)
{
	hour->amount = amount < UINT32_MAX - hour->amount ? hour->amount + (uint32_t)amount
							  : UINT32_MAX;
}

void
burst_charge(struct burst_meter *meter, uint64_t key, struct view name,
    const struct burst_amount *amount, const struct burst_now *now, bool is_flagged)
{
	int64_t time = burst_time(meter->burst, now);
	struct shard *shard = shard_of(meter, key);
	struct hour_so_far *hour;
	uint32_t number;

	must(pthread_mutex_lock(&shard->lock) == 0);
	number = shard_put(meter, shard, key, name);
	shard_fold(meter, shard, number);
	hour = &shard->hours[number];
	if (meter->is_distinct) {
		struct differing *record = lru_at(&shard->lru, number);
		uint64_t reading;

		distinct_add(&record->distinct, time, meter->window, amount->hashes,
		    amount->n_hashes);
		reading = distinct_read(&record->distinct, time, meter->window, NULL, 0);
		if (reading > hour->amount)
			hour->amount = (uint32_t)reading;
	} else {
		struct counted *record = lru_at(&shard->lru, number);
		uint64_t units = in_units(meter, amount->count);

		ring_add(&record->ring, time, meter->window / RING_SLOTS, units);
		add_to_hour(hour, units);
	}
	if (is_flagged)
		hour->number |= HOUR_FLAGGED;
	shard->charges++;
	must(pthread_mutex_unlock(&shard->lock) == 0);
}

void
burst_flag(struct burst_meter *meter, uint64_t key, const struct burst_now *now)
{
	struct shard *shard = shard_of(meter, key);
	uint32_t number;

	burst_time(meter->burst, now);
	must(pthread_mutex_lock(&shard->lock) == 0);
	number = lru_find(&shard->lru, key);
	if (number != LRU_NONE) {
		shard_fold(meter, shard, number);
		shard->hours[number].number |= HOUR_FLAGGED;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
}

bool
burst_reset(struct burst_meter *meter, uint64_t key, const struct burst_now *now)
{
	struct shard *shard = shard_of(meter, key);
	uint32_t number;

	burst_flag(meter, key, now);
	must(pthread_mutex_lock(&shard->lock) == 0);
	number = lru_find(&shard->lru, key);
	if (number != LRU_NONE && meter->is_distinct) {
		struct differing *record = lru_at(&shard->lru, number);

		distinct_clear(&record->distinct);
	} else if (number != LRU_NONE) {
		struct counted *record = lru_at(&shard->lru, number);

		record->ring = (struct ring){.slot = 0};
	}
	shard->charges++;
	must(pthread_mutex_unlock(&shard->lock) == 0);
	return number != LRU_NONE;
}

size_t
burst_meter_keys(struct burst_meter *meter)
{
	size_t n = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *shard = &meter->shards[i];

		must(pthread_mutex_lock(&shard->lock) == 0);
		n += shard->lru.used;
		must(pthread_mutex_unlock(&shard->lock) == 0);
	}
	return n;
}
