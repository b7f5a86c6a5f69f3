/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/seen.h"
#include "ctl/show.h"

enum {
	WIDTH_VERDICT = 6,
	WIDTH_ID = 15, /* long queue ids have 15 and more */
	WIDTH_ORIGIN = 16,
	WIDTH_ADDRESS = 28,
	SHOWN_MAX = 120, /* bytes of one text in a line */
};

void
show_made(struct buf *out, struct view text)
{
	show_made_up_to(out, text, ESCAPE_MAX);
}

void
show_made_up_to(struct buf *out, struct view text, size_t max)
{
	struct view rest = view_head(text, max), piece;
	bool is_first = true;

	while (rest.p != NULL && view_cut(&rest, '\\', &piece)) {
		if (!is_first)
			buf_add_char(out, '\\');
		is_first = false;
		escape_add(out, piece, piece.n);
	}
	if (text.n > max)
		buf_add_text(out, "...");
}

/* TEXT, then blanks up to WIDTH and two more. Counts bytes: good enough to line up. */
static void
add_column(struct buf *out, struct view text, size_t width)
{
	size_t begin = out->n;

	escape_add(out, text, SHOWN_MAX);
	while (out->n - begin < width)
		buf_add_char(out, ' ');
	buf_add_text(out, "  ");
}

static const char *
verdict_colour(struct view verdict)
{
	if (view_is(verdict, VIEW("hold")))
		return "\033[33m";
	if (view_is(verdict, VIEW("reject")) || view_is(verdict, VIEW("defer")))
		return "\033[31m";
	return "";
}

/* The login; without one the client, or "local". */
static struct view
origin(const struct facts *facts, char into[ADDR_TEXT])
{
	if (facts->user.n > 0)
		return facts->user;
	if (facts->client.family != ADDR_NONE)
		return view_of(addr_text(facts->client, into));
	return VIEW("local");
}

static void
add_addresses(const struct facts *facts, struct buf *out)
{
	struct buf text = BUF_INIT(2048);
	bool is_same = view_is(facts->sender.text, facts->author.text);

	buf_add(&text, facts->sender.text.n > 0 ? facts->sender.text : VIEW("<>"));
	if (facts->author.text.n == 0)
		buf_add_text(&text, " (author unclear)");
	else if (!is_same)
		buf_addf(&text, " (%.*s)", VIEW_ARG(facts->author.text));
	add_column(out, buf_view(&text), WIDTH_ADDRESS);
	buf_fini(&text);
}

/* "example.org/s2026:rsa-sha256" -> "s2026" */
static struct view
selector_of(struct view signature)
{
	struct view domain, rest = signature, selector;

	if (!view_cut(&rest, '/', &domain) || !view_cut(&rest, ':', &selector))
		return signature;
	return selector;
}

void
show_signed(const struct journal_row *row, struct buf *out)
{
	struct view rest = row->signed_with, one;
	const char *between = "sign ";

	while (rest.n > 0 && view_cut(&rest, ' ', &one)) {
		buf_add_text(out, between);
		escape_add(out, selector_of(one), SHOWN_MAX);
		between = ",";
	}
	bool has_left =
	    view_is(row->verdict, VIEW("accept")) || view_is(row->verdict, VIEW("hold"));
	if (row->signed_with.n > 0 || !has_left || row->facts.path == PATH_INBOUND ||
	    row->facts.path == PATH_REENTRY)
		return;
	buf_add_text(out, "not signed");
	if (row->unsigned_why.n > 0) {
		buf_add_text(out, ": ");
		show_made(out, row->unsigned_why);
	}
}

static void
add_rule(const struct journal_row *row, struct buf *out)
{
	if (row->on_error.n > 0) {
		buf_add_text(out, "our own trouble: ");
		show_made(out, row->on_error);
		buf_add_text(out, "  ");
	}
	if (row->label.n > 0) {
		buf_add_char(out, '"');
		show_made(out, row->label);
		buf_add_text(out, "\"  ");
	}
	if (row->place.n > 0) {
		escape_add(out, row->place, SHOWN_MAX);
		buf_add_text(out, "  ");
	}
}

void
show_line(const struct journal_row *row, bool colour, struct buf *out)
{
	const struct facts *facts = &row->facts;
	char time[CLOCK_TEXT], address[ADDR_TEXT];
	const char *tint = colour ? verdict_colour(row->verdict) : "";

	buf_addf(out, "%s  %s", clock_text(facts->time, time), tint);
	add_column(out, row->verdict, WIDTH_VERDICT);
	buf_add_text(out, tint[0] != '\0' ? "\033[0m" : "");
	add_column(out, facts->queue_id.n > 0 ? facts->queue_id : VIEW("-"), WIDTH_ID);
	add_column(out, origin(facts, address), WIDTH_ORIGIN);
	add_addresses(facts, out);
	buf_addf(out, "%3u rcpt%s  ", facts->rcpts, facts->rcpts == 1 ? " " : "s");
	add_rule(row, out);
	show_signed(row, out);
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	buf_add_char(out, '\n');
}

static void
json_text(struct json *json, const char *key, struct view text)
{
	if (text.n > 0)
		json_string(json, key, text);
}

static void
json_list(struct json *json, const char *key, struct view list, char separator)
{
	struct view one;

	if (list.n == 0)
		return;
	json_array(json, key);
	while (view_cut(&list, separator, &one))
		json_string(json, NULL, one);
	json_end(json);
}

static void
json_recipients(struct json *json, const struct facts *facts)
{
	if (facts->n_rcpt_sample == 0)
		return;
	json_array(json, "email.to.address");
	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++)
		json_string(json, NULL, facts->rcpt_sample[i].text);
	json_end(json);
}

void
show_json(const struct journal_row *row, struct json *json)
{
	const struct facts *facts = &row->facts;
	char time[CLOCK_TEXT], address[ADDR_TEXT];

	json_string(json, "@timestamp", view_of(clock_rfc3339(facts->time, time)));
	json_text(json, "host.name", row->host);
	json_text(json, "event.action", row->verdict);
	json_text(json, "event.reason", row->label);
	json_number(json, "event.duration", (int64_t)row->micros * 1000);
	json_text(json, "rule.id", row->place);
	json_text(json, "error.message", row->on_error);
	json_text(json, "email.local_id", facts->queue_id);
	json_text(json, "email.message_id", facts->message_id);
	json_text(json, "email.from.address", facts->author.text);
	json_recipients(json, facts);
	json_text(json, "user.name", facts->user);
	if (facts->client.family != ADDR_NONE)
		json_string(json, "source.ip", view_of(addr_text(facts->client, address)));
	json_string(json, "frank.path", view_of(fact_path_name(facts->path)));
	json_string(json, "frank.sender", facts->sender.text);
	json_text(json, "frank.author_unclear", facts->unclear);
	json_text(json, "frank.helo", facts->helo);
	json_number(json, "frank.rcpts", facts->rcpts);
	json_number(json, "frank.size", (int64_t)facts->size);
	json_list(json, "frank.signed", row->signed_with, ' ');
	json_text(json, "frank.unsigned_why", row->unsigned_why);
	seen_json(facts, json);
	json_text(json, "frank.dmarc_fails", row->dmarc_why);
	json_list(json, "frank.tags", row->tags, '\n');
	json_list(json, "frank.notes", row->notes, '\n');
	json_list(json, "frank.watch", row->watch, '\n');
	json_text(json, "frank.reply", row->reply);
	json_text(json, "frank.policy", row->policy);
}
