/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_OUTCOME_H
#define JOURNAL_OUTCOME_H

/*
 * What became of a message after Postfix took it, as Postfix's log says, one outcome for
 * each line that says something. They come in batches from the process that follows the
 * log, each with the place in the log behind it: batch and place are written together or
 * not at all, so that after a crash of anybody each outcome is there once.
 *
 * A batch is flat bytes: outcomes one behind the other, each as its time, its delays
 * and then each text as u16 length and bytes. Pure; nothing in it is trusted when it is
 * taken apart.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"

enum {
	OUTCOME_TEXT_MAX = 2048,   /* bytes of one text; what is longer is cut */
	OUTCOME_PLACE_MAX = 1024,  /* of a place */
	OUTCOME_BATCH_MAX = 60000, /* of a batch */
};

/* What is not said is empty or 0. Addresses stand without angle brackets. */
#define OUTCOME_TEXTS(X)                                                                   \
	X(what)     /* "arrived", "picked-up", "sent", "deferred", "held" ...:             \
		       follow/outcomes.h */                                                \
	X(queue_id) /* empty: Postfix never took it */                                     \
	X(other_id) /* of a notification; of a requeued message what it was */             \
	X(rcpt)                                                                            \
	X(orig_rcpt) /* where an alias led from */                                         \
	X(relay)                                                                           \
	X(dsn)                                                                             \
	X(user)   /* login */                                                              \
	X(client) /* "mx.example.org[192.0.2.1]" */                                        \
	X(sender)                                                                          \
	X(program) /* "submission/smtpd" */                                                \
	X(text)    /* the server's words, or Postfix's */

/* The parts of a delay: Postfix's delays=a/b/c/d. */
enum outcome_delay {
	OUTCOME_BEFORE,  /* until it came into the active queue, the last time */
	OUTCOME_ACTIVE,  /* there, until a delivery agent had it */
	OUTCOME_CONNECT, /* looking up, connecting, EHLO, STARTTLS */
	OUTCOME_SEND,    /* until the last answer */
	OUTCOME_DELAYS,
};

struct outcome {
	int64_t time;      /* wall, microseconds */
	uint32_t delay_ms; /* since Postfix took it */
	uint32_t delays_ms[OUTCOME_DELAYS];
#define OUTCOME_MEMBER(name) struct view name;
	OUTCOME_TEXTS(OUTCOME_MEMBER)
#undef OUTCOME_MEMBER
};

/* Append one. 0, or -1: OUT's limit is reached and nothing was added. */
int outcome_add(struct buf *out, const struct outcome *outcome);
/* The first of BATCH, which moves behind it; views point into it. 1; 0: that was all; -1:
 * it is malformed. */
int outcome_take(struct view *batch, struct outcome *ret_outcome);

#endif
