/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/bytes.h"
#include "burst/private.h"

/* What outlived frankd, as rows: taken again. At start, before other threads. */

struct burst_meter *
meter_find(struct burst *burst, struct view id)
{
	struct burst_meter *meter = burst->meters;

	while (meter != NULL && !view_is(view_of(meter->id), id))
		meter = meter->next;
	return meter;
}

static int
calendar_get(struct bytes_reader *reader, struct calendar *ret_saved)
{
	uint64_t version = bytes_get(reader, 1);
	uint32_t number = (uint32_t)bytes_get(reader, 4);
	struct view kinds;

	atomic_init(&ret_saved->number, number);
	atomic_init(&ret_saved->hour, (uint32_t)bytes_get(reader, 4));
	ret_saved->is_part = bytes_get(reader, 1) != 0;
	kinds = bytes_get_view(reader, sizeof(ret_saved->kinds));
	if (reader->is_short || reader->rest.n != 0 || version != ROW_VERSION ||
	    number == 0 || number >= HOUR_NUMBER / 2)
		return -1;
	for (size_t i = 0; i < kinds.n; i++)
		if ((unsigned char)kinds.p[i] > HOUR_NOT_WHOLE)
			return -1;
	memcpy(ret_saved->kinds, kinds.p, sizeof(ret_saved->kinds));
	return 0;
}

int
calendar_check(struct bytes_reader reader)
{
	struct calendar saved;

	return calendar_get(&reader, &saved);
}

int
calendar_take(struct burst *burst, struct bytes_reader *reader, bool is_soon)
{
	struct calendar saved;

	if (calendar_get(reader, &saved) != 0)
		return -1;
	/* Of two that were kept the later one counts. */
	if (atomic_load(&saved.number) < burst->taken_number)
		return 0;
	calendar_continue(&burst->calendar, &saved, is_soon);
	/* Meters that nothing is known of begin now. */
	for (struct burst_meter *meter = burst->meters;
	     meter != NULL && burst->taken_number == 0; meter = meter->next)
		atomic_store(&meter->since, atomic_load(&burst->calendar.number));
	burst->taken_number = atomic_load(&saved.number);
	return 0;
}

static int
take_usual(struct burst_meter *meter, const struct burst_row *row)
{
	struct bytes_reader reader = {.rest = row->data};
	uint64_t version = bytes_get(&reader, 1);
	uint32_t folded = (uint32_t)bytes_get(&reader, 4), number;
	struct view cells = bytes_get_view(&reader, PROFILE_BYTES);
	uint32_t now = atomic_load(&meter->burst->calendar.number);
	struct shard *shard = shard_of(meter, row->key);
	struct profile *profile;

	if (reader.is_short || reader.rest.n != 0 || version != ROW_VERSION)
		return -1;
	number = shard_put(meter, shard, row->key, row->name);
	profile = shard_profile_make(shard, number, row->first);
	profile->first = row->first < now ? row->first : now;
	profile->is_dirty = 0;
	memcpy(profile->cells, cells.p, PROFILE_BYTES);
	shard->hours[number].number = folded < now ? folded : now;
	shard->hours[number].amount = 0;
	return 0;
}

static int
take(struct burst *burst, struct burst_meter *meter, const struct burst_row *row)
{
	struct region *region = &burst->regions[row->key % SHARDS];
	struct bytes_reader reader = {.rest = row->data};

	switch (row->kind) {
	case BURST_ROW_CALENDAR:
		return calendar_take(burst, &reader, false);
	case BURST_ROW_METER:
		if (row->first != 0 && row->first < atomic_load(&meter->since))
			atomic_store(&meter->since, row->first);
		return 0;
	case BURST_ROW_USUAL:
		return take_usual(meter, row);
	case BURST_ROW_RECIPIENT:
		if (row->key == 0 || row->seen == 0)
			return -1;
		region_put(region, row->key, row->seen & SEEN_HOUR, 0);
		return 0;
	case BURST_ROW_LOGIN:
		region_put_login(region, row->key, row->first, row->seen & SEEN_HOUR, 0);
		return 0;
	}
	return -1;
}

int
burst_take(struct burst *burst, const struct burst_row *row, struct err *err)
{
	struct burst_meter *meter = NULL;

	if (row->kind == BURST_ROW_METER || row->kind == BURST_ROW_USUAL) {
		meter = meter_find(burst, row->meter);
		if (meter == NULL)
			return 0;
	}
	if (take(burst, meter, row) != 0)
		return err_set(err, ERR_BAD_INPUT,
		    "what was kept of the meters is not of this version, or damaged");
	return 1;
}
