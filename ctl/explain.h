/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include <stdint.h>

#include "ctl/ctl.h"

/* What 'frank explain ID' prints; TIME, wall, microseconds: only of the decision made then;
 * 0: of each. An exit code. */
int explain_message(struct ctl *ctl, const char *id, int64_t time);

#endif
