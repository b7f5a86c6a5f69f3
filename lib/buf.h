/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_BUF_H
#define LIB_BUF_H

/*
 * A growing buffer with a limit and a sticky error: what would pass the limit is left out
 * whole, and so is all that comes later, 'full' says so, and one check at the end is
 * enough. There is always a NUL behind the content (not counted). Owned by who initialised
 * it; one thread at a time.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

struct buf {
	char *p;
	size_t n, size, limit;
	bool full; /* something did not fit */
};

#define BUF_INIT(max)                                                                      \
	{                                                                                  \
		.p = NULL, .n = 0, .size = 0, .limit = (max), .full = false                \
	}

void buf_init(struct buf *buf, size_t limit);
void buf_fini(struct buf *buf);
void buf_reset(struct buf *buf); /* empty, not full; keeps up to 64 KB of memory */

void buf_add(struct buf *buf, struct view text);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_bytes(struct buf *buf, const void *bytes, size_t n);
void buf_addf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for N more bytes, to be written by the caller and then counted with n += used. NULL:
 * full. */
char *buf_reserve(struct buf *buf, size_t n);

struct view buf_view(const struct buf *buf); /* until the next change */
const char *buf_text(const struct buf *buf); /* "" when empty */

#endif
