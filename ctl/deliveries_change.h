/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DELIVERIES_CHANGE_H
#define CTL_DELIVERIES_CHANGE_H

/*
 * What has changed: where a receiver began to refuse mail or to put it off. That is a
 * domain with a code and what that means (an entry of replies.conf), and both together
 *
 *	kept CHANGE_LEAST messages or more from being delivered in the time that is
 *	looked at,
 *	kept none from it in the days before, at least one of which the journal knows,
 *	while something was sent to that domain in these days, and
 *	is not about one recipient or one message.
 *
 * It is over when something was sent there since, and it did not happen again for
 * CHANGE_QUIET.
 */

#include <stdint.h>

#include "journal/outcome.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/map.h"
#include "replies/replies.h"

enum {
	CHANGE_LEAST = 3,
	CHANGE_QUIET = 1800, /* seconds */
	CHANGE_DAYS = 7,     /* before */
	CHANGES_MAX = 20000, /* domains with a code; what is more is left out */
	CHANGE_MESSAGES_MAX = 500000,
};

/* What is asked of the journal about the days before. */
#define CHANGE_WORDS " sent deferred bounced expired "

struct change_place;

struct change {
	struct change_place *place;
	const struct replies_entry *cause; /* NULL: none is known */
	struct view code;
	struct view said; /* the first time */
	uint64_t messages, put_off, refused;
	uint64_t before;     /* not 0: it happened in the days before */
	int64_t first, last; /* wall, microseconds */
	int64_t resumed;     /* what was sent after the last one; 0: nothing */
	struct change *next; /* at the same place */
};

/* A domain of recipients. */
struct change_place {
	struct view domain; /* lower-case */
	uint64_t sent_before;
	struct change *first;
};

struct changes {
	struct arena *arena;
	const struct replies *replies;
	struct map_seed seed;
	struct map places; /* by domain */
	struct map messages;
	size_t n, n_messages, n_left_out;
	struct change **list; /* those that are one, once it is known */
	size_t n_list;
	int64_t days; /* before, that the journal knows: whole ones */
};

void changes_init(struct changes *changes, const struct replies *replies);
void changes_fini(struct changes *changes);

/* A delivery of the time that is looked at, at DOMAIN (lower-case), with CAUSE. */
void changes_sent(
    struct changes *changes, const struct outcome *outcome, struct view domain);
void changes_failed(struct changes *changes, const struct outcome *outcome,
    struct view domain, const struct replies_entry *cause);

/* Then: those that are too few are forgotten; how many places are left. */
size_t changes_narrow(struct changes *changes);
/* For journal_past_outcomes() of the days before; CONTEXT is the changes. */
int changes_before(void *context, const struct outcome *outcome);
/* Of what began since SINCE, those that are a change, the largest first, in changes->list.
 * BEGIN: since when the journal knows of deliveries. */
void changes_end(struct changes *changes, int64_t begin, int64_t since);

/* At most N of them. NOW: wall. */
void changes_text(const struct changes *changes, size_t n, int64_t now, struct buf *out);
/* What is not known; nothing when there is nothing to be said. */
void changes_text_limits(const struct changes *changes, struct buf *out);
void changes_json(const struct changes *changes, size_t n, int64_t now, struct buf *out);

#endif
