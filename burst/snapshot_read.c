/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>

#include "lib/bug.h"

#include "burst/bytes.h"
#include "burst/private.h"
#include "burst/snapshot.h"

/* Two passes: in the first nothing is put in, so that what is damaged leaves no trace. */

enum { SOON = 5 }; /* minutes: an hour that lacks so many is still whole */

struct reading_in {
	struct burst *burst;
	const struct keep_now *now;
	bool is_for_real;
	int64_t age;
	struct burst_meter *meter; /* NULL: one that is no more */
	bool has_meter, is_distinct, has_end;
};

static int
read_head(struct reading_in *in, struct bytes_reader *reader)
{
	uint64_t boot = bytes_get(reader, 8);
	int64_t wall = (int64_t)bytes_get(reader, 8), mono = (int64_t)bytes_get(reader, 8);
	int64_t time = (int64_t)bytes_get(reader, 8);
	struct calendar *calendar = &in->burst->calendar;
	int64_t offset = atomic_load(&in->burst->offset), age;

	if (boot != 0 && boot == in->now->boot && in->now->clock.mono >= mono)
		age = in->now->clock.mono - mono;
	else if (__builtin_sub_overflow(in->now->clock.wall, wall, &age) || age < 0)
		age = 0;
	/* Some thousand years, so that nothing overflows later. */
	if (reader->is_short || time < 0 || time > INT64_MAX / 4 || age > INT64_MAX / 4)
		return -1;
	in->age = age;
	if (!in->is_for_real)
		return calendar_check(*reader);
	atomic_store(&in->burst->offset, time + age - in->now->clock.mono);
	calendar->began += time + age - in->now->clock.mono - offset;
	return calendar_take(in->burst, reader, age < SOON * HOUR_MICROS / 60);
}

static int
read_meter(struct reading_in *in, struct bytes_reader *reader)
{
	uint32_t since = (uint32_t)bytes_get(reader, 4);

	in->is_distinct = bytes_get(reader, 1) != 0;
	in->has_meter = !reader->is_short;
	in->meter = meter_find(in->burst, reader->rest);
	if (in->meter != NULL && in->meter->is_distinct != in->is_distinct)
		return -1;
	if (in->meter != NULL && in->is_for_real && since < atomic_load(&in->meter->since))
		atomic_store(&in->meter->since, since);
	return in->has_meter ? 0 : -1;
}

static void
get_ring(struct bytes_reader *reader, struct ring *ring)
{
	uint64_t used;

	ring->slot = (uint32_t)bytes_get(reader, 4);
	used = bytes_get(reader, 2);
	for (unsigned i = 0; i < RING_CELLS; i++)
		ring->cells[i] = used >> i & 1 ? (uint32_t)bytes_get(reader, 4) : 0;
}

static int
get_distinct(struct bytes_reader *reader, struct distinct *distinct, struct view *block)
{
	distinct->slot = (uint32_t)bytes_get(reader, 4);
	distinct->n = (uint8_t)bytes_get(reader, 1);
	distinct->room = (uint8_t)bytes_get(reader, 1);
	distinct->is_sketched = bytes_get(reader, 1) != 0;
	*block = bytes_get_view(reader, distinct_size(distinct));
	return reader->is_short ? -1 : 0;
}

static int
read_key(struct reading_in *in, struct bytes_reader *reader)
{
	uint64_t key = bytes_get(reader, 8);
	struct view name = bytes_get_view(reader, (size_t)bytes_get(reader, 1)),
		    block = {0};
	uint32_t amount = (uint32_t)bytes_get(reader, 4), number;
	uint32_t hour = (uint32_t)bytes_get(reader, 4);
	struct distinct distinct = {0}, checked = {0};
	struct ring ring = {0};
	struct hour_so_far *so_far;
	struct shard *shard;
	void *record;

	if (!in->is_distinct)
		get_ring(reader, &ring);
	else if (get_distinct(reader, &distinct, &block) != 0 ||
		 distinct_set(&checked, &distinct, (const uint8_t *)block.p, block.n) != 0)
		return -1;
	if (reader->is_short || in->meter == NULL || !in->is_for_real) {
		distinct_clear(&checked);
		return reader->is_short ? -1 : 0;
	}
	shard = shard_of(in->meter, key);
	number = shard_put(in->meter, shard, key, name);
	record = lru_at(&shard->lru, number);
	if (in->is_distinct) {
		distinct_clear(&((struct differing *)record)->distinct);
		((struct differing *)record)->distinct = checked;
	} else
		((struct counted *)record)->ring = ring;
	so_far = &shard->hours[number];
	/* What rows say of later hours stands. */
	if ((hour & HOUR_NUMBER) >= (so_far->number & HOUR_NUMBER) &&
	    (hour & HOUR_NUMBER) <= atomic_load(&in->burst->calendar.number)) {
		so_far->amount = amount;
		so_far->number = hour;
	}
	return 0;
}

static int
read_frame(struct reading_in *in, struct view bytes)
{
	struct bytes_reader reader = {.rest = bytes};

	if (in->has_end)
		return -1;
	switch (bytes_get(&reader, 1)) {
	case FRAME_HEAD:
		return read_head(in, &reader);
	case FRAME_METER:
		return read_meter(in, &reader);
	case FRAME_KEYS:
		while (reader.rest.n > 0 && !reader.is_short)
			if (!in->has_meter || read_key(in, &reader) != 0)
				return -1;
		return 0;
	case FRAME_END:
		in->has_end = true;
		return 0;
	default:
		return -1;
	}
}

static int
read_frames(struct reading_in *in, struct view bytes)
{
	struct bytes_reader reader = {.rest = bytes};

	while (reader.rest.n > 0) {
		size_t n = (size_t)bytes_get(&reader, 4);
		uint64_t hash = bytes_get(&reader, 8);
		struct view frame = bytes_get_view(&reader, n);

		if (reader.is_short ||
		    hash != siphash(in->burst->settings.seed, frame.p, frame.n) ||
		    read_frame(in, frame) != 0)
			return -1;
	}
	return in->has_end ? 0 : -1;
}

int
snapshot_read(struct burst *burst, struct view bytes, const struct keep_now *now,
    int64_t *ret_age, struct err *err)
{
	struct reading_in check = {.burst = burst, .now = now};
	struct reading_in in = {.burst = burst, .now = now, .is_for_real = true};

	if (!view_starts(bytes, SNAPSHOT_MAGIC))
		return err_set(err, ERR_BAD_INPUT, "not of this version");
	bytes = view_from(bytes, SNAPSHOT_MAGIC.n);
	if (read_frames(&check, bytes) != 0)
		return err_set(err, ERR_BAD_INPUT,
		    "damaged, cut short, or written with another secret");
	must(read_frames(&in, bytes) == 0);
	*ret_age = in.age;
	return 0;
}
