/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef METERING_METERING_H
#define METERING_METERING_H

/*
 * What a policy's meters count of one message, and what they say about it: policy/ knows
 * which meters there are, burst/ counts; here they meet. Used by the daemon for each
 * message, and by whoever plays messages again over recorded times.
 *
 * The SITE is what outlives a policy: the counts, and who is exempt. A METERING is the
 * meters of one policy in it. A MESSAGE is what one message adds: begun when its envelope
 * sender is known, told each recipient as it arrives, read into the facts when all is
 * known, and charged when it was accepted or held. Between reading and charging other
 * messages may be charged: a reading is as exact as the moment.
 *
 * WHOM. A key is a name that Postfix vouches for: the login; without one the client, which
 * is trusted or else mail would be inbound; everything from sendmail(1) is the one origin
 * "local". A sender or an author's domain is a key only when the message may use it: the
 * login or client owns it, or it comes from this machine and we hold a key for the domain.
 *
 * Any thread, each message in one; metering_new() and metering_free() may be called beside
 * them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "burst/burst.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "policy/facts.h"
#include "policy/policy.h"

enum {
	METERING_RCPTS_MAX = 65536, /* of one message; those behind are not counted */
	METERING_NAME_MAX = 320,    /* bytes of a key's name */
	METERING_EXEMPT_MAX = 256,  /* names at once */
};

struct metering_site;
struct metering;

/* WALL, NOW: as burst_new(). */
struct metering_site *metering_site_new(
    const struct burst_settings *settings, int64_t wall, const struct burst_now *now);
void metering_site_free(struct metering_site *site); /* NULL is fine; no metering is left */
struct burst *metering_burst(const struct metering_site *site);

/* Around keep_save(), burst_give() and burst_tick(), which take turns with meters that come
 * and go. */
void metering_turn_begin(struct metering_site *site);
void metering_turn_end(struct metering_site *site);

/* As burst/ wants it, from the clock and facts.local_date, .local_minute. */
struct burst_now metering_now(int64_t mono, int local_date, int local_minute);

/* POLICY must outlive it. NULL: this policy asks for no meter and for no age. */
struct metering *metering_new(
    struct metering_site *site, const struct policy *policy, const struct burst_now *now);
/* NULL is fine. Never waits for a disk: its meters are put back when somebody's turn is. */
void metering_free(struct metering *metering);

/* Before metering_new(): nobody tells of bounces here, so that meters of them are unknown.
 */
void metering_without_bounces(struct metering_site *site);
/* Does anybody want to know of them? */
bool metering_counts_bounces(const struct metering *metering);

/* The Ith meter of the policy; NULL: it counts what is not counted here (bounces). */
struct burst_meter *metering_meter(const struct metering *metering, size_t i);

/*
 * One message. Its memory is kept for the next.
 */
struct metering_amount {
	uint64_t key;
	struct view name; /* of the key, in the arena; p NULL: there is no key */
	struct burst_amount amount;
};

struct metering_message {
	const struct metering *metering; /* NULL: nothing is counted */
	uint64_t origin, user;           /* keys; user 0: no login */
	uint64_t client;                 /* remembered with the origin; 0: none */
	struct view origin_name;
	bool is_exempt; /* the origin is */
	struct buf rcpts;
	struct metering_amount *amounts; /* one a meter, in the arena, by metering_read() */
	uint64_t *pairs;                 /* to be remembered: each recipient once */
	size_t n_pairs;
};

void metering_message_init(struct metering_message *message);
void metering_message_fini(struct metering_message *message);
void metering_message_reset(struct metering_message *message);

/*
 * FACTS has path, user, client and sender. Nothing is counted with METERING NULL, and for
 * mail of path inbound and reentry. Text is kept in ARENA, which outlives the message.
 */
void metering_begin(struct metering_message *message, const struct metering *metering,
    const struct facts *facts, struct arena *arena, int64_t wall);
/* RCPT only has to live for the call. */
void metering_rcpt(struct metering_message *message, const struct fact_address *rcpt);

/*
 * All facts but these are there: fill in the meters and the age, with this message in them.
 * When ARENA is full they stay unknown.
 */
void metering_read(struct metering_message *message, struct facts *facts,
    struct arena *arena, const struct burst_now *now);

/* It was accepted or held. FLAGGED: for each meter (1 << index) whether this hour of the
 * key is not to be learned from. */
void metering_charge(
    struct metering_message *message, uint64_t flagged, const struct burst_now *now);
/* It was neither: nothing is charged, but an hour may be flagged. */
void metering_flag(
    struct metering_message *message, uint64_t flagged, const struct burst_now *now);

/*
 * A message that was accepted once came back from RCPT. FACTS, as they were recorded, have
 * path, user, client, sender and author. Charged to the meters that count bounces.
 */
void metering_bounce(const struct metering *metering, const struct facts *facts,
    const struct fact_address *rcpt, struct arena *arena, const struct burst_now *now);

/* Has this origin never sent from this client address, as far as is remembered? False
 * without a client, and while the site is learning. Before charging. */
bool metering_client_is_new(
    const struct metering_message *message, const struct burst_now *now);

/* The name of METER's key for this message, after reading; empty: it has none. */
struct view metering_key_name(const struct metering_message *message, uint32_t meter);

/*
 * Keys as people write them: the keys that NAME may stand for in METER, at most
 * METERING_KEYS_OF ("local" is the origin and might be a login).
 */
enum { METERING_KEYS_OF = 2 };
size_t metering_keys_of(const struct metering *metering, const struct policy_meter *meter,
    struct view name, uint64_t ret_keys[METERING_KEYS_OF]);

/* NAME as a key has it: in lower case; a login with 'set login-domain' where it has none,
 * unless it is an address, a network, a domain, "local" or "everyone". */
void metering_name(
    const struct metering *metering, struct view name, char into[METERING_NAME_MAX + 1]);

/*
 * Exempt NAME, the name of a key, until UNTIL (wall, microseconds): all meters read 0 for
 * messages of that origin, and those of that key for others. UNTIL 0 ends it. -1: there are
 * METERING_EXEMPT_MAX already, or the name is too long.
 */
int metering_exempt(struct metering_site *site, struct view name, int64_t until,
    int64_t wall, struct err *err);
struct metering_exemption {
	char name[METERING_NAME_MAX + 1];
	int64_t until;
};
/* Those that are exempt at WALL, oldest first; returns how many there are. */
size_t metering_exemptions(
    struct metering_site *site, int64_t wall, struct metering_exemption *into, size_t n);
/* Another one after every change: is there something to write down? */
uint64_t metering_exemption_changes(struct metering_site *site);

#endif
