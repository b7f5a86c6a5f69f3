/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_KEY_CHECK_H
#define CTL_KEY_CHECK_H

/* What 'frank key check' is made of: key_check.c (asking), key_check_text.c (showing). */

#include "auth/spread.h"
#include "lib/buf.h"

void key_check_text(const struct spread *finding, struct buf *out);
void key_check_json(const struct spread *finding, struct buf *out);

#endif
