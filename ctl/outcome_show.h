/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_OUTCOME_SHOW_H
#define CTL_OUTCOME_SHOW_H

/* One outcome, the same in each command that shows it. */

#include "journal/outcome.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "replies/replies.h"

/* HEAD and TEXT, which comes from outside and may be cut; nothing when TEXT is empty. */
void outcome_add_text(struct buf *out, const char *head, struct view text);

/* Its members, into the object that is open; of an attempt that failed also what the words
 * mean, unless REPLIES is NULL. */
void outcome_add_json(
    const struct outcome *outcome, const struct replies *replies, struct json *json);

#endif
