/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_ROW_H
#define JOURNAL_ROW_H

/*
 * Rows out of one day's file: the query for each way of looking, and a row made of what it
 * gives.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

#include "journal/read.h"

/* One day's file, open for reading. */
struct row_file {
	sqlite3 *db;
	struct arena *arena; /* the reader's */
	bool is_stale;       /* what is only in the WAL is missing */
};

/* 1; 0: it is gone; -1. */
int row_open(struct row_file *file, const char *path, struct arena *arena, struct err *err);
void row_close(struct row_file *file);

/* *ret_number: 0 when it has none, or of other columns, as files of an earlier frankd do.
 */
int row_has_outcomes(struct row_file *file, int64_t *ret_number, struct err *err);

/* The largest id. */
int row_last(struct row_file *file, int64_t *ret_id, struct err *err);

/* Rows about the queue id or message-id ID. Returns what EACH does; -1: failed. */
int row_find(struct row_file *file, struct view id, journal_each *each, void *context,
    struct err *err);

/* Rows that fit FILTER with first <= id <= last. */
struct row_range {
	int64_t first, last;
};
int row_scan(struct row_file *file, const struct journal_filter *filter,
    struct row_range range, journal_each *each, void *context, struct err *err);

/* The id of the oldest of the newest LIMIT rows that fit, and how many there are. */
int row_newest(struct row_file *file, const struct journal_filter *filter, uint64_t limit,
    int64_t *ret_first, uint64_t *ret_count, struct err *err);

#endif
