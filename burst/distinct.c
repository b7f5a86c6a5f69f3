/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/distinct.h"
#include "burst/ring.h"

enum { FIRST_ROOM = 4, WITH_SLOT = 9 };

static int64_t
width_of(const struct distinct *distinct, int64_t window)
{
	return window / (distinct->is_sketched ? DISTINCT_SPANS : RING_SLOTS);
}

size_t
distinct_size(const struct distinct *distinct)
{
	if (distinct->is_sketched)
		return (size_t)DISTINCT_SKETCHES * SKETCH_BYTES;
	return (size_t)distinct->room * WITH_SLOT;
}

static uint64_t
hash_at(const struct distinct *distinct, unsigned i)
{
	uint64_t hash;

	memcpy(&hash, distinct->block + (size_t)i * 8, 8);
	return hash;
}

static uint8_t *
slot_at(const struct distinct *distinct, unsigned i)
{
	return distinct->block + (size_t)distinct->room * 8 + i;
}

static uint8_t *
sketch_at(const struct distinct *distinct, uint32_t span)
{
	return distinct->block + (size_t)(span % DISTINCT_SKETCHES) * SKETCH_BYTES;
}

void
distinct_clear(struct distinct *distinct)
{
	free(distinct->block);
	distinct->block = NULL;
	distinct->slot = 0;
	distinct->n = distinct->room = 0;
	distinct->is_sketched = false;
}

static void
put_at(struct distinct *distinct, unsigned i, uint64_t hash, uint8_t slot)
{
	memcpy(distinct->block + (size_t)i * 8, &hash, 8);
	*slot_at(distinct, i) = slot;
}

/* Forget what is more than a slot outside. */
static void
drop_old(struct distinct *distinct)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < distinct->n; i++) {
		uint8_t slot = *slot_at(distinct, i);

		if ((uint8_t)(distinct->slot - slot) <= RING_SLOTS)
			put_at(distinct, kept++, hash_at(distinct, i), slot);
	}
	distinct->n = (uint8_t)kept;
}

static bool
is_empty(const struct distinct *distinct)
{
	size_t size = distinct_size(distinct);

	/* Each byte is the one before it, and the first is 0. */
	if (distinct->is_sketched)
		return distinct->block[0] == 0 &&
		       memcmp(distinct->block, distinct->block + 1, size - 1) == 0;
	return distinct->n == 0;
}

static void
begin_anew(struct distinct *distinct, int64_t time, int64_t window)
{
	distinct_clear(distinct);
	distinct->slot = ring_slot_at(time, width_of(distinct, window));
}

static void
move_to(struct distinct *distinct, int64_t time, int64_t window)
{
	uint32_t slot = ring_slot_at(time, width_of(distinct, window));
	uint32_t over = distinct->is_sketched ? DISTINCT_SKETCHES : RING_CELLS;

	if (slot <= distinct->slot)
		return;
	if (distinct->block == NULL || slot - distinct->slot >= over) {
		begin_anew(distinct, time, window);
		return;
	}
	if (distinct->is_sketched)
		for (uint32_t i = distinct->slot + 1; i <= slot; i++)
			memset(sketch_at(distinct, i), 0, SKETCH_BYTES);
	distinct->slot = slot;
	if (!distinct->is_sketched)
		drop_old(distinct);
	if (is_empty(distinct))
		begin_anew(distinct, time, window);
}

static void
grow(struct distinct *distinct)
{
	struct distinct larger = *distinct;

	larger.room = (uint8_t)(distinct->room != 0 ? distinct->room * 4 : FIRST_ROOM);
	larger.block = mem_zeroed(larger.room, WITH_SLOT);
	for (unsigned i = 0; i < distinct->n; i++)
		put_at(&larger, i, hash_at(distinct, i), *slot_at(distinct, i));
	free(distinct->block);
	*distinct = larger;
}

/* Each hash goes into the sketch of the time that it was last there. */
static void
become_sketched(struct distinct *distinct, int64_t window)
{
	const struct distinct exact = *distinct;
	int64_t width = width_of(&exact, window);

	distinct->is_sketched = true;
	distinct->room = distinct->n = 0;
	distinct->block = mem_zeroed(DISTINCT_SKETCHES, SKETCH_BYTES);
	distinct->slot =
	    ring_slot_at((int64_t)exact.slot * width, width_of(distinct, window));
	for (unsigned i = 0; i < exact.n; i++) {
		int64_t slot =
		    (int64_t)exact.slot - (uint8_t)(exact.slot - *slot_at(&exact, i));
		uint32_t span = ring_slot_at(slot * width, width_of(distinct, window));

		if (distinct->slot - span < DISTINCT_SKETCHES)
			sketch_add(sketch_at(distinct, span), hash_at(&exact, i));
	}
	free(exact.block);
}

static void
add_one(struct distinct *distinct, int64_t window, uint64_t hash)
{
	if (distinct->is_sketched) {
		sketch_add(sketch_at(distinct, distinct->slot), hash);
		return;
	}
	for (unsigned i = 0; i < distinct->n; i++)
		if (hash_at(distinct, i) == hash) {
			*slot_at(distinct, i) = (uint8_t)distinct->slot;
			return;
		}
	if (distinct->n == DISTINCT_EXACT) {
		become_sketched(distinct, window);
		sketch_add(sketch_at(distinct, distinct->slot), hash);
		return;
	}
	if (distinct->n == distinct->room)
		grow(distinct);
	put_at(distinct, distinct->n++, hash, (uint8_t)distinct->slot);
}

void
distinct_add(struct distinct *distinct, int64_t time, int64_t window,
    const uint64_t *hashes, size_t n)
{
	move_to(distinct, time, window);
	for (size_t i = 0; i < n; i++) {
		add_one(distinct, window, hashes[i]);
		/* The sketches' newest span may have begun since the slot did. */
		if (distinct->is_sketched)
			move_to(distinct, time, window);
	}
}

static uint64_t
count(const struct distinct *distinct, int64_t time, int64_t window)
{
	uint64_t left = ring_left(distinct->slot, time, width_of(distinct, window));
	uint64_t inside = 0, all;

	if (distinct->is_sketched) {
		uint8_t merged[SKETCH_BYTES] = {0};

		/* The oldest is the one behind the newest. */
		for (uint32_t i = 2; i <= DISTINCT_SKETCHES; i++)
			sketch_merge(merged, sketch_at(distinct, distinct->slot + i));
		inside = sketch_count(merged);
		sketch_merge(merged, sketch_at(distinct, distinct->slot + 1));
		all = sketch_count(merged);
	} else {
		for (unsigned i = 0; i < distinct->n; i++)
			inside +=
			    (uint8_t)(distinct->slot - *slot_at(distinct, i)) < RING_SLOTS;
		all = distinct->n;
	}
	if (all <= inside)
		return inside;
	return inside + ((all - inside) * left + 32768) / 65536;
}

uint64_t
distinct_read(struct distinct *distinct, int64_t time, int64_t window,
    const uint64_t *hashes, size_t n)
{
	struct distinct with;
	uint64_t reading;

	move_to(distinct, time, window);
	if (n == 0)
		return distinct->block != NULL ? count(distinct, time, window) : 0;
	with = *distinct;
	if (with.block != NULL) {
		with.block = mem_zeroed(1, distinct_size(distinct));
		memcpy(with.block, distinct->block, distinct_size(distinct));
	}
	distinct_add(&with, time, window, hashes, n);
	reading = count(&with, time, window);
	distinct_clear(&with);
	return reading;
}

int
distinct_set(struct distinct *distinct, const struct distinct *like, const uint8_t *block,
    size_t size)
{
	struct distinct made = *like;
	bool is_room = like->room == 0 || like->room == 4 || like->room == 16 ||
		       like->room == DISTINCT_EXACT;

	if (size != distinct_size(like) || !is_room || like->n > like->room ||
	    (like->is_sketched && like->room != 0))
		return -1;
	made.block = NULL;
	if (size != 0) {
		made.block = mem_zeroed(1, size);
		memcpy(made.block, block, size);
	}
	distinct_clear(distinct);
	*distinct = made;
	return 0;
}
