/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_SPF_OPINIONS_H
#define MILTER_SPF_OPINIONS_H

/*
 * What libspf2 makes of the SPF records of domains that we sign for. It is asked when DNS
 * was, so what it said stands until the answer is another one, also over a reload.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/map.h"
#include "lib/view.h"
#include "milter/dns_wire.h"
#include "policy/facts.h"

enum { SPF_OPINIONS_SHOWN_MAX = 8 };

struct spf_opinions;

struct spf_opinions *spf_opinions_new(struct map_seed seed);
void spf_opinions_free(struct spf_opinions *opinions);

/*
 * Our result for DOMAIN: if it is another than before, what was thought of that one is
 * forgotten. One that hangs on the message says nothing about another message: then it is
 * forgotten when what is published is another, and until then a disagreement stands.
 */
void spf_opinions_result(
    struct spf_opinions *opinions, struct view domain, const struct dns_spf_reply *reply);

/* The receiver's. SEEN_UNKNOWN: it has none, and the one before stands. True: it disagrees,
 * and that is news. */
bool spf_opinions_learn(struct spf_opinions *opinions, struct view domain,
    enum fact_seen opinion, const char *reason);

enum fact_seen spf_opinions_get(struct spf_opinions *opinions, struct view domain);

struct spf_opinions_status {
	uint64_t agrees, disagrees; /* domains */
	unsigned n;
	char disagreements[SPF_OPINIONS_SHOWN_MAX][256]; /* "example.org: why" */
};
void spf_opinions_status(
    struct spf_opinions *opinions, struct spf_opinions_status *ret_status);

#endif
