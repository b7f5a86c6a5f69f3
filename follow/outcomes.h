/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_OUTCOMES_H
#define FOLLOW_OUTCOMES_H

/*
 * From events of Postfix's log to outcomes for the journal. Pure. The words of
 * outcome.what:
 *
 *	arrived     a client brought it: client, user, program
 *	picked-up   from sendmail(1): sender; requeued: other_id is what it was
 *	sent, deferred, bounced, expired, deliverable, undeliverable
 *	            what one delivery came to: rcpt, relay, dsn, delay, text
 *	given-up    its time in the queue is over: sender
 *	held, released, deleted, requeued
 *	            the hold queue: text says who did it where that was a milter or a table
 *	notified    a notification about it was made: other_id is that
 *	rejected    refused or put off before Postfix took it: text
 *	milter      trouble with a milter: text
 */

#include <stdbool.h>

#include "journal/outcome.h"
#include "maillog/maillog.h"

/* False: it is nothing that is kept. RET_OUTCOME borrows from EVENT and PROGRAM. */
bool outcome_of(const struct maillog_event *event, struct view program, int64_t time,
    struct outcome *ret_outcome);

#endif
