/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "journal/db.h"

enum { DB_MODE = 0640, URI_MAX = 3 * PATH_MAX + 64 };

static int
system_error(sqlite3 *db)
{
	return db != NULL ? sqlite3_system_errno(db) : 0;
}

enum db_fault
db_fault(sqlite3 *db)
{
	int code = db != NULL ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
	int why = system_error(db);

	switch (code) {
	case SQLITE_FULL:
		return DB_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_LOCKED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table is not what we made it: somebody else's file */
		return DB_CORRUPT;
	default:
		break;
	}
	if (code == SQLITE_IOERR && (why == ENOSPC || why == EDQUOT || why == EFBIG))
		return DB_FULL;
	return DB_OTHER;
}

int
db_fail(sqlite3 *db, struct err *err)
{
	int why = system_error(db);

	switch (db_fault(db)) {
	case DB_FULL:
		return err_set(err, ERR_TEMP, "disk full");
	case DB_LOCKED:
		return err_set(err, ERR_TEMP, "locked by another process");
	case DB_CORRUPT:
		return err_set(err, ERR_BAD_INPUT, "damaged: %s", sqlite3_errmsg(db));
	case DB_OTHER:
	case DB_FAULTS:
		break;
	}
	if (db == NULL)
		return err_set(err, ERR_IO, "no memory for a database");
	if (why != 0)
		return err_set(err, why == EACCES ? ERR_DENIED : ERR_IO, "%s: %s",
		    sqlite3_errmsg(db), strerror(why));
	return err_set(err, ERR_IO, "%s", sqlite3_errmsg(db));
}

/* SQLite gives -wal and -shm the owner and mode of the file itself, so these are set first.
 */
static int
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, DB_MODE);

	if (fd == -1)
		return errno == EEXIST ? 0 : err_sys(err, "cannot be made");
	int failed = fchmod(fd, DB_MODE);
	if (failed)
		err_sys(err, "cannot set its mode");
	close(fd);
	return failed ? -1 : 0;
}

int
db_open_write(const char *path, sqlite3 **ret_db, struct err *err)
{
	const int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	sqlite3 *db = NULL;

	if (make_file(path, err) == -1)
		return -1;
	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
		db_fail(db, err);
		sqlite3_close(db);
		return -1;
	}
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, DB_BUSY_MS);
	*ret_db = db;
	return 0;
}

/* "file:" and the path with everything that means something in a URI as %XX. */
static void
make_uri(const char *path, const char *query, char into[URI_MAX])
{
	size_t n = (size_t)snprintf(into, URI_MAX, "file:");

	for (; *path != '\0' && n + 4 + strlen(query) < URI_MAX; path++) {
		if (strchr("%?# ", *path) != NULL)
			n += (size_t)snprintf(into + n, URI_MAX - n, "%%%02X",
			    (unsigned)(unsigned char)*path);
		else
			into[n++] = *path;
	}
	snprintf(into + n, URI_MAX - n, "%s", query);
}

static int
open_uri(const char *path, const char *query, sqlite3 **ret_db)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
	char uri[URI_MAX];
	int code;

	make_uri(path, query, uri);
	code = sqlite3_open_v2(uri, ret_db, flags, NULL);
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(*ret_db, DB_BUSY_MS);
		/* The first look into the file: only now is it opened in earnest. */
		code = sqlite3_exec(
		    *ret_db, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
	}
	return code & 0xff;
}

int
db_open_read(const char *path, sqlite3 **ret_db, bool *ret_is_stale, struct err *err)
{
	sqlite3 *db = NULL;
	bool is_stale = false;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	int code = open_uri(path, "?mode=ro", &db);
	if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) {
		sqlite3_close(db);
		db = NULL;
		is_stale = true;
		code = open_uri(path, "?mode=ro&immutable=1", &db);
	}
	if (code != SQLITE_OK) {
		bool is_gone = access(path, F_OK) == -1 && errno == ENOENT;
		if (!is_gone)
			db_fail(db, err);
		sqlite3_close(db);
		return is_gone ? 0 : -1;
	}
	*ret_db = db;
	*ret_is_stale = is_stale;
	return 1;
}

int
db_run(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(db, err);
}

int
db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_stmt, struct err *err)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL) !=
	    SQLITE_OK)
		return db_fail(db, err);
	return 0;
}

int
db_number(sqlite3 *db, const char *sql, int64_t *ret_number, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int result = 0;

	if (db_prepare(db, sql, &stmt, err) == -1)
		return -1;
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(stmt, 0);
	else if (code == SQLITE_DONE)
		*ret_number = 0;
	else
		result = db_fail(db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
db_has_column(
    sqlite3 *db, const char *table, const char *column, bool *ret_has, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code;

	if (db_prepare(db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", &stmt,
		err) == -1)
		return -1;
	db_bind_text(stmt, 1, view_of(table));
	db_bind_text(stmt, 2, view_of(column));
	code = sqlite3_step(stmt);
	*ret_has = code == SQLITE_ROW;
	int result = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : db_fail(db, err);
	sqlite3_finalize(stmt);
	return result;
}

/* Binding fails for a wrong number only, which is our mistake, or for lack of memory. */
void
db_bind_text(sqlite3_stmt *stmt, int at, struct view text)
{
	if (text.n == 0)
		must(sqlite3_bind_null(stmt, at) == SQLITE_OK);
	else
		must(sqlite3_bind_text64(stmt, at, text.p, text.n, SQLITE_STATIC,
			 SQLITE_UTF8) == SQLITE_OK);
}

void
db_bind_number(sqlite3_stmt *stmt, int at, int64_t number)
{
	must(sqlite3_bind_int64(stmt, at, number) == SQLITE_OK);
}

struct view
db_text(sqlite3_stmt *stmt, int at, struct arena *arena)
{
	const void *p = sqlite3_column_blob(stmt, at);
	int n = sqlite3_column_bytes(stmt, at);

	return arena_view(arena, (struct view){p, p != NULL ? (size_t)n : 0});
}
