/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_LRU_H
#define BURST_LRU_H

/*
 * A bounded table of records by hash: open addressing, and when it is full, the record that
 * was touched longest ago makes room. What hashes to the same 64 bits is the same key: the
 * hashes are keyed (SipHash), so nobody can make two alike. A record begins with struct
 * lru_head; what lies beside it in parallel arrays goes by its number.
 *
 * Beside the records themselves this costs 5.3 bytes a record: 4 bytes in a table that is a
 * third larger than the number of records. One thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

enum { LRU_NONE = 0, LRU_MAX = (1 << 20) - 2 };

struct lru_head {
	uint64_t hash;
	uint32_t newer, older; /* numbers of records; LRU_NONE at the ends */
};

struct lru {
	unsigned char *records; /* number 1 is the first */
	uint32_t *index;        /* 12 bits of the hash and 20 of the number; 0: free */
	uint32_t size;          /* of index */
	uint32_t used, room;    /* records */
	uint32_t newest, oldest;
	size_t stride;
};

/* ROOM: at most LRU_MAX. STRIDE: a multiple of 8. Memory is touched as it is used. */
void lru_init(struct lru *lru, uint32_t room, size_t stride);
void lru_fini(struct lru *lru);

void *lru_at(const struct lru *lru, uint32_t number);
/* Its number, or LRU_NONE. */
uint32_t lru_find(const struct lru *lru, uint64_t hash);
/* The same, as the one touched last. */
uint32_t lru_touch(struct lru *lru, uint64_t hash);
/* For what lru_find does not find. When the table is full the oldest record is taken over
 * as it is; *ret_was_used tells. Otherwise the record is cleared. It is the newest then. */
uint32_t lru_add(struct lru *lru, uint64_t hash, int *ret_was_used);

#endif
