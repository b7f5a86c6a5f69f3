/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "milter/key_watch_private.h"

/* Another key signs although DNS has not changed: because the policy or its keys have. */

enum { SAY_MAX = 1024 };

static bool
is_as_before(const struct policy *before, const struct policy *after, struct view domain)
{
	for (size_t i = 0;; i++) {
		const struct policy_key *a = policy_key_at(before, domain, i);
		const struct policy_key *b = policy_key_at(after, domain, i);

		if (a == NULL || b == NULL)
			return a == b;
		if (!view_is(a->selector, b->selector) || a->algorithm != b->algorithm ||
		    a->mtime != b->mtime || a->named != b->named)
			return false;
	}
}

/* False: the key process cannot be asked. */
static bool
look_at_all(struct key_watch *watch, struct generation *generation, struct view domain)
{
	const struct policy_key *key;

	for (size_t i = 0; (key = policy_key_at(generation->policy, domain, i)) != NULL;
	     i++)
		if (key_watch_state(watch, generation, key) == NULL)
			return false;
	return true;
}

static void
say_switch(struct key_watch *watch, const struct policy_key *before,
    const struct policy_key *after)
{
	struct buf text = BUF_INIT(SAY_MAX);

	buf_addf(&text, "key %.*s/%.*s: loaded, signs from now on instead of ",
	    VIEW_ARG(after->domain), VIEW_ARG(after->selector));
	if (view_is(before->selector, after->selector))
		buf_add_text(&text, "another one of that name");
	else
		buf_addf(&text, "%.*s", VIEW_ARG(before->selector));
	watch->calls.say(watch->calls.context, false, buf_view(&text));
	buf_fini(&text);
}

static void
compare(struct key_watch *watch, const struct generation *before,
    const struct generation *after, struct view domain, enum policy_algorithm algorithm)
{
	const struct policy_key *was = key_watch_chosen(watch, before, domain, algorithm);
	const struct policy_key *is = key_watch_chosen(watch, after, domain, algorithm);
	/* One that nobody has looked at has not signed. */
	struct key_state *was_state =
	    was != NULL ? atomic_load(&before->states[was->index]) : NULL;
	struct key_state *is_state =
	    is != NULL ? atomic_load(&after->states[is->index]) : NULL;

	if (was_state == is_state)
		return;
	if (was_state != NULL)
		key_states_replace(
		    watch->states, was_state, watch->calls.now(watch->calls.context));
	if (is_state != NULL)
		key_states_replace(watch->states, is_state, 0);
	if (was_state != NULL && is_state != NULL)
		say_switch(watch, was, is);
}

void
key_watch_commit(
    struct key_watch *watch, const struct generation *before, struct generation *after)
{
	size_t n;
	const struct policy_key *keys = policy_keys(after->policy, &n);

	for (size_t i = 0; i < n; i++) {
		struct view domain = keys[i].domain;

		if (policy_key_at(after->policy, domain, 0) != &keys[i] ||
		    is_as_before(before->policy, after->policy, domain))
			continue;
		if (!look_at_all(watch, after, domain))
			return;
		for (unsigned algorithm = 0; algorithm < ALGORITHMS; algorithm++)
			compare(
			    watch, before, after, domain, (enum policy_algorithm)algorithm);
	}
}

void
key_watch_settle(struct key_watch *watch, const struct generation *generation,
    const struct policy_key *key)
{
	const struct policy_key *other;
	struct key_state *state = atomic_load(&generation->states[key->index]);
	struct key_seen seen;

	for (size_t i = 0;
	     (other = policy_key_at(generation->policy, key->domain, i)) != NULL; i++)
		if (atomic_load(&generation->states[other->index]) == NULL)
			return;
	key_states_read(watch->states, state, &seen);
	if (key->named ||
	    key == key_watch_chosen(watch, generation, key->domain, key->algorithm))
		key_states_replace(watch->states, state, 0);
	else if (seen.last_ready != 0 && seen.replaced == 0)
		key_states_replace(
		    watch->states, state, watch->calls.now(watch->calls.context));
}
