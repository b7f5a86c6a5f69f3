/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_PICTURE_H
#define CTL_PICTURE_H

/* How meters are shown: numbers as a row of bars, one column each. */

#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"

/* The highest of them fills the line; with all of them 0 it is blank. In a locale that is
 * not UTF-8: signs of ASCII that grow darker. */
void picture_add(struct buf *out, const uint64_t *numbers, size_t n);

/* What LINE, of frankd's answer, is about: "sent: recipients per origin within 10m" */
void picture_add_meter(struct buf *out, struct arena *arena, struct view line);

#endif
