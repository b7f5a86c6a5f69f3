/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

/* The length of the character that TEXT starts with, or 0: there is none. */
size_t utf8_take(struct view text, uint32_t *ret_point);

/*
 * May not be shown as it is: it steers a terminal (C0, DEL, C1), reorders the text around
 * it, breaks the line, or cannot be seen.
 */
bool utf8_is_unsafe(uint32_t point);

#endif
