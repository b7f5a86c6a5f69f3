/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_AFTER_H
#define CTL_AFTER_H

/*
 * What became of a message after it was decided: what Postfix's log says of it, attempt by
 * attempt, and what admins did to it. A message that was requeued goes on under its new id.
 */

#include "journal/read.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "replies/replies.h"

enum { AFTER_EVENTS_MAX = 20000 }; /* of one message; what is more is counted */

/* An outcome, or with 'who' an action: its what and text. */
struct after_event {
	struct outcome outcome;
	struct view who;
	size_t number; /* in the order in which they were written */
};

struct after {
	struct journal_reader *reader; /* of its own */
	struct arena *arena;
	struct after_event *events; /* by time */
	size_t n, n_left_out;
};

int after_init(struct after *after, const char *state_dir, struct err *err);
void after_fini(struct after *after); /* also of one that is zero */

/*
 * Everything about the message QUEUE_ID that was decided at time DECIDED, in place of what
 * was read before. Postfix uses short queue ids again: what the log says after the next
 * decision about that id, or of a message that came later, is about another one.
 */
int after_read(struct after *after, struct view queue_id, int64_t decided, struct err *err);
/* Of one that was not decided: all that there is from SINCE (0: open) on. */
int after_read_since(
    struct after *after, struct view queue_id, int64_t since, struct err *err);

/* Lines for people; nothing when there are no events. REPLIES (NULL: none) say what the
 * words of servers mean. */
void after_text(const struct after *after, const struct replies *replies, struct buf *out);
/* An array "frank.after" in the object that is open. */
void after_json(
    const struct after *after, const struct replies *replies, struct json *json);

#endif
