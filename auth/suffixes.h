/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SUFFIXES_H
#define AUTH_SUFFIXES_H

/*
 * Which public suffix list auth/align.h goes by: that built into libpsl, or the file of the
 * distribution where it is newer. The list belongs to the process: it is chosen once,
 * before there are threads and before a sandbox, and children of fork(2) have it too. Who
 * never chooses has the one that is built in.
 */

#include <stdbool.h>
#include <stdint.h>

enum { SUFFIXES_OLD = 365 * 86400 }; /* seconds */

void suffixes_choose(void);

/* When the list in use was made: wall, seconds; 0: it does not say. */
int64_t suffixes_time(void);
/* It says so, and NOW (wall, seconds) is more than a year later. */
bool suffixes_are_old(int64_t now);
/* The file that it came from; "" when it is built in. */
const char *suffixes_file(void);

#endif
