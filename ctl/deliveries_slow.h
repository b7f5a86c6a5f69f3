/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DELIVERIES_SLOW_H
#define CTL_DELIVERIES_SLOW_H

/*
 * What has changed, too: where mail is taken, but takes much longer than before. A domain
 * is slow in a stretch of the time that is looked at in which
 *
 *	SLOW_LEAST messages or more were sent there,
 *	those that took SLOW_MS and SLOW_TIMES the median of the days before, or longer, are
 *	more than the others, by SLOW_MORE or more,
 *
 * while in the days before SLOW_LEAST messages or more were sent there, and at most one in
 * SLOW_RARE took so long. Of all stretches it is the one where that is by the most. The
 * median of it is then at least so long, too, and some slow ones (greylisting) are none.
 *
 * A delay counts from a message's arrival: messages that were held, released from hold or
 * requeued are left out. Recipients of one message that come one after another count once.
 *
 * Memory: three histograms for each domain to which SLOW_MORE deliveries or more took
 * SLOW_MS, and a number for each message that was held.
 */

#include <stdbool.h>
#include <stdint.h>

#include "journal/outcome.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/map.h"

#include "ctl/delays.h"

enum {
	SLOW_LEAST = 20,
	SLOW_MORE = 10,
	SLOW_TIMES = 5,
	SLOW_MS = 60000,
	SLOW_RARE = 10,
	SLOW_PLACES_MAX = 20000, /* domains; what is more is left out */
	SLOW_HELD_MAX = 500000,  /* messages; with more of them nobody knows */
};

/* What is asked of the journal: of messages that wait on this side; and that, and what was
 * sent. */
#define SLOW_HELD_WORDS " held released requeued picked-up "
#define SLOW_WORDS      SLOW_HELD_WORDS "sent "

struct slow_stretch {
	int64_t first, last; /* the first and the last slow one: wall, microseconds */
	int64_t more;        /* slow ones than others */
	struct delays delays;
};

struct slow_place {
	struct view domain; /* lower-case */
	uint64_t last;      /* of the queue id that came last */
	struct delays before;
	uint32_t slow_ms; /* what takes so long is slow; 0: nothing is */
	struct slow_stretch stretch, most;
	int64_t resumed; /* the first that was not slow after the most; 0: none */
	int64_t quick;   /* more of those than slow ones since */
};

struct slow {
	struct arena *arena;
	struct map_seed seed;
	struct map places; /* by domain */
	struct map held;   /* by queue id */
	size_t n_places_left_out, n_held_left_out;
	struct slow_place **list; /* those that are slow, once it is known */
	size_t n_list;
};

void slow_init(struct slow *slow);
void slow_fini(struct slow *slow);

/* DOMAIN (lower-case; it is copied) had these DELAYS. */
void slow_choose(struct slow *slow, struct view domain, const struct delays *delays);
/* Then, in the order in which they came: whether OUTCOME is a delivery, or of those words.
 */
bool slow_is_delivery(const struct outcome *outcome);
/* Deliveries of the days before; then those since then, if any domain may be slow. Of both,
 * messages that wait on this side. Each for journal_past_outcomes(); CONTEXT is the slow.
 */
int slow_before(void *context, const struct outcome *outcome);
bool slow_know_before(struct slow *slow);
int slow_since(void *context, const struct outcome *outcome);
int slow_held(void *context, const struct outcome *outcome);
/* Those that are slow, the most messages first, in slow->list. */
void slow_end(struct slow *slow);

/* At most N of them. */
void slow_text(const struct slow *slow, size_t n, struct buf *out);
/* What is not known; nothing when there is nothing to be said. */
void slow_text_limits(const struct slow *slow, struct buf *out);
void slow_json(const struct slow *slow, size_t n, struct buf *out);

#endif
