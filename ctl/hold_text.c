/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/hold.h"
#include "ctl/incident.h"

enum {
	SECOND = 1000000,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	KIB = 1024,
	WIDTH_MAX = 40, /* of one column that can be cut */
	WIDTH_MIN = 8,
	WIDTH_FIXED = 25, /* age, rcpts and size, and what is between the columns */
	WIDTH_NUMBER = 12,
};

const char *
hold_age(int64_t seconds, char into[HOLD_SHORT])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 100)
		snprintf(into, HOLD_SHORT, "%" PRId64 "s", seconds);
	else if (seconds < (int64_t)100 * MINUTE)
		snprintf(into, HOLD_SHORT, "%" PRId64 "m", seconds / MINUTE);
	else if (seconds < 2 * DAY)
		snprintf(into, HOLD_SHORT, "%" PRId64 "h", seconds / HOUR);
	else
		snprintf(into, HOLD_SHORT, "%" PRId64 "d", seconds / DAY);
	return into;
}

const char *
hold_size(uint64_t bytes, char into[HOLD_SHORT])
{
	static const char units[] = "kMGT";
	uint64_t tenths = bytes * 10;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(into, HOLD_SHORT, "%" PRIu64, bytes);
		return into;
	}
	for (tenths = (tenths + KIB / 2) / KIB; tenths >= 9995 && unit + 2 < sizeof(units);
	     unit++)
		tenths = (tenths + KIB / 2) / KIB;
	if (tenths < 100)
		snprintf(into, HOLD_SHORT, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10,
		    tenths % 10, units[unit]);
	else
		snprintf(into, HOLD_SHORT, "%" PRIu64 "%c", (tenths + 5) / 10, units[unit]);
	return into;
}

/* ---- the table ---- */

enum { ORIGIN, FIRST, LABEL, CUT_COLUMNS };

struct table {
	size_t id, cut[CUT_COLUMNS]; /* columns */
	size_t incident;             /* 0: there is none */
	bool is_cut;
	int64_t now;
	struct buf *out;
};

/* Who sent it, as far as anybody knows. */
static struct view
origin_of(const struct held_message *message)
{
	if (message->origin.n > 0)
		return message->origin;
	return message->sender.n > 0 ? message->sender : VIEW("<>");
}

static void
label_of(const struct held_message *message, struct buf *into)
{
	buf_reset(into);
	switch (message->state) {
	case HELD_OTHERS:
		buf_add_text(into, "(by others)");
		return;
	case HELD_GONE:
		buf_add_text(into, "(gone) ");
		break;
	case HELD_OURS:
		break;
	}
	buf_add(into, message->label.n > 0 ? message->label : message->place);
}

static size_t
shown_width(struct view text)
{
	struct buf escaped = BUF_INIT(WIDTH_MAX * 8);
	size_t n = 0;

	escape_add(&escaped, text, WIDTH_MAX);
	for (size_t i = 0; i < escaped.n; i++)
		n += ((unsigned char)escaped.p[i] & 0xc0) != 0x80;
	buf_fini(&escaped);
	return n < WIDTH_MAX ? n : WIDTH_MAX;
}

static void
widen(size_t *width, size_t by)
{
	if (*width < by)
		*width = by;
}

static size_t
width_of(const struct table *table)
{
	size_t sum = table->id + WIDTH_FIXED;

	for (size_t i = 0; i < CUT_COLUMNS; i++)
		sum += table->cut[i];
	return table->incident > 0 ? sum + table->incident + 2 : sum;
}

/* The widest column gets one less; the label, which says why, only where the others are
 * short. False: all are. */
static bool
gives_way(struct table *table)
{
	static const size_t least[][CUT_COLUMNS] = {
	    {[ORIGIN] = 10, [FIRST] = 10, [LABEL] = 20},
	    {[ORIGIN] = WIDTH_MIN, [FIRST] = WIDTH_MIN, [LABEL] = WIDTH_MIN}};

	for (size_t i = 0; i < ARRAY_LEN(least); i++) {
		size_t *widest = NULL;

		for (size_t k = 0; k < CUT_COLUMNS; k++)
			if (table->cut[k] > least[i][k] &&
			    (widest == NULL || table->cut[k] > *widest))
				widest = &table->cut[k];
		if (widest != NULL) {
			(*widest)--;
			return true;
		}
	}
	return false;
}

/* As wide as what is in it, or less. */
static void
measure(struct table *table, const struct held *held, int width)
{
	struct buf label = BUF_INIT(1024);
	char number[WIDTH_NUMBER];

	table->id = sizeof("ID") - 1;
	table->cut[ORIGIN] = sizeof("origin") - 1;
	table->cut[FIRST] = sizeof("first rcpt") - 1;
	table->cut[LABEL] = sizeof("label") - 1;
	for (size_t i = 0; i < held->n; i++) {
		const struct held_message *message = &held->list[i];

		label_of(message, &label);
		widen(&table->id, message->id.n < 20 ? message->id.n : 20);
		widen(&table->cut[ORIGIN], shown_width(origin_of(message)));
		widen(&table->cut[FIRST], shown_width(message->rcpt));
		widen(&table->cut[LABEL], shown_width(buf_view(&label)));
		if (message->incident != 0)
			widen(&table->incident, (size_t)snprintf(number, sizeof(number),
						    "#%u", message->incident));
	}
	buf_fini(&label);
	if (table->incident > 0)
		widen(&table->incident, sizeof("inc") - 1);
	table->is_cut = width > 0;
	while (width > 0 && width_of(table) > (size_t)width && gives_way(table))
		continue;
}

static void
end_line(struct buf *out)
{
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	buf_add_char(out, '\n');
}

/* Where nothing need be cut, only lined up. */
static void
add_cell(const struct table *table, struct view text, size_t width)
{
	size_t shown = shown_width(text);

	if (table->is_cut || shown < WIDTH_MAX) {
		incident_cell(table->out, text, width);
		return;
	}
	escape_add(table->out, text, ESCAPE_MAX);
}

static void
add_head(const struct table *table)
{
	struct buf *out = table->out;

	incident_cell(out, VIEW("ID"), table->id);
	buf_add_text(out, "   age  ");
	incident_cell(out, VIEW("origin"), table->cut[ORIGIN]);
	buf_add_text(out, "  rcpts ");
	incident_cell(out, VIEW("first rcpt"), table->cut[FIRST]);
	buf_add_text(out, "   size  ");
	if (table->incident > 0)
		buf_addf(out, "%-*s  ", (int)table->incident, "inc");
	buf_add_text(out, "label\n");
}

static void
add_row(const struct table *table, const struct held_message *message, struct buf *label)
{
	struct buf *out = table->out;
	char text[HOLD_SHORT], number[WIDTH_NUMBER];

	add_cell(table, message->id, table->id);
	buf_addf(out, "  %4s  ", hold_age(table->now - message->arrival, text));
	add_cell(table, origin_of(message), table->cut[ORIGIN]);
	buf_addf(out, "  %5u ", message->rcpts);
	add_cell(table, message->rcpt, table->cut[FIRST]);
	buf_addf(out, "  %5s  ", hold_size(message->size, text));
	number[0] = '\0';
	if (message->incident != 0)
		snprintf(number, sizeof(number), "#%u", message->incident);
	if (table->incident > 0)
		buf_addf(out, "%-*s  ", (int)table->incident, number);
	label_of(message, label);
	add_cell(table, buf_view(label), table->cut[LABEL]);
	end_line(out);
}

static void
add_field(struct buf *out, const char *name, struct view value)
{
	if (value.n == 0)
		return;
	buf_addf(out, "  %s ", name);
	escape_add(out, value, ESCAPE_MAX);
}

/* What the table has no room for. */
static void
add_detail(const struct table *table, const struct held_message *message)
{
	struct buf *out = table->out;
	char address[ADDR_TEXT];

	buf_add_text(out, " ");
	add_field(out, "sender", message->sender.n > 0 ? message->sender : VIEW("<>"));
	add_field(out, "author", message->author);
	if (message->client.family != ADDR_NONE)
		add_field(out, "client", view_of(addr_text(message->client, address)));
	add_field(out, "at", message->place);
	end_line(out);
}

void
hold_table(const struct held *held, int64_t now, int width, bool detail, struct buf *out)
{
	struct table table = {.now = now, .out = out};
	struct buf label = BUF_INIT(1024);

	measure(&table, held, width);
	add_head(&table);
	for (size_t i = 0; i < held->n; i++) {
		add_row(&table, &held->list[i], &label);
		if (detail)
			add_detail(&table, &held->list[i]);
	}
	buf_fini(&label);
}

/* ---- JSON ---- */

static void
json_text(struct json *json, const char *key, struct view text)
{
	if (text.n > 0)
		json_string(json, key, text);
}

void
hold_json(const struct held_message *message, int64_t now, struct json *json)
{
	char text[CLOCK_TEXT], address[ADDR_TEXT];
	struct view rest = message->signed_with, one;

	json_string(
	    json, "@timestamp", view_of(clock_rfc3339(message->arrival * SECOND, text)));
	json_string(json, "frank.state", view_of(held_state_name(message->state)));
	json_string(json, "email.local_id", message->id);
	json_number(json, "frank.age", now - message->arrival);
	json_text(json, "event.reason", message->label);
	json_text(json, "rule.id", message->place);
	if (message->incident != 0)
		json_number(json, "frank.incident", message->incident);
	json_text(json, "user.name", message->user);
	if (message->client.family != ADDR_NONE)
		json_string(
		    json, "source.ip", view_of(addr_text(message->client, address)));
	json_string(json, "frank.sender", message->sender);
	json_text(json, "email.from.address", message->author);
	json_array(json, "email.to.address");
	if (message->rcpt.n > 0)
		json_string(json, NULL, message->rcpt);
	json_end(json);
	json_number(json, "frank.rcpts", message->rcpts);
	json_number(json, "frank.size", (int64_t)message->size);
	json_text(json, "email.message_id", message->message_id);
	json_array(json, "frank.signed");
	while (rest.n > 0 && view_cut(&rest, ' ', &one))
		json_string(json, NULL, one);
	json_end(json);
}
