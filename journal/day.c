/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/map.h"

#include "journal/day_private.h"
#include "journal/schema.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

int64_t
day_of(int64_t time)
{
	return time >= 0 ? time / day_us : -((-time + day_us - 1) / day_us);
}

void
day_path(const char *dir, int64_t number, char into[PATH_MAX])
{
	char text[CLOCK_TEXT];

	snprintf(into, PATH_MAX, "%s/journal-%s.db", dir, clock_day(number * day_us, text));
}

const char *
day_name(const struct day *day)
{
	const char *slash = strrchr(day->path, '/');

	return slash != NULL ? slash + 1 : day->path;
}

bool
day_of_name(const char *name, int64_t *ret_number)
{
	char date[CLOCK_TEXT], tail[4] = "";
	int64_t time;
	int end = 0;

	if (sscanf(name, "journal-%10[0-9-].%3s%n", date, tail, &end) != 2 ||
	    strcmp(tail, "db") != 0 || name[end] != '\0' || strlen(date) != 10)
		return false;
	if (clock_parse_since(view_of(date), 0, &time, NULL) == -1)
		return false;
	*ret_number = day_of(time);
	return true;
}

int64_t
day_key_of(struct view id)
{
	/* Not a secret: a reader must find the same. Chosen collisions only cost a look at
	 * the row. */
	static const struct map_seed seed = {0x6672616e6b206a6f, 0x75726e616c206b65};

	return (int64_t)siphash(seed, id.p != NULL ? id.p : "", id.n);
}

void
day_remember_key(struct day *day, struct view id, int64_t row)
{
	must(day->n_keys < DAY_KEYS_MAX);
	if (id.n > 0)
		day->keys[day->n_keys++] = (struct day_key){day_key_of(id), row};
}

static int
prepare(struct day *day, struct err *err)
{
	if (db_prepare(day->db, SCHEMA_ADD_DECISION, &day->add_decision, err) == -1 ||
	    db_prepare(day->db, SCHEMA_ADD_RECIPIENT, &day->add_recipient, err) == -1 ||
	    db_prepare(day->db, SCHEMA_ADD_ACTION, &day->add_action, err) == -1 ||
	    db_prepare(day->db, SCHEMA_ADD_DROPPED, &day->add_dropped, err) == -1 ||
	    db_prepare(day->db, SCHEMA_ADD_OUTCOME, &day->add_outcome, err) == -1 ||
	    db_prepare(day->db, SCHEMA_SET_PLACE, &day->set_place, err) == -1 ||
	    db_prepare(day->db, SCHEMA_ADD_QUEUE, &day->add_queue, err) == -1)
		return -1;
	return db_prepare(day->db, SCHEMA_ADD_KEY, &day->add_key, err);
}

static int
add_keys(struct day *day, struct err *err)
{
	for (size_t i = 0; i < day->n_keys; i++) {
		db_bind_number(day->add_key, 1, day->keys[i].key);
		db_bind_number(day->add_key, 2, day->keys[i].id);
		int code = sqlite3_step(day->add_key);
		sqlite3_reset(day->add_key);
		if (code != SQLITE_DONE)
			return db_fail(day->db, err);
	}
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct day_key *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

int
day_index_rows(struct day *day, int64_t mono, struct err *err)
{
	char sql[96];

	qsort(day->keys, day->n_keys, sizeof(*day->keys), compare_keys);
	if (add_keys(day, err) == -1)
		return -1;
	snprintf(sql, sizeof(sql), "UPDATE meta SET value = %lld WHERE name = 'indexed'",
	    (long long)day->next_id - 1);
	if (db_run(day->db, sql, err) == -1)
		return -1;
	day->n_keys = 0;
	day->indexed = mono;
	return 0;
}

/* Rows that were written but not indexed when the last writer of this file died. */
static int
index_leftovers(struct day *day, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code;

	if (db_prepare(day->db,
		"SELECT id, queue_id, message_id FROM decision WHERE id >"
		" (SELECT value FROM meta WHERE name = 'indexed')",
		&stmt, err) == -1)
		return -1;
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (int column = 1; column <= 2; column++) {
			const void *p = sqlite3_column_blob(stmt, column);
			int n = sqlite3_column_bytes(stmt, column);

			day_remember_key(day, (struct view){p, (size_t)n},
			    sqlite3_column_int64(stmt, 0));
		}
		if (day->n_keys + 2 > DAY_KEYS_MAX) {
			if (add_keys(day, err) == -1)
				break;
			day->n_keys = 0;
		}
	}
	int result = code == SQLITE_DONE ? 0 : db_fail(day->db, err);
	sqlite3_finalize(stmt);
	return result == 0 && day->n_keys > 0 ? day_index_rows(day, day->used, err)
					      : result;
}

/* Earlier frankds made a table 'outcome' of other columns: the first put nothing into it,
 * the next wrote down no parts of a delay. */
static int
mend_old_shape(struct day *day, struct err *err)
{
	bool is_there, has_what, has_parts;

	if (db_has_column(day->db, "outcome", "id", &is_there, err) == -1 ||
	    db_has_column(day->db, "outcome", "what", &has_what, err) == -1 ||
	    db_has_column(day->db, "outcome", "delay_active", &has_parts, err) == -1)
		return -1;
	if (!is_there || has_parts)
		return 0;
	return db_run(day->db, has_what ? SCHEMA_WIDEN_OUTCOME : "DROP TABLE outcome", err);
}

static int
set_up(struct day *day, bool is_synced, struct err *err)
{
	int64_t last;

	if (db_run(day->db,
		"PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;"
		"PRAGMA wal_autocheckpoint = 4000",
		err) == -1)
		return -1;
	if (db_run(day->db,
		is_synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
		err) == -1)
		return -1;
	if (db_run(day->db, "BEGIN IMMEDIATE", err) == -1 ||
	    mend_old_shape(day, err) == -1 || db_run(day->db, SCHEMA_DAY, err) == -1 ||
	    prepare(day, err) == -1)
		return -1;
	if (db_number(day->db, "SELECT max(id) FROM decision", &last, err) == -1)
		return -1;
	day->next_id = last + 1;
	if (index_leftovers(day, err) == -1)
		return -1;
	return db_run(day->db, "COMMIT", err);
}

int
day_open(struct day *day, const char *path, int64_t number, bool is_synced,
    enum db_fault *ret_fault, struct err *err)
{
	struct stat st;

	*day = (struct day){.number = number};
	snprintf(day->path, sizeof(day->path), "%s", path);
	buf_init(&day->json, 1 << 20);
	day->keys = mem_zeroed(DAY_KEYS_MAX, sizeof(*day->keys));
	day->used = day->indexed = clock_mono();
	if (db_open_write(path, &day->db, err) == -1) {
		*ret_fault = err->code == ERR_TEMP ? DB_FULL : DB_OTHER;
		day_close(day);
		return -1;
	}
	if (set_up(day, is_synced, err) == -1) {
		*ret_fault = db_fault(day->db);
		day_close(day);
		return -1;
	}
	if (stat(path, &st) == 0) {
		day->device = st.st_dev;
		day->inode = st.st_ino;
	}
	return 0;
}

void
day_close(struct day *day)
{
	sqlite3_finalize(day->add_decision);
	sqlite3_finalize(day->add_recipient);
	sqlite3_finalize(day->add_action);
	sqlite3_finalize(day->add_dropped);
	sqlite3_finalize(day->add_key);
	sqlite3_finalize(day->add_outcome);
	sqlite3_finalize(day->set_place);
	sqlite3_finalize(day->add_queue);
	sqlite3_close(day->db);
	free(day->keys);
	buf_fini(&day->json);
	day->add_decision = day->add_recipient = day->add_action = NULL;
	day->add_dropped = day->add_key = day->add_outcome = day->set_place =
	    day->add_queue = NULL;
	day->db = NULL;
	day->keys = NULL;
	day->n_keys = 0;
}

bool
day_is_in_place(const struct day *day)
{
	struct stat st;

	return stat(day->path, &st) == 0 && st.st_dev == day->device &&
	       st.st_ino == day->inode;
}

int
day_begin(struct day *day, struct err *err)
{
	return db_run(day->db, "BEGIN IMMEDIATE", err);
}

int
day_commit(struct day *day, int64_t mono, struct err *err)
{
	if (day->n_keys > 0 && mono - day->indexed >= DAY_INDEX_US &&
	    day_index_rows(day, mono, err) == -1)
		return -1;
	day->used = mono;
	return db_run(day->db, "COMMIT", err);
}

int
day_index(struct day *day, int64_t mono, struct err *err)
{
	if (day->n_keys == 0)
		return 0;
	if (day_begin(day, err) == -1 || day_index_rows(day, mono, err) == -1)
		return -1;
	return db_run(day->db, "COMMIT", err);
}

int
day_finish(struct day *day, struct err *err)
{
	int result = day_index(day, clock_mono(), err);

	/* Refused while somebody reads it: then it stays as it is, and the next start tries
	 * again. */
	if (result == 0)
		result = db_run(day->db, "PRAGMA journal_mode = DELETE", err);
	day_close(day);
	return result;
}
