/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"

#include "journal/state_db.h"
#include "journal/state_incidents.h"
#include "journal/writer.h"

/* AUTOINCREMENT: the file remembers the highest number when its row is gone. */
#define SCHEMA_INCIDENTS                                                                   \
	"CREATE TABLE IF NOT EXISTS incident("                                             \
	"  number INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT, key TEXT, meter TEXT,"    \
	"  place TEXT, queue_id TEXT, client TEXT, origins TEXT, domains TEXT,"            \
	"  closed_by TEXT, reason TEXT, client_is_new INTEGER, reading INTEGER,"           \
	"  usual INTEGER, began INTEGER, last INTEGER, messages INTEGER, rcpts INTEGER,"   \
	"  notify INTEGER, mail_time INTEGER, mail_messages INTEGER, mail_closed INTEGER," \
	"  command_time INTEGER, command_messages INTEGER, command_closed INTEGER,"        \
	"  closed INTEGER);"

enum {
	COLUMN_NUMBER,
	COLUMN_TEXTS,        /* label to reason */
	COLUMN_NUMBERS = 11, /* client_is_new to closed */
	COLUMNS = 26,
	COUNTS_MAX = 64 * 1024, /* bytes of a list of counts */
};

/* ---- texts and numbers of a row, in the order of the columns ---- */

struct text_at {
	size_t at, size;
};

#define TEXT_AT(member)                                                                    \
	{                                                                                  \
		offsetof(struct state_incident, member),                                   \
		    sizeof(((struct state_incident *)0)->member)                           \
	}

static const struct text_at before_counts[] = {TEXT_AT(label), TEXT_AT(key), TEXT_AT(meter),
    TEXT_AT(place), TEXT_AT(queue_id), TEXT_AT(client)};
static const struct text_at behind_counts[] = {TEXT_AT(closed_by), TEXT_AT(reason)};

static void
text_read(sqlite3_stmt *stmt, int column, struct text_at at, struct state_incident *row)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf((char *)row + at.at, at.size, "%s", text != NULL ? text : "");
}

/* "12 example.com\n" ... */
static void
counts_add(const struct incident_count *counts, uint32_t n, struct buf *out)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_addf(out, "%llu ", (unsigned long long)counts[i].n);
		for (const char *p = counts[i].name; *p != '\0'; p++)
			buf_add_char(out, (char)(*p == '\n' ? '?' : *p));
		buf_add_char(out, '\n');
	}
}

static uint32_t
counts_read(sqlite3_stmt *stmt, int column, struct incident_count counts[INCIDENT_TOP])
{
	struct view rest = view_of((const char *)sqlite3_column_text(stmt, column)), line;
	unsigned long long number;
	uint32_t n = 0;

	while (n < INCIDENT_TOP && rest.n > 0 && view_cut(&rest, '\n', &line)) {
		struct view name = line, count;
		if (!view_cut(&name, ' ', &count) || name.n == 0 ||
		    !view_number(count, INT64_MAX, &number))
			continue;
		snprintf(counts[n].name, sizeof(counts[n].name), "%.*s", VIEW_ARG(name));
		counts[n++].n = number;
	}
	return n;
}

static void
numbers_of(const struct state_incident *row, int64_t into[COLUMNS - COLUMN_NUMBERS])
{
	const struct incident_told *mail = &row->told[INCIDENT_BY_MAIL],
				   *command = &row->told[INCIDENT_BY_COMMAND];
	const int64_t numbers[COLUMNS - COLUMN_NUMBERS] = {row->client_is_new,
	    (int64_t)row->reading, row->has_usual ? (int64_t)row->usual : -1, row->began,
	    row->last, (int64_t)row->messages, (int64_t)row->rcpts, row->notify, mail->time,
	    (int64_t)mail->messages, mail->closed, command->time,
	    (int64_t)command->messages, command->closed, row->closed};

	memcpy(into, numbers, sizeof(numbers));
}

static uint64_t
count_of(int64_t number)
{
	return number < 0 ? 0 : (uint64_t)number;
}

static void
numbers_take(const int64_t numbers[COLUMNS - COLUMN_NUMBERS], struct state_incident *row)
{
	row->client_is_new = numbers[0] != 0;
	row->reading = count_of(numbers[1]);
	row->has_usual = numbers[2] >= 0;
	row->usual = count_of(numbers[2]);
	row->began = numbers[3];
	row->last = numbers[4];
	row->messages = count_of(numbers[5]);
	row->rcpts = count_of(numbers[6]);
	row->notify = numbers[7] != 0;
	for (int way = 0; way < INCIDENT_WAYS; way++)
		row->told[way] = (struct incident_told){.time = numbers[8 + 3 * way],
		    .messages = count_of(numbers[9 + 3 * way]),
		    .closed = numbers[10 + 3 * way] != 0};
	row->closed = numbers[14];
}

/* ---- reading ---- */

/* Somebody may have had an editor at it: what is no incident is passed over. */
static bool
row_read(sqlite3_stmt *stmt, struct state_incident *row)
{
	int64_t numbers[COLUMNS - COLUMN_NUMBERS] = {0};
	int column = COLUMN_TEXTS;

	memset(row, 0, sizeof(*row));
	row->number = count_of(sqlite3_column_int64(stmt, COLUMN_NUMBER));
	for (size_t i = 0; i < ARRAY_LEN(before_counts); i++)
		text_read(stmt, column++, before_counts[i], row);
	row->n_origins = counts_read(stmt, column++, row->origins);
	row->n_domains = counts_read(stmt, column++, row->domains);
	for (size_t i = 0; i < ARRAY_LEN(behind_counts); i++)
		text_read(stmt, column++, behind_counts[i], row);
	must(column == COLUMN_NUMBERS);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		numbers[i] = sqlite3_column_int64(stmt, column + (int)i);
	numbers_take(numbers, row);
	return row->number > 0 && row->began > 0 && row->messages > 0;
}

static int
rows_read(sqlite3 *db, void (*each)(void *context, const struct state_incident *row),
    void *context, struct err *err)
{
	struct state_incident *row = mem_zeroed(1, sizeof(*row));
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int result = db_prepare(db,
	    "SELECT number, label, key, meter, place, queue_id, client, origins, domains,"
	    " closed_by, reason, client_is_new, reading, usual, began, last, messages,"
	    " rcpts, notify, mail_time, mail_messages, mail_closed, command_time,"
	    " command_messages, command_closed, closed FROM incident ORDER BY number",
	    &stmt, err);

	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (row_read(stmt, row))
			each(context, row);
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(db, err);
	(void)sqlite3_finalize(stmt);
	free(row);
	return result;
}

int
state_incidents_read(const char *dir,
    void (*each)(void *context, const struct state_incident *row), void *context,
    struct state_incidents_seen *ret_seen, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	int64_t last = 0;

	*ret_seen = (struct state_incidents_seen){0};
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (access(path, F_OK) == -1)
		return 0;
	/* For writing, so that what a crash left half done is undone first. */
	if (db_open_write(path, &db, err) == -1)
		return err_add(err, "state.db");
	if (db_run(db, SCHEMA_INCIDENTS, err) == -1 ||
	    rows_read(db, each, context, err) == -1 ||
	    db_number(db, "SELECT seq FROM sqlite_sequence WHERE name = 'incident'", &last,
		err) == -1)
		return state_db_failed(path, db, &ret_seen->is_damaged, err);
	ret_seen->last = count_of(last);
	sqlite3_close(db);
	return 1;
}

/* ---- writing ---- */

static int
row_write(
    sqlite3 *db, sqlite3_stmt *stmt, const struct state_incident *row, struct err *err)
{
	struct buf origins = BUF_INIT(COUNTS_MAX), domains = BUF_INIT(COUNTS_MAX);
	int64_t numbers[COLUMNS - COLUMN_NUMBERS];
	int at = COLUMN_TEXTS + 1;

	counts_add(row->origins, row->n_origins, &origins);
	counts_add(row->domains, row->n_domains, &domains);
	db_bind_number(stmt, COLUMN_NUMBER + 1, (int64_t)row->number);
	for (size_t i = 0; i < ARRAY_LEN(before_counts); i++)
		db_bind_text(stmt, at++, view_of((const char *)row + before_counts[i].at));
	db_bind_text(stmt, at++, buf_view(&origins));
	db_bind_text(stmt, at++, buf_view(&domains));
	for (size_t i = 0; i < ARRAY_LEN(behind_counts); i++)
		db_bind_text(stmt, at++, view_of((const char *)row + behind_counts[i].at));
	numbers_of(row, numbers);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		db_bind_number(stmt, at++, numbers[i]);
	must(at == COLUMNS + 1);
	int result = sqlite3_step(stmt) == SQLITE_DONE ? 0 : db_fail(db, err);
	(void)sqlite3_reset(stmt);
	buf_fini(&origins);
	buf_fini(&domains);
	return result;
}

static int
rows_write(sqlite3 *db, const struct state_incidents_changes *changes, struct err *err)
{
	sqlite3_stmt *put = NULL, *drop = NULL;
	int result = 0;

	if (db_run(db, SCHEMA_INCIDENTS "BEGIN IMMEDIATE", err) == -1 ||
	    db_prepare(db,
		"INSERT OR REPLACE INTO incident VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,"
		" ?23, ?24, ?25, ?26)",
		&put, err) == -1)
		return -1;
	if (db_prepare(db, "DELETE FROM incident WHERE number = ?1", &drop, err) == -1)
		result = -1;
	for (size_t i = 0; i < changes->n && result == 0; i++)
		result = row_write(db, put, &changes->rows[i], err);
	for (size_t i = 0; i < changes->n_gone && result == 0; i++) {
		db_bind_number(drop, 1, (int64_t)changes->gone[i]);
		result = sqlite3_step(drop) == SQLITE_DONE ? 0 : db_fail(db, err);
		(void)sqlite3_reset(drop);
	}
	(void)sqlite3_finalize(put);
	(void)sqlite3_finalize(drop);
	return result == 0 ? db_run(db, "COMMIT", err) : -1;
}

int
state_incidents_write(const char *dir, const struct state_incidents_changes *changes,
    bool *ret_is_damaged, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;

	*ret_is_damaged = false;
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (db_open_write(path, &db, err) == -1)
		return err_add(err, "state.db");
	if (rows_write(db, changes, err) == -1)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return 0;
}
