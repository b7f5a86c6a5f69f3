/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SPREAD_H
#define AUTH_SPREAD_H

/*
 * How far a key of ours has spread: what the resolver and each authoritative server of its
 * zone say of it. For who may wait; one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/everywhere.h"
#include "auth/keyrecord.h"
#include "auth/keyset.h"
#include "lib/buf.h"

enum {
	KEY_FAULTS_UNUSABLE = KEY_FAULTS_UNPUBLISHED | KEY_FAULTS_MISMATCHED,
};

/* A key of ours, without its private half. */
struct spread_key {
	const char *domain, *selector, *name;
	enum sign_algorithm algorithm;
	int bits;
	struct view public;
	uint8_t fingerprint[KEY_FINGERPRINT];
};

/* What one of those that were asked says of it. */
struct spread_answer {
	enum dns_state state;
	const char *failure; /* for people, where the state is DNS_FAILED */
	bool is_known;       /* it answered */
	unsigned faults;
	uint32_t ttl;
	bool is_secure;
};

enum spread_verdict {
	SPREAD_PUBLISHED, /* everywhere */
	SPREAD_CACHED,    /* everywhere, but the resolver still has what was before */
	SPREAD_LAGGING,   /* not on every server */
	SPREAD_MISSING,   /* on none */
	SPREAD_WRONG,     /* there is something else */
	SPREAD_UNKNOWN,   /* nobody answered */
};

struct spread {
	const struct spread_key *key;
	enum spread_verdict verdict;
	struct spread_answer resolver;
	struct view zone;
	size_t n;                                                /* servers */
	const struct everywhere_server *servers[EVERYWHERE_MAX]; /* by name */
	struct spread_answer answers[EVERYWHERE_MAX];            /* of theirs */
	size_t n_unknown; /* servers that do not say */
	bool is_cut;
	bool is_silent; /* there was no answer at all, not even an error */
};

/* Key I of SET, its texts in ARENA. False: it has no public half that can be used. */
bool spread_key_take(
    struct keyset *set, size_t i, struct arena *arena, struct spread_key *ret_key);

/* Whom to ask, and for how long. */
struct spread_wish {
	const char *resolver; /* as DNS asks; NULL: the system's */
	unsigned port;        /* of the servers; 0: 53 */
	int64_t deadline;     /* monotonic */
};

/* -1: DNS could not be asked at all. *ret_everywhere keeps what *RET_SPREAD points to. */
int spread_ask(struct dns *dns, const struct spread_wish *wish,
    const struct spread_key *key, struct spread *ret_spread,
    struct everywhere **ret_everywhere, struct err *err);

/* "v=DKIM1; k=rsa; p=..." */
void spread_record(const struct spread_key *key, struct buf *out);

#endif
