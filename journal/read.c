/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "journal/day.h"
#include "journal/db.h"
#include "journal/reader.h"
#include "journal/row.h"

/* Who gets the rows, and the first thing that went wrong. */
struct give {
	journal_each *each;
	void *context;
	struct err *err;
};

/* How far a day has been read, for following; and by what its file is known to be
 * unchanged. */
struct mark {
	int64_t number, last_id;
	ino_t inode;
};

struct journal_reader {
	char dir[PATH_MAX];
	struct arena *arena;
	struct mark *marks; /* by number */
	size_t n_marks;
	bool is_stale;
};

static int
compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static struct mark *
find_mark(struct journal_reader *reader, int64_t number)
{
	const struct mark key = {.number = number};

	return reader->n_marks == 0 ? NULL
				    : bsearch(&key, reader->marks, reader->n_marks,
					  sizeof(key), compare_marks);
}

/* The days there are now, with the marks of those that were there before. */
static int
list_days(struct journal_reader *reader, struct err *err)
{
	DIR *listing = opendir(reader->dir);
	struct mark *marks = NULL;
	const struct dirent *entry;
	size_t n = 0;
	int64_t number;

	if (listing == NULL)
		return err_sys(err, "%s", reader->dir);
	while ((entry = readdir(listing)) != NULL) {
		if (!day_of_name(entry->d_name, &number))
			continue;
		const struct mark *known = find_mark(reader, number);

		marks = mem_resize(marks, n + 1, sizeof(*marks));
		marks[n++] = known != NULL ? *known : (struct mark){.number = number};
	}
	closedir(listing);
	if (n > 0)
		qsort(marks, n, sizeof(*marks), compare_marks);
	free(reader->marks);
	reader->marks = marks;
	reader->n_marks = n;
	return 0;
}

/* 1, 0 when it is gone, -1. A file that was replaced is read from its beginning. */
static int
open_day(struct journal_reader *reader, struct mark *mark, struct row_file *file,
    struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	day_path(reader->dir, mark->number, path);
	if (stat(path, &st) == -1 && errno == ENOENT)
		return 0;
	int result = row_open(file, path, reader->arena, err);
	if (result == -1)
		return err_add(err, "%s", path);
	if (result == 0)
		return 0;
	if (mark->inode != st.st_ino)
		mark->last_id = 0;
	mark->inode = st.st_ino;
	reader->is_stale = reader->is_stale || file->is_stale;
	return 1;
}

int
journal_reader_open(const char *dir, struct journal_reader **ret_reader, struct err *err)
{
	struct journal_reader *reader = mem_zeroed(1, sizeof(*reader));

	snprintf(reader->dir, sizeof(reader->dir), "%s", dir);
	reader->arena = arena_new(0);
	if (list_days(reader, err) == -1) {
		journal_reader_close(reader);
		return -1;
	}
	/* What is there already is not followed. A file that cannot be read says so later.
	 */
	for (size_t i = 0; i < reader->n_marks; i++) {
		struct row_file file;

		if (open_day(reader, &reader->marks[i], &file, NULL) != 1)
			continue;
		row_last(&file, &reader->marks[i].last_id, NULL);
		row_close(&file);
	}
	*ret_reader = reader;
	return 0;
}

void
journal_reader_close(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	arena_free(reader->arena);
	free(reader->marks);
	free(reader);
}

const char *
journal_reader_dir(const struct journal_reader *reader)
{
	return reader->dir;
}

bool
journal_reader_is_stale(const struct journal_reader *reader)
{
	return reader->is_stale;
}

/* One damaged file must not hide the others: remember the first error and go on. */
static int
keep_first(struct err *first, const struct err *err)
{
	if (first != NULL && first->code == ERR_NONE)
		*first = *err;
	return -1;
}

static bool
day_is_outside(int64_t since, int64_t until, int64_t number)
{
	return (since != 0 && number < day_of(since)) ||
	       (until != 0 && number > day_of(until));
}

int
journal_reader_days(struct journal_reader *reader, int64_t since, int64_t until,
    journal_reader_day *each, void *context, struct err *err)
{
	int result = 0;

	if (list_days(reader, err) == -1)
		return -1;
	for (size_t i = 0; i < reader->n_marks; i++) {
		struct err why = ERR_INIT;
		struct row_file file;

		if (day_is_outside(since, until, reader->marks[i].number))
			continue;
		int code = open_day(reader, &reader->marks[i], &file, &why);
		if (code == 1) {
			code = each(context, &file, &why);
			row_close(&file);
		}
		if (code == -1)
			result = keep_first(err, &why);
		else if (code != 0)
			return code;
	}
	return result;
}

struct find {
	struct view id;
	journal_each *each;
	void *context;
};

static int
find_in_day(void *context, struct row_file *file, struct err *err)
{
	const struct find *find = context;

	return row_find(file, find->id, find->each, find->context, err);
}

int
journal_find(struct journal_reader *reader, struct view id, journal_each *each,
    void *context, struct err *err)
{
	return journal_find_since(reader, id, 0, each, context, err);
}

int
journal_find_since(struct journal_reader *reader, struct view id, int64_t since,
    journal_each *each, void *context, struct err *err)
{
	struct find find = {id, each, context};

	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		find.id = view_head(view_from(id, 1), id.n - 2);
	if (find.id.n == 0)
		return 0;
	return journal_reader_days(reader, since, 0, find_in_day, &find, err);
}

/* Where the newest rows that fit begin: the day, and the first id of it. */
static void
find_beginning(struct journal_reader *reader, const struct journal_filter *filter,
    size_t *ret_day, int64_t *ret_first)
{
	uint64_t left = filter->newest;

	*ret_day = reader->n_marks;
	for (size_t i = reader->n_marks; i-- > 0 && left > 0;) {
		struct row_file file;
		int64_t first = 0;
		uint64_t count = 0;

		if (open_day(reader, &reader->marks[i], &file, NULL) != 1)
			continue;
		if (row_newest(&file, filter, left, &first, &count, NULL) == 0 &&
		    count > 0) {
			*ret_day = i;
			*ret_first = first;
			left -= count;
		}
		row_close(&file);
	}
}

enum { FROM_MARK = -1 };

/* Rows of one day from FIRST on; the mark moves behind the last that there is. */
static int
scan_day(struct journal_reader *reader, struct mark *mark, int64_t first,
    const struct journal_filter *filter, const struct give *give, struct err *err)
{
	struct row_file file;
	int64_t last;
	int code = open_day(reader, mark, &file, err);

	if (code != 1)
		return code;
	if (first == FROM_MARK)
		first = mark->last_id + 1;
	code = row_last(&file, &last, err);
	if (code == 0 && last >= first)
		code = row_scan(&file, filter, (struct row_range){first, last}, give->each,
		    give->context, err);
	if (code == 0 && last > mark->last_id)
		mark->last_id = last;
	row_close(&file);
	return code;
}

/* From day I on: the first one from id FIRST, the others from their beginning or their
 * mark. */
static int
scan_days(struct journal_reader *reader, size_t i, int64_t first, int64_t then,
    const struct journal_filter *filter, struct give *give)
{
	int result = 0;

	for (; i < reader->n_marks; i++, first = then) {
		struct mark *mark = &reader->marks[i];
		struct err why = ERR_INIT;

		if (day_is_outside(filter->since, filter->until, mark->number))
			continue;
		int code = scan_day(reader, mark, first, filter, give, &why);
		if (code == -1)
			result = keep_first(give->err, &why);
		else if (code != 0)
			return code;
	}
	return result;
}

int
journal_scan(struct journal_reader *reader, const struct journal_filter *filter,
    journal_each *each, void *context, struct err *err)
{
	struct give give = {each, context, err};
	size_t day = 0;
	int64_t first = 0;

	if (list_days(reader, err) == -1)
		return -1;
	if (filter->newest > 0)
		find_beginning(reader, filter, &day, &first);
	return scan_days(reader, day, first, 0, filter, &give);
}

int
journal_scan_files(const char *const *paths, size_t n, const struct journal_filter *filter,
    journal_each *each, void *context, struct err *err)
{
	struct arena *arena = arena_new(0);
	int result = 0;

	for (size_t i = 0; i < n && result <= 0; i++) {
		struct err why = ERR_INIT;
		struct row_file file;
		int code = row_open(&file, paths[i], arena, &why);

		if (code == 0)
			code = err_set(&why, ERR_MISSING, "there is no such file");
		else if (code == 1) {
			code = row_scan(&file, filter, (struct row_range){0, INT64_MAX},
			    each, context, &why);
			row_close(&file);
		}
		if (code == -1) {
			err_add(&why, "%s", paths[i]);
			result = keep_first(err, &why);
		} else if (code != 0) {
			result = code;
		}
	}
	arena_free(arena);
	return result;
}

int
journal_follow(struct journal_reader *reader, const struct journal_filter *filter,
    journal_each *each, void *context, struct err *err)
{
	struct give give = {each, context, err};

	if (list_days(reader, err) == -1)
		return -1;
	return scan_days(reader, 0, FROM_MARK, FROM_MARK, filter, &give);
}
