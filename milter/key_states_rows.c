/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "milter/key_states_private.h"

enum { LOOKS_MAX = 1000 }; /* with the lock held */

void
key_states_restore(struct key_states *states, const struct state_key *row)
{
	struct key_identity identity = {.domain = row->domain,
	    .selector = row->selector,
	    .algorithm = (enum policy_algorithm)row->algorithm};
	bool is_new;

	if (row->domain.n > DNS_NAME_MAX || row->selector.n > DNS_NAME_MAX)
		return;
	memcpy(identity.fingerprint, row->fingerprint, KEY_FINGERPRINT);
	pthread_mutex_lock(&states->lock);
	struct key_state *state = key_states_put(states, &identity, &is_new);
	if (is_new) {
		state->seen = (struct key_seen){.state = row->state,
		    .faults = row->faults,
		    .first_seen = row->first_seen,
		    .since = row->since,
		    .last_ready = row->last_ready,
		    .replaced = row->replaced,
		    .ttl = row->ttl,
		    .is_everywhere = row->is_everywhere,
		    .is_published = row->state == KEY_READY};
		state->written_ready = row->last_ready;
	}
	pthread_mutex_unlock(&states->lock);
}

static void
row_of(const struct key_state *state, struct state_key *row)
{
	const struct key_seen *seen = &state->seen;

	*row = (struct state_key){.domain = state->identity.domain,
	    .selector = state->identity.selector,
	    .algorithm = state->identity.algorithm,
	    .state = seen->state,
	    .faults = seen->faults,
	    .first_seen = seen->first_seen,
	    .since = seen->since,
	    .last_ready = seen->last_ready,
	    .replaced = seen->replaced,
	    .ttl = seen->ttl,
	    .is_everywhere = seen->is_everywhere};
	memcpy(row->fingerprint, state->identity.fingerprint, STATE_FINGERPRINT);
}

size_t
key_states_take_changed(struct key_states *states, struct state_key *rows, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&states->lock);
	while (states->changed != NULL && n < max) {
		struct key_state *state = states->changed;
		states->changed = state->changed_next;
		state->is_changed = state->is_forgotten = false;
		state->written_ready = state->seen.last_ready;
		row_of(state, &rows[n++]);
	}
	pthread_mutex_unlock(&states->lock);
	return n;
}

/* When there was last something to say of it. */
static int64_t
last_of(const struct key_seen *seen)
{
	const int64_t times[] = {
	    seen->first_seen, seen->since, seen->last_ready, seen->replaced};
	int64_t last = 0;

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		last = times[i] > last ? times[i] : last;
	return last;
}

/* Is it to be forgotten? */
static bool
is_over(struct key_states *states, struct key_state *state, const struct key_gone *gone)
{
	struct key_seen *seen = &state->seen;

	if (state->is_forgotten || gone->is_ours(gone->context, state, &state->identity))
		return false;
	if (seen->replaced == 0 && (seen->last_ready != 0 || seen->is_published)) {
		seen->replaced = gone->now;
		key_states_set_changed(states, state);
	}
	return !state->is_changed && last_of(seen) + seen->ttl + gone->keep < gone->now;
}

size_t
key_states_take_gone(struct key_states *states, const struct key_gone *gone, size_t *at,
    struct state_key *rows, size_t max)
{
	struct key_state *state = NULL;
	size_t n = 0;

	pthread_mutex_lock(&states->lock);
	for (unsigned looks = 0; looks < LOOKS_MAX && n < max; looks++) {
		state = map_next(&states->by_name, at, NULL);
		if (state == NULL)
			break;
		for (struct key_state *same = state; same != NULL && n < max;
		     same = same->same) {
			if (!is_over(states, same, gone))
				continue;
			same->is_forgotten = true;
			row_of(same, &rows[n++]);
		}
	}
	if (state == NULL)
		*at = 0;
	pthread_mutex_unlock(&states->lock);
	return n;
}

static struct key_state *
state_of(const struct key_states *states, const struct state_key *row)
{
	return key_state_same(
	    key_states_first(states, row->domain, row->selector), row->fingerprint);
}

void
key_states_give_back_gone(struct key_states *states, const struct state_key *rows, size_t n)
{
	pthread_mutex_lock(&states->lock);
	for (size_t i = 0; i < n; i++)
		state_of(states, &rows[i])->is_forgotten = false;
	pthread_mutex_unlock(&states->lock);
}

void
key_states_give_back(struct key_states *states, const struct state_key *rows, size_t n)
{
	pthread_mutex_lock(&states->lock);
	for (size_t i = 0; i < n; i++) {
		struct key_state *state = state_of(states, &rows[i]);
		if (state != NULL)
			key_states_set_changed(states, state);
	}
	pthread_mutex_unlock(&states->lock);
}
