/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_KEY_RUNNING_H
#define CTL_KEY_RUNNING_H

/* What the running frankd knows of its keys (the control request "keys"). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/map.h"
#include "lib/view.h"

struct running_key {
	struct view domain, selector, name, algorithm;
	struct view stage, state;    /* "retiring", "ready" */
	struct view since, replaced; /* RFC 3339; empty: never */
	struct view lagging, fault;
	uint32_t ttl;
	bool signs;
	bool was_shown; /* for who merges */
};

struct running_keys {
	struct running_key *keys; /* n of them, in ARENA */
	size_t n;
	struct map by_id;
};

/* All of them, or those of DOMAIN. -1: no frankd there, or not for this user. Either way
 * running_keys_fini() after use. */
int running_keys_ask(const char *control, const char *domain, struct arena *arena,
    struct running_keys *ret_keys, struct err *err);

void running_keys_fini(struct running_keys *keys);

/* NULL: it has none of that name. */
struct running_key *running_keys_find(const struct running_keys *keys, struct view domain,
    struct view selector, struct view name);

/* How long a key that does not sign any more must stay published. */
struct queue_life {
	int64_t seconds;     /* Postfix's maximal_queue_lifetime */
	bool is_assumed;     /* postconf(1) could not be asked */
	int64_t oldest_hold; /* wall, seconds, when the oldest message on hold came; 0:
				none, or postqueue(1) could not be asked */
	bool holds_unknown;
};

void queue_life_ask(struct queue_life *ret_life);

/* "2026-03-02T09:03:00.000Z" in wall seconds; 0: it is none. */
int64_t running_time(struct view text);

#endif
