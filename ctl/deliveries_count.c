/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"

enum { SCRATCH_MAX = 3 * OUTCOME_TEXT_MAX };

/* A recipient that was put off, and what it counts under as long as it waits. */
struct waiting {
	uint64_t key; /* of queue id and recipient */
	bool is_open;
	struct deliveries_group *groups[DELIVERIES_KINDS];
	struct waiting *next; /* of the same message */
};

struct message {
	uint64_t key; /* of the queue id */
	struct waiting *first;
};

void
deliveries_count_init(struct deliveries_count *count, unsigned kinds,
    const struct replies *replies, const struct deliveries_logins *logins)
{
	*count = (struct deliveries_count){.arena = arena_new(0),
	    .replies = replies,
	    .logins = logins,
	    .kinds = kinds,
	    .seed = map_seed_random(),
	    .scratch = BUF_INIT(SCRATCH_MAX)};
	for (int i = 0; i < DELIVERIES_KINDS; i++)
		map_init(&count->groups[i], count->seed);
	map_init(&count->rcpts, count->seed);
	map_init(&count->messages, count->seed);
}

void
deliveries_count_fini(struct deliveries_count *count)
{
	for (int i = 0; i < DELIVERIES_KINDS; i++)
		map_fini(&count->groups[i]);
	map_fini(&count->rcpts);
	map_fini(&count->messages);
	buf_fini(&count->scratch);
	arena_free(count->arena);
}

/* ---- delays ---- */

/* Two steps to an octave: from 1 ms to 49 days. */
static unsigned
step_of(uint32_t ms)
{
	unsigned octave;

	if (ms < 2)
		return 0;
	octave = 31U - (unsigned)__builtin_clz(ms);
	return octave * 2 + (ms >> (octave - 1) & 1);
}

/* From which neither end of the step is further than a fifth. */
static uint32_t
middle_of(unsigned step)
{
	uint64_t base = UINT64_C(1) << step / 2;

	return (uint32_t)(step % 2 == 0 ? base * 6 / 5 : base * 12 / 7);
}

uint32_t
deliveries_median(const struct deliveries_group *group)
{
	uint64_t seen = 0;

	for (unsigned step = 0; step < DELIVERIES_DELAYS; step++) {
		seen += group->delays[step];
		if (seen * 2 >= group->sent && seen > 0) {
			uint32_t ms = middle_of(step);
			return ms < group->longest_ms ? ms : group->longest_ms;
		}
	}
	return 0;
}

static void
add(struct deliveries_group *group, const struct outcome *outcome)
{
	if (view_is(outcome->what, VIEW("sent"))) {
		group->sent++;
		group->delays[step_of(outcome->delay_ms)]++;
		if (outcome->delay_ms > group->longest_ms)
			group->longest_ms = outcome->delay_ms;
	} else if (view_is(outcome->what, VIEW("deferred"))) {
		group->deferred++;
	} else {
		group->bounced++;
	}
}

/* ---- what waits ---- */

static uint64_t
hash_of(struct deliveries_count *count, const struct outcome *outcome, bool with_rcpt)
{
	struct buf *text = &count->scratch;

	buf_reset(text);
	buf_add(text, outcome->queue_id);
	if (with_rcpt) {
		buf_add_char(text, '\0');
		buf_add(text, outcome->rcpt);
	}
	return siphash(count->seed, buf_view(text).p, buf_view(text).n);
}

/* Keys are numbers in what they are the keys of. */
static struct view
view_of_key(const uint64_t *key)
{
	return (struct view){(const char *)key, sizeof(*key)};
}

static struct waiting *
remember(struct deliveries_count *count, const struct outcome *outcome, uint64_t key)
{
	const uint64_t of_message = hash_of(count, outcome, false);
	struct message *message;
	struct waiting *rcpt;

	if (count->n_rcpts == DELIVERIES_OPEN_MAX) {
		count->n_left_out++;
		return NULL;
	}
	message = map_get(&count->messages, view_of_key(&of_message));
	if (message == NULL) {
		message = arena_alloc(count->arena, sizeof(*message));
		message->key = of_message;
		(void)map_add(&count->messages, view_of_key(&message->key), message);
	}
	rcpt = arena_alloc(count->arena, sizeof(*rcpt));
	rcpt->key = key;
	rcpt->next = message->first;
	message->first = rcpt;
	(void)map_add(&count->rcpts, view_of_key(&rcpt->key), rcpt);
	count->n_rcpts++;
	return rcpt;
}

static void
follow_rcpt(struct deliveries_count *count, const struct outcome *outcome,
    struct deliveries_group *const groups[DELIVERIES_KINDS])
{
	bool waits = view_is(outcome->what, VIEW("deferred"));
	struct waiting *rcpt;
	uint64_t key;

	if (!waits && count->n_rcpts == 0)
		return;
	key = hash_of(count, outcome, true);
	rcpt = map_get(&count->rcpts, view_of_key(&key));
	if (rcpt == NULL && waits)
		rcpt = remember(count, outcome, key);
	if (rcpt == NULL)
		return;
	rcpt->is_open = waits;
	memcpy(rcpt->groups, groups, sizeof(rcpt->groups));
}

/* It is given up, taken out of the queue, or goes on under another id. */
static bool
ends_waiting(struct view what)
{
	return view_is(what, VIEW("given-up")) || view_is(what, VIEW("deleted")) ||
	       view_is(what, VIEW("requeued"));
}

static void
close_message(struct deliveries_count *count, const struct outcome *outcome)
{
	const uint64_t key = hash_of(count, outcome, false);
	const struct message *message = map_get(&count->messages, view_of_key(&key));

	for (struct waiting *rcpt = message != NULL ? message->first : NULL; rcpt != NULL;
	     rcpt = rcpt->next)
		rcpt->is_open = false;
}

static void
note_change(struct deliveries_count *count, const struct outcome *outcome,
    struct deliveries_group *const groups[DELIVERIES_KINDS])
{
	const struct deliveries_group *domain = groups[DELIVERIES_BY_DOMAIN];

	if (count->changes == NULL || !domain->has_name)
		return;
	if (view_is(outcome->what, VIEW("sent")))
		changes_sent(count->changes, outcome, domain->name);
	else
		changes_failed(count->changes, outcome, domain->name,
		    groups[DELIVERIES_BY_CODE]->cause);
}

int
deliveries_count_outcome(void *context, const struct outcome *outcome)
{
	struct deliveries_group *groups[DELIVERIES_KINDS];
	struct deliveries_count *count = context;

	if (ends_waiting(outcome->what)) {
		close_message(count, outcome);
		return 0;
	}
	deliveries_find_groups(count, outcome, groups);
	add(&count->total, outcome);
	for (int kind = 0; kind < DELIVERIES_KINDS; kind++)
		if (groups[kind] != NULL)
			add(groups[kind], outcome);
	follow_rcpt(count, outcome, groups);
	note_change(count, outcome, groups);
	return 0;
}

void
deliveries_count_end(struct deliveries_count *count)
{
	const struct waiting *rcpt;
	size_t at = 0;

	while ((rcpt = map_next(&count->rcpts, &at, NULL)) != NULL) {
		if (!rcpt->is_open)
			continue;
		count->total.open++;
		for (int kind = 0; kind < DELIVERIES_KINDS; kind++)
			if (rcpt->groups[kind] != NULL)
				rcpt->groups[kind]->open++;
	}
}
