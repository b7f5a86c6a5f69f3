/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/json.h"
#include "policy/advice.h"
#include "policy/policy.h"

#include "journal/address.h"
#include "journal/db.h"
#include "journal/more.h"

static void
write_text(struct json *json, const char *name, struct view text)
{
	if (text.n > 0)
		json_string(json, name, text);
}

static void
write_number(struct json *json, const char *name, int64_t number)
{
	if (number != 0)
		json_number(json, name, number);
}

static void
write_fits(struct json *json, const struct facts *facts)
{
	if (facts->n_rcpt_fits == 0)
		return;
	json_array(json, "fits");
	for (uint32_t i = 0; i < facts->n_rcpt_fits; i++)
		json_number(json, NULL, facts->rcpt_fits[i]);
	json_end(json);
}

void
more_write(const struct journal_row *row, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
#define WRITE_TEXT(name, member)   write_text(&json, name, row->member);
#define WRITE_NUMBER(name, member) write_number(&json, name, (int64_t)row->member);
	MORE_TEXTS(WRITE_TEXT)
	MORE_NUMBERS(WRITE_NUMBER)
#undef WRITE_TEXT
#undef WRITE_NUMBER
	write_fits(&json, &row->facts);
	json_end(&json);
}

/* "[3,0,12]", as SQLite gives an array back. */
static void
read_fits(struct view text, struct arena *arena, struct facts *facts)
{
	uint32_t *fits, n = 0;
	struct view part;

	if (text.n <= 2 || text.p[0] != '[' || text.p[text.n - 1] != ']')
		return;
	fits = arena_array(arena, POLICY_RCPT_TESTS_MAX, sizeof(*fits));
	text = view_head(view_from(text, 1), text.n - 2);
	while (view_cut(&text, ',', &part)) {
		unsigned long long number;

		if (n == POLICY_RCPT_TESTS_MAX || !view_number(part, UINT32_MAX, &number))
			return;
		fits[n++] = (uint32_t)number;
	}
	facts->rcpt_fits = fits;
	facts->n_rcpt_fits = n;
}

void
more_read(sqlite3_stmt *stmt, int at, struct arena *arena, struct journal_row *row)
{
	struct facts *facts = &row->facts;

#define READ_TEXT(name, member) row->member = db_text(stmt, at++, arena);
#define READ_NUMBER(name, member)                                                          \
	row->member = (__typeof__(row->member))sqlite3_column_int64(stmt, at++);
	MORE_TEXTS(READ_TEXT)
	MORE_NUMBERS(READ_NUMBER)
#undef READ_TEXT
#undef READ_NUMBER
	read_fits(db_text(stmt, at++, arena), arena, facts);
	row->is_damaged = sqlite3_column_int(stmt, at) != 0;
	advice_read_text(row->advice, arena, facts);
	facts->sender = address_split(facts->sender.text, facts->sender.domain);
	facts->author = address_split(facts->author.text, facts->author.domain);
}
