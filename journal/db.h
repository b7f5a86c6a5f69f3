/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_DB_H
#define JOURNAL_DB_H

/*
 * The little that every user of SQLite here needs: open, run, bind, read, and say what kind
 * of trouble a failure is. A connection belongs to one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

/* What went wrong, as far as it makes a difference for what is done about it. */
enum db_fault {
	DB_FULL,    /* no space: wait */
	DB_LOCKED,  /* another process holds it: wait */
	DB_CORRUPT, /* damaged: set it aside */
	DB_OTHER,   /* anything else: close, open again */
	DB_FAULTS,
};

/* Time given to another process that holds a lock. Under 'required' a message waits that
 * long. */
enum { DB_BUSY_MS = 500 };

/* Open PATH for writing, made with mode 0640 (whatever the umask) when it is missing. */
int db_open_write(const char *path, sqlite3 **ret_db, struct err *err);

/*
 * Open PATH for reading. When a WAL file's shared memory cannot be opened (no daemon has it
 * open and the reader may not write to the directory), the file is read as it stands,
 * without what is only in its WAL: *ret_is_stale says so. 1; 0: no such file; -1.
 */
int db_open_read(const char *path, sqlite3 **ret_db, bool *ret_is_stale, struct err *err);

int db_run(sqlite3 *db, const char *sql, struct err *err);
int db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_stmt, struct err *err);
/* The first column of the first row; 0 when there is none. */
int db_number(sqlite3 *db, const char *sql, int64_t *ret_number, struct err *err);

/* Parameters from 1. The text is borrowed until the statement is reset. */
void db_bind_text(sqlite3_stmt *stmt, int at, struct view text); /* NULL when empty */
void db_bind_number(sqlite3_stmt *stmt, int at, int64_t number);

/* Columns from 0; a copy in ARENA. */
struct view db_text(sqlite3_stmt *stmt, int at, struct arena *arena);

/* Has TABLE a column of this name? Files of an earlier frankd lack some. */
int db_has_column(
    sqlite3 *db, const char *table, const char *column, bool *ret_has, struct err *err);

/* The failure that DB has just had: sets ERR ("disk full") and returns -1; its kind. */
int db_fail(sqlite3 *db, struct err *err);
enum db_fault db_fault(sqlite3 *db);

#endif
