/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_JSON_LINE_H
#define LIB_JSON_LINE_H

/*
 * Members of JSON objects that stand one a line and come from a program that we know:
 * frankd's own answers, and what postqueue(1) prints. No name of a member is another one's
 * ending there, so looking for a member is enough.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/view.h"

/* The next line that is not empty. */
bool json_line_next(struct view *rest, struct view *ret_line);

/* A member of LINE: a string, without its escapes, in ARENA where it had some (VIEW("")
 * when there is none); a number, 0 when there is none; a member with the value true. */
struct view json_line_string(struct arena *arena, struct view line, const char *name);
uint64_t json_line_number(struct view line, const char *name);
bool json_line_is(struct view line, const char *name);
/* Is there a member with a number, and not null? */
bool json_line_has_number(struct view line, const char *name);
/* The first member NAME in *REST, which moves behind it; false: there is none, or it is no
 * string. */
bool json_line_next_string(
    struct arena *arena, struct view *rest, const char *name, struct view *ret_text);
/* An array of numbers, at most N of them; returns how many there were. */
size_t json_line_numbers(struct view line, const char *name, uint64_t *into, size_t n);
/* The same of strings. */
size_t json_line_strings(
    struct arena *arena, struct view line, const char *name, struct view *into, size_t n);

#endif
