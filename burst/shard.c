/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/private.h"

/* A sixteenth of a meter's keys: their records, names, hours and profiles. */

void
shard_init(struct shard *shard, uint32_t room, bool is_distinct)
{
	must(pthread_mutex_init(&shard->lock, NULL) == 0);
	lru_init(&shard->lru, room,
	    is_distinct ? sizeof(struct differing) : sizeof(struct counted));
	shard->hours = mem_zeroed((size_t)room + 1, sizeof(*shard->hours));
	shard->names = mem_zeroed((size_t)room + 1, sizeof(*shard->names));
	shard->chunks = mem_zeroed(room / PROFILES + 1, sizeof(*shard->chunks));
}

void
shard_fini(struct shard *shard, bool is_distinct)
{
	for (uint32_t i = 1; is_distinct && i <= shard->lru.used; i++) {
		struct differing *record = lru_at(&shard->lru, i);

		distinct_clear(&record->distinct);
	}
	lru_fini(&shard->lru);
	free(shard->hours);
	free(shard->names);
	for (uint32_t i = 0; i < shard->n_profiles; i += PROFILES)
		free(shard->chunks[i / PROFILES]);
	free(shard->chunks);
	must(pthread_mutex_destroy(&shard->lock) == 0);
}

struct profile *
shard_profile_at(const struct shard *shard, uint32_t at)
{
	return &shard->chunks[at / PROFILES][at % PROFILES];
}

struct profile *
shard_profile(struct shard *shard, uint32_t number)
{
	uint32_t profile = shard->hours[number].profile;

	return profile != 0 ? shard_profile_at(shard, profile - 1) : NULL;
}

struct profile *
shard_profile_make(struct shard *shard, uint32_t number, uint32_t first)
{
	struct profile *profile = shard_profile(shard, number);
	uint32_t made = shard->free_profile;

	if (profile != NULL)
		return profile;
	if (made != 0)
		shard->free_profile = shard_profile_at(shard, made - 1)->owner;
	else {
		if (shard->n_profiles % PROFILES == 0)
			shard->chunks[shard->n_profiles / PROFILES] =
			    mem_zeroed(PROFILES, sizeof(struct profile));
		made = ++shard->n_profiles;
	}
	shard->hours[number].profile = made;
	profile = shard_profile_at(shard, made - 1);
	memset(profile, 0, sizeof(*profile));
	profile->first = first;
	profile->owner = number;
	return profile;
}

static void
drop_profile(struct shard *shard, uint32_t number)
{
	struct profile *profile = shard_profile(shard, number);

	if (profile == NULL)
		return;
	memset(profile, 0, sizeof(*profile));
	profile->owner = shard->free_profile;
	shard->free_profile = shard->hours[number].profile;
}

static void
set_name(char into[BURST_NAME], struct view name)
{
	size_t n = name.n < BURST_NAME ? name.n : BURST_NAME - 1;

	memset(into, 0, BURST_NAME);
	if (n != 0)
		memcpy(into, name.p, n);
	if (name.n >= BURST_NAME)
		into[BURST_NAME - 2] = '~';
}

uint32_t
shard_put(struct burst_meter *meter, struct shard *shard, uint64_t key, struct view name)
{
	uint32_t number = lru_touch(&shard->lru, key);
	int was_used;

	if (number == LRU_NONE) {
		number = lru_add(&shard->lru, key, &was_used);
		if (was_used && meter->is_distinct) {
			struct differing *record = lru_at(&shard->lru, number);

			distinct_clear(&record->distinct);
		} else if (was_used) {
			struct counted *record = lru_at(&shard->lru, number);

			record->ring = (struct ring){.slot = 0};
		}
		if (was_used)
			drop_profile(shard, number);
		shard->hours[number] = (struct hour_so_far){.amount = 0};
		set_name(shard->names[number], name);
	}
	return number;
}

/* Nothing was charged from the hour FIRST until before NOW. */
static void
learn_silence(
    const struct calendar *calendar, struct profile *profile, uint32_t first, uint32_t now)
{
	if (now - first > CALENDAR_REACH) {
		profile_forget(profile);
		return;
	}
	for (uint32_t i = first; i < now; i++) {
		unsigned kind = calendar_kind(calendar, i);

		if (kind != HOUR_NOT_WHOLE)
			profile_learn(profile, kind, 0);
	}
}

void
shard_fold(struct burst_meter *meter, struct shard *shard, uint32_t number)
{
	const struct calendar *calendar = &meter->burst->calendar;
	uint32_t now = atomic_load_explicit(&calendar->number, memory_order_acquire);
	struct hour_so_far *hour = &shard->hours[number];
	uint32_t was = hour->number & HOUR_NUMBER;

	if (was == now)
		return;
	if (was != 0 && was < now) {
		struct profile *profile = shard_profile_make(shard, number, was);
		unsigned kind = calendar_kind(calendar, was);

		if (kind != HOUR_NOT_WHOLE && !(hour->number & HOUR_FLAGGED))
			profile_learn(profile, kind, hour->amount);
		learn_silence(calendar, profile, was + 1, now);
	}
	hour->number = now;
	hour->amount = 0;
}
