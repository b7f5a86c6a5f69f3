/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_GENERATION_H
#define MILTER_GENERATION_H

/*
 * A policy in force, with the key process that belongs to it. Reference-counted: a message
 * holds the generation that it began with until it has been answered, however many reloads
 * come in between. The last reference closes the key process's sockets, which ends that
 * process.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"
#include "metering/metering.h"
#include "milter/key_client.h"
#include "policy/policy.h"

enum { GENERATION_HASH = 64 }; /* hex digits */

/* What the receiver's software thinks of a key's signatures, as far as it was asked. */
enum key_opinion {
	OPINION_NOT_ASKED,
	OPINION_NONE, /* asked, and it could not say */
	OPINION_AGREES,
	OPINION_DISAGREES, /* for good, until the next load */
};

struct key_state;

struct generation {
	uint64_t number;
	char hash[GENERATION_HASH + 1];
	int64_t loaded; /* wall, microseconds */
	struct policy *policy;
	struct metering *metering; /* its meters; NULL: it has none */
	struct key_client *keys;
	atomic_uint *opinions; /* enum key_opinion, a key each */
	/* What the world sees of each key (milter/key_states.h); NULL: not looked up yet.
	 */
	_Atomic(struct key_state *) *states;
	unsigned references; /* guarded by the runtime's lock */
};

/* A policy as the supervisor hands it over. */
struct generation_offer {
	uint64_t number;
	int packed_fd;    /* a memory file with the packed bundle; stays the caller's */
	const char *hash; /* of that text */
	const char *main_name; /* of the policy's main file in it */
};

/*
 * Parse what is offered and check that it is the very text that the hash names. The
 * generation starts with one reference. *ret_packed is mapped memory, for the caller to
 * unmap.
 */
int generation_load(const struct generation_offer *offer, struct map_seed seed, int64_t now,
    struct generation **ret_generation, struct view *ret_packed, struct err *err);
void generation_free(struct generation *generation);

#endif
