/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_STATES_H
#define MILTER_KEY_STATES_H

/*
 * What the world sees of our keys, across policies and restarts: by domain, selector and
 * the fingerprint of our key, so that a file that was replaced under an old name begins
 * anew.
 *
 * What is published is learned from the recursive resolver. A key that never was ready
 * becomes so only when every authoritative server that answered has it (servers that do
 * not answer do not count; where none does, the resolver's word is taken), because a
 * receiver may ask any of them. One that was ready once goes by the resolver alone. Trouble
 * with DNS changes nothing: the last known state stands.
 *
 * Time is an argument (wall, seconds). Any thread. States live as long as the table.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/keyrecord.h"
#include "journal/state.h"
#include "lib/map.h"
#include "milter/dns_wire.h"
#include "policy/policy.h"

struct key_states;
struct key_state;

/* One of our keys. */
struct key_identity {
	struct view domain, selector;
	enum policy_algorithm algorithm;
	uint8_t fingerprint[KEY_FINGERPRINT];
};

/* What an answer changed, for who tells of it. */
enum key_event {
	KEY_EVENT_NONE,
	KEY_EVENT_ASK,    /* it is published: every authoritative server is to be asked */
	KEY_EVENT_LAGS,   /* a server does not have it yet; said once */
	KEY_EVENT_READY,  /* for the first time */
	KEY_EVENT_BACK,   /* ready again */
	KEY_EVENT_FAULTY, /* it never was ready, and is published wrong; said once */
	KEY_EVENT_LOST,   /* it was ready, and is not any more */
};

/* What is known of a key. */
struct key_seen {
	enum fact_key_state state;
	unsigned faults; /* enum key_fault, of the last answer */
	int64_t first_seen, since, last_ready, replaced; /* as in struct state_key */
	uint32_t ttl;
	bool is_everywhere;
	bool is_published; /* as the resolver has it: but not everywhere, unless READY */
	bool is_learned;   /* an answer came since the start */
	char lagging[DNS_TEXT_MAX]; /* a server that does not have it; empty: none known */
};

struct key_states *key_states_new(struct map_seed seed);
void key_states_free(struct key_states *states);

/* The state of this key, entered when it is new. */
struct key_state *key_states_enter(
    struct key_states *states, const struct key_identity *identity, int64_t now);

/* As it was before the restart. */
void key_states_restore(struct key_states *states, const struct state_key *row);

/* What are called that, whatever their fingerprints: at most MAX of them into FOUND. */
enum { KEY_STATES_SAME_MAX = 8 };
unsigned key_states_find(struct key_states *states, struct view domain,
    struct view selector, struct key_state *found[KEY_STATES_SAME_MAX]);

/* REPLY came for it, of DNS_ASK_KEY or DNS_ASK_KEY_EVERYWHERE. */
enum key_event key_states_learn(struct key_states *states, struct key_state *state,
    const struct dns_key_reply *reply, uint32_t ttl, int64_t now);
enum key_event key_states_learn_everywhere(struct key_states *states,
    struct key_state *state, const struct dns_key_reply *reply, int64_t now);

/* Another key signs instead of STATE's from now on; NOW 0: it signs (again) itself. One
 * that nobody ever saw published is not waited for, and stays as it is. */
void key_states_replace(struct key_states *states, struct key_state *state, int64_t now);

void key_states_read(
    struct key_states *states, const struct key_state *state, struct key_seen *ret_seen);
/* All of FACT but names and opinion. False: there is more to be asked, nothing was learned
 * yet or it is not known to be everywhere. */
bool key_states_fact(
    struct key_states *states, const struct key_state *state, struct fact_key *fact);

/*
 * What has changed since it was last taken: at most MAX rows, whose text lives as long as
 * the table. How many. What could not be written is given back.
 */
size_t key_states_take_changed(
    struct key_states *states, struct state_key *rows, size_t max);
void key_states_give_back(
    struct key_states *states, const struct state_key *rows, size_t n);

/*
 * Keys that are gone, which need not be kept over a restart for ever. One that OURS denies
 * signs no more from NOW on, and is forgotten when that, and all else that is known of it,
 * is its TTL and KEEP seconds ago.
 */
struct key_gone {
	/* The lock is held: no states may be asked from here. */
	bool (*is_ours)(void *context, const struct key_state *state,
	    const struct key_identity *identity);
	void *context;
	int64_t now, keep;
};
/* At most MAX that are to be forgotten, as key_states_take_changed. Looks at some from *AT
 * on, 0 for a new round; *AT is 0 again when the round is over. */
size_t key_states_take_gone(struct key_states *states, const struct key_gone *gone,
    size_t *at, struct state_key *rows, size_t max);
/* Those could not be removed: they are taken again. */
void key_states_give_back_gone(
    struct key_states *states, const struct state_key *rows, size_t n);

#endif
