/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_EVERYWHERE_H
#define AUTH_EVERYWHERE_H

/*
 * The same question to every authoritative server of a zone: a change reaches them one
 * after the other, and a resolver may ask any of them.
 *
 * First find the servers, a pure function of what the recursive resolver says; then ask
 * each, a few at a time, each with a context of its own (auth/dns.h), so that no cache
 * stands in between. One thread at a time.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/dns.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "lib/lookup.h"
#include "lib/net.h"
#include "lib/view.h"

enum {
	EVERYWHERE_MAX = 32,         /* servers that are asked; addresses, that is */
	EVERYWHERE_AT_ONCE = 8,      /* at a time: each has a thread */
	EVERYWHERE_SERVER_MS = 4000, /* for each: three or four tries */
};

struct everywhere_server {
	struct view name; /* "ns1.example.org" */
	struct addr addr;
	/* DNS_NO_ANSWER and DNS_FAILED: it does not serve the zone, now or at all. */
	struct dns_answer answer;
};

struct everywhere_found {
	struct view zone; /* the nearest above the name that has name servers */
	struct everywhere_server servers[EVERYWHERE_MAX];
	size_t n;    /* 0: nobody knows of any */
	bool is_cut; /* there are more */
};

/*
 * The servers for NAME (in normal form) in the zone that its parent lies in. Names are
 * borrowed from NAME and from the answers. False: answers are missing.
 */
bool everywhere_find(
    struct view name, lookup_fn lookup, void *context, struct everywhere_found *ret_found);

struct everywhere_question {
	enum dns_type type;
	struct view name;
	const char *resolver; /* for where a CNAME leads; NULL: the system's */
	unsigned port;        /* of the servers; 0: 53 */
	int64_t deadline;     /* monotonic, microseconds; for all of it */
};

struct everywhere;

/* QUESTION (its resolver is borrowed) and FOUND are copied. */
struct everywhere *everywhere_new(
    const struct everywhere_question *question, const struct everywhere_found *found);
void everywhere_free(struct everywhere *everywhere); /* NULL is fine */

/* Do what is to be done at NOW; never waits. True: it is over. */
bool everywhere_step(struct everywhere *everywhere, int64_t now);
/* What to wait for before the next step, at most EVERYWHERE_AT_ONCE. *ret_until: and until
 * when at most. */
size_t everywhere_poll(
    struct everywhere *everywhere, struct pollfd *into, int64_t *ret_until);

/* For who may wait: until it is over. */
void everywhere_wait(struct everywhere *everywhere);

/* Each was asked: the deadline did not come before that. */
bool everywhere_has_asked_all(const struct everywhere *everywhere);

/* The servers with what they answered; what they point to lives as long as EVERYWHERE. */
const struct everywhere_found *everywhere_answers(const struct everywhere *everywhere);

/*
 * All of it for who may wait: find the servers with DNS, ask them, wait. NULL: DNS itself
 * could not be asked. The result may have no servers.
 */
struct everywhere *everywhere_ask(
    struct dns *dns, const struct everywhere_question *question, struct err *err);

#endif
