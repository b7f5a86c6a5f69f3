/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "policy/index.h"

enum { INDEX_FIRST = 16 };

void
index_init(struct index *index, struct map_seed seed, struct arena *arena, const char *text,
    size_t room)
{
	size_t size = INDEX_FIRST;

	must(room < UINT32_MAX / 4);
	while (size < room + room / 4)
		size *= 2;
	*index = (struct index){.text = text, .mask = (uint32_t)(size - 1), .seed = seed};
	index->room = (uint32_t)room;
	index->slots = arena_array(arena, size, sizeof(*index->slots));
}

static uint32_t *
find(const struct index *index, struct view key)
{
	uint32_t at = (uint32_t)siphash(index->seed, key.p, key.n) & index->mask;

	for (;; at = (at + 1) & index->mask) {
		const char *record;

		if (index->slots[at] == 0)
			return &index->slots[at];
		record = index->text + index->slots[at] - 1;
		if (strncmp(record, key.p, key.n) == 0 && record[key.n] == '\0')
			return &index->slots[at];
	}
}

bool
index_add(struct index *index, size_t offset)
{
	uint32_t *slot = find(index, view_of(index->text + offset));

	if (*slot != 0)
		return false;
	must(index->count < index->room && offset < UINT32_MAX);
	index->count++;
	*slot = (uint32_t)offset + 1;
	return true;
}

const char *
index_find(const struct index *index, struct view key)
{
	const uint32_t *slot;

	if (index->count == 0 || memchr(key.p, 0, key.n) != NULL)
		return NULL;
	slot = find(index, key);
	return *slot != 0 ? index->text + *slot - 1 + key.n + 1 : NULL;
}
