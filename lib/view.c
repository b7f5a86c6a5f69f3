/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/view.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* memcmp and memcpy may not be given NULL, not even for no bytes. */
static bool
bytes_are_same(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

static bool
bytes_are_same_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

struct view
view_of(const char *text)
{
	if (text == NULL)
		return VIEW_NONE;
	return (struct view){text, strlen(text)};
}

bool
view_is(struct view a, struct view b)
{
	return a.n == b.n && bytes_are_same(a.p, b.p, a.n);
}

bool
view_is_nocase(struct view a, struct view b)
{
	return a.n == b.n && bytes_are_same_nocase(a.p, b.p, a.n);
}

int
view_compare(struct view a, struct view b)
{
	size_t shared = a.n < b.n ? a.n : b.n;
	int order = shared == 0 ? 0 : memcmp(a.p, b.p, shared);

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool
view_starts(struct view text, struct view head)
{
	return text.n >= head.n && bytes_are_same(text.p, head.p, head.n);
}

bool
view_starts_nocase(struct view text, struct view head)
{
	return text.n >= head.n && bytes_are_same_nocase(text.p, head.p, head.n);
}

bool
view_ends(struct view text, struct view tail)
{
	return text.n >= tail.n && view_is(view_from(text, text.n - tail.n), tail);
}

bool
view_ends_nocase(struct view text, struct view tail)
{
	return text.n >= tail.n && view_is_nocase(view_from(text, text.n - tail.n), tail);
}

bool
view_has_char(struct view text, char c)
{
	return text.n != 0 && memchr(text.p, c, text.n) != NULL;
}

bool
view_has(struct view text, struct view part)
{
	return part.n == 0 ||
	       (text.n != 0 && memmem(text.p, text.n, part.p, part.n) != NULL);
}

struct view
view_from(struct view text, size_t at)
{
	if (text.p == NULL)
		return text;
	if (at > text.n)
		at = text.n;
	return (struct view){text.p + at, text.n - at};
}

struct view
view_head(struct view text, size_t n)
{
	if (n < text.n)
		text.n = n;
	return text;
}

struct view
view_trim(struct view text)
{
	while (text.n > 0 && is_blank(text.p[0])) {
		text.p++;
		text.n--;
	}
	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

bool
view_cut(struct view *rest, char separator, struct view *ret_part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->n == 0 ? NULL : memchr(rest->p, separator, rest->n);
	if (at == NULL) {
		*ret_part = *rest;
		*rest = VIEW_NONE;
		return true;
	}
	*ret_part = view_head(*rest, (size_t)(at - rest->p));
	*rest = view_from(*rest, ret_part->n + 1);
	return true;
}

bool
view_number(struct view text, unsigned long long max, unsigned long long *ret_number)
{
	unsigned long long number = 0;

	if (text.n == 0)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned digit = (unsigned char)text.p[i] - (unsigned)'0';

		if (digit > 9 || digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}
