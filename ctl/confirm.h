/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CONFIRM_H
#define CTL_CONFIRM_H

/* Nothing is changed before somebody said so. */

#include <stdbool.h>

/* YES was said on the command line, or is the answer to QUESTION on the terminal. False,
 * and said: nothing was changed. */
bool confirm(bool yes, const char *question);

#endif
