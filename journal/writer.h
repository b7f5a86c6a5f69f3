/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

/*
 * The files, as the writer's thread alone sees them: which are open, what is wrong, what
 * was last said about it. journal.c hands it batches and policies; it knows nothing of
 * threads.
 *
 * Two days may be open at once, since around midnight (and when the clock is set back)
 * records of two days come mixed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

#include "journal/day.h"
#include "journal/journal.h"

enum {
	WRITER_DAYS = 2,
	WRITER_REPORT_US = 60000000, /* at most one report a kind of trouble in that time */
};

/* A policy that is not in policies.db yet. */
struct writer_policy {
	struct writer_policy *next;
	int64_t time;
	struct buf hash, packed;
};

struct writer {
	char dir[PATH_MAX];
	char host[256];
	struct journal_settings settings; /* host points to the text above */
	journal_report *report;
	void *context;

	struct day days[WRITER_DAYS];
	struct record *record; /* the one being written */
	struct map_seed secret;
	bool has_secret;

	uint64_t written;            /* rows */
	uint64_t lost;               /* records, as journal.c counts them; for reports */
	uint64_t lost_noted;         /* of these, in a table 'dropped' */
	char trouble[256];           /* empty: all well */
	int64_t reported[DB_FAULTS]; /* monotonic; 0: never */
};

struct writer *writer_new(const char *dir, const struct journal_settings *settings,
    journal_report *report, void *context);
void writer_free(struct writer *writer); /* finishes days that are over */
void writer_set(struct writer *writer, const struct journal_settings *settings);

/* Make DIR if need be and see that files can be made in it. */
int writer_check_dir(struct writer *writer, struct err *err);

/*
 * Write the records of BATCH that are not RECORD_GONE; those that are on disk become
 * RECORD_GONE. -1: some are left, 'trouble' says why.
 */
int writer_write(struct writer *writer, struct buf *batch);
int writer_write_policy(struct writer *writer, const struct writer_policy *policy);

/* Remember what is wrong with NAME, and say so if that was not done a moment ago. */
void writer_trouble(
    struct writer *writer, const char *name, enum db_fault fault, const struct err *err);

/* What is due while nothing comes in: indexes, days that are over. */
void writer_tidy(struct writer *writer);

/* In policies.c. */
int policies_write(const char *dir, const struct writer_policy *policy,
    enum db_fault *ret_fault, struct err *err);

/*
 * In keep.c: unlink days more than keep_days (0: none) before TODAY, finish those before it
 * that a dead writer left. Days that are open here are passed over: to open and close such
 * a file by another descriptor would drop the locks that SQLite holds on it (fcntl(2)).
 */
void writer_keep(const struct writer *writer, int64_t today);
/* The damaged file and its WAL get another name, for whoever wants to recover rows from it.
 */
void day_set_aside(const char *path);

/* In secret.c: the key for hashes of recipients, made at first use. */
int writer_secret(const char *dir, struct map_seed *ret_seed, struct err *err);

#endif
