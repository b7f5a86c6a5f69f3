/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/clock.h"
#include "lib/escape.h"

#include "milter/incident_text.h"

enum { SUMMARY_NAME = 100 }; /* bytes; it may have to fit a Subject field */

void
incident_summary(const struct state_incident *row, struct buf *out)
{
	buf_addf(out, "%llu message%s of ", (unsigned long long)row->messages,
	    row->messages == 1 ? "" : "s");
	escape_add(out, view_of(row->key), SUMMARY_NAME);
	buf_add_text(out, " held: ");
	escape_add(out, view_of(row->label), ESCAPE_MAX);
}

void
incident_say(const struct state_incident *row, enum incident_news news, struct buf *out)
{
	bool is_closed = news == INCIDENT_CLOSED;

	buf_addf(out, "incident %llu %s", (unsigned long long)row->number,
	    is_closed ? "closed" : "opened");
	if (is_closed) {
		buf_add_text(out, " by ");
		escape_add(out, view_of(row->closed_by), ESCAPE_MAX);
		if (row->reason[0] != '\0') {
			buf_add_text(out, " (");
			escape_add(out, view_of(row->reason), ESCAPE_MAX);
			buf_add_char(out, ')');
		}
	}
	buf_add_text(out, ": ");
	incident_summary(row, out);
	buf_add_text(out, " (");
	escape_add(out, view_of(row->place), ESCAPE_MAX);
	buf_add_char(out, ')');
	if (row->client_is_new && !is_closed)
		buf_addf(out, ", first from %s, never seen for it before", row->client);
}

static void
json_time(struct json *json, const char *name, int64_t wall)
{
	char text[CLOCK_TEXT];

	if (wall != 0)
		json_string(json, name, view_of(clock_rfc3339(wall, text)));
}

static void
json_text(struct json *json, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_string(json, name, view_of(text));
}

static void
json_counts(struct json *json, const char *names, const char *numbers,
    const struct incident_count *counts, uint32_t n)
{
	json_array(json, names);
	for (uint32_t i = 0; i < n; i++)
		json_string(json, NULL, view_of(counts[i].name));
	json_end(json);
	json_array(json, numbers);
	for (uint32_t i = 0; i < n; i++)
		json_number(json, NULL, (int64_t)counts[i].n);
	json_end(json);
}

void
incident_json(const struct state_incident *row, bool whole, struct json *json)
{
	const struct incident_told *mail = &row->told[INCIDENT_BY_MAIL];

	json_number(json, "frank.incident", (int64_t)row->number);
	json_string(json, "event.reason", view_of(row->label));
	json_text(json, "rule.id", row->place);
	json_string(json, "frank.key", view_of(row->key));
	if (row->meter[0] != '\0') {
		json_string(json, "frank.meter", view_of(row->meter));
		json_number(json, "frank.reading", (int64_t)row->reading);
		if (row->has_usual)
			json_number(json, "frank.usual", (int64_t)row->usual);
	}
	json_text(json, "email.local_id", row->queue_id);
	if (row->client[0] != '\0') {
		json_string(json, "source.ip", view_of(row->client));
		json_bool(json, "frank.client_new", row->client_is_new);
	}
	json_time(json, "event.start", row->began);
	json_time(json, "frank.last", row->last);
	json_number(json, "frank.messages", (int64_t)row->messages);
	json_number(json, "frank.rcpts", (int64_t)row->rcpts);
	json_bool(json, "frank.notify", row->notify);
	json_time(json, "frank.notified", mail->time);
	json_time(json, "event.end", row->closed);
	json_text(json, "frank.closed_by", row->closed_by);
	json_text(json, "frank.close_reason", row->reason);
	if (!whole)
		return;
	json_counts(
	    json, "frank.origins", "frank.origin_messages", row->origins, row->n_origins);
	json_counts(
	    json, "frank.domains", "frank.domain_rcpts", row->domains, row->n_domains);
}
