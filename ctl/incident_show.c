/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "journal/read.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"
#include "lib/map.h"

#include "ctl/incident.h"
#include "postfix/queue.h"

enum { HELD_SHOWN = 20, SECOND = 1000000, NAMES_SHOWN = 8, WIDTH_ID = 15 };

/* A message that was held, by the journal, and whether it still is, by Postfix. */
struct held {
	struct held *next;
	struct view id, sender;
	int64_t time; /* wall, microseconds */
	uint32_t rcpts;
	bool is_there;
};

struct amount {
	uint64_t messages, rcpts;
};

struct show {
	struct ctl *ctl;
	const char *postfix; /* its configuration */
	struct incident incident;
	const struct policy *policy;
	struct arena *arena;
	struct amount before, since; /* accepted from its origins */
	struct held *first, **last;
	struct map by_id;
	uint64_t n_held, n_there;
	bool queue_is_unknown;
	struct buf out;
};

/* ---- what the journal has ---- */

static void
held_add(struct show *show, const struct facts *facts)
{
	struct held *held = arena_alloc(show->arena, sizeof(*held));

	held->id = arena_view(show->arena, facts->queue_id);
	held->sender = arena_view(show->arena, facts->sender.text);
	held->time = facts->time;
	held->rcpts = facts->rcpts;
	*show->last = held;
	show->last = &held->next;
	show->n_held++;
	(void)map_add(&show->by_id, held->id, held);
}

static int
each_row(void *context, const struct journal_row *row)
{
	struct show *show = context;
	const struct incident *incident = &show->incident;
	const struct facts *facts = &row->facts;
	struct amount *amount =
	    facts->time < incident->began ? &show->before : &show->since;

	if (!incident_is_from(incident, show->policy, facts))
		return 0;
	if (view_is(row->verdict, VIEW("accept"))) {
		amount->messages++;
		amount->rcpts += facts->rcpts;
	} else if (view_is(row->verdict, VIEW("hold")) &&
		   view_is(row->label, incident->label) && facts->time >= incident->began &&
		   (incident->closed == 0 || facts->time < incident->closed + SECOND)) {
		held_add(show, facts);
	}
	return 0;
}

static int
read_journal(struct show *show)
{
	const struct journal_filter filter = {
	    .since = show->incident.began - INCIDENT_BEFORE * INT64_C(1000000)};
	struct journal_reader *reader;
	struct err err = ERR_INIT;
	int code = CTL_FINE;

	if (journal_reader_open(ctl_state(show->ctl), &reader, &err) == -1)
		return ctl_fail(&err);
	if (journal_scan(reader, &filter, each_row, show, &err) == -1)
		code = ctl_fail(&err);
	journal_reader_close(reader);
	return code;
}

/* ---- what Postfix has ---- */

static void
each_entry(void *context, const struct queue_entry *entry)
{
	struct show *show = context;
	struct held *held = map_get(&show->by_id, entry->id);

	/* Short ids are used again. */
	if (held == NULL || !view_is(entry->queue, VIEW("hold")) || held->is_there ||
	    entry->arrival > held->time / SECOND + 2)
		return;
	held->is_there = true;
	show->n_there++;
}

static void
read_queue(struct show *show)
{
	struct err err = ERR_INIT;

	if (show->n_held == 0 || postfix_queue(show->postfix, each_entry, show, &err) == 0)
		return;
	show->queue_is_unknown = true;
	ctl_say("%s", err.text);
}

/* ---- words ---- */

static void
add_names(struct buf *out, const char *head, const struct view *names,
    const uint64_t *counts, size_t n)
{
	bool shown[INCIDENT_NAMES_MAX] = {false};

	for (size_t line = 0; line < n && line < NAMES_SHOWN; line++) {
		size_t most = n;
		for (size_t i = 0; i < n; i++)
			if (!shown[i] && (most == n || counts[i] > counts[most]))
				most = i;
		shown[most] = true;
		buf_addf(out, "  %-9s %5llu ", line == 0 ? head : "",
		    (unsigned long long)counts[most]);
		escape_add(out, names[most], ESCAPE_MAX);
		buf_add_char(out, '\n');
	}
	if (n > NAMES_SHOWN)
		buf_addf(out, "  %-9s       and %s%zu more\n", "",
		    n == INCIDENT_NAMES_MAX ? "at least " : "", n - NAMES_SHOWN);
}

static void
add_line(struct buf *out, const char *head, struct view text)
{
	buf_addf(out, "  %-9s ", head);
	escape_add(out, text, ESCAPE_MAX);
	buf_add_char(out, '\n');
}

static void
add_head(const struct incident *incident, struct buf *out)
{
	buf_addf(out, "incident %llu  %s  \"", (unsigned long long)incident->number,
	    incident->closed != 0 ? "closed" : "open");
	escape_add(out, incident->label, ESCAPE_MAX);
	buf_add_text(out, "\"  ");
	escape_add(out, incident->place, ESCAPE_MAX);
	buf_add_text(out, "\n\n");
	add_line(out, "who", incident->key);
	if (incident->n_origins > 1 || !view_is(incident->origins[0], incident->key))
		add_names(out, "from", incident->origins, incident->origin_messages,
		    incident->n_origins);
	if (incident->client.n > 0)
		buf_addf(out, "  %-9s %.*s%s\n", "client", VIEW_ARG(incident->client),
		    incident->client_is_new ? ", never seen for it before" : "");
	if (incident->meter.n > 0) {
		buf_addf(out, "  %-9s %.*s was %llu", "because", VIEW_ARG(incident->meter),
		    (unsigned long long)incident->reading);
		if (incident->has_usual)
			buf_addf(
			    out, "; usual is %llu", (unsigned long long)incident->usual);
		buf_add_char(out, '\n');
	}
	if (incident->queue_id.n > 0)
		add_line(out, "first", incident->queue_id);
}

static void
add_course(const struct incident *incident, struct buf *out)
{
	char began[CLOCK_TEXT], last[CLOCK_TEXT];

	buf_addf(out, "  %-9s %s\n  %-9s %s\n", "began", clock_text(incident->began, began),
	    "last", clock_text(incident->last, last));
	buf_addf(out, "  %-9s %llu message%s to %llu recipient%s\n", "held",
	    (unsigned long long)incident->messages, incident->messages == 1 ? "" : "s",
	    (unsigned long long)incident->rcpts, incident->rcpts == 1 ? "" : "s");
	add_names(
	    out, "to", incident->domains, incident->domain_rcpts, incident->n_domains);
	if (incident->notified != 0)
		buf_addf(out, "  %-9s %s\n", "told", clock_text(incident->notified, last));
	else if (incident->notify)
		buf_addf(out, "  %-9s nobody yet\n", "told");
	if (incident->closed == 0)
		return;
	buf_addf(out, "  %-9s %s by ", "closed", clock_text(incident->closed, last));
	escape_add(out, incident->closed_by, ESCAPE_MAX);
	if (incident->reason.n > 0) {
		buf_add_text(out, ": ");
		escape_add(out, incident->reason, ESCAPE_MAX);
	}
	buf_add_char(out, '\n');
}

static void
add_amount(struct buf *out, const char *head, const struct amount *amount)
{
	buf_addf(out, "  %-19s %llu message%s to %llu recipient%s\n", head,
	    (unsigned long long)amount->messages, amount->messages == 1 ? "" : "s",
	    (unsigned long long)amount->rcpts, amount->rcpts == 1 ? "" : "s");
}

static void
add_held(const struct show *show, struct buf *out)
{
	uint64_t n = show->queue_is_unknown ? show->n_held : show->n_there;
	uint64_t shown = 0;
	char time[CLOCK_TEXT];

	buf_addf(out, "\n%s %llu\n",
	    show->queue_is_unknown ? "was held (what still is, Postfix does not say):"
				   : "on hold now:",
	    (unsigned long long)n);
	for (const struct held *held = show->first; held != NULL; held = held->next) {
		if (!held->is_there && !show->queue_is_unknown)
			continue;
		if (shown++ == HELD_SHOWN)
			break;
		buf_add_text(out, "  ");
		incident_cell(out, held->id, WIDTH_ID);
		buf_addf(out, "  %s %5u rcpt%s  ", clock_text(held->time, time),
		    held->rcpts, held->rcpts == 1 ? " " : "s");
		escape_add(out, held->sender.n > 0 ? held->sender : VIEW("<>"), ESCAPE_MAX);
		buf_add_char(out, '\n');
	}
	if (n > HELD_SHOWN)
		buf_addf(out, "  and %llu more\n", (unsigned long long)(n - HELD_SHOWN));
}

static void
show_text(struct show *show)
{
	struct buf *out = &show->out;

	add_head(&show->incident, out);
	add_course(&show->incident, out);
	buf_add_text(out, "\naccepted from the same\n");
	add_amount(out, "in the hour before", &show->before);
	add_amount(out, "since", &show->since);
	add_held(show, out);
}

/* frankd's own line, and what was found here behind it. */
static void
show_json(struct show *show)
{
	struct buf *out = &show->out;
	struct buf more = BUF_INIT(CTL_OUTPUT_MAX);
	struct view line = show->incident.line;
	struct json json;

	json_begin(&json, &more);
	json_object(&json, NULL);
	json_number(&json, "frank.before.messages", (int64_t)show->before.messages);
	json_number(&json, "frank.before.rcpts", (int64_t)show->before.rcpts);
	json_number(&json, "frank.since.messages", (int64_t)show->since.messages);
	json_number(&json, "frank.since.rcpts", (int64_t)show->since.rcpts);
	if (!show->queue_is_unknown) {
		json_array(&json, "frank.held");
		for (const struct held *held = show->first; held != NULL; held = held->next)
			if (held->is_there)
				json_string(&json, NULL, held->id);
		json_end(&json);
	}
	json_end(&json);
	buf_add(out, view_head(line, line.n > 0 ? line.n - 1 : 0));
	buf_add_char(out, ',');
	buf_add(out, view_from(buf_view(&more), 1));
	buf_add_char(out, '\n');
	buf_fini(&more);
}

static int
show_it(struct show *show, const char *number)
{
	struct load load;
	int code = incident_ask(show->ctl, number, show->arena, &show->incident);

	if (code != CTL_FINE)
		return code;
	code = incident_policy(show->ctl, &load);
	if (code != CTL_FINE)
		return code;
	show->policy = load.policy;
	code = read_journal(show);
	if (code == CTL_FINE) {
		read_queue(show);
		if (show->ctl->json)
			show_json(show);
		else
			show_text(show);
		code = ctl_print(&show->out);
	}
	load_fini(&load);
	return code;
}

int
incident_show(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"postfix-config", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct show show = {.ctl = ctl};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p')
			show.postfix = optarg;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind + 1 != argc)
		return ctl_usage("incident", "'frank incident show' wants one ID");
	show.arena = arena_new(0);
	show.last = &show.first;
	map_init(&show.by_id, map_seed_random());
	buf_init(&show.out, CTL_OUTPUT_MAX);
	int code = show_it(&show, argv[optind]);
	buf_fini(&show.out);
	map_fini(&show.by_id);
	arena_free(show.arena);
	return code;
}
