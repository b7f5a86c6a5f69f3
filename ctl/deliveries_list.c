/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/deliveries_list.h"

enum { LINE_MAX = 16384, WORDS_SHOWN = 400 };

void
deliveries_list_init(struct deliveries_list *list, size_t n, bool is_json)
{
	*list = (struct deliveries_list){
	    .size = n < DELIVERIES_LIST_MAX ? n : DELIVERIES_LIST_MAX, .is_json = is_json};
	list->lines = mem_zeroed(list->size, sizeof(list->lines[0]));
}

void
deliveries_list_fini(struct deliveries_list *list)
{
	for (size_t i = 0; i < list->size; i++)
		free(list->lines[i]);
	free(list->lines);
}

static void
add_shown(struct buf *out, const char *head, struct view text)
{
	if (text.n == 0)
		return;
	buf_add_text(out, head);
	escape_add(out, text, WORDS_SHOWN);
}

static void
add_text(const struct outcome *outcome, struct view login, struct buf *out)
{
	char time[CLOCK_TEXT];

	buf_addf(out, "%s  ", clock_text(outcome->time, time));
	escape_add(out, outcome->queue_id, ESCAPE_MAX);
	add_shown(out, "  ", outcome->what);
	add_shown(out, " ", outcome->dsn);
	add_shown(out, " to ", outcome->rcpt);
	add_shown(out, ", login ", login);
	add_shown(out, "\n    ", outcome->text);
}

static void
add_member(struct json *json, const char *name, struct view text)
{
	if (text.n > 0)
		json_string(json, name, text);
}

static void
add_json(const struct outcome *outcome, struct view login, struct buf *out)
{
	char time[CLOCK_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "@timestamp", view_of(clock_rfc3339(outcome->time, time)));
	json_string(&json, "event.action", outcome->what);
	json_string(&json, "email.local_id", outcome->queue_id);
	json_string(&json, "email.to.address", outcome->rcpt);
	add_member(&json, "user.name", login);
	add_member(&json, "destination.address", outcome->relay);
	add_member(&json, "frank.dsn", outcome->dsn);
	add_member(&json, "message", outcome->text);
	json_end(&json);
}

void
deliveries_list_add(
    struct deliveries_list *list, const struct outcome *outcome, const struct view *login)
{
	struct view user = login != NULL ? *login : VIEW("");
	struct buf line = BUF_INIT(LINE_MAX);
	char **place;

	if (outcome->rcpt.n == 0 || view_is(outcome->what, VIEW("sent")) || list->size == 0)
		return;
	place = &list->lines[list->n++ % list->size];
	if (list->is_json)
		add_json(outcome, user, &line);
	else
		add_text(outcome, user, &line);
	free(*place);
	*place = mem_text(buf_text(&line));
	buf_fini(&line);
}

void
deliveries_list_print(const struct deliveries_list *list, struct buf *out)
{
	const uint64_t first = list->n > list->size ? list->n - list->size : 0;

	for (uint64_t i = first; i < list->n; i++)
		buf_addf(out, "%s\n", list->lines[i % list->size]);
	if (list->is_json)
		return;
	if (list->n == 0)
		buf_add_text(out, "no attempt has failed that fits\n");
	if (first > 0)
		buf_addf(out, "and %" PRIu64 " before these: -n shows more\n", first);
}
