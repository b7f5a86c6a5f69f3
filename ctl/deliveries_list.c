/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/deliveries_list.h"
#include "ctl/outcome_show.h"

enum { LINE_MAX = 16384 };

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
add_text(const struct outcome *outcome, struct buf *out)
{
	char time[CLOCK_TEXT];

	buf_addf(out, "%s  ", clock_text(outcome->time, time));
	escape_add(out, outcome->queue_id, ESCAPE_MAX);
	outcome_add_text(out, "  ", outcome->what);
	outcome_add_text(out, " ", outcome->dsn);
	outcome_add_text(out, " to ", outcome->rcpt);
	outcome_add_text(out, ", login ", outcome->user);
	outcome_add_text(out, "\n    ", outcome->text);
}

static void
add_json(const struct outcome *outcome, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	outcome_add_json(outcome, NULL, &json);
	json_end(&json);
}

void
deliveries_list_add(
    struct deliveries_list *list, const struct outcome *outcome, const struct view *login)
{
	struct outcome shown = *outcome;
	struct buf line = BUF_INIT(LINE_MAX);
	char **place;

	if (outcome->rcpt.n == 0 || view_is(outcome->what, VIEW("sent")) || list->size == 0)
		return;
	shown.user = login != NULL ? *login : VIEW("");
	place = &list->lines[list->n++ % list->size];
	if (list->is_json)
		add_json(&shown, &line);
	else
		add_text(&shown, &line);
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
