/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_UNDECIDED_H
#define CTL_UNDECIDED_H

/*
 * Whom frank log --to looks for, in Postfix's log alone: messages that there is no decision
 * about, because they never passed frankd (.forward, aliases, bounces) or came from
 * outside.
 */

#include <stdint.h>

#include "journal/read.h"
#include "lib/buf.h"

/*
 * Add to OUT a line about those to TO (address, domain or @domain) that Postfix tried to
 * deliver since SINCE and until UNTIL (wall; 0: open), or nothing when there are none.
 * How many there are, or -1.
 */
int64_t undecided_report(struct journal_reader *reader, struct view to, int64_t since,
    int64_t until, struct buf *out, struct err *err);

#endif
