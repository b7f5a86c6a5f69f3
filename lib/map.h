/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_MAP_H
#define LIB_MAP_H

/*
 * A map from text to pointers: open addressing over SipHash-2-4 with a secret seed, so that
 * nobody who chooses keys can make it slow. Keys are borrowed and must outlive the map;
 * values are the caller's. Nothing is removed. Reading from several threads is fine,
 * writing is not. The seed is an argument, so that the pure layers stay pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

struct map_seed {
	uint64_t k0, k1;
};

struct map {
	struct map_entry *entries;
	size_t count, size; /* size: a power of two or 0 */
	struct map_seed seed;
};

uint64_t siphash(struct map_seed seed, const void *bytes, size_t n);

/* A random seed from the system. */
struct map_seed map_seed_random(void);

void map_init(struct map *map, struct map_seed seed);
void map_fini(struct map *map);

/* NULL when there is none. */
void *map_get(const struct map *map, struct view key);
/* The value that was there before (then kept: nothing is replaced), or NULL after adding
 * VALUE, which is not NULL. */
void *map_add(struct map *map, struct view key, void *value);

/* For walking: every value once, in no order; *at starts at 0; NULL at the end. */
void *map_next(const struct map *map, size_t *at, struct view *ret_key);

#endif
