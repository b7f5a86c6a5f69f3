/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "burst/ring.h"

uint32_t
ring_slot_at(int64_t time, int64_t width)
{
	int64_t slot = time > 0 ? time / width : 0;

	return slot < UINT32_MAX ? (uint32_t)slot : UINT32_MAX;
}

uint64_t
ring_left(uint32_t slot, int64_t time, int64_t width)
{
	uint32_t now = ring_slot_at(time, width);
	int64_t gone;

	if (now != slot)
		return now < slot ? 65536 : 0;
	gone = time > 0 ? time % width : 0;
	/* 31 days of microseconds x 65536 still fit. */
	return 65536 - (uint64_t)gone * 65536 / (uint64_t)width;
}

void
ring_advance(struct ring *ring, int64_t time, int64_t width)
{
	uint32_t slot = ring_slot_at(time, width);

	if (slot <= ring->slot)
		return;
	if (slot - ring->slot >= RING_CELLS)
		memset(ring->cells, 0, sizeof(ring->cells));
	else
		for (uint32_t i = ring->slot + 1; i <= slot; i++)
			ring->cells[i % RING_CELLS] = 0;
	ring->slot = slot;
}

void
ring_add(struct ring *ring, int64_t time, int64_t width, uint64_t amount)
{
	uint32_t *cell;

	ring_advance(ring, time, width);
	cell = &ring->cells[ring->slot % RING_CELLS];
	*cell = amount < UINT32_MAX - *cell ? *cell + (uint32_t)amount : UINT32_MAX;
}

uint64_t
ring_read(struct ring *ring, int64_t time, int64_t width)
{
	uint32_t oldest;
	uint64_t sum = 0;

	ring_advance(ring, time, width);
	oldest = (ring->slot % RING_CELLS + 1) % RING_CELLS;
	for (uint32_t i = 0; i < RING_CELLS; i++)
		if (i != oldest)
			sum += ring->cells[i];
	return sum +
	       (ring->cells[oldest] * ring_left(ring->slot, time, width) + 32768) / 65536;
}

void
ring_slots(const struct ring *ring, uint32_t ret_slots[RING_SLOTS])
{
	uint32_t newest = ring->slot % RING_CELLS;

	for (uint32_t i = 0; i < RING_SLOTS; i++)
		ret_slots[i] = ring->cells[(newest + 2 + i) % RING_CELLS];
}
