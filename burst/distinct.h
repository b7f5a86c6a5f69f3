/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_DISTINCT_H
#define BURST_DISTINCT_H

/*
 * How many different ones there were within a window that moves, each as a keyed 64-bit
 * hash.
 *
 * Up to 64 are counted exactly: each hash has the slot (a tenth of the window) in which it
 * was last there. The reading is how many were there in the ten newest slots, and of those
 * that only the slot before these has seen, the part of it that is still inside: exact but
 * for a tenth of the window at its end.
 *
 * With more than that, five sketches (sketch.h) of a quarter of the window each take over,
 * until all five are empty. The reading is the union of the four newest, and of what only
 * the oldest adds to it the part of it that is still inside: 4.6 % standard error, and a
 * quarter of the window at its end.
 *
 * Memory per key, in one block: nothing while there is none; 36, 144 or 576 bytes for up to
 * 4, 16, 64; 1280 with sketches. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "burst/sketch.h"

enum { DISTINCT_EXACT = 64, DISTINCT_SPANS = 4, DISTINCT_SKETCHES = DISTINCT_SPANS + 1 };

struct distinct {
	uint32_t slot; /* or the sketches' span, when there are sketches */
	uint8_t n;     /* hashes */
	uint8_t room;
	bool is_sketched;
	uint8_t *block; /* 'room' hashes and then their slots, one byte each; or sketches */
};

void distinct_clear(struct distinct *distinct);
/* WINDOW: in microseconds. TIME: as in ring.h. */
void distinct_add(struct distinct *distinct, int64_t time, int64_t window,
    const uint64_t *hashes, size_t n);
/* With these in it, which are not kept. Moves the window to TIME, too. */
uint64_t distinct_read(struct distinct *distinct, int64_t time, int64_t window,
    const uint64_t *hashes, size_t n);

/* As bytes, for a snapshot; -1: these are none. */
size_t distinct_size(const struct distinct *distinct);
int distinct_set(struct distinct *distinct, const struct distinct *like,
    const uint8_t *block, size_t size);

#endif
