/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_JOURNAL_LAB_H
#define TESTS_UNIT_JOURNAL_LAB_H

/*
 * What the tests of the journal share: a directory of their own, records with one thing or
 * another in them, and a place that remembers what a reader gave.
 */

#include <stddef.h>
#include <stdint.h>

#include "journal/journal.h"
#include "journal/read.h"

enum { LAB_ROWS = 64 };

#define LAB_TIME   ((int64_t)1772442180 * 1000000) /* 2026-03-02 09:03:00Z, a Monday */
#define LAB_SECOND ((int64_t)1000000)
#define LAB_DAY    (86400 * LAB_SECOND)

/* A record together with the facts it points to. */
struct lab_record {
	struct journal_record record;
	struct facts facts;
	struct fact_address rcpts[3];
	uint32_t fits[2];
};

/* Rows as text, one line each, in the order in which they came. */
struct lab_rows {
	size_t count;
	char ids[LAB_ROWS][40]; /* queue ids */
	int64_t times[LAB_ROWS];
	int stop_after; /* 0: never */
};

const char *lab_dir(void); /* a new empty one, until the next call */
void lab_remove(void);
int lab_tear_down(void **state); /* the same, as cmocka wants it */
/* Where NAME is in it; until the next call. */
const char *lab_path(const char *name);
void lab_record_init(struct lab_record *lab, const char *queue_id, int64_t time);
int lab_keep(void *rows, const struct journal_row *row);

struct journal_settings lab_settings(enum journal_mode mode);
/* Open, append N records lab-1 ... one SECOND apart from TIME on, close. */
void lab_write(const char *dir, int64_t time, int n);

/* What fails in these fails the test. */
struct journal *lab_open(const char *dir, const struct journal_settings *settings);
void lab_append(struct journal *journal, const struct lab_record *lab);
void lab_append_id(struct journal *journal, const char *queue_id, int64_t time);
struct journal_reader *lab_reader(const char *dir);
struct lab_rows lab_find(const char *dir, const char *id);
struct lab_rows lab_scan(const char *dir, const struct journal_filter *filter);
size_t lab_count(const char *dir);

#endif
