/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"

enum { SLACK_US = 2000000 /* syslog writes whole seconds */ };

void
deliveries_logins_init(struct deliveries_logins *logins)
{
	*logins =
	    (struct deliveries_logins){.seed = map_seed_random(), .arena = arena_new(0)};
	map_init(&logins->names, logins->seed);
}

void
deliveries_logins_fini(struct deliveries_logins *logins)
{
	map_fini(&logins->names);
	arena_free(logins->arena);
	free(logins->rows);
}

static const struct view *
name_of(struct deliveries_logins *logins, struct view user)
{
	struct view *name = map_get(&logins->names, user);

	if (name != NULL)
		return name;
	name = arena_alloc(logins->arena, sizeof(*name));
	*name = arena_view(logins->arena, user);
	(void)map_add(&logins->names, *name, name);
	return name;
}

static void
add(struct deliveries_logins *logins, struct view queue_id, struct view user, int64_t time,
    bool is_decision)
{
	if (queue_id.n == 0)
		return;
	if (logins->n == DELIVERIES_LOGINS_MAX) {
		logins->n_left_out++;
		return;
	}
	if (logins->n == logins->size) {
		logins->size = logins->size == 0 ? 4096 : logins->size * 2;
		logins->rows =
		    mem_resize(logins->rows, logins->size, sizeof(logins->rows[0]));
	}
	logins->rows[logins->n++] =
	    (struct deliveries_login){.key = siphash(logins->seed, queue_id.p, queue_id.n),
		.time = time,
		.user = name_of(logins, user),
		.is_decision = is_decision};
}

int
deliveries_logins_decision(void *context, const struct journal_brief *brief)
{
	add(context, brief->queue_id, brief->user, brief->time, true);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct deliveries_login *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

void
deliveries_logins_sort(struct deliveries_logins *logins)
{
	if (logins->n > 0)
		qsort(logins->rows, logins->n, sizeof(logins->rows[0]), compare);
	logins->n_sorted = logins->n;
}

/* The first row that is not before KEY at TIME, of those that are sorted. */
static size_t
first_at(const struct deliveries_logins *logins, uint64_t key, int64_t time)
{
	const struct deliveries_login want = {.key = key, .time = time};
	size_t low = 0, high = logins->n_sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&logins->rows[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Under another id it was decided about then. */
static struct view
user_before(const struct deliveries_logins *logins, struct view queue_id, int64_t time)
{
	uint64_t key = siphash(logins->seed, queue_id.p, queue_id.n);
	size_t i = first_at(logins, key, time + SLACK_US);

	return i > 0 && logins->rows[i - 1].key == key ? *logins->rows[i - 1].user
						       : VIEW("");
}

int
deliveries_logins_arrival(void *context, const struct outcome *outcome)
{
	struct deliveries_logins *logins = context;
	struct view user = outcome->user;

	if (outcome->other_id.n > 0)
		user = user_before(logins, outcome->other_id, outcome->time);
	add(logins, outcome->queue_id, user, outcome->time, false);
	return 0;
}

/* Short queue ids come again: only what was said from its arrival on is about it. */
const struct view *
deliveries_login_of(const struct deliveries_logins *logins, const struct outcome *outcome)
{
	uint64_t key = siphash(logins->seed, outcome->queue_id.p, outcome->queue_id.n);
	int64_t arrival = outcome->time - (int64_t)outcome->delay_ms * 1000 - SLACK_US;
	const struct deliveries_login *found = NULL, *row;

	for (size_t i = first_at(logins, key, arrival); i < logins->n_sorted; i++) {
		row = &logins->rows[i];
		if (row->key != key || row->time > outcome->time + SLACK_US)
			break;
		if (found == NULL || row->is_decision || !found->is_decision)
			found = row;
	}
	return found != NULL ? found->user : NULL;
}
