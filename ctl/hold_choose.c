/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/clock.h"
#include "postfix/lifetime.h"

#include "ctl/hold_change.h"

/* What waits, and whether it was named, or only fits a filter. */
static void
take_waiting(struct hold_change *change)
{
	bool with_others = change->filter.n_ids > 0 || change->with_others;
	const struct held *held = &change->held;

	change->items = arena_array(change->arena, held->n + 1, sizeof(*change->items));
	for (size_t i = 0; i < held->n; i++) {
		const struct held_message *message = &held->list[i];

		if (message->state == HELD_GONE)
			continue;
		if (message->state == HELD_OTHERS && !with_others)
			change->n_others++;
		else
			change->items[change->n++] = (struct hold_item){.message = message};
	}
}

/* Each id once; those that do not wait are gone, or never were. */
static void
count_gone(struct hold_change *change)
{
	struct map named;

	map_init(&named, map_seed_random());
	for (size_t i = 0; i < change->n; i++)
		(void)map_add(&named, change->items[i].message->id, change);
	for (size_t i = 0; i < change->filter.n_ids; i++)
		if (map_add(&named, view_of(change->filter.ids[i]), change) == NULL)
			change->n_gone++;
	map_fini(&named);
}

static void
refuse_faulty(struct hold_change *change)
{
	size_t n = 0;

	hold_judge(change, change->items, change->n);
	change->refused = arena_array(change->arena, change->n + 1, sizeof(*change->items));
	for (size_t i = 0; i < change->n; i++) {
		bool is_fine = change->items[i].fault == HOLD_FINE;

		if (!is_fine)
			change->refused[change->n_refused++] = change->items[i];
		if (is_fine || change->force)
			change->items[n++] = change->items[i];
	}
	change->n = n;
}

static void
find_old(struct hold_change *change)
{
	struct err err = ERR_INIT;

	if (postfix_lifetime(change->config, &change->lifetime, &err) == -1) {
		ctl_say("%s: how long mail may wait is not known", err.text);
		return;
	}
	for (size_t i = 0; i < change->n; i++) {
		struct hold_item *item = &change->items[i];

		item->is_old = item->message->arrival + change->lifetime <= change->now;
		change->n_old += item->is_old;
	}
}

static void
find_origins(struct hold_change *change)
{
	struct map seen;

	map_init(&seen, map_seed_random());
	for (size_t i = 0; i < change->n; i++) {
		const struct held_message *message = change->items[i].message;
		struct view origin =
		    message->state == HELD_OURS ? message->origin : message->sender;

		if (map_add(&seen, origin, change) != NULL)
			continue;
		if (change->n_origins < HOLD_ORIGINS_MAX)
			change->origins[change->n_origins] = origin;
		change->n_origins++;
	}
	map_fini(&seen);
}

int
hold_choose(struct hold_change *change)
{
	struct err err = ERR_INIT;

	change->now = clock_now().wall / 1000000;
	if (held_collect(
		change->ctl, change->config, &change->filter, &change->held, &err) == -1)
		return ctl_fail(&err);
	take_waiting(change);
	count_gone(change);
	if (change->verb == POSTFIX_RELEASE) {
		refuse_faulty(change);
		find_old(change);
	}
	find_origins(change);
	return CTL_FINE;
}
