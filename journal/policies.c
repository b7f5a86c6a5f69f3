/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/file.h"

#include "journal/schema.h"
#include "journal/writer.h"

/*
 * Written a few times a month: opened for it and closed again, in the rollback mode that
 * any reader can open.
 */
static int
add_policy(sqlite3 *db, const struct writer_policy *policy, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct view packed = buf_view(&policy->packed);
	int result = 0;

	if (db_run(db, "PRAGMA synchronous = FULL;" SCHEMA_POLICIES, err) == -1)
		return -1;
	if (db_prepare(db,
		"INSERT INTO policy VALUES(?1, ?2, ?2, ?3)"
		" ON CONFLICT(hash) DO UPDATE SET last = max(last, excluded.last)",
		&stmt, err) == -1)
		return -1;
	db_bind_text(stmt, 1, buf_view(&policy->hash));
	db_bind_number(stmt, 2, policy->time);
	must(sqlite3_bind_blob64(stmt, 3, packed.p != NULL ? packed.p : "", packed.n,
		 SQLITE_STATIC) == SQLITE_OK);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		result = db_fail(db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
policies_write(const char *dir, const struct writer_policy *policy,
    enum db_fault *ret_fault, struct err *err)
{
	char path[PATH_MAX];
	sqlite3 *db;

	*ret_fault = DB_OTHER;
	if (file_join(path, sizeof(path), dir, "policies.db") == -1)
		return err_set(err, ERR_CONFIG, "path is too long");
	if (db_open_write(path, &db, err) == -1)
		return -1;
	int result = add_policy(db, policy, err);
	if (result == -1)
		*ret_fault = db_fault(db);
	sqlite3_close(db);
	return result;
}
