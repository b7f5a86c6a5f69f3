/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/after.h"

enum {
	SECOND = 1000000,
	SLACK_US = 2000000, /* syslog writes whole seconds */
	IDS_MAX = 5,        /* under which one message went on, by being requeued */
};

struct gather {
	struct after *after;
	struct view id;
	int64_t born;        /* it was in the queue by then; 0: nobody knows */
	int64_t until;       /* another message has its id from then on; 0: none */
	struct view next_id; /* under which it was requeued, and then: */
	int64_t next_born;
};

int
after_init(struct after *after, const char *state_dir, struct err *err)
{
	*after = (struct after){.reader = NULL};
	if (journal_reader_open(state_dir, &after->reader, err) == -1)
		return -1;
	after->arena = arena_new(0);
	return 0;
}

void
after_fini(struct after *after)
{
	journal_reader_close(after->reader);
	if (after->arena != NULL)
		arena_free(after->arena);
	free(after->events);
	*after = (struct after){.reader = NULL};
}

static struct after_event *
add_event(struct after *after)
{
	if (after->n >= AFTER_EVENTS_MAX) {
		after->n_left_out++;
		return NULL;
	}
	if (after->n % 64 == 0)
		after->events =
		    mem_resize(after->events, after->n + 64, sizeof(after->events[0]));
	after->events[after->n] = (struct after_event){.number = after->n};
	return &after->events[after->n++];
}

/* Postfix uses short queue ids again. This one came into the queue later, by what says so
 * or by how long its delivery took. */
static bool
is_of_another(const struct gather *gather, const struct outcome *outcome)
{
	bool is_arrival = view_is(outcome->what, VIEW("arrived")) ||
			  view_is(outcome->what, VIEW("picked-up"));
	int64_t arrival = outcome->time - (int64_t)outcome->delay_ms * 1000;

	return gather->born != 0 && (is_arrival || outcome->rcpt.n > 0) &&
	       arrival > gather->born + SLACK_US;
}

static int
take_outcome(void *context, const struct outcome *outcome)
{
	struct gather *gather = context;
	struct after *after = gather->after;

	if (is_of_another(gather, outcome)) {
		gather->until = outcome->time;
		return 1;
	}
	struct after_event *event = add_event(after);
	if (event == NULL)
		return 0;
	event->outcome = *outcome;
#define KEEP(name)                                                                         \
	event->outcome.name =                                                              \
	    outcome->name.n > 0 ? arena_view(after->arena, outcome->name) : VIEW("");
	OUTCOME_TEXTS(KEEP)
#undef KEEP
	return 0;
}

/* Is ID a word of TEXT, where actions name messages? */
static bool
names(struct view text, struct view id)
{
	struct view word;

	while (text.n > 0 && view_cut(&text, ' ', &word)) {
		bool is_last = view_ends(word, VIEW(";"));
		if (view_is(is_last ? view_head(word, word.n - 1) : word, id))
			return true;
		if (is_last)
			return false;
	}
	return false;
}

/* What is behind the ids: "2 messages: A B; asked her" */
static struct view
reason_of(struct view text)
{
	const char *at = text.n > 0 ? memmem(text.p, text.n, "; ", 2) : NULL;

	return at == NULL ? VIEW("") : view_from(text, (size_t)(at - text.p) + 2);
}

static int
take_action(void *context, const struct journal_action_row *action)
{
	struct gather *gather = context;
	struct after *after = gather->after;

	if (!names(action->text, gather->id))
		return 0;
	struct after_event *event = add_event(after);
	if (event == NULL)
		return 0;
	event->who = arena_view(after->arena, action->who);
	event->outcome.time = action->time;
	event->outcome.what = arena_view(after->arena, action->what);
	event->outcome.text = arena_view(after->arena, reason_of(action->text));
	return 0;
}

/* The message goes on under the id of what was picked up then. */
static int
take_next_id(void *context, const struct outcome *outcome)
{
	struct gather *gather = context;

	if (!view_is(outcome->what, VIEW("picked-up")) ||
	    !view_is(outcome->other_id, gather->id))
		return 0;
	gather->next_id = arena_view(gather->after->arena, outcome->queue_id);
	gather->next_born = outcome->time;
	return 0;
}

/* By the second, as syslog has it; within one what was done comes before what it did. */
static int
compare_events(const void *a, const void *b)
{
	const struct after_event *x = a, *y = b;
	int64_t at = x->outcome.time / SECOND, other = y->outcome.time / SECOND;

	if (at != other)
		return at < other ? -1 : 1;
	if ((x->who.n > 0) != (y->who.n > 0))
		return x->who.n > 0 ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Was it requeued? Then gather->next_id is its next one, if that is known yet. */
static int
find_next_id(struct gather *gather, struct journal_past *past, struct err *err)
{
	const struct after *after = gather->after;
	bool was_requeued = false;

	for (size_t i = 0; i < after->n && !was_requeued; i++)
		was_requeued = view_is(after->events[i].outcome.what, VIEW("requeued")) &&
			       view_is(after->events[i].outcome.queue_id, gather->id);
	if (!was_requeued)
		return 0;
	past->other_id = gather->id;
	return journal_past_outcomes(after->reader, past, take_next_id, gather, err);
}

struct next_decision {
	struct view queue_id;
	int64_t after, time; /* 0: there is none */
};

static int
note_decision(void *context, const struct journal_row *row)
{
	struct next_decision *next = context;

	if (row->facts.time > next->after && view_is(row->facts.queue_id, next->queue_id) &&
	    (next->time == 0 || row->facts.time < next->time))
		next->time = row->facts.time;
	return 0;
}

static int
read_id(struct gather *gather, struct journal_past *past, struct err *err)
{
	struct journal_reader *reader = gather->after->reader;

	if (journal_past_outcomes(reader, past, take_outcome, gather, err) == -1)
		return -1;
	if (gather->until != 0)
		past->until = gather->until;
	if (journal_past_actions(reader, past, take_action, gather, err) == -1)
		return -1;
	return find_next_id(gather, past, err);
}

/* From SINCE (0: open), and under the first id until UNTIL. */
static int
read_ids(struct gather *gather, int64_t since, int64_t until, struct err *err)
{
	struct after *after = gather->after;
	int result = 0;

	for (int i = 0; i < IDS_MAX && gather->next_id.n > 0 && result == 0; i++) {
		struct journal_past past = {.id = gather->next_id,
		    .since = i == 0 ? since : gather->next_born - SLACK_US,
		    .until = i == 0 ? until : 0};

		gather->id = gather->next_id;
		gather->next_id = VIEW("");
		gather->born = i == 0 ? gather->born : gather->next_born;
		gather->until = 0;
		result = read_id(gather, &past, err);
	}
	if (after->n > 0)
		qsort(after->events, after->n, sizeof(after->events[0]), compare_events);
	return result;
}

static void
forget(struct after *after)
{
	arena_reset(after->arena);
	after->n = after->n_left_out = 0;
}

int
after_read(struct after *after, struct view queue_id, int64_t decided, struct err *err)
{
	struct next_decision next = {.queue_id = queue_id, .after = decided};
	struct gather gather = {.after = after, .born = decided, .next_id = queue_id};

	forget(after);
	if (journal_find(after->reader, queue_id, note_decision, &next, err) == -1)
		return -1;
	return read_ids(
	    &gather, decided - SLACK_US, next.time != 0 ? next.time - SLACK_US : 0, err);
}

int
after_read_since(struct after *after, struct view queue_id, int64_t since, struct err *err)
{
	struct gather gather = {.after = after, .next_id = queue_id};

	forget(after);
	return read_ids(&gather, since != 0 ? since - SLACK_US : 0, 0, err);
}
