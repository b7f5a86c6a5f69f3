/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_CLIENT_H
#define MILTER_DNS_CLIENT_H

/*
 * The milter process's end of the dns process, and its cache. A question is put when it is
 * first known (dns_client_start), so that the answer is on its way while the message still
 * comes in, and waited for at the end, at most until a deadline. The same question is asked
 * once, however many messages wait for its answer; answers are kept for their TTL within
 * DNS_TTL_MIN and DNS_TTL_MAX, failures for DNS_TTL_FAILURE. What a domain of ours depends
 * on is asked again before it runs out, as long as it is used.
 *
 * A dns process that is gone, stopped or slow makes answers unknown and nothing else:
 * nobody waits beyond the deadline; what one has waited for in vain nobody waits for again
 * until it is answered; and for a process that has been gone for HELPER_AWAY_MS nobody
 * waits. One that does not answer anything for DNS_HUNG_MS, or does not read its questions
 * for DNS_STUCK_MS, is reported as hung until it is replaced or answers after all; its
 * successor is asked what was open. What a process had when it ended is asked of the next
 * DNS_SUSPECTS_MAX at a time, and what that one ends with as well is not asked again for
 * DNS_FATAL_SECONDS: it is unknown at once, for any sender of the domain.
 *
 * Domains that we do not sign for are many and may all be slow: they have at most
 * DNS_OTHERS_JOBS of the questions under way and DNS_OTHERS_WAITERS of the threads that
 * wait. One more of theirs is unknown; ours have the rest for themselves.
 *
 * An answer that hangs on the sender's local part or on HELO is kept for this very sender;
 * for its domain only that it is so.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/map.h"
#include "lib/net.h"
#include "lib/view.h"
#include "milter/dns_wire.h"

enum {
	DNS_LOST_MAX = 2,     /* processes that a question is put to, as they end with it */
	DNS_SUSPECTS_MAX = 8, /* questions at a time that one process had when it ended */
	DNS_FATAL_MAX = 64,   /* that processes ended with: the oldest is forgotten */
	DNS_FATAL_SECONDS = 300,   /* that such a one is not asked */
	DNS_STUCK_MS = 2000,       /* that it may leave questions in its socket */
	DNS_HUNG_MS = 25000,       /* longer than DNS_JOB_SECONDS */
	DNS_EVERYWHERE_MS = 45000, /* longer than twice that: it may have to wait */
	DNS_CACHE_MAX = 20000,     /* answers; the one used longest ago leaves */
	DNS_WAITERS_MAX = 200,     /* threads that may wait at once: more go on without */
	DNS_OTHERS_WAITERS = 150,  /* of these, for domains of others */
	DNS_PREFETCH_PERCENT = 80, /* of the TTL */
	DNS_SENDER_MAX = 320,      /* bytes of a sender; a longer one is not asked about */
};

struct dns_client;

/* What one wants to know. Views are borrowed for the call. */
struct dns_question {
	enum dns_kind kind;
	struct view domain;   /* lower-case A-labels */
	struct view selector; /* of a key */
	struct view sender;   /* SPF: local@domain, or postmaster@HELO */
	struct view helo;
	const struct addr *egress; /* SPF; part of the question */
	uint32_t n_egress;
	/* A domain that we sign for: prefetched, shown to the receiver, and never kept
	 * waiting by others. */
	bool is_ours;
};

struct dns_calls {
	void *context;
	/* A fresh SPF answer for a domain of ours, with what DNS said (answers_pack; may be
	 * empty). */
	void (*spf_learned)(void *context, const struct dns_question *question,
	    const struct dns_spf_reply *reply, struct view answers);
	/* A fresh answer for a key, of either kind. */
	void (*key_learned)(void *context, const struct dns_question *question,
	    const struct dns_reply_head *reply);
	void (*hung)(void *context);
	/* Its processes end with this question, which has no sender: said when it is
	 * remembered. NULL: nobody wants to know. */
	void (*fatal)(void *context, const struct dns_question *question);
	/* Monotonic, microseconds. NULL: clock_mono(). */
	int64_t (*now)(void *context);
};

/* CALLS are made without locks held, from the thread that reads answers or attaches. */
struct dns_client *dns_client_new(const struct dns_calls *calls, struct map_seed seed);

/* When nobody uses it any more. */
void dns_client_free(struct dns_client *client);

/*
 * The socket of a (new) dns process, owned from now on, also when this fails. Starts a
 * thread that reads its answers. -1 ERR_TEMP: there is no room for one; the client goes on
 * without this process.
 */
int dns_client_attach(struct dns_client *client, int fd, struct err *err);

/* Ask, unless the answer is there or on its way. Never waits. */
void dns_client_start(struct dns_client *client, const struct dns_question *question);

/*
 * The answer, waiting for it until DEADLINE (monotonic, microseconds; 0: not at all).
 * False: unknown.
 */
bool dns_client_get(struct dns_client *client, const struct dns_question *question,
    int64_t deadline, struct dns_reply_head *ret_reply);

struct dns_status {
	bool is_there;
	uint64_t asked, answered, hits,
	    late;           /* late: who would have waited went on without */
	uint64_t crowded;   /* of these: as many as may waited already */
	uint64_t refreshed; /* of those asked: before they ran out */
	uint64_t kept;      /* answers in the cache now */
	uint64_t open;      /* questions under way now */
};
void dns_client_status(struct dns_client *client, struct dns_status *ret_status);

#endif
