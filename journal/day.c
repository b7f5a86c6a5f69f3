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

#include "journal/day.h"
#include "journal/more.h"
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

static void
remember_key(struct day *day, struct view id, int64_t row)
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
	    db_prepare(day->db, SCHEMA_ADD_DROPPED, &day->add_dropped, err) == -1)
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

/* Within a transaction. */
static int
index_rows(struct day *day, int64_t mono, struct err *err)
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

			remember_key(day, (struct view){p, (size_t)n},
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
	return result == 0 && day->n_keys > 0 ? index_rows(day, day->used, err) : result;
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
	if (db_run(day->db, "BEGIN IMMEDIATE;" SCHEMA_DAY, err) == -1 ||
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
	sqlite3_close(day->db);
	free(day->keys);
	buf_fini(&day->json);
	day->add_decision = day->add_recipient = day->add_action = NULL;
	day->add_dropped = day->add_key = NULL;
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

static int
step(struct day *day, sqlite3_stmt *stmt, struct err *err)
{
	int code = sqlite3_step(stmt);

	/* The reset repeats the code of a failed step. */
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : db_fail(day->db, err);
}

static int
add_recipient(struct day *day, uint32_t n, const struct fact_address *address,
    const struct day_privacy *privacy, struct err *err)
{
	sqlite3_stmt *stmt = day->add_recipient;
	char hash[20];

	db_bind_number(stmt, 1, day->next_id);
	db_bind_number(stmt, 2, n);
	db_bind_text(stmt, 3, VIEW_NONE);
	db_bind_text(stmt, 4, VIEW_NONE);
	switch (privacy->recipients) {
	case JOURNAL_RCPT_FULL:
		db_bind_text(stmt, 3, address->text);
		db_bind_text(stmt, 4, address->domain);
		break;
	case JOURNAL_RCPT_DOMAIN:
		db_bind_text(stmt, 4, address->domain);
		break;
	case JOURNAL_RCPT_HASH:
		snprintf(hash, sizeof(hash), "#%016llx",
		    (unsigned long long)siphash(privacy->seed,
			address->text.p != NULL ? address->text.p : "", address->text.n));
		db_bind_text(stmt, 3, view_of(hash));
		break;
	}
	return step(day, stmt, err);
}

static int
add_decision(
    struct day *day, const struct journal_row *row, struct view host, struct err *err)
{
	const struct facts *facts = &row->facts;
	sqlite3_stmt *stmt = day->add_decision;
	char client[ADDR_TEXT] = "";

	if (facts->client.family != ADDR_NONE)
		addr_text(facts->client, client);
	buf_reset(&day->json);
	more_write(row, &day->json);

	const struct {
		enum schema_decision column;
		struct view text;
	} texts[] = {
	    {DECISION_HOST, host},
	    {DECISION_QUEUE_ID, facts->queue_id},
	    {DECISION_MESSAGE_ID, facts->message_id},
	    {DECISION_VERDICT, row->verdict},
	    {DECISION_PLACE, row->place},
	    {DECISION_LABEL, row->label},
	    {DECISION_PATH, view_of(fact_path_name(facts->path))},
	    {DECISION_USER, facts->user},
	    {DECISION_CLIENT, view_of(client)},
	    {DECISION_SENDER, facts->sender.text},
	    {DECISION_AUTHOR, facts->author.text},
	    {DECISION_SIGNED, row->signed_with},
	    {DECISION_POLICY, row->policy},
	    {DECISION_MORE, buf_view(&day->json)},
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		db_bind_text(stmt, (int)texts[i].column + 1, texts[i].text);
	db_bind_number(stmt, DECISION_ID + 1, day->next_id);
	db_bind_number(stmt, DECISION_TIME + 1, facts->time);
	db_bind_number(stmt, DECISION_RCPTS + 1, facts->rcpts);
	db_bind_number(stmt, DECISION_SIZE + 1, (int64_t)facts->size);
	return step(day, stmt, err);
}

static int
add_action(struct day *day, const struct record_action *action, struct err *err)
{
	db_bind_number(day->add_action, 1, action->time);
	db_bind_text(day->add_action, 2, action->what);
	db_bind_text(day->add_action, 3, action->who);
	db_bind_text(day->add_action, 4, action->text);
	return step(day, day->add_action, err);
}

int
day_begin(struct day *day, struct err *err)
{
	return db_run(day->db, "BEGIN IMMEDIATE", err);
}

int
day_add(struct day *day, const struct record *record, const struct day_privacy *privacy,
    struct view host, struct err *err)
{
	const struct facts *facts = &record->row.facts;

	if (record->kind == RECORD_ACTION)
		return add_action(day, &record->action, err);
	if (add_decision(day, &record->row, host, err) == -1)
		return -1;
	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++) {
		if (add_recipient(day, i, &facts->rcpt_sample[i], privacy, err) == -1)
			return -1;
	}
	remember_key(day, facts->queue_id, day->next_id);
	remember_key(day, facts->message_id, day->next_id);
	day->next_id++;
	return day->n_keys + 2 > DAY_KEYS_MAX ? index_rows(day, clock_mono(), err) : 0;
}

int
day_add_dropped(
    struct day *day, int64_t time, uint64_t count, const char *why, struct err *err)
{
	db_bind_number(day->add_dropped, 1, time);
	db_bind_number(day->add_dropped, 2, (int64_t)count);
	db_bind_text(day->add_dropped, 3, view_of(why));
	return step(day, day->add_dropped, err);
}

int
day_commit(struct day *day, int64_t mono, struct err *err)
{
	if (day->n_keys > 0 && mono - day->indexed >= DAY_INDEX_US &&
	    index_rows(day, mono, err) == -1)
		return -1;
	day->used = mono;
	return db_run(day->db, "COMMIT", err);
}

int
day_index(struct day *day, int64_t mono, struct err *err)
{
	if (day->n_keys == 0)
		return 0;
	if (day_begin(day, err) == -1 || index_rows(day, mono, err) == -1)
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
