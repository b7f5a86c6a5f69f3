/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/judge.h"

/*
 * What a message will ask of maps that are not part of the policy, by the very keys that
 * judging it will use, so that all of them can be asked at once and early.
 */

struct lookups {
	struct arena *arena;
	struct fact_lookup *list;
	uint32_t n;
};

static bool
has_lookup(const struct lookups *lookups, struct view map, struct view key)
{
	for (uint32_t i = 0; i < lookups->n; i++)
		if (view_is(lookups->list[i].map, map) &&
		    view_is(lookups->list[i].key, key))
			return true;
	return false;
}

static bool
add(struct lookups *lookups, const struct table *map, const struct view *keys, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (has_lookup(lookups, map->name, keys[i]))
			continue;
		struct view key = arena_view(lookups->arena, keys[i]);
		if (key.p == NULL)
			return false;
		must(lookups->n < FACTS_LOOKUPS_MAX);
		lookups->list[lookups->n++] = (struct fact_lookup){
		    .map = map->name, .key = key, .answer = ANSWER_UNKNOWN};
	}
	return true;
}

/* Where 'owns' says no without looking, nothing is looked up. */
static bool
add_owned(const struct policy *policy, const struct facts *facts,
    const struct fact_address *address, struct lookups *lookups)
{
	struct owner_keys keys;

	if (policy->owners == NULL || !policy->owners->is_postmap || address->text.n == 0 ||
	    (facts->user.n == 0 && facts->client.family == ADDR_NONE))
		return true;
	owner_keys_make(policy, address, &keys);
	return add(lookups, policy->owners, keys.at, keys.n);
}

static bool
add_origin(const struct policy *policy, const struct facts *facts, struct lookups *lookups)
{
	struct origin_keys keys = {.n = 0};

	for (size_t i = 0; i < policy->tables.n; i++) {
		const struct table *table = policy->tables.at[i];

		if (!table->is_postmap || !table->is_numbers)
			continue;
		if (keys.n == 0)
			origin_keys_make(policy, facts, &keys);
		if (!add(lookups, table, keys.at, keys.n))
			return false;
	}
	return true;
}

bool
policy_lookups(const struct policy *policy, const struct facts *facts, unsigned what,
    struct arena *arena, struct fact_lookup *list, uint32_t *n)
{
	struct lookups lookups = {.arena = arena, .list = list, .n = *n};
	bool has_room = true;

	if ((what & LOOKUP_SENDER) != 0 && policy->asks_sender)
		has_room = add_owned(policy, facts, &facts->sender, &lookups);
	if (has_room && (what & LOOKUP_AUTHOR) != 0 && policy->asks_author)
		has_room = add_owned(policy, facts, &facts->author, &lookups);
	if (has_room && (what & LOOKUP_ORIGIN) != 0)
		has_room = add_origin(policy, facts, &lookups);
	*n = lookups.n;
	return has_room;
}
