/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/journal_outside.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

static void
hear(void *context, struct view text)
{
	struct said *said = context;

	snprintf(said->last, sizeof(said->last), "%.*s", VIEW_ARG(text));
	atomic_fetch_add(&said->count, 1);
}

struct journal *
open_heard(const char *dir, enum journal_mode mode, struct said *said)
{
	struct journal_settings settings = lab_settings(mode);
	struct journal *journal = NULL;
	struct err err = ERR_INIT;

	*said = (struct said){.last = ""};
	if (journal_open(dir, &settings, hear, said, &journal, &err) == -1)
		fail_msg("journal_open: %s", err.text);
	return journal;
}

struct journal_status
status_of(struct journal *journal)
{
	struct journal_status status;

	journal_status(journal, &status);
	return status;
}

void
wait_for_trouble(struct journal *journal, const char *what)
{
	struct journal_status status = status_of(journal);

	for (int i = 0; i < PATIENCE && strstr(status.trouble, what) == NULL; i++) {
		usleep(10000);
		status = status_of(journal);
	}
	if (strstr(status.trouble, what) == NULL)
		fail_msg("trouble: got '%s', want '%s'", status.trouble, what);
}

void
wait_until_written(struct journal *journal, uint64_t rows)
{
	struct journal_status status = status_of(journal);

	for (int i = 0; i < PATIENCE && status.written < rows; i++) {
		usleep(10000);
		status = status_of(journal);
	}
	if (status.written < rows)
		fail_msg("written: got %d, want %d; trouble '%s'", (int)status.written,
		    (int)rows, status.trouble);
	assert_string_equal(status.trouble, "");
}

int
try_append(struct journal *journal, const char *id, struct err *why)
{
	struct lab_record lab;

	lab_record_init(&lab, id, LAB_TIME);
	*why = (struct err)ERR_INIT;
	return journal_append(journal, &lab.record, why);
}

sqlite3 *
open_outside(void)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(lab_path(DAY_FILE), &db), SQLITE_OK);
	return db;
}

void
run_sql(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

int
count_sql(const char *sql)
{
	sqlite3 *db = open_outside();
	sqlite3_stmt *stmt = NULL;
	int number;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

int
count_files(const char *dir, const char *part)
{
	DIR *listing = opendir(dir);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)) != NULL)
		n += strstr(entry->d_name, part) != NULL;
	closedir(listing);
	return n;
}

void
assert_sound(void)
{
	assert_int_equal(
	    count_sql(
		"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
	    1);
}
