/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_VIEW_H
#define LIB_VIEW_H

/*
 * A view is a borrowed piece of text: a pointer and a length, never terminated, never
 * owned. It is valid as long as the storage behind it (an arena, a buffer, a literal).
 * Comparisons that ignore case do so for ASCII only, as SMTP and DNS do.
 */

#include <stdbool.h>
#include <stddef.h>

struct view {
	const char *p;
	size_t n;
};

#define VIEW(literal) ((struct view){(literal), sizeof(literal) - 1})
#define VIEW_NONE     ((struct view){NULL, 0})
/* For printf: "%.*s", VIEW_ARG(v). Text that came from outside still needs escaping. */
#define VIEW_ARG(v) (int)(v).n, (v).p != NULL ? (v).p : ""

struct view view_of(const char *text); /* NULL gives the empty view */

bool view_is(struct view a, struct view b);
bool view_is_nocase(struct view a, struct view b);
int view_compare(struct view a, struct view b); /* bytewise, <0 0 >0 */
bool view_starts(struct view text, struct view head);
bool view_starts_nocase(struct view text, struct view head);
bool view_ends(struct view text, struct view tail);
bool view_ends_nocase(struct view text, struct view tail);
bool view_has_char(struct view text, char c);
bool view_has(struct view text, struct view part); /* an empty part always */

/* The part from byte AT on; empty when AT is behind the end. */
struct view view_from(struct view text, size_t at);
/* The first N bytes; the whole text when it is shorter. */
struct view view_head(struct view text, size_t n);
/* Without blanks, tabs, CR and LF at both ends. */
struct view view_trim(struct view text);

/*
 * Take the part of *rest before the first SEPARATOR into *ret_part and move *rest behind
 * it. Returns false when *rest was exhausted (its p is NULL then); an empty last part is
 * still a part.
 */
bool view_cut(struct view *rest, char separator, struct view *ret_part);

/* Decimal digits only, no sign, at most MAX; false when it is anything else. */
bool view_number(struct view text, unsigned long long max, unsigned long long *ret_number);

#endif
