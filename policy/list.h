/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_LIST_H
#define POLICY_LIST_H

/*
 * Arrays that grow inside an arena. What is in them moves when they grow: keep indices, or
 * lists of pointers.
 */

#include <string.h>

#include "lib/arena.h"

#define LIST(type)                                                                         \
	struct {                                                                           \
		type *at;                                                                  \
		size_t n, size;                                                            \
	}

/* A pointer to a new, cleared element at the end. */
#define LIST_ADD(arena, list)                                                              \
	((list)->at = list_grow(                                                           \
	     (arena), (list)->at, (list)->n, &(list)->size, sizeof(*(list)->at)),          \
	    &(list)->at[(list)->n++])

static inline void *
list_grow(struct arena *arena, void *old, size_t n, size_t *size, size_t element)
{
	void *grown;

	if (n < *size)
		return old;
	*size = n == 0 ? 8 : n * 2;
	grown = arena_array(arena, *size, element);
	if (n > 0)
		memcpy(grown, old, n * element);
	return grown;
}

#endif
