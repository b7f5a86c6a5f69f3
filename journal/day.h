/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_DAY_H
#define JOURNAL_DAY_H

/*
 * One day's file, as its writer sees it. Rows go in by growing id, which costs next to
 * nothing; what they are found by (hashes of queue id and message-id) is collected and put
 * into the look-up table sorted, every few seconds. 'meta' says up to which id that has
 * been done, and readers scan what is behind it.
 *
 * After any failure the day is closed and opened again: what was not committed is gone from
 * it, and nothing is assumed of a file that failed to be synced.
 */

#include <sys/types.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

#include "journal/db.h"
#include "journal/record.h"

enum {
	DAY_KEYS_MAX = 16384,   /* not yet in the look-up table: then it is time */
	DAY_INDEX_US = 5000000, /* and so it is after that long */
	DAY_IDLE_US = 60000000, /* a past day that nothing was written to is closed */
};

struct day_key {
	int64_t key, id;
};

struct day {
	sqlite3 *db; /* NULL: closed */
	sqlite3_stmt *add_decision, *add_recipient, *add_action, *add_dropped, *add_key,
	    *add_outcome, *set_place, *add_queue;
	int64_t number; /* days since 1970 */
	int64_t next_id, next_action;
	int64_t used, indexed; /* monotonic */
	struct day_key *keys;
	size_t n_keys;
	struct buf json;
	dev_t device;
	ino_t inode;
	char path[PATH_MAX];
};

/* How recipients are kept: see journal.h. */
struct day_privacy {
	enum journal_privacy recipients;
	struct map_seed seed;
};

int64_t day_of(int64_t time);                /* microseconds -> days */
const char *day_name(const struct day *day); /* "journal-2026-11-21.db" */
/* "DIR/journal-2026-11-21.db" */
void day_path(const char *dir, int64_t number, char into[PATH_MAX]);
/* Is NAME that of a day's file, and of which day? */
bool day_of_name(const char *name, int64_t *ret_number);

/* What a row is found by. */
int64_t day_key_of(struct view id);

/* ret_fault is set on failure. */
int day_open(struct day *day, const char *path, int64_t number, bool is_synced,
    enum db_fault *ret_fault, struct err *err);
void day_close(struct day *day);

/* One transaction; every failure leaves it to day_close to end it. */
int day_begin(struct day *day, struct err *err);
int day_add(struct day *day, const struct record *record, const struct day_privacy *privacy,
    struct view host, struct err *err);
int day_add_dropped(
    struct day *day, int64_t time, uint64_t count, const char *why, struct err *err);
int day_commit(struct day *day, int64_t mono, struct err *err);

/* Put the keys collected into the look-up table, in a transaction of its own. */
int day_index(struct day *day, int64_t mono, struct err *err);

/* The day is over: one plain file that anybody who may read it can open. Closes it. */
int day_finish(struct day *day, struct err *err);

/* Is the open file still the one that PATH names? */
bool day_is_in_place(const struct day *day);

#endif
