/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/canon.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static void
header_simple(struct view value, struct buf *out)
{
	for (;;) {
		const char *lf = value.n > 0 ? memchr(value.p, '\n', value.n) : NULL;
		size_t n = lf != NULL ? (size_t)(lf - value.p) : value.n;

		buf_add_bytes(out, value.p, n);
		if (lf == NULL)
			return;
		if (n == 0 || value.p[n - 1] != '\r')
			buf_add_char(out, '\r');
		buf_add_char(out, '\n');
		value = view_from(value, n + 1);
	}
}

static bool
is_line_end(struct view value, size_t at)
{
	return value.p[at] == '\n' ||
	       (value.p[at] == '\r' && at + 1 < value.n && value.p[at + 1] == '\n');
}

static void
header_relaxed(struct view value, struct buf *out)
{
	char *into = buf_reserve(out, value.n);
	size_t n = 0;
	bool blank = false;

	if (into == NULL)
		return;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == ' ' || c == '\t') {
			blank = true;
			continue;
		}
		if ((c == '\n' || c == '\r') && is_line_end(value, i))
			continue;
		if (blank && n > 0)
			into[n++] = ' ';
		blank = false;
		into[n++] = c;
	}
	out->n += n;
	into[n] = '\0';
}

void
canon_header(enum sign_canon canon, struct view name, struct view value, struct buf *out)
{
	char *into;

	if (canon == SIGN_SIMPLE) {
		buf_add(out, name);
		buf_add_char(out, ':');
		header_simple(value, out);
		return;
	}
	while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	into = buf_reserve(out, name.n + 1);
	if (into == NULL)
		return;
	for (size_t i = 0; i < name.n; i++)
		into[i] = lower(name.p[i]);
	into[name.n] = ':';
	into[name.n + 1] = '\0';
	out->n += name.n + 1;
	header_relaxed(value, out);
}
