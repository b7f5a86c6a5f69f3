/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_JOURNAL_OUTSIDE_H
#define TESTS_UNIT_JOURNAL_OUTSIDE_H

/* What tests of a journal in trouble share: what it said, and its file seen from outside.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/unit/journal_lab.h"

#define DAY_FILE "journal-2026-03-02.db"

enum { PATIENCE = 1000 }; /* times 10 ms */

/* What the journal said aloud. */
struct said {
	atomic_int count;
	char last[512];
};

struct journal *open_heard(const char *dir, enum journal_mode mode, struct said *said);
struct journal_status status_of(struct journal *journal);
void wait_for_trouble(struct journal *journal, const char *what);
void wait_until_written(struct journal *journal, uint64_t rows);
/* 0 or -1, with the reason in WHY. */
int try_append(struct journal *journal, const char *id, struct err *why);

sqlite3 *open_outside(void);
void run_sql(sqlite3 *db, const char *sql);
int count_sql(const char *sql); /* the number that it selects */
/* Files of DIR with PART in their names. */
int count_files(const char *dir, const char *part);
void assert_sound(void);

#endif
