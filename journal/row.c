/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>

#include "lib/bug.h"

#include "journal/address.h"
#include "journal/day.h"
#include "journal/db.h"
#include "journal/more.h"
#include "journal/row.h"
#include "journal/schema.h"

#define SELECT_DECISION "SELECT " SCHEMA_DECISION MORE_COLUMNS " FROM decision "

/* A parameter that is NULL leaves its condition out. */
#define WHERE_FITS                                                                         \
	"WHERE id BETWEEN ?1 AND ?2"                                                       \
	" AND (?3 IS NULL OR user = ?3 COLLATE NOCASE)"                                    \
	" AND (?4 IS NULL OR sender = ?4 COLLATE NOCASE OR author = ?4 COLLATE NOCASE)"    \
	" AND (?5 IS NULL OR substr(sender, -length(?5)) = ?5 COLLATE NOCASE"              \
	"      OR substr(author, -length(?5)) = ?5 COLLATE NOCASE)"                        \
	" AND (?6 IS NULL OR verdict = ?6)"                                                \
	" AND (?7 IS NULL OR place = ?7 OR label = ?7 COLLATE NOCASE"                      \
	"      OR substr(place, -length(?7) - 1) = ':' || ?7)"                             \
	" AND (?8 = 0 OR time >= ?8) AND (?9 = 0 OR time < ?9)"                            \
	" AND (?10 = 0 OR json_extract(iif(json_valid(more), more, '{}'), '$.watch')"      \
	"      IS NOT NULL)"                                                               \
	" AND (?11 = 0 OR is_wanted(queue_id)) "

/* To one of these it was written, or led by an alias, perhaps after it was requeued.
 * Postfix's log has whole seconds, and what came before is of another message with the same
 * short queue id. Whatever does not depend on the decision is looked for once. */
#define TO_RECIPIENT                                                                       \
	"id IN (SELECT decision FROM recipient WHERE decision BETWEEN ?1 AND ?2"           \
	" AND is_to(address, domain))"
#define LED_LATER "led.time > decision.time - 1000000"
#define TO_OUTCOME                                                                         \
	"queue_id IN (SELECT queue_id FROM led)"                                           \
	" AND EXISTS (SELECT 1 FROM led WHERE led.queue_id = decision.queue_id"            \
	" AND " LED_LATER ")"
#define TO_REQUEUED                                                                        \
	"queue_id IN (SELECT p.other_id FROM outcome AS p WHERE p.what = 'picked-up'"      \
	" AND p.queue_id IN (SELECT queue_id FROM led))"                                   \
	" AND EXISTS (SELECT 1 FROM led JOIN outcome AS p ON p.queue_id = led.queue_id"    \
	" WHERE p.what = 'picked-up' AND p.other_id = decision.queue_id AND " LED_LATER    \
	")"
#define WITH_LED                                                                           \
	"WITH led AS MATERIALIZED (SELECT queue_id, time FROM outcome"                     \
	" WHERE is_to(recipient, domain) OR is_to(original, NULL)) "

enum { SENDER_MAX = 1024, FILTERED_MAX = 4096 };

int
row_open(struct row_file *file, const char *path, struct arena *arena, struct err *err)
{
	file->arena = arena;
	return db_open_read(path, &file->db, &file->is_stale, err);
}

void
row_close(struct row_file *file)
{
	sqlite3_close(file->db);
	file->db = NULL;
}

int
row_last(struct row_file *file, int64_t *ret_id, struct err *err)
{
	return db_number(file->db, "SELECT max(id) FROM decision", ret_id, err);
}

static void
read_columns(sqlite3_stmt *stmt, struct arena *arena, struct journal_row *row)
{
	struct facts *facts = &row->facts;
	const struct {
		enum schema_decision column;
		struct view *into;
	} texts[] = {
	    {DECISION_HOST, &row->host},
	    {DECISION_QUEUE_ID, &facts->queue_id},
	    {DECISION_MESSAGE_ID, &facts->message_id},
	    {DECISION_VERDICT, &row->verdict},
	    {DECISION_PLACE, &row->place},
	    {DECISION_LABEL, &row->label},
	    {DECISION_USER, &facts->user},
	    {DECISION_SENDER, &facts->sender.text},
	    {DECISION_AUTHOR, &facts->author.text},
	    {DECISION_SIGNED, &row->signed_with},
	    {DECISION_POLICY, &row->policy},
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i].into = db_text(stmt, (int)texts[i].column, arena);
	row->id = sqlite3_column_int64(stmt, DECISION_ID);
	facts->time = sqlite3_column_int64(stmt, DECISION_TIME);
	facts->rcpts = (uint32_t)sqlite3_column_int64(stmt, DECISION_RCPTS);
	facts->size = (uint64_t)sqlite3_column_int64(stmt, DECISION_SIZE);
	more_read(stmt, DECISION_COLUMNS, arena, row);

	/* A name from a later version: the row is still worth showing. */
	if (!fact_path_of(db_text(stmt, DECISION_PATH, arena), &facts->path))
		facts->path = PATH_INBOUND;
	if (addr_parse(db_text(stmt, DECISION_CLIENT, arena), &facts->client, NULL) == -1)
		facts->client = (struct addr){.family = ADDR_NONE};
}

/* Kept as a domain only, or as a hash: shown as "@domain", "#hash". */
static struct fact_address
read_recipient(sqlite3_stmt *stmt, struct arena *arena)
{
	struct view address = db_text(stmt, 0, arena), domain = db_text(stmt, 1, arena);

	if (address.n > 0)
		return address_split(address, domain);
	char *text = arena_alloc(arena, domain.n + 2);
	text[0] = '@';
	for (size_t i = 0; i < domain.n; i++)
		text[i + 1] = domain.p[i];
	return (struct fact_address){.text = {text, domain.n + 1}, .domain = domain};
}

static int
read_recipients(
    struct row_file *file, sqlite3_stmt *stmt, struct journal_row *row, struct err *err)
{
	struct fact_address *sample =
	    arena_array(file->arena, FACTS_RCPT_SAMPLE, sizeof(*sample));
	uint32_t n = 0;
	int code = SQLITE_DONE;

	db_bind_number(stmt, 1, row->id);
	while (n < FACTS_RCPT_SAMPLE && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		sample[n++] = read_recipient(stmt, file->arena);
	row->facts.rcpt_sample = sample;
	row->facts.n_rcpt_sample = n;
	sqlite3_reset(stmt);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : db_fail(file->db, err);
}

/* Step through STMT, whose columns are SELECT_DECISION's. Takes it. */
static int
give_rows(struct row_file *file, sqlite3_stmt *stmt, journal_each *each, void *context,
    struct err *err)
{
	sqlite3_stmt *recipients = NULL;
	int code = SQLITE_DONE, result;

	result = db_prepare(file->db,
	    "SELECT address, domain FROM recipient WHERE decision = ?1 ORDER BY n",
	    &recipients, err);
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct journal_row row = {.id = 0};

		arena_reset(file->arena);
		read_columns(stmt, file->arena, &row);
		result = read_recipients(file, recipients, &row, err);
		if (result == 0)
			result = each(context, &row);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(file->db, err);
	sqlite3_finalize(recipients);
	sqlite3_finalize(stmt);
	return result;
}

int
row_find(struct row_file *file, struct view id, journal_each *each, void *context,
    struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (db_prepare(file->db,
		SELECT_DECISION "WHERE (id IN (SELECT k.id FROM k WHERE key = ?1)"
				" OR id > (SELECT value FROM meta WHERE name = 'indexed'))"
				" AND (queue_id = ?2 OR message_id = ?2) ORDER BY id",
		&stmt, err) == -1)
		return -1;
	db_bind_number(stmt, 1, day_key_of(id));
	db_bind_text(stmt, 2, id);
	return give_rows(file, stmt, each, context, err);
}

/* The sender asked for as an address, or as "@domain" when it is a domain. */
static void
bind_sender(sqlite3_stmt *stmt, struct view sender)
{
	char domain[SENDER_MAX] = "@";
	size_t n = 1;

	db_bind_text(stmt, 4, VIEW_NONE);
	db_bind_text(stmt, 5, VIEW_NONE);
	if (sender.n == 0)
		return;
	if (sender.p[0] == '@') {
		db_bind_text(stmt, 5, sender);
	} else if (view_has_char(sender, '@')) {
		db_bind_text(stmt, 4, sender);
	} else {
		for (size_t i = 0; i < sender.n && n < sizeof(domain); i++)
			domain[n++] = sender.p[i];
		must(sqlite3_bind_text64(
			 stmt, 5, domain, n, SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK);
	}
}

static void
bind_filter(sqlite3_stmt *stmt, const struct journal_filter *filter, struct row_range range)
{
	db_bind_number(stmt, 1, range.first);
	db_bind_number(stmt, 2, range.last);
	db_bind_text(stmt, 3, filter->user);
	bind_sender(stmt, filter->sender);
	db_bind_text(stmt, 6, filter->verdict);
	db_bind_text(stmt, 7, filter->rule);
	db_bind_number(stmt, 8, filter->since);
	db_bind_number(stmt, 9, filter->until);
	db_bind_number(stmt, 10, filter->watch);
	db_bind_number(stmt, 11, filter->queue_ids != NULL);
}

/* One pass over the rows costs less than looking up thousands of ids, and what is not
 * wanted is not read. */
static void
is_wanted(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct map *ids = sqlite3_user_data(context);
	const void *text = sqlite3_value_text(values[0]);
	const struct view id = {text, (size_t)sqlite3_value_bytes(values[0])};

	must(n == 1);
	sqlite3_result_int(context, id.p != NULL && map_get(ids, id) != NULL);
}

/* Is the address, or where it is not kept its domain, the one that is looked for? */
static void
is_to(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct view *to = sqlite3_user_data(context);
	const char *text = (const char *)sqlite3_value_text(values[0]);
	const struct view address = {text, (size_t)sqlite3_value_bytes(values[0])};
	const char *name = (const char *)sqlite3_value_text(values[1]);
	const struct view domain = {name, (size_t)sqlite3_value_bytes(values[1])};

	must(n == 2);
	sqlite3_result_int(context, address_is_to(*to, address, domain));
}

/* The functions that SQL below calls; CONTEXTs live as long as FILTER. */
static int
add_functions(struct row_file *file, const struct journal_filter *filter, struct err *err)
{
	union {
		const void *in;
		void *out;
	} ids = {.in = filter->queue_ids}, to = {.in = &filter->to};

	if (sqlite3_create_function(file->db, "is_wanted", 1, SQLITE_UTF8, ids.out,
		is_wanted, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(
		file->db, "is_to", 2, SQLITE_UTF8, to.out, is_to, NULL, NULL) != SQLITE_OK)
		return db_fail(file->db, err);
	return 0;
}

/* What fits: whole decisions, or, the newest first, their ids. */
static int
prepare_filtered(struct row_file *file, bool ids_alone, const struct journal_filter *filter,
    struct row_range range, sqlite3_stmt **ret_stmt, struct err *err)
{
	const char *what = ids_alone ? "SELECT id FROM decision " : SELECT_DECISION;
	char sql[FILTERED_MAX];
	const char *with = "", *to = "";
	int64_t has_outcomes = 0;

	if (filter->to.n > 0) {
		if (row_has_outcomes(file, &has_outcomes, err) == -1)
			return -1;
		with = has_outcomes > 0 ? WITH_LED : "";
		to = has_outcomes > 0 ? "AND (" TO_RECIPIENT " OR " TO_OUTCOME
					" OR " TO_REQUEUED ") "
				      : "AND " TO_RECIPIENT " ";
	}
	must(snprintf(sql, sizeof(sql), "%s%s" WHERE_FITS "%sORDER BY id%s", with, what, to,
		 ids_alone ? " DESC" : "") < FILTERED_MAX);
	if (add_functions(file, filter, err) == -1 ||
	    db_prepare(file->db, sql, ret_stmt, err) == -1)
		return -1;
	bind_filter(*ret_stmt, filter, range);
	return 0;
}

int
row_scan(struct row_file *file, const struct journal_filter *filter, struct row_range range,
    journal_each *each, void *context, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (prepare_filtered(file, false, filter, range, &stmt, err) == -1)
		return -1;
	return give_rows(file, stmt, each, context, err);
}

int
row_newest(struct row_file *file, const struct journal_filter *filter, uint64_t limit,
    int64_t *ret_first, uint64_t *ret_count, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	uint64_t count = 0;
	int code;

	if (prepare_filtered(
		file, true, filter, (struct row_range){0, INT64_MAX}, &stmt, err) == -1)
		return -1;
	while (count < limit && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		*ret_first = sqlite3_column_int64(stmt, 0);
		count++;
	}
	*ret_count = count;
	int result = count == limit || code == SQLITE_DONE ? 0 : db_fail(file->db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
row_has_outcomes(struct row_file *file, int64_t *ret_number, struct err *err)
{
	return db_number(file->db,
	    "SELECT count(*) FROM pragma_table_info('outcome') WHERE name = 'what'",
	    ret_number, err);
}
