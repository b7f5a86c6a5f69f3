/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/escape.h"
#include "lib/utf8.h"

static void
add_hex(struct buf *out, struct view bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char byte = (unsigned char)bytes.p[i];
		char text[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

		buf_add_bytes(out, text, sizeof(text));
	}
}

static bool
is_plain(char c, char quote)
{
	return c >= 0x20 && c < 0x7f && c != '\\' && (c != quote || quote == '\0');
}

/* Add what stands at the start of TEXT and return how much of it that was; 0: it is longer
 * than ROOM. */
static size_t
add_piece(struct buf *out, struct view text, size_t room, char quote)
{
	uint32_t point;
	size_t n = 0;

	while (n < text.n && n < room && is_plain(text.p[n], quote))
		n++;
	if (n != 0) {
		buf_add(out, view_head(text, n));
		return n;
	}
	n = utf8_take(text, &point);
	if (n > room || room == 0)
		return 0;
	if (n == 0)
		add_hex(out, view_head(text, n = 1));
	else if (utf8_is_unsafe(point))
		add_hex(out, view_head(text, n));
	else if (n == 1)
		buf_add_bytes(out, (char[]){'\\', text.p[0]}, 2);
	else
		buf_add(out, view_head(text, n));
	return n;
}

static void
add_escaped(struct buf *out, struct view text, size_t max, char quote)
{
	while (text.n != 0) {
		size_t n = add_piece(out, text, max, quote);

		if (n == 0) {
			buf_add(out, VIEW("..."));
			return;
		}
		text = view_from(text, n);
		max -= n;
	}
}

static bool
needs_quotes(struct view text)
{
	if (text.n == 0)
		return true;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\0' && strchr(" \"=,", text.p[i]) != NULL)
			return true;
	return false;
}

void
escape_add(struct buf *out, struct view text, size_t max)
{
	add_escaped(out, text, max, '\0');
}

void
escape_add_value(struct buf *out, struct view text, size_t max)
{
	if (!needs_quotes(text)) {
		add_escaped(out, text, max, '\0');
		return;
	}
	buf_add_char(out, '"');
	add_escaped(out, text, max, '"');
	buf_add_char(out, '"');
}
