/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"
#include "ctl/deliveries_slow.h"

void
slow_init(struct slow *slow)
{
	*slow = (struct slow){.arena = arena_new(0), .seed = map_seed_random()};
	map_init(&slow->places, slow->seed);
	map_init(&slow->held, slow->seed);
}

void
slow_fini(struct slow *slow)
{
	map_fini(&slow->places);
	map_fini(&slow->held);
	arena_free(slow->arena);
}

void
slow_choose(struct slow *slow, struct view domain, const struct delays *delays)
{
	struct slow_place *place;

	if (delays_from(delays, SLOW_MS) < SLOW_MORE)
		return;
	if (slow->places.count == SLOW_PLACES_MAX) {
		slow->n_places_left_out++;
		return;
	}
	place = arena_alloc(slow->arena, sizeof(*place));
	place->domain = arena_view(slow->arena, domain);
	(void)map_add(&slow->places, place->domain, place);
}

/* ---- what was held ---- */

static uint64_t
hash_of(const struct slow *slow, struct view id)
{
	return siphash(slow->seed, id.p, id.n);
}

static struct view
view_of_hash(const uint64_t *hash)
{
	return (struct view){(const char *)hash, sizeof(*hash)};
}

static void
leave_out(struct slow *slow, struct view id)
{
	const uint64_t hash = hash_of(slow, id);
	uint64_t *key;

	if (id.n == 0 || map_get(&slow->held, view_of_hash(&hash)) != NULL)
		return;
	if (slow->held.count == SLOW_HELD_MAX) {
		slow->n_held_left_out++;
		return;
	}
	key = arena_alloc(slow->arena, sizeof(*key));
	*key = hash;
	(void)map_add(&slow->held, view_of_hash(key), key);
}

bool
slow_is_delivery(const struct outcome *outcome)
{
	static const char *const others[] = {"held", "released", "requeued", "picked-up"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (view_is(outcome->what, view_of(others[i])))
			return false;
	return true;
}

int
slow_held(void *context, const struct outcome *outcome)
{
	struct slow *slow = context;

	/* What is requeued has another id, and its delay counts from its first arrival. */
	if (view_is(outcome->what, VIEW("picked-up")) && outcome->other_id.n == 0)
		return 0;
	leave_out(slow, outcome->queue_id);
	return 0;
}

/* ---- deliveries ---- */

/* Where OUTCOME counts; NULL: it does not. */
static struct slow_place *
place_of(struct slow *slow, const struct outcome *outcome)
{
	const uint64_t hash = hash_of(slow, outcome->queue_id);
	char text[DELIVERIES_DOMAIN];
	struct slow_place *place =
	    map_get(&slow->places, deliveries_domain(outcome->rcpt, text));

	if (place == NULL || place->last == hash ||
	    map_get(&slow->held, view_of_hash(&hash)) != NULL)
		return NULL;
	place->last = hash;
	return place;
}

int
slow_before(void *context, const struct outcome *outcome)
{
	struct slow_place *place =
	    view_is(outcome->what, VIEW("sent")) ? place_of(context, outcome) : NULL;

	if (place != NULL)
		delays_add(&place->before, outcome->delay_ms);
	return 0;
}

bool
slow_know_before(struct slow *slow)
{
	struct slow_place *place;
	bool any = false;
	size_t at = 0;

	while ((place = map_next(&slow->places, &at, NULL)) != NULL) {
		const struct delays *before = &place->before;
		uint64_t ms = (uint64_t)delays_median(before) * SLOW_TIMES;

		if (ms < SLOW_MS)
			ms = SLOW_MS;
		if (before->n < SLOW_LEAST || ms > UINT32_MAX ||
		    delays_from(before, (uint32_t)ms) * SLOW_RARE > before->n)
			continue;
		place->slow_ms = (uint32_t)ms;
		any = true;
	}
	return any;
}

static void
take_slow(struct slow_place *place, const struct outcome *outcome)
{
	struct slow_stretch *stretch = &place->stretch;

	if (stretch->more == 0)
		*stretch = (struct slow_stretch){.first = outcome->time};
	stretch->more++;
	stretch->last = outcome->time;
	delays_add(&stretch->delays, outcome->delay_ms);
	if (place->quick > 0)
		place->quick--;
	if (stretch->more < place->most.more)
		return;
	place->most = *stretch;
	place->resumed = 0;
	place->quick = 0;
}

static void
take_other(struct slow_place *place, const struct outcome *outcome)
{
	struct slow_stretch *stretch = &place->stretch;

	if (stretch->more > 0) {
		stretch->more--;
		delays_add(&stretch->delays, outcome->delay_ms);
	}
	if (place->most.more > 0 && place->quick++ == 0)
		place->resumed = outcome->time;
}

/*
 * The stretch with the largest sum, a slow one being 1 and another -1 (Kadane's): one look
 * at each, and no list of them.
 */
int
slow_since(void *context, const struct outcome *outcome)
{
	struct slow_place *place = place_of(context, outcome);

	if (place == NULL || place->slow_ms == 0)
		return 0;
	if (outcome->delay_ms >= place->slow_ms)
		take_slow(place, outcome);
	else
		take_other(place, outcome);
	return 0;
}

/* ---- the result ---- */

static int
compare(const void *a, const void *b)
{
	const struct slow_place *x = *(const struct slow_place *const *)a,
				*y = *(const struct slow_place *const *)b;

	if (x->most.delays.n != y->most.delays.n)
		return x->most.delays.n > y->most.delays.n ? -1 : 1;
	return view_compare(x->domain, y->domain);
}

void
slow_end(struct slow *slow)
{
	struct slow_place *place;
	size_t at = 0;

	slow->n_list = 0;
	/* Without all that was held, a release would look like a slow receiver. */
	if (slow->n_held_left_out > 0)
		return;
	slow->list =
	    arena_array(slow->arena, slow->places.count + 1, sizeof(struct slow_place *));
	while ((place = map_next(&slow->places, &at, NULL)) != NULL)
		if (place->most.more >= SLOW_MORE && place->most.delays.n >= SLOW_LEAST)
			slow->list[slow->n_list++] = place;
	if (slow->n_list > 0)
		qsort(slow->list, slow->n_list, sizeof(slow->list[0]), compare);
}
