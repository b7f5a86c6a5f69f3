/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_REPLY_H
#define CTL_REPLY_H

/*
 * What the running frankd answers, where that is JSON lines that frank(1) shows in its own
 * way. They are frankd's own, one object a line, and no name of a member is another one's
 * ending; so looking for a member is enough. So it is for what postqueue(1) prints.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

#include "ctl/ctl.h"

/* All of the answer to WORDS, in ARENA. 0; else an exit code, and what is wrong was said.
 */
int reply_ask(struct ctl *ctl, const char *const *words, size_t n, struct arena *arena,
    struct view *ret_text);

/* The next line that is not empty. */
bool reply_next(struct view *rest, struct view *ret_line);

/* A member of LINE: a string, without its escapes, in ARENA where it had some (VIEW("")
 * when there is none); a number, 0 when there is none; a member with the value true. */
struct view reply_string(struct arena *arena, struct view line, const char *name);
uint64_t reply_number(struct view line, const char *name);
bool reply_is(struct view line, const char *name);
/* Is there a member with a number, and not null? */
bool reply_has_number(struct view line, const char *name);
/* The first member NAME in *REST, which moves behind it; false: there is none, or it is no
 * string. */
bool reply_next_string(
    struct arena *arena, struct view *rest, const char *name, struct view *ret_text);
/* An array of numbers, at most N of them; returns how many there were. */
size_t reply_numbers(struct view line, const char *name, uint64_t *into, size_t n);
/* The same of strings. */
size_t reply_strings(
    struct arena *arena, struct view line, const char *name, struct view *into, size_t n);

#endif
