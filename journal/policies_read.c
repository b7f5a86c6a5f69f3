/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>

#include "lib/file.h"

#include "journal/db.h"
#include "journal/read.h"
#include "journal/reader.h"

enum { HASH_MIN = 6 }; /* digits of a beginning that may stand for the whole */

/* The one column of the one row that STMT gives. Takes it. */
static int
take_one(sqlite3 *db, sqlite3_stmt *stmt, struct buf *out, struct err *err)
{
	int result, code = sqlite3_step(stmt);

	if (code == SQLITE_ROW) {
		const void *p = sqlite3_column_blob(stmt, 0);
		int n = sqlite3_column_bytes(stmt, 0);

		buf_add_bytes(out, p != NULL ? p : "", (size_t)n);
		code = sqlite3_step(stmt);
		result = code == SQLITE_DONE ? 1
			 : code == SQLITE_ROW
			     ? err_set(err, ERR_BAD_INPUT,
				   "several policies begin like that: more digits")
			     : db_fail(db, err);
	} else {
		result = code == SQLITE_DONE ? 0 : db_fail(db, err);
	}
	sqlite3_finalize(stmt);
	if (result == 1 && out->full)
		return err_set(
		    err, ERR_LIMIT, "the policy is larger than the buffer for it");
	return result;
}

static int
ask(struct journal_reader *reader, const char *sql, struct view hash, struct buf *out,
    struct err *err)
{
	char path[PATH_MAX];
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	bool is_stale;

	if (file_join(path, sizeof(path), journal_reader_dir(reader), "policies.db") == -1)
		return err_set(err, ERR_CONFIG, "path is too long");
	int result = db_open_read(path, &db, &is_stale, err);
	if (result == 1) {
		result = db_prepare(db, sql, &stmt, err);
		if (result == 0) {
			if (hash.n > 0)
				db_bind_text(stmt, 1, hash);
			result = take_one(db, stmt, out, err);
		}
		sqlite3_close(db);
	}
	return result == -1 ? err_add(err, "%s", path) : result;
}

int
journal_policy_read(
    struct journal_reader *reader, struct view hash, struct buf *out, struct err *err)
{
	if (hash.n < HASH_MIN)
		return 0;
	return ask(reader,
	    "SELECT packed FROM policy WHERE hash = ?1"
	    " OR substr(hash, 1, length(?1)) = ?1 LIMIT 2",
	    hash, out, err);
}

int
journal_policy_newest(struct journal_reader *reader, struct buf *out, struct err *err)
{
	return ask(reader, "SELECT hash FROM policy ORDER BY last DESC, rowid DESC LIMIT 1",
	    VIEW_NONE, out, err);
}
