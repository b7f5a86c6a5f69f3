/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_COVERAGE_PRIVATE_H
#define JOURNAL_COVERAGE_PRIVATE_H

/*
 * Shared by coverage.c (the result), coverage_left.c (what left, and what of it was
 * decided), coverage_trace.c (what the log says of the rest) and coverage_judge.c (why).
 */

#include "journal/coverage.h"
#include "journal/reader.h"

enum {
	COVERAGE_SLACK_US = 4000000, /* whole seconds of syslog, rounded delays */
	COVERAGE_HOSTS = 64,
	COVERAGE_TROUBLES = 10000,
};
#define COVERAGE_HOUR (3600 * INT64_C(1000000))
#define COVERAGE_DAY  (24 * COVERAGE_HOUR)

/* A message: what is about it is about ID on HOST, from FROM to TO. */
struct coverage_key {
	char id[COVERAGE_ID];
	uint8_t host;
	int64_t from, to;
	int64_t decided; /* the last time, then; 0: never */
};

struct coverage_left {
	struct coverage_key *keys; /* sorted by host, id, from */
	size_t n, size;
};

/* How it came into the queue. */
enum coverage_birth {
	BIRTH_NONE,
	BIRTH_ARRIVED,
	BIRTH_PICKED_UP,
	BIRTH_NOTIFIED,
	BIRTH_FORWARDED,
};

/* One without a decision; or what it was before it was requeued. */
struct coverage_suspect {
	struct coverage_key key; /* first, so that both are found by it */
	char shown[COVERAGE_ID]; /* the id under which it left */
	int64_t arrival;         /* as it left */
	bool is_former;
	enum coverage_birth birth;
	int64_t born;
	bool has_login, is_loopback, is_trusted;
	char service[COVERAGE_NAME];
	char former[COVERAGE_ID]; /* it was requeued: what it was */
};

struct coverage_suspects {
	struct coverage_suspect *at; /* sorted */
	size_t n, size;
};

/* Trouble of a service with a milter. */
struct coverage_trouble {
	int64_t first, last;
	char service[COVERAGE_NAME];
};

/* Keys of anything that begins with one, SIZE bytes apart. */
struct coverage_keys {
	void *at;
	size_t n, size;
};

struct covering {
	struct journal_reader *reader;
	const struct policy *policy;
	struct coverage_range range;
	char hosts[COVERAGE_HOSTS][256];
	unsigned n_hosts;
	struct coverage_left left;
	struct coverage_suspects suspects;
	struct coverage_keys keys; /* of one of these: what is looked for */
	struct coverage_trouble *troubles;
	size_t n_troubles;
	/* Lines of the log, or decisions, may be missing then. */
	int64_t *gaps, *losses;
	size_t n_gaps, n_losses;
	int64_t begin; /* of what the log says; INT64_MAX: it says nothing */
};

/* ---- coverage_scan.c ---- */

/* Rows of SQL, of each day from SINCE (?1, if it asks) until UNTIL (?2; 0: now), one by
 * one; text of a row lives until EACH returns. */
struct coverage_scan {
	const char *sql;
	bool is_of_outcomes;
	int64_t since, until;
	int (*each)(struct covering *covering, sqlite3_stmt *stmt, struct arena *arena,
	    struct err *err); /* 0; 1: enough; -1 */
};
int coverage_scan(
    struct covering *covering, const struct coverage_scan *scan, struct err *err);

/* What is told of message ID on HOST at TIME. */
struct coverage_event {
	struct view id;
	uint8_t host;
	int64_t time;
};
/* An index for the host of that name, which may be empty. */
uint8_t coverage_host(struct covering *covering, struct view text);
int coverage_compare_names(const struct coverage_key *x, const struct coverage_key *y);
int coverage_compare(const void *a, const void *b); /* for qsort(3), by 'from', too */
/* The next of covering->keys that EVENT is about; *AT is SIZE_MAX before the first one.
 * NULL: there are no more. */
void *coverage_next(
    const struct covering *covering, const struct coverage_event *event, size_t *at);
/* The first time that any of them is about; INT64_MAX: there are none. */
int64_t coverage_earliest(const struct covering *covering);

/* ---- coverage_left.c ---- */

/* What left; sorted, each message once. */
int coverage_find_left(struct covering *covering, struct err *err);
/* Which of covering->keys were decided. */
int coverage_find_decided(struct covering *covering, struct err *err);

/* ---- coverage_trace.c ---- */

/* What the log says of the suspects, and of milters then. */
int coverage_trace(struct covering *covering, struct err *err);
/* Since when there is a log, and where something is missing. */
int coverage_trace_gaps(struct covering *covering, struct err *err);

/* ---- coverage_judge.c ---- */

enum coverage_fate {
	FATE_JUDGED,
	FATE_INBOUND,
	FATE_REQUEUED, /* look for what it was */
	FATE_MISSED,   /* or unknown: *ret_reason */
};
enum coverage_fate coverage_judge(const struct covering *covering,
    const struct coverage_suspect *suspect, enum coverage_reason *ret_reason);

#endif
