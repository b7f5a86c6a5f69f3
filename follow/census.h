/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_CENSUS_H
#define FOLLOW_CENSUS_H

/* Counting what is in Postfix's queue. */

#include "journal/sample.h"
#include "lib/err.h"

/* Ask Postfix (CONFIG: as postfix/program.h has it), and count. *ret_sample is of the time
 * NOW. Takes as long as Postfix does: some seconds for tens of thousands of messages. */
int census_take(
    const char *config, int64_t now, struct journal_sample *ret_sample, struct err *err);

/* The wait until the next one, after one that took MICROS: a minute, and longer when more
 * than a twentieth of the time would go into counting. Microseconds. */
int64_t census_pause(int64_t micros);

#endif
