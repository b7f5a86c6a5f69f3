/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_LOCKED_H
#define AUTH_LOCKED_H

/*
 * A store for secret bytes: not swapped out (where the limit on locked memory allows), not
 * in core dumps, wiped at the end. One thread at a time.
 */

#include "lib/view.h"

struct locked;

struct locked *locked_new(void);
void locked_free(struct locked *locked); /* NULL is fine */

/* A copy of SECRET, which is valid as long as the store. */
struct view locked_add(struct locked *locked, struct view secret);

/* Overwrite one copy; its room is not used again. */
void locked_wipe(struct view copy);

#endif
