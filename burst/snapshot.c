/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>

#include "lib/bug.h"

#include "burst/bytes.h"
#include "burst/private.h"
#include "burst/snapshot.h"

/* What is in FRAME, with length and hash before it; empties it. */
static int
give_frame(struct snapshot_sink *sink, struct buf *frame, struct err *err)
{
	struct buf prefix = BUF_INIT(SNAPSHOT_PREFIX);
	int result;

	if (frame->full)
		return err_set(err, ERR_LIMIT, "more keys than a snapshot can hold");
	bytes_put(&prefix, frame->n, 4);
	bytes_put(&prefix, siphash(sink->burst->settings.seed, frame->p, frame->n), 8);
	result = sink->write(sink->context, buf_view(&prefix), err);
	if (result == 0)
		result = sink->write(sink->context, buf_view(frame), err);
	buf_fini(&prefix);
	frame->n = 0;
	return result;
}

static void
put_ring(struct buf *frame, const struct ring *ring)
{
	unsigned used = 0;

	for (unsigned i = 0; i < RING_CELLS; i++)
		used |= ring->cells[i] != 0 ? 1U << i : 0;
	bytes_put(frame, ring->slot, 4);
	bytes_put(frame, used, 2);
	for (unsigned i = 0; i < RING_CELLS; i++)
		if (ring->cells[i] != 0)
			bytes_put(frame, ring->cells[i], 4);
}

static void
put_distinct(struct buf *frame, const struct distinct *distinct)
{
	bytes_put(frame, distinct->slot, 4);
	bytes_put(frame, distinct->n, 1);
	bytes_put(frame, distinct->room, 1);
	bytes_put(frame, distinct->is_sketched, 1);
	if (distinct->block != NULL)
		buf_add_bytes(frame, distinct->block, distinct_size(distinct));
}

/* Is there anything in its window, or in the hour that it is? */
static bool
is_worth_it(
    const struct burst_meter *meter, struct shard *shard, uint32_t number, int64_t time)
{
	if ((shard->hours[number].number & HOUR_FLAGGED) || shard->hours[number].amount)
		return true;
	if (meter->is_distinct) {
		struct differing *record = lru_at(&shard->lru, number);

		return distinct_read(&record->distinct, time, meter->window, NULL, 0) > 0;
	}
	struct counted *record = lru_at(&shard->lru, number);
	return ring_read(&record->ring, time, meter->window / RING_SLOTS) > 0;
}

/* The oldest first, so that they are put back in the same order. */
static void
put_shard(
    const struct burst_meter *meter, struct shard *shard, int64_t time, struct buf *frame)
{
	uint32_t number;

	bytes_put(frame, FRAME_KEYS, 1);
	must(pthread_mutex_lock(&shard->lock) == 0);
	for (number = shard->lru.oldest; number != LRU_NONE;) {
		struct lru_head *head = lru_at(&shard->lru, number);
		struct view name = view_of(shard->names[number]);

		if (is_worth_it(meter, shard, number, time)) {
			bytes_put(frame, head->hash, 8);
			bytes_put(frame, name.n, 1);
			buf_add(frame, name);
			bytes_put(frame, shard->hours[number].amount, 4);
			bytes_put(frame, shard->hours[number].number, 4);
			if (meter->is_distinct)
				put_distinct(frame, &((struct differing *)head)->distinct);
			else
				put_ring(frame, &((struct counted *)head)->ring);
		}
		number = head->newer;
	}
	must(pthread_mutex_unlock(&shard->lock) == 0);
}

static int
give_meter(struct snapshot_sink *sink, struct burst_meter *meter, int64_t time,
    struct buf *frame, struct err *err)
{
	int result;

	bytes_put(frame, FRAME_METER, 1);
	bytes_put(frame, atomic_load(&meter->since), 4);
	bytes_put(frame, meter->is_distinct, 1);
	buf_add_text(frame, meter->id);
	result = give_frame(sink, frame, err);
	for (unsigned i = 0; i < SHARDS && result == 0; i++) {
		put_shard(meter, &meter->shards[i], time, frame);
		result = give_frame(sink, frame, err);
	}
	return result;
}

int
snapshot_write(struct snapshot_sink *sink, const struct keep_now *now, struct err *err)
{
	struct burst *burst = sink->burst;
	const struct burst_now at = {now->clock.mono, now->minute};
	int64_t time = burst_time(burst, &at);
	struct buf frame = BUF_INIT(SNAPSHOT_FRAME_MAX);
	int result = sink->write(sink->context, SNAPSHOT_MAGIC, err);

	bytes_put(&frame, FRAME_HEAD, 1);
	bytes_put(&frame, now->boot, 8);
	bytes_put(&frame, (uint64_t)now->clock.wall, 8);
	bytes_put(&frame, (uint64_t)now->clock.mono, 8);
	bytes_put(&frame, (uint64_t)time, 8);
	calendar_put(burst, &frame);
	if (result == 0)
		result = give_frame(sink, &frame, err);
	for (struct burst_meter *meter = burst->meters; meter != NULL && result == 0;
	     meter = meter->next)
		result = give_meter(sink, meter, time, &frame, err);
	bytes_put(&frame, FRAME_END, 1);
	if (result == 0)
		result = give_frame(sink, &frame, err);
	buf_fini(&frame);
	return result;
}
