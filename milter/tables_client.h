/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_CLIENT_H
#define MILTER_TABLES_CLIENT_H

/*
 * The milter process's end of the tables process, and its cache. A question is put when it
 * is first known (tables_client_start) and its answer waited for at the end of the message,
 * at most until a deadline. The same question is asked once, however many messages wait for
 * it. An entry that was found is kept for TABLES_TTL_FOUND, one that is not there for
 * TABLES_TTL_NONE, trouble for TABLES_TTL_FAILED: so long a change in a table may take to
 * be seen. An answer that has run out is not used, whatever the table does.
 *
 * A tables process that is gone, stopped or slow makes answers unknown and nothing else:
 * nobody waits beyond the deadline; what one has waited for in vain nobody waits for again
 * until it is answered; and for a process that has been gone for HELPER_AWAY_MS nobody
 * waits. One that leaves a ping unanswered for TABLES_HUNG_MS is reported as hung until it
 * is replaced or answers after all; its successor is asked what was open.
 *
 * Whoever sends much may ask much, but leaves something for the others: no origin has more
 * questions open than there is room for still, nor more threads that wait.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/map.h"
#include "lib/view.h"
#include "milter/tables_wire.h"
#include "policy/facts.h"

enum {
	TABLES_TTL_FOUND = 60, /* seconds */
	TABLES_TTL_NONE = 30,
	TABLES_TTL_FAILED = 5,
	TABLES_LOST_MAX = 2,   /* processes that a question is put to: then it is trouble */
	TABLES_HUNG_MS = 3000, /* that a ping may stay unanswered while something is open */
	TABLES_GIVEN_UP_MS = 20000, /* a question that nobody answers may be put again */
	TABLES_CACHE_MAX = 20000,   /* answers; the one used longest ago leaves */
	TABLES_WAITERS_MAX = 200,   /* threads that may wait at once: more go on without */
};

struct tables_client;

/* Views are borrowed for the call. */
struct tables_question {
	struct view table; /* "type:name" */
	struct view key;
	uint64_t
	    origin; /* whose message it is about: the same for the same login or client */
};

struct tables_reply {
	enum fact_answer answer;
	size_t n;
	char values[TABLES_VALUES_MAX]; /* n bytes, of ANSWER_FOUND */
};

struct tables_calls {
	void *context;
	void (*hung)(void *context);
	/* Monotonic, microseconds. NULL: clock_mono(). */
	int64_t (*now)(void *context);
};

/* CALLS are made without locks held, from the thread that reads answers. */
struct tables_client *tables_client_new(
    const struct tables_calls *calls, struct map_seed seed);
/* When nobody uses it any more. */
void tables_client_free(struct tables_client *client);

/* The socket of a (new) tables process, owned from now on. */
int tables_client_attach(struct tables_client *client, int fd, struct err *err);

/* Ask, unless the answer is there or on its way. Never waits. */
void tables_client_start(
    struct tables_client *client, const struct tables_question *question);

/*
 * The answer, waiting for it until DEADLINE (monotonic, microseconds; 0: not at all). What
 * is not known by then, or cannot be asked, is ANSWER_UNKNOWN.
 */
void tables_client_get(struct tables_client *client, const struct tables_question *question,
    int64_t deadline, struct tables_reply *ret_reply);

/* Every answer is asked for anew: after a reload. */
void tables_client_forget(struct tables_client *client);

struct tables_status {
	bool is_there;
	uint64_t asked, answered, hits;
	uint64_t failed;     /* of those answered: the table could not be asked */
	uint64_t late;       /* who would have waited went on without */
	uint64_t kept;       /* answers in the cache now */
	uint64_t open;       /* questions under way now */
	int64_t trouble_age; /* seconds since the last trouble */
	char trouble[TABLES_NAME_MAX + TABLES_WORDS_MAX]; /* table and words; empty: none */
};
void tables_client_status(struct tables_client *client, struct tables_status *ret_status);

#endif
