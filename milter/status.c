/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/json.h"

#include "auth/suffixes.h"

#include "policy/value.h"

#include "milter/runtime.h"

/* What is shown, taken together under the lock. */
struct snapshot {
	char hash[GENERATION_HASH + 1];
	int64_t loaded;
	size_t n_keys;
	bool keys_ready, stopping;
	char last_reload[256];
	unsigned in_flight;
	unsigned long verdicts[4], n_signed, on_error;
	struct journal_status journal;
	struct receiver_status receiver;
	struct dns_status dns;
	struct tables_status tables;
	struct follow_status follow;
	bool has_tables; /* the policy has maps through postmap */
	struct key_watch_status key_watch;
	struct key_counts states; /* of the keys that sign */
	struct spf_opinions_status spf;
	struct meters_status meters;
	struct incidents_status incidents;
	struct notices_status notices;
};

static void
snapshot_take(struct runtime *runtime, struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){0};
	struct generation *generation = runtime_hold(runtime);
	if (generation != NULL) {
		memcpy(snapshot->hash, generation->hash, sizeof(snapshot->hash));
		snapshot->loaded = generation->loaded;
		(void)policy_keys(generation->policy, &snapshot->n_keys);
		snapshot->has_tables = policy_has_postmap(generation->policy);
		snapshot->keys_ready = key_client_is_ready(generation->keys);
		key_watch_count(runtime->key_watch, generation, &snapshot->states);
		runtime_release(runtime, generation);
	}
	pthread_mutex_lock(&runtime->lock);
	snapshot->stopping = runtime->stopping;
	memcpy(snapshot->last_reload, runtime->last_reload, sizeof(snapshot->last_reload));
	pthread_mutex_unlock(&runtime->lock);
	snapshot->in_flight = atomic_load(&runtime->in_flight);
	for (unsigned i = 0; i < 4; i++)
		snapshot->verdicts[i] = atomic_load(&runtime->verdicts[i]);
	snapshot->n_signed = atomic_load(&runtime->n_signed);
	snapshot->on_error = atomic_load(&runtime->on_error);
	journal_status(runtime->journal, &snapshot->journal);
	receiver_client_status(runtime->receiver, &snapshot->receiver);
	dns_client_status(runtime->dns, &snapshot->dns);
	tables_client_status(runtime->tables, &snapshot->tables);
	follow_client_status(runtime->follow, &snapshot->follow);
	key_watch_status(runtime->key_watch, &snapshot->key_watch);
	spf_opinions_status(runtime->spf_opinions, &snapshot->spf);
	meters_status(runtime->meters, &snapshot->meters);
	incidents_status(runtime->incidents, &snapshot->incidents);
	notices_status(runtime->notices, &snapshot->notices);
}

static void
receiver_text(const struct receiver_status *s, struct buf *out)
{
	buf_addf(out, "receiver  %s; %llu messages verified, %llu keys disagreed about\n",
	    s->is_there ? "ready" : "not there: signatures get no second opinion",
	    (unsigned long long)s->verified, (unsigned long long)s->disagreed);
	for (unsigned i = 0; i < s->n; i++) {
		buf_add_text(out, "          disagrees: ");
		escape_add(out, view_of(s->disagreements[i]), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
}

static void
spf_text(const struct spf_opinions_status *s, struct buf *out)
{
	for (unsigned i = 0; i < s->n; i++) {
		buf_add_text(out, "          libspf2 disagrees about ");
		escape_add(out, view_of(s->disagreements[i]), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
	if (s->disagrees > s->n)
		buf_addf(out, "          and about %llu other domains\n",
		    (unsigned long long)s->disagrees - s->n);
}

static void
dns_text(const struct dns_status *s, struct buf *out)
{
	buf_addf(out,
	    "dns       %s; %llu asked, %llu from the cache, %llu unknown in time; %llu "
	    "kept, %llu open\n",
	    s->is_there ? "ready" : "not there: what it would say is unknown",
	    (unsigned long long)s->asked, (unsigned long long)s->hits,
	    (unsigned long long)s->late, (unsigned long long)s->kept,
	    (unsigned long long)s->open);
}

static void
tables_text(const struct snapshot *snapshot, struct buf *out)
{
	const struct tables_status *s = &snapshot->tables;

	if (!snapshot->has_tables)
		return;
	buf_addf(out,
	    "tables    %s; %llu asked, %llu from the cache, %llu failed, %llu unknown in "
	    "time; %llu kept, %llu open\n",
	    s->is_there ? "ready" : "not there: what they would say is unknown",
	    (unsigned long long)s->asked, (unsigned long long)s->hits,
	    (unsigned long long)s->failed, (unsigned long long)s->late,
	    (unsigned long long)s->kept, (unsigned long long)s->open);
	if (s->trouble[0] == '\0')
		return;
	buf_add_text(out, "          last trouble, ");
	value_add_duration(out, (uint64_t)s->trouble_age);
	buf_add_text(out, " ago: ");
	escape_add(out, view_of(s->trouble), sizeof(s->trouble));
	buf_add_text(out, "\n");
}

static void
suffixes_text(int64_t now, struct buf *out)
{
	char text[CLOCK_TEXT];

	if (!suffixes_are_old(now / 1000000))
		return;
	buf_addf(out,
	    "          the public suffix list is of %.10s: install a newer one (package "
	    "publicsuffix) and restart\n",
	    clock_text(suffixes_time() * INT64_C(1000000), text));
}

/* What the world sees of the keys, where that is known. */
static void
states_text(const struct snapshot *s, struct buf *out)
{
	buf_addf(out, "          %zu published, %zu pending", s->states.ready,
	    s->states.pending);
	if (s->states.faulty > 0)
		buf_addf(out, ", %zu NOT PUBLISHED AS THEY SHOULD BE: see frank key list",
		    s->states.faulty);
	buf_add_text(out, "\n");
	if (s->key_watch.trouble[0] != '\0') {
		buf_add_text(out, "          ");
		escape_add(out, view_of(s->key_watch.trouble), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
}

static void
meters_text(const struct meters_status *s, struct buf *out)
{
	if (!s->has_meters)
		return;
	buf_add_text(out, "meters    ");
	if (s->learn_left == 0)
		buf_add_text(out, "what is usual is known");
	else {
		buf_add_text(out, "learning what is usual, for another ");
		value_add_duration(out, s->learn_left);
	}
	if (s->n_exempt > 0)
		buf_addf(out, "; %zu exempt: see frank meter", s->n_exempt);
	buf_add_char(out, '\n');
	if (s->trouble[0] != '\0') {
		buf_add_text(out, "          ");
		escape_add(out, view_of(s->trouble), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
}

static void
trouble_text(const char *what, const char *trouble, struct buf *out)
{
	if (trouble[0] == '\0')
		return;
	buf_addf(out, "          %s", what);
	escape_add(out, view_of(trouble), ESCAPE_MAX);
	buf_add_text(out, "\n");
}

static void
incidents_text(const struct snapshot *s, struct buf *out)
{
	const struct notices_status *notices = &s->notices;

	buf_addf(out, "incidents %zu open, %zu closed lately; %llu notice%s sent\n",
	    s->incidents.open, s->incidents.kept - s->incidents.open,
	    (unsigned long long)notices->sent, notices->sent == 1 ? "" : "s");
	if (s->incidents.unkept > 0)
		buf_addf(out,
		    "          %llu held messages have none: %d are open; frank incident "
		    "close makes room\n",
		    (unsigned long long)s->incidents.unkept, INCIDENTS_MAX);
	if (notices->trouble[0] != '\0')
		buf_addf(out, "          %zu NOTICES CANNOT BE SENT\n", notices->waiting);
	trouble_text("", notices->trouble, out);
	trouble_text("not kept: ", notices->state_trouble, out);
	if (notices->failed_commands > 0)
		buf_addf(out, "          notify-command failed %llu times: see the log\n",
		    (unsigned long long)notices->failed_commands);
}

static void
follow_text(const struct follow_status *s, struct buf *out)
{
	char text[CLOCK_TEXT];

	if (!s->is_there) {
		buf_add_text(
		    out, "maillog   nobody follows it now: the process is started again\n");
		return;
	}
	if (s->log[0] == '\0') {
		buf_add_text(out, "maillog   not followed: see 'set maillog'\n");
		return;
	}
	buf_add_text(out, "maillog   ");
	escape_add(out, view_of(s->log), sizeof(s->log));
	buf_addf(out, "; %llu lines, %llu outcomes", (unsigned long long)s->lines,
	    (unsigned long long)s->outcomes);
	if (s->unknown > 0)
		buf_addf(out, ", %llu not understood", (unsigned long long)s->unknown);
	buf_add_char(out, '\n');
	trouble_text("NOT FOLLOWED: ", s->trouble, out);
	if (s->gaps == 0)
		return;
	buf_addf(out, "          %llu gap%s, the last at %s: ", (unsigned long long)s->gaps,
	    s->gaps == 1 ? "" : "s", clock_text(s->last_gap_time, text));
	escape_add(out, view_of(s->last_gap), sizeof(s->last_gap));
	buf_add_char(out, '\n');
}

static void
status_text(const struct runtime *runtime, const struct snapshot *s, struct buf *out)
{
	char text[CLOCK_TEXT];

	buf_addf(out, "frankd    running since %s%s\n", clock_text(runtime->started, text),
	    s->stopping ? ", stopping" : "");
	buf_addf(out, "policy    %.6s, in force since %s\n", s->hash,
	    clock_text(s->loaded, text));
	if (s->last_reload[0] != '\0') {
		buf_add_text(out, "          the last reload failed: ");
		escape_add(out, view_of(s->last_reload), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
	buf_addf(out, "keys      %zu; key process %s\n", s->n_keys,
	    s->keys_ready ? "ready" : "NOT THERE: mail is deferred until it is");
	states_text(s, out);
	dns_text(&s->dns, out);
	tables_text(s, out);
	suffixes_text(clock_now().wall, out);
	buf_addf(out,
	    "messages  %lu accepted, %lu held, %lu deferred, %lu rejected; %lu signed; "
	    "%u under way\n",
	    s->verdicts[VERDICT_ACCEPT], s->verdicts[VERDICT_HOLD],
	    s->verdicts[VERDICT_DEFER], s->verdicts[VERDICT_REJECT], s->n_signed,
	    s->in_flight);
	if (s->on_error > 0)
		buf_addf(out,
		    "          %lu met trouble of ours (set on-error): see the log\n",
		    s->on_error);
	meters_text(&s->meters, out);
	receiver_text(&s->receiver, out);
	spf_text(&s->spf, out);
	incidents_text(s, out);
	follow_text(&s->follow, out);
	buf_addf(out, "journal   %llu written, %llu lost\n",
	    (unsigned long long)s->journal.written, (unsigned long long)s->journal.lost);
	if (s->journal.trouble[0] != '\0') {
		buf_add_text(out, "          ");
		escape_add(out, view_of(s->journal.trouble), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
}

static void
incidents_json(const struct snapshot *s, struct json *json)
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
status_json(const struct runtime *runtime, const struct snapshot *s, struct buf *out)
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
	json_bool(&json, "tables", s->has_tables);
	json_bool(&json, "tables.ready", s->tables.is_there);
	json_number(&json, "tables.asked", (int64_t)s->tables.asked);
	json_number(&json, "tables.answered", (int64_t)s->tables.answered);
	json_number(&json, "tables.hits", (int64_t)s->tables.hits);
	json_number(&json, "tables.failed", (int64_t)s->tables.failed);
	json_number(&json, "tables.late", (int64_t)s->tables.late);
	json_number(&json, "tables.kept", (int64_t)s->tables.kept);
	json_number(&json, "tables.open", (int64_t)s->tables.open);
	json_string(&json, "tables.trouble", view_of(s->tables.trouble));
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
	json_number(&json, "journal.written", (int64_t)s->journal.written);
	json_number(&json, "journal.lost", (int64_t)s->journal.lost);
	json_string(&json, "journal.trouble", view_of(s->journal.trouble));
	json_end(&json);
	buf_add_char(out, '\n');
}

void
runtime_status(struct runtime *runtime, bool as_json, struct buf *out)
{
	struct snapshot snapshot;

	snapshot_take(runtime, &snapshot);
	if (as_json)
		status_json(runtime, &snapshot, out);
	else
		status_text(runtime, &snapshot, out);
}
