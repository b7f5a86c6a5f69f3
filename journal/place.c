/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <limits.h>

#include "lib/arena.h"
#include "lib/bug.h"

#include "journal/day.h"
#include "journal/place.h"

/* Lines of two days come mixed around midnight, or when the clock was set; and of a machine
 * that sends little the log says nothing for days, in which there are files all the same. */
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
static void
take_place(sqlite3 *db, struct arena *arena, struct buf *place, uint64_t *number)
{
	sqlite3_stmt *stmt = NULL;

	if (db_prepare(db,
		"SELECT a.value, b.value FROM meta a, meta b"
		" WHERE a.name = 'place' AND b.name = 'place_number'",
		&stmt, NULL) == -1)
		return;
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    (uint64_t)sqlite3_column_int64(stmt, 1) > *number) {
		*number = (uint64_t)sqlite3_column_int64(stmt, 1);
		buf_reset(place);
		buf_add(place, db_text(stmt, 0, arena));
	}
	sqlite3_finalize(stmt);
}

void
place_read(const char *dir, struct buf *ret_place, uint64_t *ret_number)
{
	struct newest newest = {.n = 0};
	struct arena *arena = arena_new(0);
	DIR *listing = opendir(dir);
	const struct dirent *entry;
	int64_t number;

	*ret_number = 0;
	while (listing != NULL && (entry = readdir(listing)) != NULL)
		if (day_of_name(entry->d_name, &number))
			note_day(&newest, number);
	if (listing != NULL)
		closedir(listing);
	for (size_t i = 0; i < newest.n; i++) {
		char path[PATH_MAX];
		bool is_stale;
		sqlite3 *db;

		day_path(dir, newest.days[i], path);
		if (db_open_read(path, &db, &is_stale, NULL) != 1)
			continue;
		take_place(db, arena, ret_place, ret_number);
		sqlite3_close(db);
	}
	arena_free(arena);
}
