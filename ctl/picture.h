/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_PICTURE_H
#define CTL_PICTURE_H

/* Numbers as a row of bars, one column each. */

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

/* The highest of them fills the line; with all of them 0 it is blank. In a locale that is
 * not UTF-8: signs of ASCII that grow darker. */
void picture_add(struct buf *out, const uint64_t *numbers, size_t n);

#endif
