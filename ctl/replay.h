/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_REPLAY_H
#define CTL_REPLAY_H

/*
 * Recorded decisions made again by another policy. Facts are those that were recorded, but
 * for the meters: they are what the new policy's meters would have read, counted over the
 * recorded times, with what the new policy would have accepted or held. Nothing is guessed:
 * a fact that a record lacks is unknown, and counted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "journal/read.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/map.h"
#include "metering/metering.h"
#include "policy/words.h"

#include "ctl/rerun.h"

enum {
	REPLAY_GROUPS_MAX = 1000,   /* kinds of change that are told apart */
	REPLAY_ORIGINS_MAX = 20000, /* logins in all of them */
	REPLAY_EXAMPLE = 128,
};

/* Changes of one login within a group. */
struct replay_origin {
	struct replay_origin *next; /* most messages first, when sorted */
	const char *name;
	uint64_t messages;
	char example[REPLAY_EXAMPLE]; /* of the last: id, time, recipients */
};

/* From one verdict and label to another. */
struct replay_group {
	const char *before, *after; /* "accept", "hold \"over plan\"" */
	const char *place;          /* of the new rule */
	enum verdict was, is;
	bool is_watch; /* a watch rule of the new policy: nothing would change */
	uint64_t messages;
	struct replay_origin *origins;
	size_t n_origins;
	uint64_t others; /* messages of logins beyond REPLAY_ORIGINS_MAX */
};

/* Where the answers to another policy's rcpt tests belong among ours. */
struct replay_answers {
	uint32_t n;
	int32_t at[POLICY_RCPT_TESTS_MAX]; /* -1: we do not ask that */
};

struct replay {
	const struct policy *policy;
	struct rerun then;  /* for the policies of then; its reader may be NULL */
	struct map answers; /* struct replay_answers by the hash of a policy */
	struct metering_site *site;
	struct metering *metering;
	struct metering_message message;
	struct arena *arena; /* of one record */
	struct arena *kept;  /* of the groups */
	struct map groups, origins;
	size_t n_groups, n_origins;
	int64_t since; /* wall; before it meters only warm up */
	int64_t ticked;
	struct buf *json; /* a line for each change, or NULL */

	uint64_t records, warming, damaged, without_group;
	uint64_t was[VERDICT_REJECT + 1], is[VERDICT_REJECT + 1];
	uint64_t more[VERDICT_REJECT + 1], fewer[VERDICT_REJECT + 1];
	uint64_t signed_more, signed_fewer, relabelled;
	uint64_t cut_rcpts; /* records that have not all recipients, where that matters */
	uint64_t unknown[FACTS];
	uint64_t unknown_meters[FACTS_METERS_MAX];
	int64_t first, last; /* wall */
};

/* POLICY has its keys, and outlives it, and so does READER (NULL: none). Records come from
 * SINCE on; earlier ones warm the meters up. */
void replay_init(struct replay *replay, const struct policy *policy,
    struct journal_reader *reader, int64_t since);
void replay_fini(struct replay *replay);

/* One record, in the order of time. */
void replay_row(struct replay *replay, const struct journal_row *row);

/* The groups, those with most messages first; in the arena 'kept'. */
struct replay_group **replay_sorted(struct replay *replay, size_t *ret_n);

/* What came of it. */
void replay_text(struct replay *replay, const char *name, struct buf *out);
void replay_json(struct replay *replay, struct buf *out);

/* replay_rcpt.c: answers that were given when there were more recipients than are
 * remembered, where a rule of now asks the same. In 'arena'. */
void replay_answers(
    struct replay *replay, const struct journal_row *row, struct facts *facts);

/* replay_group.c: count a change. */
struct replay_change {
	const struct journal_row *row;
	const struct decision *decision;
	const struct decision_watch *watch; /* NULL: the verdict itself */
	struct view origin;
};
void replay_add(struct replay *replay, const struct replay_change *change);

#endif
