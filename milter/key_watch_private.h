/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_WATCH_PRIVATE_H
#define MILTER_KEY_WATCH_PRIVATE_H

/*
 * Shared by key_watch.c (what is learned, and who signs then), key_sweep.c (its thread) and
 * key_list.c (what 'frank key list' shows).
 */

#include <pthread.h>

#include "milter/key_watch.h"
#include "policy/rule.h"

struct key_watch {
	struct key_watch_calls calls;
	struct key_states *states;
	const char *dir; /* NULL: nothing is kept */

	pthread_mutex_t lock;    /* of 'status' */
	pthread_mutex_t writing; /* of state.db, by the thread or by who stops frankd */
	int64_t write_after;
	struct key_watch_status status;

	/* Of the thread alone. */
	uint64_t generation; /* number of the one that this pass is about */
	size_t at;           /* the next key */
	unsigned domains;    /* so far in this pass */
	int64_t pass_began;
	size_t forget_at;     /* in the round that looks for keys that are gone */
	int64_t forget_after; /* the next round */
};

/* The state of KEY, by its fingerprint; NULL: the key process cannot be asked. */
struct key_state *key_watch_state(
    struct key_watch *watch, struct generation *generation, const struct policy_key *key);

/* Note since when KEY does not sign, where that was missed: now at the latest. */
void key_watch_settle(struct key_watch *watch, const struct generation *generation,
    const struct policy_key *key);

#endif
