/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "policy/policy.h"

#include "journal/state.h"
#include "journal/state_db.h"
#include "journal/writer.h"

#define SCHEMA_STATE                                                                       \
	"CREATE TABLE IF NOT EXISTS key_state("                                            \
	"  domain TEXT NOT NULL, selector TEXT NOT NULL, fingerprint BLOB NOT NULL,"       \
	"  algorithm INTEGER, state INTEGER, faults INTEGER, first_seen INTEGER,"          \
	"  since INTEGER, last_ready INTEGER, replaced INTEGER, ttl INTEGER,"              \
	"  everywhere INTEGER, PRIMARY KEY(domain, selector, fingerprint))"                \
	"  WITHOUT ROWID;"

enum column {
	STATE_DOMAIN,
	STATE_SELECTOR,
	STATE_PRINT,
	STATE_ALGORITHM,
	STATE_STATE,
	STATE_FAULTS,
	STATE_FIRST_SEEN,
	STATE_SINCE,
	STATE_LAST_READY,
	STATE_REPLACED,
	STATE_TTL,
	STATE_EVERYWHERE,
};

enum { NAME_MAX_BYTES = 1024 };

static uint32_t
column_number(sqlite3_stmt *stmt, enum column column, uint32_t max)
{
	int64_t number = sqlite3_column_int64(stmt, (int)column);

	return number < 0 || number > max ? 0 : (uint32_t)number;
}

/* Somebody may have had an editor at it: what is no key is passed over. */
static bool
row_read(sqlite3_stmt *stmt, struct arena *arena, struct state_key *key)
{
	*key = (struct state_key){.domain = db_text(stmt, STATE_DOMAIN, arena),
	    .selector = db_text(stmt, STATE_SELECTOR, arena),
	    .algorithm = column_number(stmt, STATE_ALGORITHM, ALGORITHMS - 1),
	    .state = (enum fact_key_state)column_number(stmt, STATE_STATE, KEY_MISMATCHED),
	    .faults = column_number(stmt, STATE_FAULTS, UINT32_MAX),
	    .first_seen = sqlite3_column_int64(stmt, STATE_FIRST_SEEN),
	    .since = sqlite3_column_int64(stmt, STATE_SINCE),
	    .last_ready = sqlite3_column_int64(stmt, STATE_LAST_READY),
	    .replaced = sqlite3_column_int64(stmt, STATE_REPLACED),
	    .ttl = column_number(stmt, STATE_TTL, INT32_MAX),
	    .is_everywhere = sqlite3_column_int64(stmt, STATE_EVERYWHERE) != 0};
	const void *print = sqlite3_column_blob(stmt, STATE_PRINT);
	if (key->domain.n == 0 || key->domain.n > NAME_MAX_BYTES || key->selector.n == 0 ||
	    key->selector.n > NAME_MAX_BYTES || print == NULL ||
	    sqlite3_column_bytes(stmt, STATE_PRINT) != STATE_FINGERPRINT)
		return false;
	memcpy(key->fingerprint, print, STATE_FINGERPRINT);
	return true;
}

static int
rows_read(sqlite3 *db, void (*each)(void *context, const struct state_key *key),
    void *context, struct err *err)
{
	struct arena *arena = arena_new(0);
	sqlite3_stmt *stmt = NULL;
	struct state_key key;
	int code = SQLITE_DONE;
	int result = db_prepare(db,
	    "SELECT domain, selector, fingerprint, algorithm, state, faults, first_seen,"
	    " since, last_ready, replaced, ttl, everywhere FROM key_state",
	    &stmt, err);

	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (row_read(stmt, arena, &key))
			each(context, &key);
		arena_reset(arena);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(db, err);
	/* Finalizing gives the same error again, where there was one. */
	(void)sqlite3_finalize(stmt);
	arena_free(arena);
	return result;
}

int
state_keys_read(const char *dir, void (*each)(void *context, const struct state_key *key),
    void *context, bool *ret_is_damaged, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;

	*ret_is_damaged = false;
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (access(path, F_OK) == -1)
		return 0;
	/* For writing, so that what a crash left half done is undone first. */
	if (db_open_write(path, &db, err) == -1)
		return err_add(err, "state.db");
	if (db_run(db, SCHEMA_STATE, err) == -1 || rows_read(db, each, context, err) == -1)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return 1;
}

/* STMT is run for KEY and ready for the next one. */
static int
row_run(sqlite3 *db, sqlite3_stmt *stmt, const struct state_key *key, struct err *err)
{
	const int64_t numbers[] = {key->algorithm, key->state, key->faults, key->first_seen,
	    key->since, key->last_ready, key->replaced, key->ttl, key->is_everywhere};

	db_bind_text(stmt, STATE_DOMAIN + 1, key->domain);
	db_bind_text(stmt, STATE_SELECTOR + 1, key->selector);
	must(sqlite3_bind_blob(stmt, STATE_PRINT + 1, key->fingerprint, STATE_FINGERPRINT,
		 SQLITE_STATIC) == SQLITE_OK);
	bool is_whole = sqlite3_bind_parameter_count(stmt) > STATE_PRINT + 1;
	for (size_t i = 0; is_whole && i < ARRAY_LEN(numbers); i++)
		db_bind_number(stmt, STATE_ALGORITHM + 1 + (int)i, numbers[i]);
	int result = sqlite3_step(stmt) == SQLITE_DONE ? 0 : db_fail(db, err);
	(void)sqlite3_reset(stmt);
	return result;
}

static int
rows_run(
    sqlite3 *db, const char *sql, const struct state_key *keys, size_t n, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (db_run(db, SCHEMA_STATE "BEGIN IMMEDIATE", err) == -1 ||
	    db_prepare(db, sql, &stmt, err) == -1)
		return -1;
	int result = 0;
	for (size_t i = 0; i < n && result == 0; i++)
		result = row_run(db, stmt, &keys[i], err);
	(void)sqlite3_finalize(stmt);
	return result == 0 ? db_run(db, "COMMIT", err) : -1;
}

static int
keys_run(const char *dir, const char *sql, const struct state_key *keys, size_t n,
    bool *ret_is_damaged, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;

	*ret_is_damaged = false;
	if (state_db_path(path, dir, err) != 0)
		return -1;
	if (db_open_write(path, &db, err) == -1)
		return err_add(err, "state.db");
	if (rows_run(db, sql, keys, n, err) == -1)
		return state_db_failed(path, db, ret_is_damaged, err);
	sqlite3_close(db);
	return 0;
}

int
state_keys_write(const char *dir, const struct state_key *keys, size_t n,
    bool *ret_is_damaged, struct err *err)
{
	return keys_run(dir,
	    "INSERT OR REPLACE INTO key_state VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " ?10, ?11, ?12)",
	    keys, n, ret_is_damaged, err);
}

int
state_keys_forget(const char *dir, const struct state_key *keys, size_t n,
    bool *ret_is_damaged, struct err *err)
{
	return keys_run(dir,
	    "DELETE FROM key_state WHERE domain = ?1 AND selector = ?2 AND fingerprint = "
	    "?3",
	    keys, n, ret_is_damaged, err);
}
