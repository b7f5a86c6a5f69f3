/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/json.h"

#include "auth/suffixes.h"

#include "milter/status.h"

/* 'frank status --json'. */

static void
incidents_json(const struct status_snapshot *s, struct json *json)
{
	json_number(json, "incidents.open", (int64_t)s->incidents.open);
	json_number(json, "incidents.kept", (int64_t)s->incidents.kept);
	json_number(json, "incidents.unkept", (int64_t)s->incidents.unkept);
	json_string(json, "incidents.trouble", view_of(s->notices.state_trouble));
	json_number(json, "notices.sent", (int64_t)s->notices.sent);
	json_number(json, "notices.waiting", (int64_t)s->notices.waiting);
	json_string(json, "notices.trouble", view_of(s->notices.trouble));
	json_number(json, "notices.failed-commands", (int64_t)s->notices.failed_commands);
}

static void
follow_json(const struct follow_status *s, struct json *json)
{
	json_string(json, "maillog", view_of(s->log));
	json_bool(json, "maillog.ready", s->is_there);
	json_number(json, "maillog.lines", (int64_t)s->lines);
	json_number(json, "maillog.outcomes", (int64_t)s->outcomes);
	json_number(json, "maillog.unknown", (int64_t)s->unknown);
	json_number(json, "maillog.gaps", (int64_t)s->gaps);
	json_string(json, "maillog.trouble", view_of(s->trouble));
}

static void
tables_json(const struct status_snapshot *s, struct json *json)
{
	json_bool(json, "tables", s->has_tables);
	json_bool(json, "tables.ready", s->tables.is_there);
	json_number(json, "tables.asked", (int64_t)s->tables.asked);
	json_number(json, "tables.answered", (int64_t)s->tables.answered);
	json_number(json, "tables.hits", (int64_t)s->tables.hits);
	json_number(json, "tables.failed", (int64_t)s->tables.failed);
	json_number(json, "tables.late", (int64_t)s->tables.late);
	json_number(json, "tables.kept", (int64_t)s->tables.kept);
	json_number(json, "tables.open", (int64_t)s->tables.open);
	json_string(json, "tables.trouble", view_of(s->tables.trouble));
}

static void
queue_json(const struct status_snapshot *s, struct json *json)
{
	const struct journal_sample *queue = &s->follow.queue;
	char text[CLOCK_TEXT];

	json_object(json, "queue");
	for (unsigned i = 0; i < SAMPLE_QUEUES && queue->time != 0; i++)
		json_number(json, sample_queue_name(i), (int64_t)queue->queues[i].messages);
	json_string(json, "trouble", view_of(s->follow.queue_trouble));
	json_end(json);
	json_object(json, "coverage");
	if (s->coverage.time != 0 && s->coverage.trouble[0] == '\0') {
		json_number(json, "left", (int64_t)s->coverage.left);
		json_number(json, "missed", (int64_t)s->coverage.missed);
	}
	json_string(json, "trouble", view_of(s->coverage.trouble));
	json_end(json);
	json_array(json, "alerts");
	for (unsigned i = 0; i < ALERT_KINDS; i++) {
		if (s->alerts.since[i] == 0)
			continue;
		json_object(json, NULL);
		json_string(json, "frank.alert", view_of(alert_name(i)));
		json_string(
		    json, "event.start", view_of(clock_rfc3339(s->alerts.since[i], text)));
		json_string(json, "message", view_of(s->alerts.text[i]));
		json_end(json);
	}
	json_end(json);
}

void
status_json(const struct runtime *runtime, const struct status_snapshot *s, struct buf *out)
{
	struct json json;
	char text[CLOCK_TEXT];

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "process.start", view_of(clock_rfc3339(runtime->started, text)));
	json_bool(&json, "stopping", s->stopping);
	json_string(&json, "policy", view_of(s->hash));
	json_string(&json, "policy.loaded", view_of(clock_rfc3339(s->loaded, text)));
	json_string(&json, "reload.error", view_of(s->last_reload));
	json_number(&json, "keys", (int64_t)s->n_keys);
	json_bool(&json, "keys.ready", s->keys_ready);
	json_number(&json, "keys.published", (int64_t)s->states.ready);
	json_number(&json, "keys.pending", (int64_t)s->states.pending);
	json_number(&json, "keys.faulty", (int64_t)s->states.faulty);
	json_number(&json, "keys.lost", (int64_t)s->key_watch.lost);
	json_string(&json, "keys.trouble", view_of(s->key_watch.trouble));
	json_bool(&json, "dns.ready", s->dns.is_there);
	json_number(&json, "dns.asked", (int64_t)s->dns.asked);
	json_number(&json, "dns.answered", (int64_t)s->dns.answered);
	json_number(&json, "dns.refreshed", (int64_t)s->dns.refreshed);
	json_number(&json, "dns.hits", (int64_t)s->dns.hits);
	json_number(&json, "dns.late", (int64_t)s->dns.late);
	json_number(&json, "dns.crowded", (int64_t)s->dns.crowded);
	json_number(&json, "dns.kept", (int64_t)s->dns.kept);
	json_number(&json, "dns.open", (int64_t)s->dns.open);
	tables_json(s, &json);
	json_string(&json, "suffixes",
	    view_of(clock_rfc3339(suffixes_time() * INT64_C(1000000), text)));
	json_number(&json, "accept", (int64_t)s->verdicts[VERDICT_ACCEPT]);
	json_number(&json, "hold", (int64_t)s->verdicts[VERDICT_HOLD]);
	json_number(&json, "defer", (int64_t)s->verdicts[VERDICT_DEFER]);
	json_number(&json, "reject", (int64_t)s->verdicts[VERDICT_REJECT]);
	json_number(&json, "signed", (int64_t)s->n_signed);
	json_number(&json, "on-error", (int64_t)s->on_error);
	json_number(&json, "in-flight", s->in_flight);
	json_bool(&json, "meters", s->meters.has_meters);
	json_number(&json, "meters.learn", (int64_t)s->meters.learn_left);
	json_number(&json, "meters.exempt", (int64_t)s->meters.n_exempt);
	json_string(&json, "meters.trouble", view_of(s->meters.trouble));
	json_bool(&json, "receiver.ready", s->receiver.is_there);
	json_number(&json, "receiver.verified", (int64_t)s->receiver.verified);
	json_number(&json, "receiver.disagreed", (int64_t)s->receiver.disagreed);
	json_number(&json, "receiver.spf.agreed", (int64_t)s->spf.agrees);
	json_number(&json, "receiver.spf.disagreed", (int64_t)s->spf.disagrees);
	incidents_json(s, &json);
	follow_json(&s->follow, &json);
	queue_json(s, &json);
	json_number(&json, "journal.written", (int64_t)s->journal.written);
	json_number(&json, "journal.lost", (int64_t)s->journal.lost);
	json_string(&json, "journal.trouble", view_of(s->journal.trouble));
	json_end(&json);
	buf_add_char(out, '\n');
}
