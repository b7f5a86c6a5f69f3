/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"

#include "auth/suffixes.h"

#include "policy/value.h"

#include "milter/status.h"

static void
snapshot_take(struct runtime *runtime, struct status_snapshot *snapshot)
{
	*snapshot = (struct status_snapshot){0};
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
	runtime_alerts(runtime, &snapshot->alerts);
	runtime_coverage(runtime, &snapshot->coverage);
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
tables_text(const struct status_snapshot *snapshot, struct buf *out)
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
states_text(const struct status_snapshot *s, struct buf *out)
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
incidents_text(const struct status_snapshot *s, struct buf *out)
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
coverage_text(const struct coverage_status *s, struct buf *out)
{
	char text[CLOCK_TEXT];

	if (s->time == 0)
		return;
	if (s->trouble[0] != '\0')
		buf_add_text(out, "coverage  not known\n");
	else
		buf_addf(out,
		    "coverage  %llu left in an hour, %llu without frankd; at %s\n",
		    (unsigned long long)s->left, (unsigned long long)s->missed,
		    clock_text(s->time, text));
	trouble_text("", s->trouble, out);
}

static void
queue_text(const struct status_snapshot *s, struct buf *out)
{
	const struct journal_sample *queue = &s->follow.queue;
	char text[CLOCK_TEXT];

	for (unsigned i = 0; i < SAMPLE_QUEUES && queue->time != 0; i++)
		buf_addf(out, "%s%llu %s", i == 0 ? "queue     " : ", ",
		    (unsigned long long)queue->queues[i].messages, sample_queue_name(i));
	if (queue->time != 0)
		buf_addf(out, "; at %s\n", clock_text(queue->time, text));
	if (s->follow.queue_trouble[0] != '\0')
		buf_add_text(out, "queue     ");
	if (s->follow.queue_trouble[0] != '\0' && queue->time == 0)
		buf_add_text(out, "never counted\n");
	else if (s->follow.queue_trouble[0] != '\0')
		buf_add_text(out, "not counted since\n");
	trouble_text("", s->follow.queue_trouble, out);
	for (unsigned i = 0; i < ALERT_KINDS; i++)
		if (s->alerts.since[i] != 0) {
			buf_addf(out, "ALERT     %s since %s: ", alert_name(i),
			    clock_text(s->alerts.since[i], text));
			escape_add(out, view_of(s->alerts.text[i]), ESCAPE_MAX);
			buf_add_char(out, '\n');
		}
}

static void
status_text(const struct runtime *runtime, const struct status_snapshot *s, struct buf *out)
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
	coverage_text(&s->coverage, out);
	queue_text(s, out);
	buf_addf(out, "journal   %llu written, %llu lost\n",
	    (unsigned long long)s->journal.written, (unsigned long long)s->journal.lost);
	if (s->journal.trouble[0] != '\0') {
		buf_add_text(out, "          ");
		escape_add(out, view_of(s->journal.trouble), ESCAPE_MAX);
		buf_add_text(out, "\n");
	}
}

void
runtime_status(struct runtime *runtime, bool as_json, struct buf *out)
{
	struct status_snapshot snapshot;

	snapshot_take(runtime, &snapshot);
	if (as_json)
		status_json(runtime, &snapshot, out);
	else
		status_text(runtime, &snapshot, out);
}
