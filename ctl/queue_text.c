/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/escape.h"

#include "ctl/cause.h"
#include "ctl/group.h"
#include "ctl/hold.h"
#include "ctl/incident.h"
#include "ctl/picture.h"
#include "ctl/queue.h"
#include "policy/value.h"

enum {
	SECOND = 1000000,
	NAME_SHOWN = 32,
	PLACES_SHOWN = 3,
	PLACE_SHOWN = 40,
	REASON_SHOWN = 300,
	INDENT = 10,
	NUMBER = 9,
};

static void
add_row(const struct queue_group *group, enum queue_kind kind, int64_t now, struct buf *out)
{
	char text[HOLD_SHORT];

	buf_addf(out, "%*" PRIu64 " %8" PRIu64 " %6s", NUMBER, group->messages,
	    group->rcpts, hold_size(group->bytes, text));
	buf_addf(out, "  %6s  ", hold_age(now - group->oldest, text));
	if (kind == QUEUE_BY_CAUSE && group->cause != NULL)
		buf_addf(out, "%.*s: ", VIEW_ARG(group->cause->class));
	escape_add(out, group->name, NAME_SHOWN);
	buf_add_char(out, '\n');
}

static void
add_table(struct queue_count *count, enum queue_kind kind, size_t most, int64_t now,
    struct buf *out)
{
	size_t n;
	const struct queue_group *groups = queue_groups(count, kind, &n);

	buf_addf(out, "%*s %8s %6s  %6s  %s\n", NUMBER, "messages", "rcpts", "size",
	    "oldest", queue_kind_name(kind));
	for (size_t i = 0; i < n && i < most; i++)
		add_row(&groups[i], kind, now, out);
	if (n > most)
		buf_addf(out, "%*s and %zu more: -n shows more\n", NUMBER, "", n - most);
}

static void
add_total(const struct queue_count *count, int64_t now, struct buf *out)
{
	char text[HOLD_SHORT];

	buf_addf(out, "%" PRIu64 " %s for %" PRIu64 " %s in the queue, %s",
	    count->total.messages, count->total.messages == 1 ? "message" : "messages",
	    count->total.rcpts, count->total.rcpts == 1 ? "recipient" : "recipients",
	    hold_size(count->total.bytes, text));
	buf_addf(out, "; oldest %s, ", hold_age(now - count->total.oldest, text));
	escape_add(out, count->total.oldest_id, ESCAPE_MAX);
	buf_add_char(out, '\n');
}

/* ---- causes ---- */

static void
add_places(struct queue_count *count, const struct replies_entry *cause, struct buf *out)
{
	struct queue_group places[PLACES_SHOWN];
	struct buf text = BUF_INIT(PLACES_SHOWN * (4 * PLACE_SHOWN + 32));
	size_t n = queue_places(count, cause, places, PLACES_SHOWN);

	for (size_t i = 0; i < n && i < PLACES_SHOWN; i++)
		buf_addf(&text, "%s%.*s %" PRIu64, i > 0 ? ", " : "",
		    (int)(places[i].name.n < PLACE_SHOWN ? places[i].name.n : PLACE_SHOWN),
		    places[i].name.p, places[i].messages);
	if (n > PLACES_SHOWN)
		buf_addf(&text, ", and %zu more", n - PLACES_SHOWN);
	buf_addf(out, "%*sto      ", INDENT, "");
	cause_wrap(out, buf_view(&text), INDENT + 8);
	buf_fini(&text);
}

static void
add_line(const char *label, struct view text, struct buf *out)
{
	buf_addf(out, "%*s%-8s", INDENT, "", label);
	cause_wrap(out, text, INDENT + 8);
}

static void
add_cause(struct queue_count *count, const struct queue_group *group, int64_t now,
    struct buf *out)
{
	const struct replies_entry *cause = group->cause;
	char text[HOLD_SHORT];

	buf_addf(out, "\n%*" PRIu64 " %.*s (%.*s), oldest %s\n", NUMBER, group->messages,
	    VIEW_ARG(cause->class), VIEW_ARG(cause->name),
	    hold_age(now - group->oldest, text));
	add_places(count, cause, out);
	add_line("means", cause->means, out);
	add_line("do", cause->remedy, out);
	add_line("said", view_head(group->reason, REASON_SHOWN), out);
}

static void
add_causes(struct queue_count *count, int64_t now, struct buf *out)
{
	size_t n, shown = 0, more = 0;
	const struct queue_group *groups = queue_groups(count, QUEUE_BY_CAUSE, &n);

	for (size_t i = 0; i < n; i++) {
		if (groups[i].cause == NULL)
			continue;
		if (shown == QUEUE_CAUSES_SHOWN) {
			more++;
			continue;
		}
		shown++;
		add_cause(count, &groups[i], now, out);
	}
	if (more > 0)
		buf_addf(out, "\n%*s and %zu more causes: frank queue --by cause\n", NUMBER,
		    "", more);
}

/* ---- how it grew ---- */

static void
add_growth(const struct queue_samples *samples, struct buf *out)
{
	if (samples->n < 2)
		return;
	buf_addf(out, "%" PRIu64 " ", samples->messages[0]);
	picture_add(out, samples->messages, samples->n);
	buf_addf(out, " %" PRIu64 ", one every ", samples->messages[samples->n - 1]);
	value_add_duration(out, (uint64_t)samples->every);
	buf_add_char(out, '\n');
}

void
queue_text(struct queue_count *count, const struct queue_view *view,
    const struct queue_samples *samples, struct buf *out)
{
	if (count->total.messages == 0) {
		buf_add_text(out, "the queue is empty\n");
		add_growth(samples, out);
		return;
	}
	add_table(
	    count, view->is_by ? view->kind : QUEUE_BY_QUEUE, view->n, view->now, out);
	add_total(count, view->now, out);
	add_growth(samples, out);
	if (!view->is_by)
		add_causes(count, view->now, out);
}

/* ---- JSON ---- */

static void
add_object(const struct queue_group *group, enum queue_kind kind, struct buf *out)
{
	char text[CLOCK_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	group_json(queue_kind_name(kind), group->name, group->has_name, &json);
	json_number(&json, "frank.messages", (int64_t)group->messages);
	json_number(&json, "frank.rcpts", (int64_t)group->rcpts);
	json_number(&json, "frank.size", (int64_t)group->bytes);
	json_string(
	    &json, "frank.oldest", view_of(clock_rfc3339(group->oldest * SECOND, text)));
	json_string(&json, "email.local_id", group->oldest_id);
	if (group->cause != NULL) {
		json_string(&json, "message", group->reason);
		cause_json(group->cause, &json);
	}
	json_end(&json);
	buf_add_char(out, '\n');
}

static void
add_objects(struct queue_count *count, enum queue_kind kind, size_t most, struct buf *out)
{
	size_t n;
	const struct queue_group *groups = queue_groups(count, kind, &n);

	for (size_t i = 0; i < n && i < most; i++)
		add_object(&groups[i], kind, out);
}

void
queue_json(struct queue_count *count, const struct queue_view *view, struct buf *out)
{
	add_objects(count, view->is_by ? view->kind : QUEUE_BY_QUEUE, view->n, out);
	if (!view->is_by)
		add_objects(count, QUEUE_BY_CAUSE, view->n, out);
}
