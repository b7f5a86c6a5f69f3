/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "burst/lru.h"

enum { NUMBER_BITS = 20, NUMBER_MASK = (1 << NUMBER_BITS) - 1 };

void
lru_init(struct lru *lru, uint32_t room, size_t stride)
{
	must(room >= 1 && room <= LRU_MAX && stride >= sizeof(struct lru_head));
	*lru = (struct lru){.room = room, .stride = stride, .size = room + room / 3 + 2};
	lru->records = mem_zeroed(room, stride);
	lru->index = mem_zeroed(lru->size, sizeof(*lru->index));
}

void
lru_fini(struct lru *lru)
{
	free(lru->records);
	free(lru->index);
	*lru = (struct lru){.records = NULL};
}

void *
lru_at(const struct lru *lru, uint32_t number)
{
	return lru->records + (size_t)(number - 1) * lru->stride;
}

static struct lru_head *
head(const struct lru *lru, uint32_t number)
{
	return lru_at(lru, number);
}

/* Where HASH belongs: by its upper half. The lowest bits choose the shard. */
static uint32_t
home(const struct lru *lru, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * lru->size >> 32);
}

static uint32_t
entry_of(uint64_t hash, uint32_t number)
{
	return (uint32_t)(hash >> 8) << NUMBER_BITS | number;
}

static uint32_t
next(const struct lru *lru, uint32_t at)
{
	return at + 1 < lru->size ? at + 1 : 0;
}

/* Where in the index HASH stands, or the free place where it would. */
static uint32_t
place(const struct lru *lru, uint64_t hash)
{
	uint32_t tag = entry_of(hash, 0);

	for (uint32_t at = home(lru, hash);; at = next(lru, at)) {
		uint32_t entry = lru->index[at];

		if (entry == 0)
			return at;
		if ((entry & ~(uint32_t)NUMBER_MASK) == tag &&
		    head(lru, entry & NUMBER_MASK)->hash == hash)
			return at;
	}
}

uint32_t
lru_find(const struct lru *lru, uint64_t hash)
{
	return lru->index[place(lru, hash)] & NUMBER_MASK;
}

static void
unlink_record(struct lru *lru, uint32_t number)
{
	struct lru_head *record = head(lru, number);

	if (record->newer != LRU_NONE)
		head(lru, record->newer)->older = record->older;
	else
		lru->newest = record->older;
	if (record->older != LRU_NONE)
		head(lru, record->older)->newer = record->newer;
	else
		lru->oldest = record->newer;
}

static void
link_newest(struct lru *lru, uint32_t number)
{
	struct lru_head *record = head(lru, number);

	record->newer = LRU_NONE;
	record->older = lru->newest;
	if (lru->newest != LRU_NONE)
		head(lru, lru->newest)->newer = number;
	else
		lru->oldest = number;
	lru->newest = number;
}

uint32_t
lru_touch(struct lru *lru, uint64_t hash)
{
	uint32_t number = lru_find(lru, hash);

	if (number != LRU_NONE && number != lru->newest) {
		unlink_record(lru, number);
		link_newest(lru, number);
	}
	return number;
}

/* Close the gap at AT: move up what could not stand there while it was taken. */
static void
close_gap(struct lru *lru, uint32_t at)
{
	for (uint32_t i = next(lru, at); lru->index[i] != 0; i = next(lru, i)) {
		uint32_t from = home(lru, head(lru, lru->index[i] & NUMBER_MASK)->hash);
		uint32_t distance = i >= from ? i - from : i + lru->size - from;
		uint32_t to_gap = i >= at ? i - at : i + lru->size - at;

		if (distance < to_gap)
			continue;
		lru->index[at] = lru->index[i];
		at = i;
	}
	lru->index[at] = 0;
}

uint32_t
lru_add(struct lru *lru, uint64_t hash, int *ret_was_used)
{
	uint32_t number;

	*ret_was_used = lru->used == lru->room;
	if (*ret_was_used) {
		number = lru->oldest;
		close_gap(lru, place(lru, head(lru, number)->hash));
		unlink_record(lru, number);
	} else
		number = ++lru->used;
	head(lru, number)->hash = hash;
	lru->index[place(lru, hash)] = entry_of(hash, number);
	link_newest(lru, number);
	return number;
}
