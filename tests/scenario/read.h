/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_READ_H
#define TESTS_SCENARIO_READ_H

/* Between read.c (lines and statements) and read_message.c (a message, and what is
 * expected). */

#include "tests/scenario/scenario.h"
#include "tests/scenario/words.h"

/* The rest of a "message" line. */
int read_message(struct arena *arena, struct words *words, struct sending **ret_message,
    struct err *err);

/* An indented line below STEP, LINE its number. */
int read_below(
    struct arena *arena, struct words *words, struct step *step, int line, struct err *err);

#endif
