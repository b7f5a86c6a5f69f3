/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/map.h"

#include "ctl/after.h"
#include "ctl/cause.h"
#include "ctl/hold.h"
#include "ctl/outcome_show.h"

/* What became of a message, for people and for programs. */

enum {
	SECOND = 1000000,
	RCPTS_SHOWN = 20,
	FIRST_SHOWN = 2, /* attempts of one recipient, and so many of the last */
	CAUSE_INDENT = 8,
	LONG_SECONDS = 10, /* a part of a delay that is worth a word */
};

static void
add_time(struct buf *out, int64_t time)
{
	char text[CLOCK_TEXT];

	buf_addf(out, "    %s  ", clock_text(time, text));
}

static bool
is_what(const struct after_event *event, const char *what)
{
	return view_is(event->outcome.what, view_of(what));
}

/* How long it was on hold when EVENTS[AT] ended that. */
static void
add_held_time(const struct after *after, size_t at, struct buf *out)
{
	char text[HOLD_SHORT];

	for (size_t i = at; i-- > 0;) {
		int64_t seconds =
		    (after->events[at].outcome.time - after->events[i].outcome.time) /
		    SECOND;

		if (!is_what(&after->events[i], "held") || seconds <= 0)
			continue;
		buf_addf(out, " after %s", hold_age(seconds, text));
		return;
	}
}

static void
add_arrival(const struct outcome *outcome, struct buf *out)
{
	outcome_add_text(out, "came from ", outcome->client);
	outcome_add_text(out, ", login ", outcome->user);
	outcome_add_text(out, ", by ", outcome->program);
}

static const struct {
	const char *what, *text;
} words[] = {
    {"picked-up", "came from sendmail(1)"},
    {"given-up", "given up: it may not stay in the queue any longer"},
    {"held", "put on hold"},
    {"released", "released from hold"},
    {"deleted", "deleted from the queue"},
    {"requeued", "put into the queue anew"},
    {"notified", "its sender is told, by"},
    {"rejected", "refused"},
    /* What somebody did: */
    {"release", "released"},
    {"bounce", "returned to its sender"},
    {"delete", "deleted"},
    {"sweep", "put on hold"},
};

static void
add_words(const struct outcome *outcome, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_is(outcome->what, view_of(words[i].what))) {
			buf_add_text(out, words[i].text);
			return;
		}
	escape_add(out, outcome->what, ESCAPE_MAX);
}

/* What happened to the message as a whole. */
static void
add_event(const struct after *after, size_t i, struct buf *out)
{
	const struct after_event *event = &after->events[i];
	const struct outcome *outcome = &event->outcome;

	add_time(out, outcome->time);
	if (event->who.n > 0) {
		add_words(outcome, out);
		outcome_add_text(out, " by ", event->who);
		outcome_add_text(out, ": ", outcome->text);
	} else if (is_what(event, "arrived")) {
		add_arrival(outcome, out);
	} else {
		add_words(outcome, out);
		if (is_what(event, "released"))
			add_held_time(after, i, out);
		outcome_add_text(out, is_what(event, "picked-up") ? "; it was " : " ",
		    outcome->other_id);
		if (is_what(event, "rejected"))
			outcome_add_text(out, ": ", outcome->text);
	}
	buf_add_char(out, '\n');
}

/* The last that the log has of it is that it was put on hold. */
static void
add_waiting(const struct after *after, struct buf *out)
{
	const struct outcome *last = &after->events[after->n - 1].outcome;

	if (!is_what(&after->events[after->n - 1], "held") || last->queue_id.n == 0)
		return;
	buf_add_text(out, "    it waits for you: 'frank hold show ");
	escape_add(out, last->queue_id, ESCAPE_MAX);
	buf_add_text(out, "', then 'frank hold release', 'bounce' or 'delete'\n");
}

/* ---- recipients ---- */

/* One recipient's events, each with the place of the next; 0: it is the last. */
struct rcpt {
	size_t first, last, n;
};

struct rcpts {
	struct rcpt *all;
	size_t n;
	size_t *next;
	const struct replies *replies;                 /* NULL: there are none */
	const struct replies_entry *said[RCPTS_SHOWN]; /* that were explained */
	size_t n_said;
};

static void
rcpts_find(const struct after *after, struct rcpts *rcpts)
{
	struct map map;

	map_init(&map, map_seed_random());
	*rcpts = (struct rcpts){.all = mem_zeroed(after->n, sizeof(rcpts->all[0])),
	    .next = mem_zeroed(after->n, sizeof(rcpts->next[0]))};
	for (size_t i = 0; i < after->n; i++) {
		const struct view name = after->events[i].outcome.rcpt;
		struct rcpt *rcpt;

		if (name.n == 0)
			continue;
		rcpt = map_get(&map, name);
		if (rcpt == NULL) {
			rcpt = &rcpts->all[rcpts->n++];
			rcpt->first = i;
			(void)map_add(&map, name, rcpt);
		} else {
			rcpts->next[rcpt->last] = i;
		}
		rcpt->last = i;
		rcpt->n++;
	}
	map_fini(&map);
}

/* Where the time went. What is before a later attempt is the wait for it: no news. */
static void
add_delays(const struct outcome *outcome, bool is_first, struct buf *out)
{
	static const char *const places[OUTCOME_DELAYS] = {
	    [OUTCOME_BEFORE] = "before the active queue",
	    [OUTCOME_ACTIVE] = "in the active queue",
	    [OUTCOME_CONNECT] = "connecting",
	    [OUTCOME_SEND] = "sending",
	};
	char text[HOLD_SHORT];

	for (size_t i = 0; i < OUTCOME_DELAYS; i++) {
		int64_t seconds = outcome->delays_ms[i] / 1000;

		if (seconds >= LONG_SECONDS && (is_first || i != OUTCOME_BEFORE))
			buf_addf(out, ", %s %s", hold_age(seconds, text), places[i]);
	}
}

static void
add_attempt(const struct outcome *outcome, bool is_first, struct buf *out)
{
	buf_add_text(out, "  ");
	add_time(out, outcome->time);
	escape_add(out, outcome->what, ESCAPE_MAX);
	outcome_add_text(out, " ", outcome->dsn);
	if (outcome->relay.n > 0 && !view_is(outcome->relay, VIEW("none")))
		outcome_add_text(out, " by ", outcome->relay);
	add_delays(outcome, is_first, out);
	outcome_add_text(out, "\n        ", outcome->text);
	buf_add_char(out, '\n');
	struct view forwarded = outcome->text;
	if (view_is(outcome->relay, VIEW("local")) &&
	    view_starts(forwarded, VIEW("forwarded as "))) {
		forwarded = view_from(forwarded, VIEW("forwarded as ").n);
		outcome_add_text(
		    out, "        what became of that: 'frank explain ", forwarded);
		buf_add_text(out, "'\n");
	}
}

/* What the words of the last attempt mean, and what to do: once. */
static void
add_cause(struct rcpts *rcpts, const struct outcome *outcome, struct buf *out)
{
	const struct replies_entry *entry =
	    rcpts->replies == NULL || view_is(outcome->what, VIEW("sent"))
		? NULL
		: replies_find(rcpts->replies, outcome->dsn, outcome->relay, outcome->text);

	if (entry == NULL)
		return;
	for (size_t i = 0; i < rcpts->n_said; i++)
		if (rcpts->said[i] == entry) {
			buf_addf(out, "        as above: %.*s\n", VIEW_ARG(entry->name));
			return;
		}
	cause_text(entry, CAUSE_INDENT, out);
	if (rcpts->n_said < ARRAY_LEN(rcpts->said))
		rcpts->said[rcpts->n_said++] = entry;
}

static void
add_rcpt(const struct after *after, struct rcpts *rcpts, const struct rcpt *rcpt,
    struct buf *out)
{
	const struct outcome *about = &after->events[rcpt->first].outcome;
	size_t at = rcpt->first;

	buf_add_text(out, "    to ");
	escape_add(out, about->rcpt, ESCAPE_MAX);
	outcome_add_text(out, ", for ", about->orig_rcpt);
	buf_add_char(out, '\n');
	for (size_t shown = 0; shown < rcpt->n; shown++, at = rcpts->next[at]) {
		if (shown < FIRST_SHOWN || shown + FIRST_SHOWN >= rcpt->n)
			add_attempt(&after->events[at].outcome, shown == 0, out);
		else if (shown == FIRST_SHOWN)
			buf_addf(out, "      and %zu more attempt%s\n",
			    rcpt->n - (size_t)2 * FIRST_SHOWN,
			    rcpt->n == 2 * FIRST_SHOWN + 1 ? "" : "s");
	}
	add_cause(rcpts, &after->events[rcpt->last].outcome, out);
}

/* Those that have it, or have not; returns how many they are. */
static size_t
add_rcpts(const struct after *after, struct rcpts *rcpts, bool has_it, size_t *left,
    struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < rcpts->n; i++) {
		const struct rcpt *rcpt = &rcpts->all[i];

		if (is_what(&after->events[rcpt->last], "sent") != has_it)
			continue;
		n++;
		if (*left == 0)
			continue;
		--*left;
		add_rcpt(after, rcpts, rcpt, out);
	}
	return n;
}

void
after_text(const struct after *after, const struct replies *replies, struct buf *out)
{
	size_t left = RCPTS_SHOWN;
	struct rcpts rcpts;

	if (after->n == 0)
		return;
	buf_add_text(out, "\n  what became of it\n");
	for (size_t i = 0; i < after->n; i++)
		if (after->events[i].outcome.rcpt.n == 0)
			add_event(after, i, out);
	add_waiting(after, out);
	rcpts_find(after, &rcpts);
	rcpts.replies = replies;
	/* Where there is trouble first. */
	size_t unsent = add_rcpts(after, &rcpts, false, &left, out);
	size_t sent = add_rcpts(after, &rcpts, true, &left, out);
	if (sent + unsent > RCPTS_SHOWN)
		buf_addf(out,
		    "    %zu recipients in all: %zu have it, %zu have not; %d are shown\n",
		    sent + unsent, sent, unsent, RCPTS_SHOWN);
	if (after->n_left_out > 0)
		buf_addf(out, "    and %zu more events\n", after->n_left_out);
	free(rcpts.all);
	free(rcpts.next);
}

void
after_json(const struct after *after, const struct replies *replies, struct json *json)
{
	json_array(json, "frank.after");
	for (size_t i = 0; i < after->n; i++) {
		const struct after_event *event = &after->events[i];

		json_object(json, NULL);
		outcome_add_json(&event->outcome, replies, json);
		if (event->who.n > 0)
			json_string(json, "frank.who", event->who);
		json_end(json);
	}
	json_end(json);
}
