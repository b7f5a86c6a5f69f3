/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "milter/key_states_private.h"

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
		state->is_changed = false;
		state->written_ready = state->seen.last_ready;
		row_of(state, &rows[n++]);
	}
	pthread_mutex_unlock(&states->lock);
	return n;
}

void
key_states_give_back(struct key_states *states, const struct state_key *rows, size_t n)
{
	pthread_mutex_lock(&states->lock);
	for (size_t i = 0; i < n; i++) {
		struct key_state *state = key_state_same(
		    key_states_first(states, rows[i].domain, rows[i].selector),
		    rows[i].fingerprint);
		if (state != NULL)
			key_states_set_changed(states, state);
	}
	pthread_mutex_unlock(&states->lock);
}
