/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "journal/address.h"
#include "journal/day_private.h"
#include "journal/outcome.h"

/* What became of messages. Recipients, also in the words of servers, are kept as the site
 * wants it. */

static struct fact_address
address_of(struct view text)
{
	size_t at = text.n;

	while (at > 0 && text.p[at - 1] != '@')
		at--;
	return address_split(text, at > 0 ? view_from(text, at) : VIEW(""));
}

/* The form in which it may be seen: "#hash", "@domain". */
static void
add_kept(const struct day_address *kept, struct buf *out)
{
	if (kept->text.p == NULL && kept->domain.n > 0)
		buf_add_char(out, '@');
	buf_add(out, kept->text.p != NULL ? kept->text : kept->domain);
}

enum { NAMED_MAX = 6 };

static const struct view mark = {"to=<", 4};

/* Addresses of recipients that the words about an outcome may have in them. */
struct named {
	struct view addresses[NAMED_MAX];
	size_t n;
};

static void
note_named(struct named *named, struct view address)
{
	if (address.n > 0 && named->n < NAMED_MAX)
		named->addresses[named->n++] = address;
}

/* What began with '<', to its '>': in a local part that is quoted that may stand, too. */
static struct view
bracketed(struct view text)
{
	bool is_quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '"')
			is_quoted = !is_quoted;
		else if (text.p[i] == '>' && !is_quoted)
			return view_head(text, i);
	}
	return text;
}

/* Of what was refused there is no recipient but in the words: behind "to=<", and before
 * that in the reply. */
static void
find_named(const struct outcome *outcome, struct named *ret_named)
{
	struct named named = {.n = 0};

	note_named(&named, outcome->rcpt);
	note_named(&named, outcome->orig_rcpt);
	for (size_t at = 0; at < outcome->text.n; at++) {
		struct view rest = view_from(outcome->text, at);

		if (view_starts(rest, mark))
			note_named(&named, bracketed(view_from(rest, mark.n)));
	}
	*ret_named = named;
}

/* What stands at byte AT of WHOLE: behind a mark, or the longest of those that are NAMED;
 * empty: none. */
static struct view
address_at(const struct named *named, struct view whole, size_t at)
{
	struct view address = VIEW(""), text = view_from(whole, at);

	if (at >= mark.n && view_starts(view_from(whole, at - mark.n), mark))
		return bracketed(text);

	for (size_t i = 0; i < named->n; i++)
		if (named->addresses[i].n > address.n &&
		    view_starts_nocase(text, named->addresses[i]))
			address = view_head(text, named->addresses[i].n);
	return address;
}

/* The words, without what the site does not want to keep of recipients. */
static void
add_masked(
    const struct outcome *outcome, const struct day_privacy *privacy, struct buf *out)
{
	const struct view text = outcome->text;
	struct named named;

	find_named(outcome, &named);
	for (size_t at = 0; at < text.n;) {
		struct view address = address_at(&named, text, at);
		struct fact_address parts = address_of(address);
		struct day_address kept;

		if (address.n == 0) {
			buf_add_char(out, text.p[at++]);
			continue;
		}
		day_keep_address(&parts, privacy, &kept);
		add_kept(&kept, out);
		at += address.n;
	}
}

static int
add_outcome(struct day *day, const struct outcome *outcome,
    const struct day_privacy *privacy, struct view host, struct err *err)
{
	sqlite3_stmt *stmt = day->add_outcome;
	struct fact_address rcpt = address_of(outcome->rcpt),
			    original = address_of(outcome->orig_rcpt);
	struct day_address kept_rcpt, kept_original;
	struct view text = outcome->text;

	day_keep_address(&rcpt, privacy, &kept_rcpt);
	day_keep_address(&original, privacy, &kept_original);
	if (privacy->recipients != JOURNAL_RCPT_FULL) {
		buf_reset(&day->json);
		add_masked(outcome, privacy, &day->json);
		text = buf_view(&day->json);
	}
	const struct view texts[] = {host, outcome->what, outcome->queue_id,
	    outcome->other_id, outcome->rcpt.n > 0 ? kept_rcpt.text : VIEW_NONE,
	    outcome->orig_rcpt.n > 0 ? kept_original.text : VIEW_NONE, kept_rcpt.domain,
	    outcome->relay, outcome->dsn};
	const struct view more[] = {
	    outcome->user, outcome->client, outcome->sender, outcome->program, text};
	int at = 1;

	db_bind_number(stmt, at++, outcome->time);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		db_bind_text(stmt, at++, texts[i]);
	db_bind_number(stmt, at++, outcome->delay_ms);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		db_bind_text(stmt, at++, more[i]);
	for (size_t i = 0; i < OUTCOME_DELAYS; i++)
		db_bind_number(stmt, at++, outcome->delays_ms[i]);
	return day_step(day, stmt, err);
}

int
day_add_outcomes(struct day *day, const struct record_outcomes *outcomes,
    const struct day_privacy *privacy, struct view host, struct err *err)
{
	struct view rest = outcomes->batch;
	struct outcome outcome;

	while (outcome_take(&rest, &outcome) == 1)
		if (add_outcome(day, &outcome, privacy, host, err) == -1)
			return -1;
	db_bind_text(day->set_place, 1, outcomes->place);
	db_bind_number(day->set_place, 2, (int64_t)outcomes->number);
	return day_step(day, day->set_place, err);
}
