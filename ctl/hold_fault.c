/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/hold_change.h"

enum { NAME_MAX_BYTES = 1024 };

/* A key with a name and one without may share a selector: either will do. */
static bool
is_better(const struct running_key *a, const struct running_key *b)
{
	return view_is(a->state, VIEW("ready")) && !view_is(b->state, VIEW("ready"));
}

void
hold_keys_add(struct hold_keys *keys, struct running_key *key, struct arena *arena)
{
	struct buf name = BUF_INIT(NAME_MAX_BYTES);
	struct running_key *before;

	buf_addf(&name, "%.*s/%.*s:%.*s", VIEW_ARG(key->domain), VIEW_ARG(key->selector),
	    VIEW_ARG(key->algorithm));
	before = map_add(&keys->by_name, arena_view(arena, buf_view(&name)), key);
	if (before != NULL && is_better(key, before))
		*before = *key;
	buf_fini(&name);
}

static bool
is_missing_in_dns(const struct running_key *key)
{
	return view_is(key->state, VIEW("unpublished")) ||
	       view_is(key->state, VIEW("mismatched"));
}

static enum hold_fault
judge_key(const struct hold_keys *keys, struct view name)
{
	const struct running_key *key = map_get(&keys->by_name, name);

	if (!keys->are_known)
		return HOLD_FINE;
	if (key == NULL)
		return HOLD_KEY_GONE;
	/* With one that signs now, it is with this message as with all others. */
	if (key->signs || view_is(key->state, VIEW("ready")))
		return HOLD_FINE;
	if (view_is(key->stage, VIEW("retired")))
		return HOLD_KEY_RETIRED;
	return is_missing_in_dns(key) ? HOLD_KEY_UNPUBLISHED : HOLD_FINE;
}

enum hold_fault
hold_fault_of(const struct hold_keys *keys, const struct held_message *message, int64_t now)
{
	struct view rest = message->signed_with, name = VIEW("");
	enum hold_fault first = HOLD_FINE;

	if (message->state != HELD_OURS || rest.n == 0)
		return HOLD_FINE;
	if (keys->lifetime > 0 && message->decided / 1000000 + keys->lifetime <= now)
		return HOLD_EXPIRED;
	while (view_cut(&rest, ' ', &name)) {
		enum hold_fault fault = judge_key(keys, name);

		if (fault == HOLD_FINE)
			return HOLD_FINE;
		if (first == HOLD_FINE)
			first = fault;
	}
	return first;
}
