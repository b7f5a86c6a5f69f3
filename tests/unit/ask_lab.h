/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_ASK_LAB_H
#define TESTS_UNIT_ASK_LAB_H

/*
 * A dns client whose dns process is a socket in our hand, and whose clock moves when it is
 * told to.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "milter/dns_client.h"
#include "milter/dns_client_private.h"

struct ask_lab {
	struct dns_client *client;
	int process; /* the other end; -1: none */
	atomic_llong now;
	atomic_int hung, spf_learned, key_learned, n_fatal;
	pthread_mutex_t lock; /* of what follows */
	char learned[256];    /* the last one, as text */
	char fatal[600];      /* the same: kind, domain, selector */
};

/* A question as the dns process got it. */
struct ask_frame {
	struct dns_question_head head;
	char payload[DNS_QUESTION_MAX];
	size_t n;
};

struct ask_lab *ask_lab_new(void); /* with a process */
void ask_lab_free(struct ask_lab *lab);
/* A lab for each test, as cmocka wants it. */
int ask_lab_set_up(void **state);
int ask_lab_tear_down(void **state);
struct dns_status ask_lab_status(struct ask_lab *lab);
void ask_lab_process(struct ask_lab *lab); /* a new one */
void ask_lab_gone(struct ask_lab *lab);    /* and none in its place; seen */
void ask_lab_advance(struct ask_lab *lab, double seconds);

/* The next question; fails the test when there is none within seconds. */
struct ask_frame ask_lab_next(struct ask_lab *lab);
/* Fails when a question is there. */
void ask_lab_silent(struct ask_lab *lab, const char *when);

/* Replies with the id of FRAME. */
struct dns_reply_head ask_lab_spf(
    const struct ask_frame *frame, enum spf_outcome outcome, bool is_per_message);
struct dns_reply_head ask_lab_dmarc(const struct ask_frame *frame, const char *domain);
struct dns_reply_head ask_lab_key(const struct ask_frame *frame, enum dns_state state);
void ask_lab_reply(struct ask_lab *lab, const struct dns_reply_head *reply);
void ask_lab_send(struct ask_lab *lab, const void *bytes, size_t n);
/* Ask, answer (pass, DMARC of example.org, a key), and wait until the answer is there. */
void ask_lab_answer(struct ask_lab *lab, const struct dns_question *question);
/* When this returns, all that was sent has been taken. */
void ask_lab_settle(struct ask_lab *lab);

struct dns_question ask_lab_for_spf(const char *domain, const char *sender);
struct dns_question ask_lab_for_dmarc(const char *domain);
struct dns_question ask_lab_for_key(const char *domain, const char *selector);

/* Waiting so long is enough for what will come, and a failure otherwise. */
enum { LAB_PATIENCE = 20 };
int64_t ask_lab_deadline(const struct ask_lab *lab, double seconds);
/* The answer that is there by now. */
bool ask_lab_has(struct ask_lab *lab, const struct dns_question *question,
    struct dns_reply_head *ret_reply);

#endif
