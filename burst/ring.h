/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_RING_H
#define BURST_RING_H

/*
 * A count over a window that moves: the window is ten slots long, and an eleventh cell
 *holds the slot that is leaving. Of that one the reading has the part which is still
 *inside, as if what is in it had come evenly:
 *
 *	reading = the ten newest cells + the oldest x (1 - part of the newest slot that is
 *over)
 *
 * Times are microseconds of the meters' own time (burst.h); a time that is older than the
 * newest slot counts as its beginning, so that two threads may come in the wrong order.
 * Cells saturate. One thread at a time.
 */

#include <stdint.h>

enum { RING_SLOTS = 10, RING_CELLS = RING_SLOTS + 1 };

struct ring { /* 48 bytes */
	uint32_t slot;
	uint32_t cells[RING_CELLS]; /* slot N is in cell N % RING_CELLS */
};

/* WIDTH: of a slot, in microseconds. */
void ring_advance(struct ring *ring, int64_t time, int64_t width);
void ring_add(struct ring *ring, int64_t time, int64_t width, uint64_t amount);
/* Moves the ring to TIME, too. */
uint64_t ring_read(struct ring *ring, int64_t time, int64_t width);
/* The ten slots, the oldest first: for a picture. */
void ring_slots(const struct ring *ring, uint32_t ret_slots[RING_SLOTS]);

/* Which slot TIME is in, and how much of slot SLOT has not yet gone by then, in 65536ths.
 */
uint32_t ring_slot_at(int64_t time, int64_t width);
uint64_t ring_left(uint32_t slot, int64_t time, int64_t width);

#endif
