/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_INDEX_H
#define POLICY_INDEX_H

/*
 * Finding a key among the records of a table: one block of text, each record a key, a NUL,
 * what belongs to the key, a NUL. The slots hold 4-byte offsets, so that a million keys
 * take 8 MB beside their text; SipHash keeps whoever chooses keys from making it slow.
 * Memory is the arena's.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/map.h"
#include "lib/view.h"

struct index {
	const char *text;
	uint32_t *slots; /* offset + 1; 0: free */
	uint32_t mask;
	uint32_t count, room;
	struct map_seed seed;
};

/* For at most ROOM keys, whose records are in TEXT. */
void index_init(struct index *index, struct map_seed seed, struct arena *arena,
    const char *text, size_t room);
/* The record at OFFSET. False: its key is there already, and nothing was added. */
bool index_add(struct index *index, size_t offset);
/* What belongs to KEY, ended by NUL; NULL: not there. */
const char *index_find(const struct index *index, struct view key);

#endif
