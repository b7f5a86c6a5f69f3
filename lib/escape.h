/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_ESCAPE_H
#define LIB_ESCAPE_H

/*
 * The one function through which text from outside reaches a terminal or a log: C0, DEL,
 * C1, bidirectional controls, line and paragraph separators, zero-width characters and
 * bytes that are not UTF-8 become \xNN (the bytes) and a backslash becomes \\, so that one
 * event stays one line and nothing in a message can speak to a terminal. All else is left
 * alone.
 */

#include <stddef.h>

#include "lib/buf.h"
#include "lib/view.h"

enum { ESCAPE_MAX = 256 }; /* bytes of input shown by default; more ends in "..." */

void escape_add(struct buf *out, struct view text, size_t max);

/* As a log value: in double quotes (inner ones as \") when empty or when it holds a blank,
 * '"', '=' or ','. */
void escape_add_value(struct buf *out, struct view text, size_t max);

#endif
