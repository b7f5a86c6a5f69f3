/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_PLACE_H
#define JOURNAL_PLACE_H

/* How far Postfix's log has been read. It stands in the day's file that the last outcomes
 * went to. */

#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

/*
 * The latest in DIR's newest files; nothing when there is none: then following begins anew.
 * 0; -1: a file cannot be read, and it may have had a later one.
 */
int place_read(
    const char *dir, struct buf *ret_place, uint64_t *ret_number, struct err *err);

#endif
