/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "journal/db.h"
#include "journal/outcome.h"
#include "journal/reader.h"

/* What became of messages, and what admins did. */

#define SELECT_OUTCOME                                                                     \
	"SELECT time, delay, what, queue_id, other_id, coalesce(recipient, '@' || "        \
	"domain),"                                                                         \
	" original, relay, dsn, user, client, sender, program, text, domain, %s"           \
	" FROM outcome"                                                                    \
	" WHERE (?3 = 0 OR time >= ?3) AND (?4 = 0 OR time < ?4)"                          \
	" AND (?5 IS NULL OR instr(?5, ' ' || what || ' ') > 0)%s ORDER BY id"

struct give {
	const struct journal_past *past;
	journal_outcome_each *outcome;
	journal_action_each *action;
	journal_sample_each *sample;
	journal_brief_each *brief;
	void *context;
};

enum { COLUMN_RCPT = 5, COLUMN_DOMAIN = 14, COLUMN_PARTS, DOMAIN_MAX = 255 };

static bool
is_of_domain(sqlite3_stmt *stmt, const struct map *domains)
{
	const char *p = sqlite3_column_blob(stmt, COLUMN_DOMAIN);
	int n = sqlite3_column_bytes(stmt, COLUMN_DOMAIN);
	char lower[DOMAIN_MAX];

	if (domains == NULL || sqlite3_column_type(stmt, COLUMN_RCPT) == SQLITE_NULL)
		return true;
	if (p == NULL || n <= 0 || n > DOMAIN_MAX)
		return false;
	for (int i = 0; i < n; i++)
		lower[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 'a' - 'A') : p[i];
	return map_get(domains, (struct view){lower, (size_t)n}) != NULL;
}

static int
give_outcomes(
    struct row_file *file, sqlite3_stmt *stmt, const struct give *give, struct err *err)
{
	int code = SQLITE_DONE, result = 0;

	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct outcome outcome = {.time = sqlite3_column_int64(stmt, 0),
		    .delay_ms = (uint32_t)sqlite3_column_int64(stmt, 1)};
		struct view *const texts[] = {&outcome.what, &outcome.queue_id,
		    &outcome.other_id, &outcome.rcpt, &outcome.orig_rcpt, &outcome.relay,
		    &outcome.dsn, &outcome.user, &outcome.client, &outcome.sender,
		    &outcome.program, &outcome.text};

		if (!is_of_domain(stmt, give->past->domains))
			continue;
		arena_reset(file->arena);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			*texts[i] = db_text(stmt, (int)i + 2, file->arena);
		for (int i = 0; i < OUTCOME_DELAYS; i++)
			outcome.delays_ms[i] =
			    (uint32_t)sqlite3_column_int64(stmt, COLUMN_PARTS + i);
		result = give->outcome(give->context, &outcome);
	}
	return result == 0 && code != SQLITE_DONE ? db_fail(file->db, err) : result;
}

static int
day_outcomes(void *context, struct row_file *file, struct err *err)
{
	const struct give *give = context;
	const struct journal_past *past = give->past;
	const char *ids = past->id.n == 0         ? ""
			  : past->other_id.n == 0 ? " AND queue_id = ?1"
						  : " AND (queue_id = ?1 OR other_id = ?2)";
	char sql[sizeof(SELECT_OUTCOME) + 200];
	sqlite3_stmt *stmt = NULL;
	int64_t is_there;
	bool has_parts;

	if (row_has_outcomes(file, &is_there, err) == -1 ||
	    db_has_column(file->db, "outcome", "delay_active", &has_parts, err) == -1)
		return -1;
	if (is_there == 0)
		return 0;
	snprintf(sql, sizeof(sql), SELECT_OUTCOME,
	    has_parts ? "delay_before, delay_active, delay_connect, delay_send"
		      : "0, 0, 0, 0",
	    ids);
	if (db_prepare(file->db, sql, &stmt, err) == -1)
		return -1;
	if (past->id.n > 0)
		db_bind_text(stmt, 1, past->id);
	if (past->other_id.n > 0)
		db_bind_text(stmt, 2, past->other_id);
	db_bind_number(stmt, 3, past->since);
	db_bind_number(stmt, 4, past->until);
	db_bind_text(stmt, 5, past->words);
	int result = give_outcomes(file, stmt, give, err);
	sqlite3_finalize(stmt);
	return result;
}

int
journal_past_outcomes(struct journal_reader *reader, const struct journal_past *past,
    journal_outcome_each *each, void *context, struct err *err)
{
	struct give give = {.past = past, .outcome = each, .context = context};

	return journal_reader_days(
	    reader, past->since, past->until, day_outcomes, &give, err);
}

static int
day_actions(void *context, struct row_file *file, struct err *err)
{
	const struct give *give = context;
	const struct journal_past *past = give->past;
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE, result = 0;

	if (db_prepare(file->db,
		"SELECT time, what, who, text FROM action WHERE (?1 IS NULL OR"
		" instr(text, ?1) > 0) AND (?2 = 0 OR time >= ?2) AND (?3 = 0 OR time < ?3)"
		" ORDER BY id",
		&stmt, err) == -1)
		return -1;
	db_bind_text(stmt, 1, past->id);
	db_bind_number(stmt, 2, past->since);
	db_bind_number(stmt, 3, past->until);
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		arena_reset(file->arena);
		const struct journal_action_row row = {sqlite3_column_int64(stmt, 0),
		    db_text(stmt, 1, file->arena), db_text(stmt, 2, file->arena),
		    db_text(stmt, 3, file->arena)};
		result = give->action(give->context, &row);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(file->db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
journal_past_actions(struct journal_reader *reader, const struct journal_past *past,
    journal_action_each *each, void *context, struct err *err)
{
	struct give give = {.past = past, .action = each, .context = context};

	return journal_reader_days(
	    reader, past->since, past->until, day_actions, &give, err);
}

static bool
queue_of(struct view name, enum sample_queue *ret_queue)
{
	for (unsigned i = 0; i < SAMPLE_QUEUES; i++)
		if (view_is(name, view_of(sample_queue_name(i)))) {
			*ret_queue = (enum sample_queue)i;
			return true;
		}
	return false;
}

/* Rows of one time are one sample. */
static int
give_samples(
    struct row_file *file, sqlite3_stmt *stmt, const struct give *give, struct err *err)
{
	struct journal_sample sample = {.time = 0};
	int code = SQLITE_DONE, result = 0;

	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t time = sqlite3_column_int64(stmt, 0);
		enum sample_queue queue;

		if (time != sample.time && sample.time != 0)
			result = give->sample(give->context, &sample);
		if (time != sample.time)
			sample = (struct journal_sample){.time = time};
		arena_reset(file->arena);
		if (queue_of(db_text(stmt, 1, file->arena), &queue))
			sample.queues[queue] =
			    (struct sample_count){(uint64_t)sqlite3_column_int64(stmt, 2),
				(uint64_t)sqlite3_column_int64(stmt, 3),
				sqlite3_column_int64(stmt, 4)};
	}
	if (result == 0 && sample.time != 0)
		result = give->sample(give->context, &sample);
	return result == 0 && code != SQLITE_DONE ? db_fail(file->db, err) : result;
}

static int
day_samples(void *context, struct row_file *file, struct err *err)
{
	const struct give *give = context;
	sqlite3_stmt *stmt = NULL;
	bool is_there;

	if (db_has_column(file->db, "queue", "oldest", &is_there, err) == -1)
		return -1;
	if (!is_there)
		return 0;
	if (db_prepare(file->db,
		"SELECT time, name, messages, bytes, oldest FROM queue WHERE (?1 = 0 OR"
		" time >= ?1) AND (?2 = 0 OR time < ?2) ORDER BY time",
		&stmt, err) == -1)
		return -1;
	db_bind_number(stmt, 1, give->past->since);
	db_bind_number(stmt, 2, give->past->until);
	int result = give_samples(file, stmt, give, err);
	sqlite3_finalize(stmt);
	return result;
}

int
journal_past_samples(struct journal_reader *reader, const struct journal_past *past,
    journal_sample_each *each, void *context, struct err *err)
{
	struct give give = {.past = past, .sample = each, .context = context};

	return journal_reader_days(
	    reader, past->since, past->until, day_samples, &give, err);
}

static int
day_decisions(void *context, struct row_file *file, struct err *err)
{
	const struct give *give = context;
	const struct journal_past *past = give->past;
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE, result = 0;

	if (db_prepare(file->db,
		"SELECT time, queue_id, user FROM decision WHERE queue_id IS NOT NULL"
		" AND (?1 = 0 OR time >= ?1) AND (?2 = 0 OR time < ?2) ORDER BY id",
		&stmt, err) == -1)
		return -1;
	db_bind_number(stmt, 1, past->since);
	db_bind_number(stmt, 2, past->until);
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		arena_reset(file->arena);
		const struct journal_brief brief = {sqlite3_column_int64(stmt, 0),
		    db_text(stmt, 1, file->arena), db_text(stmt, 2, file->arena)};
		result = give->brief(give->context, &brief);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(file->db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
journal_past_decisions(struct journal_reader *reader, const struct journal_past *past,
    journal_brief_each *each, void *context, struct err *err)
{
	struct give give = {.past = past, .brief = each, .context = context};

	return journal_reader_days(
	    reader, past->since, past->until, day_decisions, &give, err);
}
