/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What the milter process learns from a verdict of the receiver process, which is a socket
 * in our hand.
 */

#include <sys/socket.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/ipc.h"
#include "milter/key_wire.h"
#include "policy/rule.h"
#include "receiver/wire.h"

#include "tests/unit/receiver_client_lab.h"

/* A key process that knows one public key. */
static void *
public_key_run(void *argument)
{
	const int *sockets = argument;
	struct key_request request;

	while (recv(sockets[0], &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
		struct key_reply reply = {.sequence = request.sequence, .n = 4};
		memcpy(reply.bytes, "AAAA", 4);
		(void)send(sockets[1 + request.slot], &reply, sizeof(reply), MSG_NOSIGNAL);
	}
	return NULL;
}

static void
key_process_attach(struct receiver_client_lab *lab)
{
	static int theirs[1 + KEY_SLOTS];
	int ours[1 + KEY_SLOTS], pair[2];
	struct err err = ERR_INIT;
	pthread_t thread;

	for (int i = 0; i < 1 + KEY_SLOTS; i++) {
		assert_int_equal(ipc_pair(pair, &err), 0);
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	key_client_attach(lab->generation.keys, ours[0], ours + 1);
	assert_int_equal(pthread_create(&thread, NULL, public_key_run, theirs), 0);
	assert_int_equal(pthread_detach(thread), 0);
}

/* A signed message, shown to the end; the frames after OPEN are counted by type. */
static void
show_message(
    struct receiver_client_lab *lab, struct receiver_ticket *ticket, int ret_frames[16])
{
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(100);
	struct decision decision = {.n_sign = 1};
	struct err err = ERR_INIT;
	size_t n;

	decision.sign[0] = policy_keys(lab->generation.policy, &n);
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	assert_int_equal(sign_header(sign, VIEW("From"), VIEW(" a@example.org"), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("X-Other"), VIEW(" not signed"), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("Subject"), VIEW(" hello"), &err), 0);
	sign_body_end(sign);
	buf_add_text(&value, " v=1; d=example.org");
	receiver_client_body(lab->client, ticket, VIEW("hello\r\n"));
	receiver_client_end(lab->client, ticket, &lab->generation, sign, &decision, &value);
	assert_false(ticket->is_open);
	for (uint32_t type = 0; type != RECEIVER_END;) {
		type = receiver_client_lab_next(lab);
		assert_in_range(type, RECEIVER_BODY, RECEIVER_END);
		ret_frames[type]++;
	}
	sign_free(sign);
	buf_fini(&value);
}

static void
verdict_send(struct receiver_client_lab *lab, const struct receiver_ticket *ticket,
    enum receiver_opinion opinion)
{
	struct receiver_verdict verdict = {
	    .stream = ticket->stream, .serial = ticket->serial, .n = 1};
	struct receiver_status status;

	verdict.results[0].opinion = opinion;
	snprintf(
	    verdict.results[0].reason, sizeof(verdict.results[0].reason), "bad signature");
	receiver_client_status(lab->client, &status);
	uint64_t before = status.verified;
	assert_int_equal(
	    send(lab->receiver, &verdict, sizeof(verdict), 0), sizeof(verdict));
	for (int i = 0; i < 400 && status.verified == before; i++) {
		usleep(5000);
		receiver_client_status(lab->client, &status);
	}
	assert_int_equal(status.verified, before + 1);
}

/* Only covered fields are shown, each piece once; a disagreement is told once and stays. */
static void
test_verdicts(void **state)
{
	static const enum receiver_opinion said[] = {RECEIVER_NO_OPINION, RECEIVER_AGREES,
	    RECEIVER_DISAGREES, RECEIVER_DISAGREES, RECEIVER_AGREES};
	static const enum key_opinion learned[] = {OPINION_NONE, OPINION_AGREES,
	    OPINION_DISAGREES, OPINION_DISAGREES, OPINION_DISAGREES};
	struct receiver_client_lab *lab = *state;
	struct receiver_status status;

	key_process_attach(lab);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct receiver_ticket ticket;
		int frames[16] = {0};

		do
			ticket = receiver_client_lab_open(lab, "example.org");
		while (!ticket.is_open);
		assert_int_equal(receiver_client_lab_next(lab), RECEIVER_OPEN);
		struct receiver_ticket shown = ticket;
		show_message(lab, &ticket, frames);
		assert_int_equal(frames[RECEIVER_BODY], 1);
		assert_int_equal(frames[RECEIVER_FIELD], 2);
		assert_int_equal(frames[RECEIVER_KEY], 1);
		assert_int_equal(frames[RECEIVER_SIGNATURE], 1);
		assert_int_equal(atomic_load(&lab->shared), 1);
		verdict_send(lab, &shown, said[i]);
		for (int wait = 0; wait < 400 && atomic_load(&lab->shared) > 0; wait++)
			usleep(5000);
		assert_int_equal(atomic_load(&lab->shared), 0);
		assert_int_equal(atomic_load(&lab->opinions[0]), learned[i]);
	}
	assert_int_equal(atomic_load(&lab->disagreed), 1);
	receiver_client_status(lab->client, &status);
	assert_int_equal(status.n, 1);
	assert_string_equal(status.disagreements[0], "example.org/s2026: bad signature");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_verdicts, receiver_client_lab_set_up, receiver_client_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
