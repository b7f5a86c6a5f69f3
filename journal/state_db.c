/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <unistd.h>

#include "lib/file.h"

#include "journal/state_db.h"
#include "journal/writer.h"

int
state_db_path(char path[PATH_MAX], const char *dir, struct err *err)
{
	if (file_join(path, PATH_MAX, dir, "state.db") == -1)
		return err_set(err, ERR_CONFIG, "path is too long");
	return 0;
}

int
state_db_failed(const char *path, sqlite3 *db, bool *ret_is_damaged, struct err *err)
{
	bool is_damaged = db != NULL && db_fault(db) == DB_CORRUPT;

	sqlite3_close(db);
	if (is_damaged)
		day_set_aside(path);
	*ret_is_damaged = is_damaged && access(path, F_OK) == -1;
	return err_add(err, is_damaged && !*ret_is_damaged
				? "state.db cannot be set aside, remove it"
				: "state.db");
}
