/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CHECK_TABLES_H
#define CTL_CHECK_TABLES_H

/* Maps through postmap, as far as they can be looked at without asking anybody. */

#include "lib/buf.h"
#include "policy/policy.h"

/* Append a warning for each one whose file is not there, or is named so that it depends on
 * a directory. How many those are. */
unsigned check_tables(const struct policy *policy, struct buf *out);

#endif
