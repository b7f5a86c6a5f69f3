/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_SPOOL_H
#define LIB_SPOOL_H

/*
 * What somebody did while frankd was down, kept until it starts: a file each in the state
 * directory, which only frankd's own user and root may write. It appears under its name
 * when it is whole.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"

enum { SPOOL_TEXT_MAX = 16 << 10 };

struct spool_action {
	int64_t time;                /* wall, microseconds */
	struct view what, who, text; /* no NUL in them */
};

/* For root. */
int spool_add(const char *dir, const struct spool_action *action, struct err *err);

/*
 * Tell EACH of every action, oldest first, and remove it; text lives until it returns. What
 * cannot be read is left out, and stays. How many were told; -1: DIR cannot be read.
 */
int spool_take(const char *dir,
    void (*each)(void *context, const struct spool_action *action), void *context,
    struct err *err);

#endif
