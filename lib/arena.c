/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/bug.h"

enum {
	CHUNK_FIRST = 4096,
	CHUNK_LAST = 256 * 1024, /* chunks double until here */
	CHUNK_KEPT = 64 * 1024,  /* a larger one does not outlive its message */
	ALIGN_ANY = _Alignof(max_align_t),
};

struct chunk {
	struct chunk *next;
	size_t size, used; /* of bytes */
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *chunks; /* the first one serves small requests */
	size_t cap, used, next_size;
};

struct arena *
arena_new(size_t cap)
{
	struct arena *arena = mem_zeroed(1, sizeof(*arena));

	arena->cap = cap != 0 ? cap : SIZE_MAX;
	arena->next_size = CHUNK_FIRST;
	return arena;
}

static void
free_chunks(struct chunk *chunk)
{
	while (chunk != NULL) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	free_chunks(arena->chunks);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	struct chunk **best = NULL, *kept = NULL;

	for (struct chunk **at = &arena->chunks; *at != NULL; at = &(*at)->next)
		if ((*at)->size <= CHUNK_KEPT &&
		    (best == NULL || (*at)->size > (*best)->size))
			best = at;
	if (best != NULL) {
		kept = *best;
		*best = kept->next;
		kept->next = NULL;
		kept->used = 0;
	}
	free_chunks(arena->chunks);
	arena->chunks = kept;
	arena->next_size = kept != NULL ? kept->size * 2 : CHUNK_FIRST;
	arena->used = 0;
}

/*
 * A chunk with room for SIZE bytes, cleared when it is for a large request: then the system
 * does it, page by page, where it is used. One made for a single large request goes behind
 * the first, so that what is left of the first is not lost.
 */
static struct chunk *
add_chunk(struct arena *arena, size_t size)
{
	bool is_for_one = size > arena->next_size / 2 && arena->chunks != NULL;
	size_t room = is_for_one || size > arena->next_size ? size : arena->next_size;
	struct chunk *chunk;

	must(room <= SIZE_MAX - sizeof(*chunk));
	chunk = size > CHUNK_LAST ? mem_zeroed(1, sizeof(*chunk) + room)
				  : mem_resize(NULL, 1, sizeof(*chunk) + room);
	chunk->size = room;
	chunk->used = 0;
	if (is_for_one) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
		return chunk;
	}
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	if (arena->next_size < CHUNK_LAST)
		arena->next_size *= 2;
	return chunk;
}

static void *
take(struct arena *arena, size_t size, size_t align)
{
	struct chunk *chunk = arena->chunks;
	size_t at = 0;

	if (size > arena->cap - arena->used)
		return NULL;
	if (chunk != NULL)
		at = (chunk->used + align - 1) & ~(align - 1);
	if (chunk == NULL || at > chunk->size || size > chunk->size - at) {
		chunk = add_chunk(arena, size);
		at = 0;
	}
	chunk->used = at + size;
	arena->used += size;
	return chunk->bytes + at;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *memory = take(arena, size != 0 ? size : 1, ALIGN_ANY);

	/* A chunk of its own, and cleared. */
	if (size > CHUNK_LAST)
		return memory;
	return memory != NULL ? memset(memory, 0, size) : NULL;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(count, size, &all)) {
		must(arena->cap != SIZE_MAX);
		return NULL;
	}
	return arena_alloc(arena, all);
}

char *
arena_text(struct arena *arena, struct view text)
{
	char *copy;

	must(text.n < SIZE_MAX);
	copy = take(arena, text.n + 1, 1);
	if (copy == NULL)
		return NULL;
	if (text.n != 0)
		memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return copy;
}

struct view
arena_view(struct arena *arena, struct view text)
{
	char *copy = arena_text(arena, text);

	return copy != NULL ? (struct view){copy, text.n} : VIEW_NONE;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}
