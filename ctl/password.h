/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

/* A password is never an argument: others see those. */

#include "lib/buf.h"
#include "lib/err.h"

enum { PASSWORD_MAX = 512 };

/*
 * Into OUT (whose limit is PASSWORD_MAX or more): the first line of FILE, or without one
 * (NULL) what is typed at the terminal behind PROMPT, which does not show it. The caller
 * wipes it. -1: there is none, and ERR says why.
 */
int password_read(const char *file, const char *prompt, struct buf *out, struct err *err);

#endif
