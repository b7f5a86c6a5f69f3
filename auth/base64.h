/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_BASE64_H
#define AUTH_BASE64_H

/* Base64 (RFC 4648 4) in one line. Pure, any thread. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

/* Bytes that INTO must hold for N bytes, with a NUL. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

struct view base64(const uint8_t *bytes, size_t n, char *into);

/*
 * Back, for text from outside: blanks and line ends between the digits are passed over (RFC
 * 6376 2.10), nothing else is. INTO holds TEXT.n / 4 * 3 + 3 bytes. False: a character that
 * is none of it, padding in the middle, or digits that do not come to whole bytes.
 */
bool base64_read(struct view text, uint8_t *into, size_t *ret_n);

#endif
