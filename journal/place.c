/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <limits.h>

#include "lib/arena.h"
#include "lib/bug.h"

#include "journal/day.h"
#include "journal/place.h"

/* Lines of two days come mixed around midnight, or when the clock was set; and of a machine
 * that sends little the log says nothing for days, in which there are files all the same.
 */
enum { DAYS_LOOKED_AT = 64 };

struct newest {
	int64_t days[DAYS_LOOKED_AT]; /* newest first */
	size_t n;
};

static void
note_day(struct newest *newest, int64_t number)
{
	size_t at = newest->n < DAYS_LOOKED_AT ? newest->n++ : DAYS_LOOKED_AT;

	for (; at > 0 && newest->days[at - 1] < number; at--)
		if (at < DAYS_LOOKED_AT)
			newest->days[at] = newest->days[at - 1];
	if (at < DAYS_LOOKED_AT)
		newest->days[at] = number;
}

/* The place that DB has, if it is later than that of *NUMBER. */
static int
take_place(
    sqlite3 *db, struct arena *arena, struct buf *place, uint64_t *number, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int64_t is_there;

	/* Who made the file may have died before there was anything in it. */
	if (db_number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'meta'",
		&is_there, err) == -1)
		return -1;
	if (is_there == 0)
		return 0;
	if (db_prepare(db,
		"SELECT a.value, b.value FROM meta a, meta b"
		" WHERE a.name = 'place' AND b.name = 'place_number'",
		&stmt, err) == -1)
		return -1;
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW && (uint64_t)sqlite3_column_int64(stmt, 1) > *number) {
		*number = (uint64_t)sqlite3_column_int64(stmt, 1);
		buf_reset(place);
		buf_add(place, db_text(stmt, 0, arena));
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : db_fail(db, err);
}

static int
read_day(const char *path, struct arena *arena, struct buf *place, uint64_t *number,
    struct err *err)
{
	bool is_stale;
	sqlite3 *db;
	int result = db_open_read(path, &db, &is_stale, err);

	if (result == 1) {
		result = take_place(db, arena, place, number, err);
		sqlite3_close(db);
	}
	return result;
}

int
place_read(const char *dir, struct buf *ret_place, uint64_t *ret_number, struct err *err)
{
	struct newest newest = {.n = 0};
	struct arena *arena = arena_new(0);
	DIR *listing = opendir(dir);
	const struct dirent *entry;
	int64_t number;
	int result = 0;

	*ret_number = 0;
	while (listing != NULL && (entry = readdir(listing)) != NULL)
		if (day_of_name(entry->d_name, &number))
			note_day(&newest, number);
	if (listing != NULL)
		closedir(listing);
	for (size_t i = 0; i < newest.n; i++) {
		struct err why = ERR_INIT;
		char path[PATH_MAX];

		day_path(dir, newest.days[i], path);
		if (read_day(path, arena, ret_place, ret_number, &why) != -1 ||
		    result == -1)
			continue;
		err_add(&why, "%s", path);
		result = err_set(err, why.code, "%s", why.text);
	}
	arena_free(arena);
	return result;
}
