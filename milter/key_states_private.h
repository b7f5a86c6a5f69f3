/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_STATES_PRIVATE_H
#define MILTER_KEY_STATES_PRIVATE_H

/*
 * Shared by key_states.c (what is learned and told) and key_states_rows.c (what is kept
 * over a restart).
 */

#include <pthread.h>

#include "milter/key_states.h"

struct key_state {
	struct key_state *same; /* domain and selector */
	struct key_state *changed_next;
	struct key_identity identity; /* its text is behind the struct */
	struct key_seen seen;
	int64_t written_ready; /* last_ready as it was handed out */
	bool is_changed;
	bool is_forgotten;           /* it is not in state.db any more */
	bool has_lagged, was_faulty; /* has been said */
	char text[];
};

struct key_states {
	pthread_mutex_t lock;
	struct map by_name; /* domain NUL selector -> the first of them */
	struct key_state *changed;
};

/* With the lock held. */
struct key_state *key_states_first(
    const struct key_states *states, struct view domain, struct view selector);
/* The one among STATE and those of its name; NULL: none. */
struct key_state *key_state_same(
    struct key_state *state, const uint8_t fingerprint[KEY_FINGERPRINT]);
struct key_state *key_states_put(
    struct key_states *states, const struct key_identity *identity, bool *ret_is_new);
void key_states_set_changed(struct key_states *states, struct key_state *state);

#endif
