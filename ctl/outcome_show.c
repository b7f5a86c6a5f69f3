/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/clock.h"
#include "lib/escape.h"

#include "ctl/cause.h"
#include "ctl/outcome_show.h"

enum { WORDS_SHOWN = 400 };

void
outcome_add_text(struct buf *out, const char *head, struct view text)
{
	if (text.n == 0)
		return;
	buf_add_text(out, head);
	escape_add(out, text, WORDS_SHOWN);
}

static void
add_delays(const struct outcome *outcome, struct json *json)
{
	json_number(json, "frank.delay_ms", outcome->delay_ms);
	json_array(json, "frank.delays_ms");
	for (size_t i = 0; i < OUTCOME_DELAYS; i++)
		json_number(json, NULL, outcome->delays_ms[i]);
	json_end(json);
}

void
outcome_add_json(
    const struct outcome *outcome, const struct replies *replies, struct json *json)
{
	const struct {
		const char *name;
		struct view text;
	} members[] = {
	    {"user.name", outcome->user},
	    {"source.address", outcome->client},
	    {"email.local_id", outcome->queue_id},
	    {"frank.other_id", outcome->other_id},
	    {"email.to.address", outcome->rcpt},
	    {"frank.orig_to", outcome->orig_rcpt},
	    {"destination.address", outcome->relay},
	    {"frank.dsn", outcome->dsn},
	    {"process.name", outcome->program},
	    {"message", outcome->text},
	};
	char time[CLOCK_TEXT];

	json_string(json, "@timestamp", view_of(clock_rfc3339(outcome->time, time)));
	json_string(json, "event.action", outcome->what);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].text.n > 0)
			json_string(json, members[i].name, members[i].text);
	if (outcome->rcpt.n == 0)
		return;
	add_delays(outcome, json);
	if (replies != NULL && !view_is(outcome->what, VIEW("sent")))
		cause_json(
		    replies_find(replies, outcome->dsn, outcome->relay, outcome->text),
		    json);
}
