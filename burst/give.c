/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/bytes.h"
#include "burst/private.h"

/* What outlives frankd for long, as rows: given away. */

enum { ROWS = 64, DATA_MAX = 8192, DIRTY = 1, GIVEN = 2 };

struct giving {
	struct burst *burst;
	burst_row_fn *fn;
	void *context;
	uint32_t hour; /* of our own time */
};

static int
give(struct giving *giving, const struct burst_row *row, struct err *err)
{
	return giving->fn(giving->context, row, err);
}

void
calendar_put(struct burst *burst, struct buf *buf)
{
	const struct calendar *calendar = &burst->calendar;

	must(pthread_mutex_lock(&burst->lock) == 0);
	bytes_put(buf, ROW_VERSION, 1);
	bytes_put(buf, atomic_load(&calendar->number), 4);
	bytes_put(buf, atomic_load(&calendar->hour), 4);
	bytes_put(buf, calendar->is_part, 1);
	buf_add_bytes(buf, calendar->kinds, sizeof(calendar->kinds));
	must(pthread_mutex_unlock(&burst->lock) == 0);
}

static int
give_calendar(struct giving *giving, struct err *err)
{
	struct buf data = BUF_INIT(DATA_MAX);
	struct burst_row row = {.kind = BURST_ROW_CALENDAR, .seen = giving->hour};
	int result;

	calendar_put(giving->burst, &data);
	row.data = buf_view(&data);
	result = give(giving, &row, err);
	buf_fini(&data);
	return result;
}

struct usual_row {
	uint64_t key;
	uint32_t first, number;
	char name[BURST_NAME];
	uint8_t cells[PROFILE_BYTES];
};

/* From *at on, at most ROWS of them. */
static size_t
collect_usual(struct shard *shard, uint32_t *at, struct usual_row *into)
{
	size_t n = 0;

	must(pthread_mutex_lock(&shard->lock) == 0);
	for (; *at < shard->n_profiles && n < ROWS; (*at)++) {
		struct profile *profile = shard_profile_at(shard, *at);
		const struct lru_head *head;

		if (profile->is_dirty != DIRTY)
			continue;
		profile->is_dirty = GIVEN;
		head = lru_at(&shard->lru, profile->owner);
		into[n].key = head->hash;
		into[n].first = profile->first;
		into[n].number = shard->hours[profile->owner].number & HOUR_NUMBER;
		memcpy(into[n].name, shard->names[profile->owner], BURST_NAME);
		memcpy(into[n].cells, profile->cells, PROFILE_BYTES);
		n++;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
	return n;
}

static int
give_usual(struct giving *giving, const struct burst_meter *meter, struct shard *shard,
    struct err *err)
{
	struct usual_row rows[ROWS];
	struct buf data = BUF_INIT(DATA_MAX);
	uint32_t at = 0;
	size_t n;
	int result = 0;

	while (result == 0 && (n = collect_usual(shard, &at, rows)) > 0)
		for (size_t i = 0; i < n && result == 0; i++) {
			struct burst_row row = {
			    .kind = BURST_ROW_USUAL,
			    .meter = view_of(meter->id),
			    .key = rows[i].key,
			    .name = view_of(rows[i].name),
			    .seen = giving->hour,
			    .first = rows[i].first,
			};

			buf_reset(&data);
			bytes_put(&data, ROW_VERSION, 1);
			bytes_put(&data, rows[i].number, 4);
			buf_add_bytes(&data, rows[i].cells, PROFILE_BYTES);
			row.data = buf_view(&data);
			result = give(giving, &row, err);
		}
	buf_fini(&data);
	return result;
}

static int
give_meters(struct giving *giving, struct err *err)
{
	struct burst_meter *meter = giving->burst->meters;
	int result = 0;

	for (; meter != NULL && result == 0; meter = meter->next) {
		const struct burst_row row = {
		    .kind = BURST_ROW_METER,
		    .meter = view_of(meter->id),
		    .seen = giving->hour,
		    .first = atomic_load(&meter->since),
		};

		result = give(giving, &row, err);
		for (unsigned i = 0; i < SHARDS && result == 0; i++)
			result = give_usual(giving, meter, &meter->shards[i], err);
	}
	return result;
}

/* Is what was SEEN then to be given? Then it is being given now. */
static bool
begin_giving(uint32_t *seen)
{
	if ((*seen & SEEN_DIRTY) == 0)
		return false;
	*seen = (*seen & SEEN_HOUR) | SEEN_GIVEN;
	return true;
}

/* Recipients and logins of REGION that changed since the last time, from *at on. */
static size_t
collect_region(struct region *region, size_t *at, struct burst_row *into)
{
	size_t n = 0, pairs = (size_t)region->n_buckets * BUCKET;

	must(pthread_mutex_lock(&region->lock) == 0);
	for (; *at < pairs && n < ROWS; (*at)++)
		if (begin_giving(&region->seen[*at]))
			into[n++] = (struct burst_row){
			    .kind = BURST_ROW_RECIPIENT,
			    .key = region->pairs[*at],
			    .seen = region->seen[*at] & SEEN_HOUR,
			};
	for (; *at >= pairs && *at - pairs < region->logins.used && n < ROWS; (*at)++) {
		struct known_login *login =
		    lru_at(&region->logins, (uint32_t)(*at - pairs) + 1);

		if (begin_giving(&login->seen))
			into[n++] = (struct burst_row){
			    .kind = BURST_ROW_LOGIN,
			    .key = login->head.hash,
			    .seen = login->seen & SEEN_HOUR,
			    .first = login->first,
			};
	}
	must(pthread_mutex_unlock(&region->lock) == 0);
	return n;
}

static int
give_region(struct giving *giving, struct region *region, struct err *err)
{
	struct burst_row rows[ROWS];
	size_t at = 0, n;

	while ((n = collect_region(region, &at, rows)) > 0)
		for (size_t i = 0; i < n; i++)
			if (give(giving, &rows[i], err) != 0)
				return -1;
	return 0;
}

static void
settle_shard(struct shard *shard, bool is_safe)
{
	must(pthread_mutex_lock(&shard->lock) == 0);
	for (uint32_t i = 0; i < shard->n_profiles; i++) {
		struct profile *profile = shard_profile_at(shard, i);

		if (profile->is_dirty == GIVEN)
			profile->is_dirty = is_safe ? 0 : DIRTY;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
}

static void
settle_seen(uint32_t *seen, bool is_safe)
{
	if ((*seen & SEEN_GIVEN) != 0)
		*seen = (*seen & SEEN_HOUR) | (is_safe ? 0 : SEEN_DIRTY);
}

static void
settle_region(struct region *region, bool is_safe)
{
	size_t pairs = (size_t)region->n_buckets * BUCKET;

	must(pthread_mutex_lock(&region->lock) == 0);
	for (size_t i = 0; i < pairs; i++)
		settle_seen(&region->seen[i], is_safe);
	for (uint32_t i = 1; i <= region->logins.used; i++) {
		struct known_login *login = lru_at(&region->logins, i);

		settle_seen(&login->seen, is_safe);
	}
	must(pthread_mutex_unlock(&region->lock) == 0);
}

/* What was given is safe, or else has to be given again. */
static void
settle(struct giving *giving, bool is_safe)
{
	struct burst_meter *meter = giving->burst->meters;

	for (; meter != NULL; meter = meter->next)
		for (unsigned i = 0; i < SHARDS; i++)
			settle_shard(&meter->shards[i], is_safe);
	for (unsigned i = 0; i < SHARDS; i++)
		settle_region(&giving->burst->regions[i], is_safe);
}

int
burst_give(struct burst *burst, const struct burst_now *now, burst_row_fn *fn,
    void *context, struct err *err)
{
	struct giving giving = {burst, fn, context, burst_hours(burst, now)};
	int result = give_calendar(&giving, err);

	if (result == 0)
		result = give_meters(&giving, err);
	for (unsigned i = 0; i < SHARDS && result == 0; i++)
		result = give_region(&giving, &burst->regions[i], err);
	if (result == 0)
		result = give(&giving, NULL, err);
	settle(&giving, result == 0);
	return result;
}

static void
mark_shard(struct shard *shard)
{
	must(pthread_mutex_lock(&shard->lock) == 0);
	for (uint32_t i = 1; i <= shard->lru.used; i++) {
		struct profile *profile = shard_profile(shard, i);

		if (profile != NULL)
			profile->is_dirty = DIRTY;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
}

static void
mark_region(struct region *region)
{
	size_t pairs = (size_t)region->n_buckets * BUCKET;

	must(pthread_mutex_lock(&region->lock) == 0);
	for (size_t i = 0; i < pairs; i++)
		if (region->pairs[i] != 0)
			region->seen[i] |= SEEN_DIRTY;
	for (uint32_t i = 1; i <= region->logins.used; i++) {
		struct known_login *login = lru_at(&region->logins, i);

		login->seen |= SEEN_DIRTY;
	}
	must(pthread_mutex_unlock(&region->lock) == 0);
}

void
burst_give_all(struct burst *burst)
{
	for (struct burst_meter *meter = burst->meters; meter != NULL; meter = meter->next)
		for (unsigned i = 0; i < SHARDS; i++)
			mark_shard(&meter->shards[i]);
	for (unsigned i = 0; i < SHARDS; i++)
		mark_region(&burst->regions[i]);
}
