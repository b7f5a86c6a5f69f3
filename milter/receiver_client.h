/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RECEIVER_CLIENT_H
#define MILTER_RECEIVER_CLIENT_H

/*
 * The milter process's end of the receiver process: some messages are shown to it as they
 * pass, and what it thinks of their signatures comes back later. Nothing waits for it, and
 * nothing depends on it but what is learned: when libopendkim does not accept a signature
 * of ours, that is latched for the key until the next load.
 *
 * A message is shown when its author's domain has a key whose signatures have not been
 * looked at since the load, and every 'set verify-every'th beside that. That can be known
 * when the header has ended, so it is decided there. A receiver that does not take a frame
 * within RECEIVER_SEND_MS, or does not answer within RECEIVER_ANSWER_MS, is reported as
 * hung and replaced.
 *
 * Beside that it is asked what libspf2 makes of the SPF records of domains of ours: each
 * time that DNS was asked for one, with what DNS said. What it was asked when it died is
 * not asked again until DNS says something else.
 *
 * Any thread. A ticket belongs to one message.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "auth/spf.h"
#include "engine/engine.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/net.h"
#include "lib/view.h"
#include "milter/generation.h"
#include "receiver/wire.h"

enum {
	RECEIVER_SEND_MS = 20,
	RECEIVER_ANSWER_MS = 10000,
	RECEIVER_DISAGREEMENTS_MAX = 8, /* kept for 'frank status' */
	RECEIVER_SPF_QUESTIONS = 4,     /* under way at once; more are lost */
	RECEIVER_SPF_FATAL_MAX = 64,    /* remembered; the oldest is forgotten */
};

struct receiver_client;

struct receiver_ticket {
	bool is_open;
	uint32_t stream, serial;
	size_t body_bytes;
};

/* What the client needs from its process. Called without locks held. */
struct receiver_calls {
	void *context;
	/* One reference more or less for GENERATION, which a verdict under way keeps alive.
	 */
	void (*share)(void *context, struct generation *generation);
	void (*unshare)(void *context, struct generation *generation);
	/* Said once for a key and load. */
	void (*disagrees)(void *context, const struct policy_key *key, const char *reason);
	void (*hung)(void *context);
	/* Which key of DOMAIN would sign now; NULL: none. Left out: the newest. */
	const struct policy_key *(*signs)(void *context,
	    const struct generation *generation, struct view domain,
	    enum policy_algorithm algorithm);
	/* What libspf2 thinks of DOMAIN's record, and why (NO_OPINION, DISAGREES). NULL:
	 * nobody wants to know. From the reader's thread, or that of receiver_client_spf.
	 */
	void (*spf_opinion)(void *context, struct view domain,
	    enum receiver_opinion opinion, const char *reason);
};

struct receiver_client *receiver_client_new(const struct receiver_calls *calls);

/*
 * The socket of a (new) receiver process, owned from now on, also when this fails. Starts a
 * thread that reads its verdicts. -1 ERR_TEMP: there is no room for one; the client goes on
 * without this process.
 */
int receiver_client_attach(struct receiver_client *client, int fd, struct err *err);

/* The header has ended: is this message to be shown? Opens *ret_ticket or not. */
void receiver_client_open(struct receiver_client *client, struct generation *generation,
    struct view author_domain, struct receiver_ticket *ret_ticket);
void receiver_client_body(
    struct receiver_client *client, struct receiver_ticket *ticket, struct view chunk);
/* It was signed: VALUES are the DKIM-Signature values, one for each of DECISION's keys.
 * Closes the ticket. */
void receiver_client_end(struct receiver_client *client, struct receiver_ticket *ticket,
    struct generation *generation, const struct sign *sign, const struct decision *decision,
    const struct buf *values);
void receiver_client_cancel(struct receiver_client *client, struct receiver_ticket *ticket);

/* Views are borrowed for the call. */
struct receiver_spf {
	struct view domain, sender, helo; /* as in struct spf_question */
	struct addr egress;               /* that gave our outcome */
	enum spf_outcome ours;
	struct view answers; /* answers_pack(); empty: there is nothing to ask */
};

/*
 * Ask what libspf2 makes of it. Never waits; the opinion comes through spf_opinion, or not
 * at all (no receiver, too much under way, larger than a frame): ask again with the next
 * answer of DNS.
 */
void receiver_client_spf(struct receiver_client *client, const struct receiver_spf *asked);

struct receiver_status {
	bool is_there;
	uint64_t verified, disagreed, lost;
	uint64_t spf_judged, spf_disagreed, spf_lost;
	unsigned n;
	char disagreements[RECEIVER_DISAGREEMENTS_MAX][256];
};
void receiver_client_status(
    struct receiver_client *client, struct receiver_status *ret_status);

/* A new policy: what was learned of the keys of the old one is forgotten. */
void receiver_client_forget(struct receiver_client *client);

#endif
