/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/private.h"

/* Recipients that were written to, and since when logins are known. */

void
region_init(struct region *region, uint32_t pairs, uint32_t logins)
{
	must(pthread_mutex_init(&region->lock, NULL) == 0);
	region->n_buckets = pairs / BUCKET + 1;
	region->pairs = mem_zeroed(region->n_buckets, BUCKET * sizeof(*region->pairs));
	region->seen = mem_zeroed(region->n_buckets, BUCKET * sizeof(*region->seen));
	lru_init(&region->logins, logins, sizeof(struct known_login));
}

void
region_fini(struct region *region)
{
	free(region->pairs);
	free(region->seen);
	lru_fini(&region->logins);
	must(pthread_mutex_destroy(&region->lock) == 0);
}

static size_t
bucket_of(const struct region *region, uint64_t pair)
{
	return (size_t)((pair >> 32) * region->n_buckets >> 32) * BUCKET;
}

/* When PAIR was written to; 0: never. */
static uint32_t
seen_at(const struct region *region, uint64_t pair)
{
	size_t first = bucket_of(region, pair);

	for (size_t i = first; i < first + BUCKET; i++)
		if (region->pairs[i] == pair)
			return region->seen[i] & SEEN_HOUR;
	return 0;
}

void
region_put(struct region *region, uint64_t pair, uint32_t hour, uint32_t mark)
{
	size_t first = bucket_of(region, pair), at = first;

	for (size_t i = first; i < first + BUCKET; i++) {
		if (region->pairs[i] == pair) {
			if ((region->seen[i] & SEEN_HOUR) < hour)
				region->seen[i] = hour | mark;
			return;
		}
		if ((region->seen[i] & SEEN_HOUR) < (region->seen[at] & SEEN_HOUR))
			at = i;
	}
	region->pairs[at] = pair;
	region->seen[at] = hour | mark;
}

/* Pairs that were last written to by that hour are forgotten. */
static uint32_t
expired_at(const struct burst *burst, uint32_t hour)
{
	return hour > burst->remember_hours ? hour - burst->remember_hours : 0;
}

size_t
burst_new_recipients(
    struct burst *burst, const uint64_t *pairs, size_t n, const struct burst_now *now)
{
	uint32_t expired = expired_at(burst, burst_hours(burst, now));
	size_t n_new = 0;

	for (size_t i = 0; i < n; i++) {
		struct region *region = &burst->regions[pairs[i] % SHARDS];

		must(pthread_mutex_lock(&region->lock) == 0);
		n_new += seen_at(region, pairs[i]) <= expired;
		must(pthread_mutex_unlock(&region->lock) == 0);
	}
	return n_new;
}

void
burst_remember(
    struct burst *burst, const uint64_t *pairs, size_t n, const struct burst_now *now)
{
	uint32_t hour = burst_hours(burst, now);

	for (size_t i = 0; i < n; i++) {
		struct region *region = &burst->regions[pairs[i] % SHARDS];

		must(pthread_mutex_lock(&region->lock) == 0);
		region_put(region, pairs[i], hour, SEEN_DIRTY);
		must(pthread_mutex_unlock(&region->lock) == 0);
	}
}

void
region_put_login(
    struct region *region, uint64_t user, uint32_t first, uint32_t seen, uint32_t mark)
{
	uint32_t number = lru_touch(&region->logins, user);
	struct known_login *login;
	int was_used;

	if (number == LRU_NONE) {
		number = lru_add(&region->logins, user, &was_used);
		login = lru_at(&region->logins, number);
		login->first = first;
		login->seen = seen | mark;
	}
	login = lru_at(&region->logins, number);
	if (login->first > first) {
		login->first = first;
		login->seen |= mark;
	}
	if ((login->seen & SEEN_HOUR) < seen)
		login->seen = seen | mark;
}

uint64_t
burst_age(struct burst *burst, uint64_t user, const struct burst_now *now)
{
	struct region *region = &burst->regions[user % SHARDS];
	uint32_t hour = burst_hours(burst, now), number;
	uint64_t age = 0;

	must(pthread_mutex_lock(&region->lock) == 0);
	number = lru_find(&region->logins, user);
	if (number != LRU_NONE) {
		const struct known_login *login = lru_at(&region->logins, number);

		if (hour > login->first)
			age = (uint64_t)(hour - login->first) * 3600;
	}
	must(pthread_mutex_unlock(&region->lock) == 0);
	return age;
}

void
burst_see_user(struct burst *burst, uint64_t user, const struct burst_now *now)
{
	struct region *region = &burst->regions[user % SHARDS];
	uint32_t hour = burst_hours(burst, now);

	must(pthread_mutex_lock(&region->lock) == 0);
	region_put_login(region, user, hour, hour, SEEN_DIRTY);
	must(pthread_mutex_unlock(&region->lock) == 0);
}
