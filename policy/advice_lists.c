/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/advice.h"

/* The lists of advice while they are filled. */

void
advice_begin(struct advice *advice, struct facts *facts, struct arena *arena)
{
	*advice = (struct advice){.facts = facts, .arena = arena};
}

/* Make LIST when it is first asked for. False: element number N has no room. */
static bool
has_room(struct arena *arena, void **list, uint32_t n, uint32_t max, size_t element)
{
	if (n < max && *list == NULL)
		*list = arena_array(arena, max, element);
	return n < max && *list != NULL;
}

struct fact_key *
advice_add_key(struct advice *advice)
{
	struct facts *facts = advice->facts;
	void *list = advice->keys;

	if (!has_room(
		advice->arena, &list, facts->n_keys, FACTS_KEYS_MAX, sizeof(*advice->keys)))
		return NULL;
	facts->keys = advice->keys = list;
	return &advice->keys[facts->n_keys++];
}

struct fact_meter *
advice_add_meter(struct advice *advice)
{
	struct facts *facts = advice->facts;
	void *list = advice->meters;

	if (!has_room(advice->arena, &list, facts->n_meters, FACTS_METERS_MAX,
		sizeof(*advice->meters)))
		return NULL;
	facts->meters = advice->meters = list;
	return &advice->meters[facts->n_meters++];
}

struct fact_lookup *
advice_add_lookup(struct advice *advice)
{
	struct facts *facts = advice->facts;
	void *list = advice->lookups;

	if (!has_room(advice->arena, &list, facts->n_lookups, FACTS_LOOKUPS_MAX,
		sizeof(*advice->lookups)))
		return NULL;
	facts->lookups = advice->lookups = list;
	return &advice->lookups[facts->n_lookups++];
}

static struct fact_meter *
meter_of(struct advice *advice, struct view name)
{
	struct fact_meter *meter;

	for (uint32_t i = 0; i < advice->facts->n_meters; i++)
		if (view_is(advice->meters[i].name, name))
			return &advice->meters[i];
	meter = advice_add_meter(advice);
	if (meter != NULL)
		meter->name = name;
	return meter;
}

int
advice_read_meter(struct advice *advice, struct view name, struct view value)
{
	struct fact_meter *meter;
	unsigned long long reading = 0;
	enum fact_reading state = READING_KNOWN;

	if (view_is(value, VIEW("none")))
		state = READING_NO_KEY;
	else if (view_is(value, VIEW("exempt")))
		state = READING_EXEMPT;
	else if (view_is(value, VIEW("unknown")))
		state = READING_UNKNOWN;
	else if (!view_number(value, INT64_MAX, &reading))
		return -1;
	meter = meter_of(advice, name);
	if (meter == NULL)
		return -1;
	meter->state = state;
	meter->reading = reading;
	return 1;
}

int
advice_read_usual(struct advice *advice, struct view name, struct view value)
{
	struct fact_meter *meter;
	unsigned long long usual = 0;
	struct view number;
	bool is_known = !view_is(value, VIEW("unknown"));

	if (!view_cut(&value, ',', &number) ||
	    (is_known && !view_number(number, INT64_MAX, &usual)) ||
	    (value.p != NULL && !view_is(value, VIEW("site"))))
		return -1;
	meter = meter_of(advice, name);
	if (meter == NULL)
		return -1;
	meter->usual = usual;
	meter->usual_of = USUAL_UNKNOWN;
	if (is_known)
		meter->usual_of = value.p != NULL ? USUAL_SITE : USUAL_OWN;
	return 1;
}

void
advice_read_text(struct view text, struct arena *arena, struct facts *facts)
{
	struct advice advice;
	struct view word, name;

	advice_begin(&advice, facts, arena);
	while (text.n > 0 && view_cut(&text, ' ', &word)) {
		if (view_cut(&word, '=', &name) && word.p != NULL)
			(void)advice_read(&advice, name, word);
	}
}
