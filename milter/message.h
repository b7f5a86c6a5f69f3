/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_MESSAGE_H
#define MILTER_MESSAGE_H

/*
 * What one message needs while it lasts: its arena, its hashes, the policy it is judged by,
 * its facts as they come in. Sessions borrow it from a pool at MAIL FROM and give it back
 * at the end, so that thousands of idle sessions cost nothing and busy ones set nothing up
 * twice.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "engine/engine.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "metering/metering.h"
#include "milter/generation.h"
#include "milter/receiver_client.h"

enum {
	MESSAGE_ARENA_MAX = 1 << 20, /* bytes */
	MESSAGE_POOL_MAX = 64,       /* kept for the next */
	MESSAGE_VALUE_MAX = 8192,    /* bytes of one DKIM-Signature value */
	MESSAGE_SIGNATURES_MAX = 16, /* that it came with; more are not looked at */
};

/* A DKIM-Signature that a message came with, not verified. */
struct message_signature {
	struct view domain, selector; /* in lower case */
};

struct message {
	struct message *next; /* in the pool */
	struct arena *arena;
	struct sign *sign;
	struct generation *generation; /* NULL: none in force */
	struct err trouble; /* the first thing of ours that failed; ERR_NONE: nothing */

	struct facts facts;
	struct fact_address
	    *sample; /* FACTS_RCPT_SAMPLE, allocated with the first recipient */
	uint32_t *fits;
	uint64_t header_bytes;
	bool header_ended;
	struct message_signature *signatures; /* that it came with */
	uint32_t n_signatures;
	struct view own_mark; /* value of the first field that only we can make */
	uint32_t n_own_marks;
	bool is_own;             /* frankd sent it */
	int64_t dns_deadline;    /* monotonic; nobody waits for DNS beyond it */
	struct view helo_sender; /* of the null sender: postmaster@HELO */
	struct fact_lookup
	    *lookups; /* what is asked of Postfix's tables; NULL: nothing yet */
	uint32_t n_lookups;
	int64_t tables_deadline; /* monotonic; nobody waits for them beyond it */
	struct metering_message metering;
	struct receiver_ticket ticket; /* when the receiver process is shown this message */

	struct clock end_began;
	struct decision decision;
	struct buf values[DECISION_SIGN_MAX]; /* DKIM-Signature values */
};

struct message_pool {
	pthread_mutex_t lock;
	struct message *free;
	unsigned n_free;
};

void message_pool_init(struct message_pool *pool);
void message_pool_fini(struct message_pool *pool);

struct message *message_borrow(struct message_pool *pool);
void message_return(struct message_pool *pool, struct message *message);

/* Mail that is coming in: never signed, so no limit and no trouble of ours may stop it. */
bool message_is_others(const struct message *message);

/* Remember the first failure of ours, if the message is one that must not pass because of
 * it. */
void message_trouble(struct message *message, const struct err *err);

#endif
