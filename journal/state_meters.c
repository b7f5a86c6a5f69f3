/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "journal/state_db.h"
#include "journal/state_meters.h"
#include "journal/writer.h"

#define SCHEMA_METERS                                                                      \
	"CREATE TABLE IF NOT EXISTS meter_row("                                            \
	"  kind INTEGER NOT NULL, meter TEXT NOT NULL, key INTEGER NOT NULL, name TEXT,"   \
	"  seen INTEGER, first INTEGER, data BLOB, PRIMARY KEY(kind, meter, key))"         \
	"  WITHOUT ROWID;"                                                                 \
	"CREATE TABLE IF NOT EXISTS exemption("                                            \
	"  name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;"

enum column { ROW_KIND, ROW_METER, ROW_KEY, ROW_NAME, ROW_SEEN, ROW_FIRST, ROW_DATA };

struct state_rows {
	char path[PATH_MAX];
	sqlite3 *db;
	sqlite3_stmt *put;
};

/* 1 open, 0 there is none, -1. For writing, so that what a crash left half done is undone
 * first. */
static int
open_to_read(const char *dir, char path[PATH_MAX], sqlite3 **ret_db, bool *ret_is_damaged,
    struct err *err)
{
	sqlite3 *db = NULL;

	*ret_is_damaged = false;
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (access(path, F_OK) != 0)
		return 0;
	if (db_open_write(path, &db, err) != 0)
		return err_add(err, "state.db");
	if (db_run(db, SCHEMA_METERS, err) != 0)
		return state_db_failed(path, db, ret_is_damaged, err);
	*ret_db = db;
	return 1;
}

static void
row_get(sqlite3_stmt *stmt, struct arena *arena, struct state_row *row)
{
	const void *data = sqlite3_column_blob(stmt, ROW_DATA);

	*row = (struct state_row){
	    .kind = (uint32_t)sqlite3_column_int64(stmt, ROW_KIND),
	    .meter = db_text(stmt, ROW_METER, arena),
	    .key = (uint64_t)sqlite3_column_int64(stmt, ROW_KEY),
	    .name = db_text(stmt, ROW_NAME, arena),
	    .seen = (uint32_t)sqlite3_column_int64(stmt, ROW_SEEN),
	    .first = (uint32_t)sqlite3_column_int64(stmt, ROW_FIRST),
	};
	if (data != NULL)
		row->data =
		    (struct view){data, (size_t)sqlite3_column_bytes(stmt, ROW_DATA)};
}

/* What went on is EACH's affair; *ret_is_ours: the database failed. */
static int
rows_read(
    sqlite3 *db, state_row_each *each, void *context, bool *ret_is_ours, struct err *err)
{
	struct arena *arena = arena_new(0);
	sqlite3_stmt *stmt = NULL;
	struct state_row row;
	int code = SQLITE_DONE;
	int result = db_prepare(db,
	    "SELECT kind, meter, key, name, seen, first, data FROM meter_row"
	    " ORDER BY kind, seen",
	    &stmt, err);

	*ret_is_ours = result != 0;
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		row_get(stmt, arena, &row);
		result = each(context, &row, err);
		arena_reset(arena);
	}
	if (result == 0 && code != SQLITE_DONE) {
		*ret_is_ours = true;
		result = db_fail(db, err);
	}
	/* Finalizing gives the same error again, where there was one. */
	(void)sqlite3_finalize(stmt);
	arena_free(arena);
	return result;
}

int
state_rows_read(const char *dir, state_row_each *each, void *context, bool *ret_is_damaged,
    struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	bool is_ours;
	int result = open_to_read(dir, path, &db, ret_is_damaged, err);

	if (result <= 0)
		return result;
	result = rows_read(db, each, context, &is_ours, err);
	if (result != 0 && is_ours)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return result == 0 ? 1 : -1;
}

int
state_rows_begin(
    const char *dir, struct state_rows **ret_rows, bool *ret_is_damaged, struct err *err)
{
	struct state_rows *rows = mem_zeroed(1, sizeof(*rows));
	int result = state_db_path(rows->path, dir, err);

	*ret_is_damaged = false;
	if (result == 0 && db_open_write(rows->path, &rows->db, err) != 0)
		result = err_add(err, "state.db");
	else if (result == 0 &&
		 (db_run(rows->db, SCHEMA_METERS "BEGIN IMMEDIATE", err) != 0 ||
		     db_prepare(rows->db,
			 "INSERT OR REPLACE INTO meter_row"
			 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			 &rows->put, err) != 0))
		result = state_db_failed(rows->path, rows->db, ret_is_damaged, err);
	if (result != 0)
		free(rows);
	else
		*ret_rows = rows;
	return result;
}

int
state_rows_put(struct state_rows *rows, const struct state_row *row, struct err *err)
{
	sqlite3_stmt *stmt = rows->put;

	db_bind_number(stmt, ROW_KIND + 1, row->kind);
	must(sqlite3_bind_text(stmt, ROW_METER + 1, row->meter.n > 0 ? row->meter.p : "",
		 (int)row->meter.n, SQLITE_STATIC) == SQLITE_OK);
	db_bind_number(stmt, ROW_KEY + 1, (int64_t)row->key);
	db_bind_text(stmt, ROW_NAME + 1, row->name);
	db_bind_number(stmt, ROW_SEEN + 1, row->seen);
	db_bind_number(stmt, ROW_FIRST + 1, row->first);
	must(sqlite3_bind_blob(stmt, ROW_DATA + 1, row->data.p, (int)row->data.n,
		 SQLITE_STATIC) == SQLITE_OK);
	int result = sqlite3_step(stmt) == SQLITE_DONE ? 0 : db_fail(rows->db, err);
	(void)sqlite3_reset(stmt);
	return result;
}

int
state_rows_forget(struct state_rows *rows, unsigned kinds, uint32_t older, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int result = db_prepare(rows->db,
	    "DELETE FROM meter_row WHERE (1 << kind) & ?1 AND seen < ?2", &stmt, err);

	if (result != 0)
		return -1;
	db_bind_number(stmt, 1, kinds);
	db_bind_number(stmt, 2, older);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		result = db_fail(rows->db, err);
	(void)sqlite3_finalize(stmt);
	return result;
}

int
state_rows_end(struct state_rows *rows, bool is_good, bool *ret_is_damaged, struct err *err)
{
	int result = 0;

	*ret_is_damaged = db_fault(rows->db) == DB_CORRUPT;
	(void)sqlite3_finalize(rows->put);
	if (is_good && db_run(rows->db, "COMMIT", err) != 0)
		result = state_db_failed(rows->path, rows->db, ret_is_damaged, err);
	else if (*ret_is_damaged)
		(void)state_db_failed(rows->path, rows->db, ret_is_damaged, NULL);
	else
		sqlite3_close(rows->db);
	free(rows);
	return result;
}

int
state_exemptions_read(const char *dir,
    void (*each)(void *context, const struct state_exemption *exemption), void *context,
    bool *ret_is_damaged, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int result = open_to_read(dir, path, &db, ret_is_damaged, err);

	if (result <= 0)
		return result;
	struct arena *arena = arena_new(0);
	result =
	    db_prepare(db, "SELECT name, until FROM exemption ORDER BY until", &stmt, err);
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const struct state_exemption exemption = {.name = db_text(stmt, 0, arena),
		    .until = sqlite3_column_int64(stmt, 1)};
		each(context, &exemption);
		arena_reset(arena);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(db, err);
	(void)sqlite3_finalize(stmt);
	arena_free(arena);
	if (result != 0)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return 1;
}

static int
exemptions_put(
    sqlite3 *db, const struct state_exemption *exemptions, size_t n, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int result = db_prepare(db, "INSERT INTO exemption VALUES(?1, ?2)", &stmt, err);

	for (size_t i = 0; i < n && result == 0; i++) {
		db_bind_text(stmt, 1, exemptions[i].name);
		db_bind_number(stmt, 2, exemptions[i].until);
		if (sqlite3_step(stmt) != SQLITE_DONE)
			result = db_fail(db, err);
		(void)sqlite3_reset(stmt);
	}
	(void)sqlite3_finalize(stmt);
	return result;
}

int
state_exemptions_write(const char *dir, const struct state_exemption *exemptions, size_t n,
    bool *ret_is_damaged, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;

	*ret_is_damaged = false;
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (db_open_write(path, &db, err) != 0)
		return err_add(err, "state.db");
	if (db_run(db, SCHEMA_METERS "BEGIN IMMEDIATE; DELETE FROM exemption", err) != 0 ||
	    exemptions_put(db, exemptions, n, err) != 0 || db_run(db, "COMMIT", err) != 0)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return 0;
}

int
state_meters_seed(const char *dir, struct map_seed *ret_seed, struct err *err)
{
	struct map_seed secret;

	if (writer_secret(dir, &secret, err) != 0)
		return -1;
	ret_seed->k0 = siphash(secret, "meters 0", 8);
	ret_seed->k1 = siphash(secret, "meters 1", 8);
	return 0;
}
