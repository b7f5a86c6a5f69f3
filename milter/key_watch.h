/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_WATCH_H
#define MILTER_KEY_WATCH_H

/*
 * Which of a domain's keys signs hangs on what is published (milter/key_states.h). Here is
 * what goes on around that: the fingerprints of our keys, once for each key and policy; the
 * log line and the journal's action when a key takes over or is lost; state.db; and a
 * thread that asks for the keys of domains that have a choice, so that a new selector is
 * noticed without mail.
 *
 * Any thread, but for key_watch_new.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/map.h"
#include "milter/dns_client.h"
#include "milter/generation.h"
#include "milter/key_states.h"

enum {
	WATCH_PASS_SECONDS = 60,    /* from one look at all keys to the next */
	WATCH_KEYS_PER_SECOND = 20, /* asked about */
	WATCH_DOMAINS_MAX = 1000,   /* in one pass */
	WATCH_LOOK_PER_SECOND = 5000,
	/* A signature is looked up as long as its message may be on its way. Postfix's
	 * maximal_queue_lifetime unless it was changed. */
	WATCH_QUEUE_SECONDS = 5 * 86400,
	/* A key that is gone is forgotten so much later: there may be mail on hold, or a
	 * queue that keeps mail longer, and a file may come back. */
	WATCH_FORGET_SECONDS = 90 * 86400,
	WATCH_FORGET_ROUND_SECONDS = 86400, /* from one look for them to the next */
};

struct key_watch;

struct key_watch_calls {
	void *context;
	/* The policy in force, kept until it is let go; NULL: none. */
	struct generation *(*hold)(void *context);
	void (*let_go)(void *context, struct generation *generation);
	/* The answer, if it is there; else it is asked for. Never waits. */
	bool (*ask)(void *context, const struct dns_question *question,
	    struct dns_reply_head *ret_reply);
	/* As key_client_public. */
	int (*public_half)(void *context, struct generation *generation,
	    const struct policy_key *key, struct buf *out, struct err *err);
	/* For log and journal. IS_BAD: somebody should do something. */
	void (*say)(void *context, bool is_bad, struct view text);
	int64_t (*now)(void *context);  /* wall, seconds */
	int64_t (*mono)(void *context); /* seconds of a clock that nobody sets */
};

/* Reads DIR/state.db. DIR must outlive the watch; NULL: nothing is kept. */
struct key_watch *key_watch_new(
    const struct key_watch_calls *calls, struct map_seed seed, const char *dir);
void key_watch_free(struct key_watch *watch);

/* AFTER has taken the place of BEFORE, which is still whole: note and say who signs now.
 * Asks the key process of AFTER for the keys of domains whose files have changed. */
void key_watch_commit(
    struct key_watch *watch, const struct generation *before, struct generation *after);

/* Begin to ask for keys without being asked, and to write. */
void key_watch_start(struct key_watch *watch);
/* One second's worth of that: what the thread does. */
void key_watch_step(struct key_watch *watch);
/* Write what has changed. Blocks on the disk. */
void key_watch_write(struct key_watch *watch);

/* As struct session_world's key_state. */
bool key_watch_fact(struct key_watch *watch, struct generation *generation,
    const struct policy_key *key, const struct dns_reply_head *reply,
    struct fact_key *fact);

/* Who signs for DOMAIN by 'sign' alone, as far as is known; NULL: no key does. */
const struct policy_key *key_watch_chosen(struct key_watch *watch,
    const struct generation *generation, struct view domain,
    enum policy_algorithm algorithm);

/* DNS has answered for a key. */
void key_watch_learn(struct key_watch *watch, const struct dns_question *question,
    const struct dns_reply_head *reply);

struct key_watch_status {
	uint64_t taken_over, lost; /* since the start */
	char trouble[256];         /* with state.db; empty: all well */
};
void key_watch_status(struct key_watch *watch, struct key_watch_status *ret_status);

/*
 * The keys of the policy whose state is known, so far as that costs nothing to find out:
 * the ones that were asked about. PENDING: never ready, and another one signs. FAULTY: it
 * signs, and is not published as it should be.
 */
struct key_counts {
	size_t ready, pending, faulty;
};
void key_watch_count(struct key_watch *watch, const struct generation *generation,
    struct key_counts *ret_counts);

/* Where a key stands between the one before it and the one after. */
enum key_stage {
	KEY_STAGE_PENDING,  /* never was ready everywhere: another one signs */
	KEY_STAGE_ACTIVE,   /* signs */
	KEY_STAGE_RETIRING, /* signs no more, but what it signed may be on its way */
	KEY_STAGE_RETIRED,  /* may be removed */
};
const char *key_stage_name(enum key_stage stage);

/*
 * The control request "keys [DOMAIN] [FROM]" (DOMAIN "": all): one JSON object a line and
 * key of the policy in force, by domain and selector, from key number FROM (0) on; where
 * they do not all fit, the last line is {"next":NUMBER}.
 *
 *	domain, selector, name ("" but for a 'key' line), algorithm ("rsa-sha256")
 *	file.time           of the key's file
 *	state               "ready" "unpublished" "mismatched" "unknown"
 *	stage               "pending" "active" "retiring" "retired"
 *	signs               for its domain, of its algorithm: true or false
 *	published           the resolver has it; with state "unknown" not everywhere yet
 *	lagging             a server that has not; ""
 *	fault               what is wrong, in words; ""
 *	since, last-ready, first-seen, replaced
 *	                    of the state; "" for never. RFC 3339
 *	ttl                 seconds, of the record when it was last seen
 *	retired             RFC 3339; of "retiring" and "retired": replaced, and ttl and
 *	                    WATCH_QUEUE_SECONDS after that; "": never, or of one that
 *	                    is retiring nobody knows since when
 */
void key_watch_list(struct key_watch *watch, struct generation *generation,
    struct view domain, uint32_t from, struct buf *out);

#endif
