/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/explain_private.h"
#include "ctl/seen.h"
#include "ctl/show.h"
#include "ctl/trace_text.h"

/* A decision for people. */

enum { HASH_SHOWN = 6, REMEDY_SHOWN = 2048, RCPTS_SHOWN = 4 };

static void
add_field(struct buf *out, const char *name, struct view value)
{
	buf_addf(out, "  %s ", name);
	escape_add(out, value, ESCAPE_MAX);
	buf_add_char(out, ' ');
}

/* To whom it was sent, as far as that is recorded. */
static void
add_rcpts(const struct facts *facts, struct buf *out)
{
	uint32_t n =
	    facts->n_rcpt_sample < RCPTS_SHOWN ? facts->n_rcpt_sample : RCPTS_SHOWN;

	for (uint32_t i = 0; i < n; i++) {
		buf_add_text(out, i == 0 ? "  to " : ", ");
		escape_add(out, facts->rcpt_sample[i].text, ESCAPE_MAX);
	}
	if (n > 0 && facts->rcpts > n)
		buf_addf(out, " and %u more", facts->rcpts - n);
	if (n > 0)
		buf_add_char(out, '\n');
}

static void
add_head(const struct journal_row *row, struct buf *out)
{
	const struct facts *facts = &row->facts;
	char text[CLOCK_TEXT], address[ADDR_TEXT];

	escape_add(out, facts->queue_id.n > 0 ? facts->queue_id : VIEW("-"), ESCAPE_MAX);
	buf_addf(out, "  %s  ", clock_text(facts->time, text));
	escape_add(out, row->verdict, ESCAPE_MAX);
	if (row->label.n > 0) {
		buf_add_text(out, "  \"");
		show_made(out, row->label);
		buf_add_char(out, '"');
	}
	if (row->place.n > 0) {
		buf_add_text(out, "  ");
		escape_add(out, row->place, ESCAPE_MAX);
	}
	buf_add_char(out, '\n');

	if (facts->user.n > 0)
		add_field(out, "user", facts->user);
	if (facts->client.family != ADDR_NONE)
		add_field(out, "client", view_of(addr_text(facts->client, address)));
	add_field(out, "path", view_of(fact_path_name(facts->path)));
	add_field(
	    out, "sender", facts->sender.text.n > 0 ? facts->sender.text : VIEW("<>"));
	if (facts->unclear.n > 0)
		add_field(out, "author unclear:", facts->unclear);
	else
		add_field(out, "author", facts->author.text);
	buf_addf(
	    out, "  rcpts %u   size %llu\n", facts->rcpts, (unsigned long long)facts->size);
	add_rcpts(facts, out);
	if (facts->message_id.n > 0) {
		add_field(out, "message-id", facts->message_id);
		out->n--;
		buf_add_char(out, '\n');
	}
	seen_text(facts, out);
}

/* LIST's parts, a line each. */
static void
add_list(struct buf *out, const char *name, struct view list, char separator)
{
	struct view one;

	while (list.n > 0 && view_cut(&list, separator, &one)) {
		buf_addf(out, "  %s ", name);
		show_made(out, one);
		buf_add_char(out, '\n');
	}
}

/* "not signed (frank.conf:27): why" of one rule, when another may well have signed. */
static void
add_unsigned_note(struct view note, struct buf *out)
{
	const struct view head = VIEW("not signed (");

	if (view_starts(note, head)) {
		buf_add_text(out, "  no signature by ");
		struct view rest = view_from(note, head.n), place;
		view_cut(&rest, ')', &place);
		escape_add(out, place, ESCAPE_MAX);
		show_made(out, rest);
	} else {
		buf_add_text(out, "  ");
		show_made(out, note);
	}
	buf_add_char(out, '\n');
}

/* Why there is no signature, and what to do about it; TRACE is NULL when it is not known.
 */
static void
add_unsigned(const struct journal_row *row, const struct trace *trace, struct buf *out)
{
	bool has_left =
	    view_is(row->verdict, VIEW("accept")) || view_is(row->verdict, VIEW("hold"));

	buf_add_text(out, "  not signed");
	if (row->unsigned_why.n > 0) {
		buf_add_text(out, ": ");
		show_made_up_to(out, row->unsigned_why, REMEDY_SHOWN);
	} else if (!has_left) {
		buf_add_text(out, ", for it did not leave: ");
		escape_add(out, row->verdict, ESCAPE_MAX);
	}
	buf_add_char(out, '\n');
	if (row->unsigned_why.n == 0 || trace == NULL || trace->remedy.n == 0)
		return;
	buf_add_text(out, "    ");
	show_made_up_to(out, trace->remedy, REMEDY_SHOWN);
	buf_add_char(out, '\n');
}

static void
add_signatures(const struct journal_row *row, const struct trace *trace, struct buf *out)
{
	add_list(out, "signed with", row->signed_with, ' ');
	if (row->signed_with.n == 0)
		add_unsigned(row, trace, out);
	for (size_t i = 0; trace != NULL && i < trace->n_unsigned_notes; i++) {
		if (!view_is(trace->unsigned_notes[i], row->unsigned_why))
			add_unsigned_note(trace->unsigned_notes[i], out);
	}
}

static void
add_dmarc(const struct journal_row *row, struct buf *out)
{
	if (row->dmarc_why.n == 0)
		return;
	buf_add_text(out, "  DMARC would fail: ");
	show_made_up_to(out, row->dmarc_why, REMEDY_SHOWN);
	buf_add_char(out, '\n');
}

/* "hold frank.conf:5 ..." -> "held" */
static const char *
made_of(struct view watch)
{
	static const char *const words[][2] = {{"accept ", "accepted"}, {"hold ", "held"},
	    {"defer ", "deferred"}, {"reject ", "rejected"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_starts(watch, view_of(words[i][0])))
			return words[i][1];
	return "decided";
}

static void
add_watch(const struct journal_row *row, struct buf *out)
{
	add_list(out, "watch: would be", row->watch, '\n');
	if (row->watch.n > 0)
		buf_addf(out,
		    "    it is only watched; without the word 'watch' it would be %s\n",
		    made_of(row->watch));
}

static bool
is_about(struct view text, struct view words)
{
	for (; text.n > 0; text = view_from(text, 1))
		if (view_starts(text, words))
			return true;
	return false;
}

/* Trouble of ours that decided: what the client was told, and what ends it. */
static void
add_trouble(const struct rerun *rerun, const struct journal_row *row, struct buf *out)
{
	if (row->on_error.n == 0)
		return;
	add_list(out, "decided by 'set on-error':", row->on_error, '\n');
	if (is_about(row->on_error, VIEW("key process")))
		buf_add_text(out, "    frankd starts the key process again by itself; "
				  "'frank status' and the log say why it ended\n");
	if (view_is(row->verdict, VIEW("defer")))
		buf_add_text(
		    out, "    the client was told to try again, nothing left unsigned\n");
	if (rerun != NULL && rerun_was_trouble(rerun, row))
		buf_addf(out, "  without that trouble it would have been: %s\n",
		    verdict_name(rerun->decision.verdict));
}

static void
add_policy(const struct explain *explain, const struct journal_row *row, struct buf *out)
{
	buf_add_text(out, "  policy ");
	escape_add(out, view_head(row->policy, HASH_SHOWN), ESCAPE_MAX);
	running_add(&explain->running, row->policy, out);
	buf_add_char(out, '\n');
}

void
explain_text(struct explain *explain, const struct journal_row *row, int result,
    const struct err *err, const struct buf *differences)
{
	struct buf *out = &explain->out;
	const struct rerun *rerun = &explain->rerun;
	struct view line, rest = buf_view(differences);

	add_head(row, out);
	if (result == 1) {
		buf_add_char(out, '\n');
		trace_text(&rerun->trace, out);
	}
	buf_add_char(out, '\n');
	add_list(out, "tag", row->tags, '\n');
	add_list(out, "note", row->notes, '\n');
	add_signatures(row, result == 1 ? &rerun->trace : NULL, out);
	add_dmarc(row, out);
	add_list(out, "reply", row->reply, '\n');
	add_watch(row, out);
	add_trouble(result == 1 ? rerun : NULL, row, out);
	add_policy(explain, row, out);
	if (result == 0)
		buf_add_text(out, "  the policy of then was not kept, so it cannot be said "
				  "rule by rule\n");
	else if (result == -1)
		add_list(out, "cannot be said rule by rule:", view_of(err->text), '\n');
	if (rest.n > 0)
		buf_add_text(out, "\n  DIFFERENT: the same policy decides otherwise on "
				  "what was recorded. "
				  "Please report this.\n");
	while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
		buf_add_text(out, "    ");
		show_made(out, line);
		buf_add_char(out, '\n');
	}
}
