/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/map.h"

enum { MAP_FIRST = 16 };

struct map_entry {
	uint64_t hash;
	struct view key;
	void *value; /* NULL: free */
};

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
sip_rounds(struct sip *s, unsigned rounds)
{
	for (; rounds != 0; rounds--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32) + s->v3;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_rounds(s, 2);
	s->v0 ^= word;
}

static uint64_t
little_endian(const unsigned char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", with c = 2 and d = 4. */
uint64_t
siphash(struct map_seed seed, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t words = n / 8;
	struct sip s = {
	    .v0 = seed.k0 ^ 0x736f6d6570736575,
	    .v1 = seed.k1 ^ 0x646f72616e646f6d,
	    .v2 = seed.k0 ^ 0x6c7967656e657261,
	    .v3 = seed.k1 ^ 0x7465646279746573,
	};

	for (size_t i = 0; i < words; i++)
		sip_word(&s, little_endian(p + 8 * i, 8));
	sip_word(
	    &s, (uint64_t)n << 56 | (n % 8 == 0 ? 0 : little_endian(p + 8 * words, n % 8)));
	s.v2 ^= 0xff;
	sip_rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void
map_init(struct map *map, struct map_seed seed)
{
	*map = (struct map){.seed = seed};
}

void
map_fini(struct map *map)
{
	free(map->entries);
	*map = (struct map){.seed = map->seed};
}

/* The entry that holds KEY, or the free one where it belongs. The map has a free one. */
static struct map_entry *
find(const struct map *map, uint64_t hash, struct view key)
{
	size_t mask = map->size - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		struct map_entry *entry = &map->entries[i];

		if (entry->value == NULL)
			return entry;
		if (entry->hash == hash && view_is(entry->key, key))
			return entry;
	}
}

static void
grow(struct map *map)
{
	struct map larger = *map;

	larger.size = map->size != 0 ? map->size * 2 : MAP_FIRST;
	must(larger.size > map->size);
	larger.entries = mem_zeroed(larger.size, sizeof(*larger.entries));
	for (size_t i = 0; i < map->size; i++) {
		const struct map_entry *entry = &map->entries[i];

		if (entry->value != NULL)
			*find(&larger, entry->hash, entry->key) = *entry;
	}
	free(map->entries);
	*map = larger;
}

void *
map_get(const struct map *map, struct view key)
{
	if (map->count == 0)
		return NULL;
	return find(map, siphash(map->seed, key.p, key.n), key)->value;
}

void *
map_add(struct map *map, struct view key, void *value)
{
	uint64_t hash = siphash(map->seed, key.p, key.n);
	struct map_entry *entry;

	must(value != NULL);
	if (map->count >= map->size / 4 * 3)
		grow(map);
	entry = find(map, hash, key);
	if (entry->value != NULL)
		return entry->value;
	*entry = (struct map_entry){hash, key, value};
	map->count++;
	return NULL;
}

void *
map_next(const struct map *map, size_t *at, struct view *ret_key)
{
	while (*at < map->size) {
		const struct map_entry *entry = &map->entries[(*at)++];

		if (entry->value == NULL)
			continue;
		if (ret_key != NULL)
			*ret_key = entry->key;
		return entry->value;
	}
	return NULL;
}
