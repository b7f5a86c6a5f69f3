/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_RUN_H
#define LIB_RUN_H

/*
 * Running another program: fixed argv, absolute path, no shell, an environment of PATH and
 * LC_ALL=C only, bounded time and output. The only place that does.
 */

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

/*
 * Run ARGV (NULL-terminated; argv[0] absolute) with INPUT on stdin. Stdout goes to OUT and
 * stderr to ERRORS (either may be NULL), each up to its buffer's limit; what is more is
 * read and dropped, and the buffer is 'full'. After MILLISECONDS the program is killed. 0
 * and the exit status (128 + signal when it died of one), or -1.
 */
int run(const char *const *argv, struct view input, struct buf *out, struct buf *errors,
    int milliseconds, int *ret_status, struct err *err);

#endif
