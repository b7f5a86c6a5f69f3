/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_QUESTION_H
#define MILTER_DNS_QUESTION_H

/* A question frame, and what the answers of DNS come to for it. No I/O. */

#include <stdbool.h>
#include <stdint.h>

#include "auth/everywhere.h"
#include "lib/arena.h"
#include "lib/lookup.h"
#include "lib/net.h"
#include "lib/view.h"
#include "milter/dns_wire.h"

enum { DNS_ASKED_TEXT_MAX = 1024 }; /* bytes of each text in a question */

struct dns_asked {
	enum dns_kind kind;
	bool with_answers;
	bool is_ours; /* what asks servers always is */
	uint64_t id;
	struct view domain, sender, helo, selector;
	const struct addr *egress;
	uint32_t n_egress;
	int64_t now; /* wall, seconds */
};

/* Everything is copied into ARENA. False: this is no question. */
bool dns_asked_read(struct view frame, struct arena *arena, struct dns_asked *ret_asked);

/* Where the key stands, in normal form. False: there is no such name. */
bool dns_asked_key_name(const struct dns_asked *asked, char into[DNS_NAME_MAX * 4 + 1]);

struct dns_known {
	lookup_fn lookup;
	void *context;
	struct arena *arena; /* for as long as the evaluation */
};

/* *REPLY is set whole. False: answers are missing. For DNS_ASK_KEY_EVERYWHERE it says what
 * the resolver says. */
bool dns_asked_evaluate(const struct dns_asked *asked, const struct dns_known *known,
    struct dns_reply_head *reply);

/*
 * Add what every server said: the first that answered is what is published, the others are
 * compared with it. Where none answered, the resolver's word in REPLY stays.
 */
void dns_asked_add_servers(
    const struct everywhere_found *found, struct dns_reply_head *reply);

#endif
