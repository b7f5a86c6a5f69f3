/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_CLIENT_PRIVATE_H
#define MILTER_DNS_CLIENT_PRIVATE_H

/*
 * Shared by dns_client.c (who asks), dns_reader.c (what comes back, and what is done as
 * time goes by), dns_lost.c (processes that come and go) and dns_pack.c (questions and
 * answers as bytes).
 */

#include "milter/dns_client.h"
#include "milter/helper.h"
#include "milter/helper_cache.h"

enum {
	DNS_KEY_MAX = 1024,      /* bytes of a question as the cache's key */
	DNS_QUESTION_MAX = 4096, /* bytes of a question's frame */
	DNS_PACKED_MAX = sizeof(struct dns_reply_head) + 64,
};

/* A question that the dns process has or is to get. Its id is serial * DNS_JOBS_MAX + slot.
 */
struct dns_open {
	struct helper_entry *entry; /* NULL: a free slot */
	uint64_t id;
	int64_t since;   /* monotonic: sent, or to be sent */
	unsigned n_lost; /* processes that had it and ended without an answer */
	bool is_sent;
	bool is_ours; /* as it was asked */
};

/* A question that processes end with. */
struct dns_fatal {
	uint64_t hash; /* by domain */
	int64_t until; /* monotonic */
};

struct dns_client {
	struct helper helper; /* its lock is that of all here */
	struct dns_calls calls;
	struct helper_cache cache;
	int64_t heard; /* of the last answer, or of this process's beginning */

	uint64_t serial;
	unsigned n_open, next_slot;
	unsigned n_others;          /* of the open ones */
	unsigned waiters_of_others; /* of the waiters */
	unsigned n_suspects;        /* sent again, as a process ended with them */
	struct dns_fatal fatal[DNS_FATAL_MAX];
	unsigned n_fatal; /* ever */
	struct dns_open open[DNS_JOBS_MAX];
	struct dns_status status;
};

/* dns_client.c, with the lock held */

/* Send what has not been sent yet. */
void dns_client_send(struct dns_client *client);
/* Ask for ENTRY, whose frame there is. False: too many questions are open, in all or of
 * others. */
bool dns_client_ask(struct dns_client *client, struct helper_entry *entry, int64_t now);
/* The question of SLOT is over, and whoever waits for its answer hears of it. */
void dns_client_close(struct dns_client *client, struct dns_open *slot);

/* dns_lost.c */

/* With the lock held: QUESTION is one that processes have ended with lately. */
bool dns_client_is_fatal(
    const struct dns_client *client, const struct dns_question *question, int64_t now);

/* dns_reader.c */

/* As in struct helper_calls; CONTEXT is the client. They take the lock. */
void dns_client_take(void *context, char *frame, size_t n);
void dns_client_tick(void *context);

/* dns_pack.c */

/* False: this cannot be asked. */
bool dns_question_is_good(const struct dns_question *question);
/*
 * What the cache calls it. IS_FULL: with sender and HELO. Only the bytes that are returned
 * are set.
 */
size_t dns_question_key(const struct dns_question *question, bool is_full,
    struct map_seed seed, char into[DNS_KEY_MAX]);
size_t dns_question_frame(const struct dns_question *question, char into[DNS_QUESTION_MAX]);
/* Of a frame made by that. Borrows from it; EGRESS is where the addresses go. */
void dns_question_read(
    struct view frame, struct addr egress[SPF_EGRESS_MAX], struct dns_question *ret);

/* A reply from outside: texts ended, numbers within bounds. False: it is none. */
bool dns_reply_check(struct dns_reply_head *reply);
/* Without the empty part of its texts. */
size_t dns_reply_pack(const struct dns_reply_head *reply, char into[DNS_PACKED_MAX]);
void dns_reply_unpack(struct view packed, struct dns_reply_head *ret_reply);
/* Nobody knows more than before. */
bool dns_reply_is_empty(const struct dns_reply_head *reply);

#endif
