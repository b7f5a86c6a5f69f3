/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_WATCHED_H
#define CTL_WATCHED_H

/* What watch rules would have done, of decisions that are listed: frank log --watch. */

#include "journal/read.h"
#include "lib/buf.h"

enum { WATCHED_RULES_MAX = 1000 };

struct watched;

struct watched *watched_new(void);
void watched_free(struct watched *watched); /* NULL is fine */

/* Count the watch rules of ROW, and add a line for each to OUT. */
void watched_add(struct watched *watched, const struct journal_row *row, struct buf *out);

/* A line a rule: how many messages, of how many logins, and what became of them. */
void watched_report(struct watched *watched, struct buf *out);

#endif
