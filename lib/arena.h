/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

/*
 * Memory with one lifetime: a policy snapshot or a message. Everything is freed together;
 * nothing is freed alone. With a cap, the arena answers NULL once the cap is reached (the
 * one place where out of memory is an error and not the end); without one it never does.
 * One thread at a time.
 */

#include <stddef.h>

#include "lib/view.h"

struct arena;

struct arena *arena_new(size_t cap);  /* bytes; 0: none */
void arena_free(struct arena *arena); /* NULL is fine */

/* Forget everything, keep one chunk for the next use. */
void arena_reset(struct arena *arena);

/* Cleared, aligned for any type. NULL only when the cap is reached. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of TEXT. On a reached cap: p is NULL. The copy has a NUL behind it. */
struct view arena_view(struct arena *arena, struct view text);
char *arena_text(struct arena *arena, struct view text);

size_t arena_used(const struct arena *arena);

#endif
