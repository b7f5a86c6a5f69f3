/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

/*
 * How a decision is shown: one line of 'log', the members of a JSON object. Names in JSON
 * are those of the Elastic Common Schema where it has one.
 */

#include <stdbool.h>

#include "journal/read.h"
#include "lib/buf.h"
#include "lib/json.h"

/* "2026-03-02 09:03:00Z  hold    4cXyZ71kq  alice  ..." and a line end. */
void show_line(const struct journal_row *row, bool colour, struct buf *out);

/* Into the object that is open in JSON. */
void show_json(const struct journal_row *row, struct json *json);

/*
 * Text that the policy made out of facts, and escaped while it did: its backslashes stay as
 * they are. What a terminal would act upon does not pass here either.
 */
void show_made(struct buf *out, struct view text);
/* Of a longer text than ESCAPE_MAX the first MAX bytes. */
void show_made_up_to(struct buf *out, struct view text, size_t max);

/* "sign s2026,e2026" or "unsigned: why", as 'log' and 'explain' say it; empty for inbound
 * mail. */
void show_signed(const struct journal_row *row, struct buf *out);

#endif
