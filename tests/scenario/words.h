/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_WORDS_H
#define TESTS_SCENARIO_WORDS_H

/* The words of one line: separated by blanks, or in double quotes with \n \r \t \\ \" and
 * \xHH. */

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

enum { WORDS_MAX = 64 };

struct words {
	struct view at[WORDS_MAX];
	bool is_quoted[WORDS_MAX];
	unsigned n, next;
};

int words_split(
    struct view line, struct arena *arena, struct words *ret_words, struct err *err);

bool words_take_if(struct words *words, const char *word);
bool words_are_left(const struct words *words);

/* The next word; WHAT names what is missing when there is none. */
int words_take(
    struct words *words, const char *what, struct view *ret_word, struct err *err);
int words_take_number(
    struct words *words, const char *what, unsigned *ret_number, struct err *err);
/* In double quotes. */
int words_take_text(
    struct words *words, const char *what, struct view *ret_text, struct err *err);

/* Nothing may be left. */
int words_end(const struct words *words, struct err *err);

#endif
