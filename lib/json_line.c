/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/json_line.h"

bool
json_line_next(struct view *rest, struct view *ret_line)
{
	while (rest->n > 0 && view_cut(rest, '\n', ret_line))
		if (ret_line->n > 0)
			return true;
	return false;
}

/* What stands behind "NAME": in LINE; p NULL: there is no such member. In a string every
 * quote is escaped, so that what looks like a member is one. */
static struct view
behind(struct view line, const char *name)
{
	char head[64];
	int n = snprintf(head, sizeof(head), "\"%s\":", name);
	const char *at = memmem(line.p, line.n, head, (size_t)n);

	if (at == NULL)
		return VIEW_NONE;
	line = view_from(line, (size_t)(at - line.p) + (size_t)n);
	return line.n > 0 && line.p[0] == ' ' ? view_from(line, 1) : line;
}

/* Four digits; false: they are none. */
static bool
take_hex(const char *digits, unsigned *ret_code)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	unsigned code = 0;

	for (int i = 0; i < 4; i++) {
		const char *found = memchr(hex, digits[i], sizeof(hex) - 1);

		if (found == NULL)
			return false;
		size_t value = (size_t)(found - hex);
		code = code * 16 + (unsigned)(value < 16 ? value : value - 6);
	}
	*ret_code = code;
	return true;
}

/* JSON's escapes in TEXT, of which frankd writes these: \" \\ \/ \b \f \n \r \t \u00XX. */
static struct view
unescape(struct arena *arena, struct view text)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	char *into = arena_alloc(arena, text.n + 1);
	size_t used = 0;

	for (size_t i = 0; i < text.n; i++) {
		const char *found;
		unsigned code;

		if (text.p[i] != '\\' || i + 1 == text.n) {
			into[used++] = text.p[i];
			continue;
		}
		i++;
		found = strchr(names, text.p[i]);
		if (text.p[i] == 'u' && i + 4 < text.n && take_hex(text.p + i + 1, &code)) {
			into[used++] = code < 0x80 ? (char)code : '?';
			i += 4;
		} else {
			into[used++] = found != NULL ? values[found - names] : text.p[i];
		}
	}
	return (struct view){into, used};
}

/* The string at the beginning of *REST, which moves behind it. */
static struct view
take_string(struct arena *arena, struct view *rest)
{
	bool has_escape = false;
	size_t end = 0;

	if (rest->n == 0 || rest->p[0] != '"')
		return VIEW("");
	*rest = view_from(*rest, 1);
	for (; end < rest->n && rest->p[end] != '"'; end++)
		if (rest->p[end] == '\\') {
			has_escape = true;
			end++;
		}
	struct view text = view_head(*rest, end);
	*rest = view_from(*rest, end + 1);
	return has_escape ? unescape(arena, text) : text;
}

struct view
json_line_string(struct arena *arena, struct view line, const char *name)
{
	struct view rest = behind(line, name);

	return take_string(arena, &rest);
}

bool
json_line_next_string(
    struct arena *arena, struct view *rest, const char *name, struct view *ret_text)
{
	*rest = behind(*rest, name);
	if (rest->n == 0 || rest->p[0] != '"')
		return false;
	*ret_text = take_string(arena, rest);
	return true;
}

size_t
json_line_strings(
    struct arena *arena, struct view line, const char *name, struct view *into, size_t n)
{
	struct view rest = behind(line, name);
	size_t n_read = 0;

	while (rest.n > 1 && rest.p[0] != ']' && rest.p[1] == '"') {
		rest = view_from(rest, 1); /* '[' or ',' */
		struct view text = take_string(arena, &rest);
		if (n_read < n)
			into[n_read] = text;
		n_read++;
	}
	return n_read;
}

/* The digits at the beginning of *REST, which moves behind them. */
static uint64_t
take_number(struct view *rest)
{
	uint64_t number = 0;

	for (; rest->n > 0 && rest->p[0] >= '0' && rest->p[0] <= '9';
	     *rest = view_from(*rest, 1))
		number = number * 10 + (uint64_t)(rest->p[0] - '0');
	return number;
}

uint64_t
json_line_number(struct view line, const char *name)
{
	struct view rest = behind(line, name);

	return take_number(&rest);
}

bool
json_line_has_number(struct view line, const char *name)
{
	struct view rest = behind(line, name);

	return rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9';
}

bool
json_line_is(struct view line, const char *name)
{
	return view_starts(behind(line, name), VIEW("true"));
}

size_t
json_line_numbers(struct view line, const char *name, uint64_t *into, size_t n)
{
	struct view rest = behind(line, name);
	size_t n_read = 0;

	while (rest.n > 1 && rest.p[0] != ']') {
		rest = view_from(rest, 1); /* '[' or ',' */
		if (rest.p[0] == ']')
			break;
		uint64_t number = take_number(&rest);
		if (n_read < n)
			into[n_read] = number;
		n_read++;
	}
	return n_read;
}
