/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/ipc.h"
#include "tests/unit/ask_lab.h"

static const struct addr egress = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 25}};

static int64_t
lab_now(void *context)
{
	struct ask_lab *lab = context;

	return atomic_load(&lab->now);
}

static void
on_spf(void *context, const struct dns_question *question,
    const struct dns_spf_reply *reply, struct view answers)
{
	struct ask_lab *lab = context;

	pthread_mutex_lock(&lab->lock);
	snprintf(lab->learned, sizeof(lab->learned), "%.*s %.*s %.*s %u %u %u %.*s",
	    VIEW_ARG(question->domain), VIEW_ARG(question->sender),
	    VIEW_ARG(question->helo), question->n_egress, reply->outcome, question->is_ours,
	    VIEW_ARG(answers));
	pthread_mutex_unlock(&lab->lock);
	atomic_fetch_add(&lab->spf_learned, 1);
}

static void
on_key(
    void *context, const struct dns_question *question, const struct dns_reply_head *reply)
{
	struct ask_lab *lab = context;

	pthread_mutex_lock(&lab->lock);
	snprintf(lab->learned, sizeof(lab->learned), "%.*s %.*s %u",
	    VIEW_ARG(question->domain), VIEW_ARG(question->selector), reply->key.state);
	pthread_mutex_unlock(&lab->lock);
	atomic_fetch_add(&lab->key_learned, 1);
}

static void
on_fatal(void *context, const struct dns_question *question)
{
	struct ask_lab *lab = context;

	pthread_mutex_lock(&lab->lock);
	snprintf(lab->fatal, sizeof(lab->fatal), "%d %.*s %.*s", (int)question->kind,
	    VIEW_ARG(question->domain), VIEW_ARG(question->selector));
	pthread_mutex_unlock(&lab->lock);
	atomic_fetch_add(&lab->n_fatal, 1);
}

static void
on_hung(void *context)
{
	struct ask_lab *lab = context;

	atomic_fetch_add(&lab->hung, 1);
}

struct ask_lab *
ask_lab_new(void)
{
	struct ask_lab *lab = calloc(1, sizeof(*lab));
	struct dns_calls calls = {lab, on_spf, on_key, on_hung, on_fatal, lab_now};

	assert_non_null(lab);
	pthread_mutex_init(&lab->lock, NULL);
	atomic_store(&lab->now, INT64_C(1000000000));
	lab->process = -1;
	lab->client = dns_client_new(&calls, (struct map_seed){1, 2});
	ask_lab_process(lab);
	return lab;
}

void
ask_lab_free(struct ask_lab *lab)
{
	if (lab->process >= 0)
		close(lab->process);
	dns_client_free(lab->client);
	pthread_mutex_destroy(&lab->lock);
	free(lab);
}

int
ask_lab_set_up(void **state)
{
	*state = ask_lab_new();
	return 0;
}

int
ask_lab_tear_down(void **state)
{
	ask_lab_free(*state);
	return 0;
}

struct dns_status
ask_lab_status(struct ask_lab *lab)
{
	struct dns_status status;

	dns_client_status(lab->client, &status);
	return status;
}

void
ask_lab_process(struct ask_lab *lab)
{
	struct err err = ERR_INIT;
	int pair[2];

	assert_int_equal(ipc_pair(pair, &err), 0);
	if (lab->process >= 0)
		close(lab->process);
	lab->process = pair[1];
	assert_int_equal(dns_client_attach(lab->client, pair[0], &err), 0);
}

void
ask_lab_gone(struct ask_lab *lab)
{
	struct dns_status status = {.is_there = true};

	close(lab->process);
	lab->process = -1;
	for (int i = 0; status.is_there && i < LAB_PATIENCE * 1000; i++) {
		usleep(1000);
		dns_client_status(lab->client, &status);
	}
	assert_false(status.is_there);
}

void
ask_lab_advance(struct ask_lab *lab, double seconds)
{
	atomic_fetch_add(&lab->now, (long long)(seconds * 1e6));
}

int64_t
ask_lab_deadline(const struct ask_lab *lab, double seconds)
{
	return atomic_load(&lab->now) + (int64_t)(seconds * 1e6);
}

static bool
frame_recv(struct ask_lab *lab, int milliseconds, struct ask_frame *frame)
{
	struct err err = ERR_INIT;
	char bytes[DNS_QUESTION_MAX];
	size_t n;

	memset(frame, 0, sizeof(*frame));
	if (ipc_recv(lab->process, bytes, sizeof(bytes), &n, milliseconds, &err) != 1)
		return false;
	assert_true(n > sizeof(frame->head));
	memcpy(&frame->head, bytes, sizeof(frame->head));
	frame->n = n - sizeof(frame->head);
	memcpy(frame->payload, bytes + sizeof(frame->head), frame->n);
	return true;
}

struct ask_frame
ask_lab_next(struct ask_lab *lab)
{
	struct ask_frame frame;

	if (!frame_recv(lab, LAB_PATIENCE * 1000, &frame))
		fail_msg("no question came");
	return frame;
}

void
ask_lab_silent(struct ask_lab *lab, const char *when)
{
	struct ask_frame frame;

	/* Whoever asks sends before the call returns, so there is nothing to wait for. */
	if (frame_recv(lab, 0, &frame))
		fail_msg("%s: a question came, of kind %u for %s", when, frame.head.kind,
		    frame.payload);
}

static struct dns_reply_head
reply_to(const struct ask_frame *frame)
{
	struct dns_reply_head reply;

	memset(&reply, 0, sizeof(reply));
	reply.kind = frame->head.kind;
	reply.id = frame->head.id;
	reply.ttl = 100;
	return reply;
}

struct dns_reply_head
ask_lab_spf(const struct ask_frame *frame, enum spf_outcome outcome, bool is_per_message)
{
	struct dns_reply_head reply = reply_to(frame);

	reply.spf.outcome = outcome;
	reply.spf.is_per_message = is_per_message;
	reply.spf.egress = egress;
	snprintf(reply.spf.term, sizeof(reply.spf.term), "-all");
	snprintf(reply.spf.domain, sizeof(reply.spf.domain), "%.200s", frame->payload);
	return reply;
}

struct dns_reply_head
ask_lab_dmarc(const struct ask_frame *frame, const char *domain)
{
	struct dns_reply_head reply = reply_to(frame);
	struct dns_dmarc_way way = {.state = DMARC_PRESENT, .asks = DMARC_ASKS_REJECT};

	snprintf(way.domain, sizeof(way.domain), "%s", domain);
	snprintf(way.organizational, sizeof(way.organizational), "%s", domain);
	reply.dmarc.by_list = reply.dmarc.by_tree = way;
	reply.dmarc.by_tree.is_strict_spf = 1;
	return reply;
}

struct dns_reply_head
ask_lab_key(const struct ask_frame *frame, enum dns_state state)
{
	struct dns_reply_head reply = reply_to(frame);

	reply.key.state = state;
	reply.key.published.bits = 2048;
	memset(reply.key.published.fingerprint, 7, KEY_FINGERPRINT);
	return reply;
}

void
ask_lab_send(struct ask_lab *lab, const void *bytes, size_t n)
{
	assert_int_equal(send(lab->process, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

void
ask_lab_reply(struct ask_lab *lab, const struct dns_reply_head *reply)
{
	ask_lab_send(lab, reply, sizeof(*reply));
}

void
ask_lab_settle(struct ask_lab *lab)
{
	static atomic_int number;
	struct dns_reply_head reply;
	char domain[64];

	/* Answers are taken in their order: behind them, one of our own. */
	snprintf(domain, sizeof(domain), "settle%d.example", atomic_fetch_add(&number, 1));
	struct dns_question question = ask_lab_for_dmarc(domain);
	dns_client_start(lab->client, &question);
	struct ask_frame frame = ask_lab_next(lab);
	assert_string_equal(frame.payload, domain);
	reply = ask_lab_dmarc(&frame, domain);
	ask_lab_reply(lab, &reply);
	assert_true(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
}

void
ask_lab_answer(struct ask_lab *lab, const struct dns_question *question)
{
	struct dns_reply_head reply;

	dns_client_start(lab->client, question);
	struct ask_frame frame = ask_lab_next(lab);
	switch (question->kind) {
	case DNS_ASK_SPF:
		reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
		break;
	case DNS_ASK_DMARC:
		reply = ask_lab_dmarc(&frame, "example.org");
		break;
	case DNS_ASK_KEY:
	case DNS_ASK_KEY_EVERYWHERE:
	default:
		reply = ask_lab_key(&frame, DNS_FOUND);
		break;
	}
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
}

struct dns_question
ask_lab_for_spf(const char *domain, const char *sender)
{
	return (struct dns_question){.kind = DNS_ASK_SPF,
	    .domain = view_of(domain),
	    .sender = view_of(sender),
	    .helo = VIEW("mail.example.org"),
	    .egress = &egress,
	    .n_egress = 1};
}

struct dns_question
ask_lab_for_dmarc(const char *domain)
{
	return (struct dns_question){.kind = DNS_ASK_DMARC, .domain = view_of(domain)};
}

struct dns_question
ask_lab_for_key(const char *domain, const char *selector)
{
	return (struct dns_question){.kind = DNS_ASK_KEY,
	    .domain = view_of(domain),
	    .selector = view_of(selector),
	    .is_ours = true};
}

bool
ask_lab_has(struct ask_lab *lab, const struct dns_question *question,
    struct dns_reply_head *ret_reply)
{
	return dns_client_get(lab->client, question, 0, ret_reply);
}
