/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>

#include "lib/escape.h"

#include "ctl/hold.h"
#include "ctl/incident.h"
#include "ctl/mail.h"

/*
 * What is in a message, shown. All of it is text of somebody else's: escaped, and every
 * line of it indented, so that none looks like one of ours.
 */

enum {
	FIELD_SHOWN = 400, /* bytes of a field's value */
	LINE_SHOWN = 1000,
	NAME_SHOWN = 120,
	TAB = 8,
	WIDTH_PLACE = 6,
	WIDTH_TYPE = 26,
};

void
hold_envelope_read(struct view text, struct hold_envelope *ret_envelope)
{
	struct hold_envelope envelope = {.n_rcpts = 0};
	const struct view login = VIEW("sasl_username="), client = VIEW("client_address=");
	struct view line, name;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		struct view value = line;
		if (!view_cut(&value, ':', &name) || value.p == NULL)
			continue;
		value = view_trim(value);
		if (view_is(name, VIEW("sender"))) {
			envelope.sender = value;
		} else if (view_is(name, VIEW("recipient"))) {
			if (envelope.n_rcpts < HOLD_RCPTS_SHOWN)
				envelope.rcpts[envelope.n_rcpts] = value;
			envelope.n_rcpts++;
		} else if (view_is(name, VIEW("named_attribute")) &&
			   view_starts(value, login)) {
			envelope.login = view_from(value, login.n);
		} else if (view_is(name, VIEW("named_attribute")) &&
			   view_starts(value, client)) {
			envelope.client = view_from(value, client.n);
		}
	}
	*ret_envelope = envelope;
}

/* ---- for a person ---- */

/* Without tabs and the CR at the end, which are no danger and would be escaped. */
static void
add_line(struct buf *out, struct view line)
{
	struct buf plain = BUF_INIT(TAB * LINE_SHOWN + 1);
	bool is_cut = line.n > LINE_SHOWN;

	line = view_head(line, LINE_SHOWN);
	if (view_ends(line, VIEW("\r")))
		line.n--;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] != '\t')
			buf_add_char(&plain, line.p[i]);
		else
			do
				buf_add_char(&plain, ' ');
			while (plain.n % TAB != 0 && !plain.full);
	}
	buf_add_text(out, "  | ");
	escape_add(out, buf_view(&plain), plain.n);
	buf_add_text(out, is_cut ? "...\n" : "\n");
	buf_fini(&plain);
}

/* Empty lines at the end say nothing. */
static void
add_text(struct buf *out, const struct mail_item *item, size_t lines)
{
	struct view rest = item->text, line;
	uint64_t shown = 0, more = 0;

	while (rest.n > 0 && (rest.p[rest.n - 1] == '\n' || rest.p[rest.n - 1] == '\r'))
		rest.n--;
	buf_add_text(out, "\ntext of part ");
	escape_add(out, item->name, NAME_SHOWN);
	buf_add_text(out, item->was_html ? ", HTML without its tags\n" : "\n");
	if (rest.n == 0)
		buf_add_text(out, "  (empty)\n");
	while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
		if (lines != 0 && shown == lines) {
			more++;
			continue;
		}
		add_line(out, line);
		shown++;
	}
	if (more > 0)
		buf_addf(out, "  and %s%" PRIu64 " more line%s\n",
		    item->was_cut ? "at least " : "", more, more == 1 ? "" : "s");
	else if (item->was_cut)
		buf_add_text(out, "  and more\n");
}

static void
add_field(struct buf *out, const struct mail_item *item)
{
	buf_add_text(out, "  ");
	escape_add(out, item->name, NAME_SHOWN);
	buf_add_text(out, ": ");
	escape_add(out, item->text, FIELD_SHOWN);
	buf_add_char(out, '\n');
}

static void
add_part(struct buf *out, const struct mail_item *item)
{
	char size[HOLD_SHORT];

	buf_add_text(out, "  ");
	incident_cell(out, item->name, WIDTH_PLACE);
	buf_add_char(out, ' ');
	incident_cell(out, item->type, WIDTH_TYPE);
	buf_addf(out, " %5s", hold_size(item->size, size));
	if (item->text.n > 0) {
		buf_add_text(out, "  ");
		escape_add(out, item->text, ESCAPE_MAX);
	} else if (item->is_attachment) {
		buf_add_text(out, "  (attachment without a name)");
	}
	buf_add_char(out, '\n');
}

static void
add_items(struct view items, enum mail_kind kind, size_t lines, struct buf *out)
{
	struct mail_item item;

	while (mail_next(&items, &item)) {
		if (item.kind != kind)
			continue;
		if (kind == MAIL_FIELD)
			add_field(out, &item);
		else if (kind == MAIL_PART)
			add_part(out, &item);
		else if (kind == MAIL_TEXT)
			add_text(out, &item, lines);
		else
			buf_addf(out, "\n%" PRIu64 " more are not shown\n", item.size);
	}
}

void
hold_mail_text(struct view items, size_t lines, struct buf *out)
{
	buf_add_text(out, "\nheader\n");
	add_items(items, MAIL_FIELD, lines, out);
	buf_addf(out, "\nparts%s\n",
	    mail_has_parts() ? "" : " (this frank was built without GMime)");
	add_items(items, MAIL_PART, lines, out);
	add_items(items, MAIL_TEXT, lines, out);
	add_items(items, MAIL_MORE, lines, out);
}

/* ---- JSON ---- */

static void
json_fields(struct view items, struct json *json)
{
	struct mail_item item;

	json_array(json, "frank.header");
	while (mail_next(&items, &item)) {
		if (item.kind != MAIL_FIELD)
			continue;
		json_object(json, NULL);
		json_string(json, "name", item.name);
		json_string(json, "value", item.text);
		json_end(json);
	}
	json_end(json);
}

/* A part's text is told of behind it. */
static void
json_parts(struct view items, struct json *json)
{
	struct mail_item item;
	bool is_open = false;

	json_array(json, "frank.parts");
	while (mail_next(&items, &item)) {
		if (item.kind == MAIL_PART) {
			if (is_open)
				json_end(json);
			is_open = true;
			json_object(json, NULL);
			json_string(json, "place", item.name);
			json_string(json, "type", item.type);
			json_number(json, "size", (int64_t)(item.size & INT64_MAX));
			if (item.text.n > 0)
				json_string(json, "name", item.text);
			json_bool(json, "attachment", item.is_attachment);
		} else if (item.kind == MAIL_TEXT && is_open) {
			json_string(json, "text", item.text);
			json_bool(json, "text.was_html", item.was_html);
			json_bool(json, "text.was_cut", item.was_cut);
		}
	}
	if (is_open)
		json_end(json);
	json_end(json);
}

void
hold_mail_json(struct view items, struct json *json)
{
	json_fields(items, json);
	json_parts(items, json);
}
