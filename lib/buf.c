/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"

enum {
	BUF_FIRST = 128,
	BUF_KEPT = 64 * 1024, /* a reset buffer keeps no more memory than this */
};

void
buf_init(struct buf *buf, size_t limit)
{
	*buf = (struct buf)BUF_INIT(limit);
}

void
buf_fini(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf)BUF_INIT(buf->limit);
}

void
buf_reset(struct buf *buf)
{
	if (buf->size > BUF_KEPT) {
		buf_fini(buf);
		return;
	}
	buf->n = 0;
	buf->full = false;
	if (buf->p != NULL)
		buf->p[0] = '\0';
}

char *
buf_reserve(struct buf *buf, size_t n)
{
	size_t need, size;

	if (buf->full || n > buf->limit - buf->n) {
		buf->full = true;
		return NULL;
	}
	must(buf->limit < SIZE_MAX);
	need = buf->n + n + 1;
	if (need <= buf->size)
		return buf->p + buf->n;
	size = buf->size > SIZE_MAX / 2 ? SIZE_MAX : buf->size * 2;
	if (size < BUF_FIRST)
		size = BUF_FIRST;
	if (size > buf->limit + 1)
		size = buf->limit + 1;
	if (size < need)
		size = need;
	buf->p = mem_resize(buf->p, size, 1);
	buf->size = size;
	buf->p[buf->n] = '\0';
	return buf->p + buf->n;
}

void
buf_add_bytes(struct buf *buf, const void *bytes, size_t n)
{
	char *room = buf_reserve(buf, n);

	if (room == NULL)
		return;
	if (n != 0)
		memcpy(room, bytes, n);
	room[n] = '\0';
	buf->n += n;
}

void
buf_add(struct buf *buf, struct view text)
{
	buf_add_bytes(buf, text.p, text.n);
}

void
buf_add_text(struct buf *buf, const char *text)
{
	buf_add_bytes(buf, text, strlen(text));
}

void
buf_add_char(struct buf *buf, char c)
{
	buf_add_bytes(buf, &c, 1);
}

void
buf_addv(struct buf *buf, const char *format, va_list args)
{
	size_t room = buf->size - buf->n;
	va_list again;
	int length;

	if (buf->full)
		return;
	va_copy(again, args);
	length = vsnprintf(buf->p != NULL ? buf->p + buf->n : NULL, room, format, args);
	must(length >= 0);
	if ((size_t)length >= room || (size_t)length > buf->limit - buf->n) {
		char *larger = buf_reserve(buf, (size_t)length);

		if (larger != NULL)
			(void)vsnprintf(larger, (size_t)length + 1, format, again);
	}
	if (!buf->full)
		buf->n += (size_t)length;
	else if (buf->p != NULL)
		buf->p[buf->n] = '\0';
	va_end(again);
}

void
buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_addv(buf, format, args);
	va_end(args);
}

struct view
buf_view(const struct buf *buf)
{
	return (struct view){buf->p != NULL ? buf->p : "", buf->n};
}

const char *
buf_text(const struct buf *buf)
{
	if (buf->p == NULL)
		return "";
	/* What was written into reserved room has no NUL behind it yet. */
	buf->p[buf->n] = '\0';
	return buf->p;
}
