/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_REQUEST_H
#define POSTFIX_REQUEST_H

/*
 * What frank(1) asks of frank-holdd(8), as a request of lib/control.h:
 *
 *	release | bounce | delete | sweep    IDS     [REASON]
 *
 * IDS are 1 to POSTFIX_BATCH queue ids with one blank between. The answer is postsuper's
 * line for each of those that it was done to (postfix_words_read).
 */

#include <stddef.h>

#include "lib/buf.h"
#include "lib/control.h"
#include "lib/err.h"
#include "lib/view.h"

#include "postfix/change.h"

enum { POSTFIX_REASON_MAX = 512 };

struct postfix_request {
	enum postfix_verb verb;
	struct view ids[POSTFIX_BATCH]; /* into the words */
	size_t n;
	struct view reason; /* what somebody typed; empty: none */
};

/* What is in WORDS is not trusted. 0; -1: it is no such request, or asks for something
 * else.
 */
int postfix_request_read(const char *const *words, size_t n_words,
    struct postfix_request *ret_request, struct err *err);

/* IDS as the request's second word. */
void postfix_request_ids(const struct view *ids, size_t n, struct buf *out);

#endif
