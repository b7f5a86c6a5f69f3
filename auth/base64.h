/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_BASE64_H
#define AUTH_BASE64_H

/* Base64 (RFC 4648 4) in one line. Pure, any thread. */

#include <stdint.h>

#include "lib/view.h"

/* Bytes that INTO must hold for N bytes, with a NUL. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

struct view base64(const uint8_t *bytes, size_t n, char *into);

#endif
