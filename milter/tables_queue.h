/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_QUEUE_H
#define MILTER_TABLES_QUEUE_H

/*
 * What the tables process has to ask: the tables that a policy names, which are the only
 * ones it asks, and for each the questions that wait. One run a table at a time: what comes
 * in meanwhile waits and goes together into the next. Knows no clock, no lock and no
 * process; its owner has a lock.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"
#include "milter/tables_ask.h"

enum {
	TABLES_KNOWN_MAX = 1024,
	/* That are waiting: more than the milter process asks at once, since one that has
	 * ended may have left some. */
	TABLES_WAITING_MAX = 2 * TABLES_OPEN_MAX,
};

struct tables_waiting;

struct tables_known {
	char *name;
	uint64_t generation; /* of the last policy that has it */
	struct tables_waiting *first, **end;
	bool is_asked;   /* a run is under way */
	bool is_failing; /* the last run had no answer, and that was said */
};

struct tables_queue {
	struct tables_known **known;
	unsigned n_known, next; /* next: whose turn it is */
	unsigned n_waiting;
	uint64_t generation;
};

/* A run that is to be made. */
struct tables_batch {
	struct tables_known *table;
	size_t n;
	struct tables_item items[TABLES_BATCH_MAX];
	/* Questions that had waited for too long; with them table->name may be asked for
	 * nothing. */
	size_t n_stale;
	uint64_t stale[TABLES_BATCH_MAX];
};

void tables_queue_init(struct tables_queue *queue);
void tables_queue_fini(struct tables_queue *queue);

/* The policy of GENERATION has the table NAME. Those that only earlier ones than the one
 * before it had are forgotten. */
void tables_queue_allow(struct tables_queue *queue, struct view name, uint64_t generation);

/* False: TABLE is none of them, KEY cannot be asked, or too many wait. NOW is monotonic. */
bool tables_queue_add(struct tables_queue *queue, struct view table, struct view key,
    uint64_t id, int64_t now);

/* The next run; false: there is nothing to do. tables_queue_done when it is over. */
bool tables_queue_take(
    struct tables_queue *queue, int64_t now, struct tables_batch *ret_batch);
void tables_queue_done(struct tables_known *table);

#endif
