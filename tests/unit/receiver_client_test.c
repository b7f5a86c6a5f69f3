/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of the receiver process, against a receiver that is a socket in
 * our hand: which messages are shown, what is sent, what is learned from a verdict, and
 * that none of it ever waits.
 */

#include <sys/socket.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bundle.h"
#include "lib/clock.h"
#include "lib/ipc.h"
#include "milter/key_wire.h"
#include "milter/receiver_client.h"
#include "policy/rule.h"
#include "receiver/wire.h"

static const char policy_text[] = "set verify-every 3\n"
				  "keys \"keys\"\n"
				  "match path submission owns author sign\n"
				  "accept\n";
static const char keys_text[] = "- example.org s2026 rsa-sha256 1767225600\n";

struct fixture {
	bool is_unsigned; /* no key signs */
	struct generation generation;
	atomic_uint opinions[2];
	struct receiver_client *client;
	int receiver; /* the other end */
	atomic_int shared, disagreed, hung;
};

/* A client has no end of its own: it lives as long as the process. */
static struct fixture *volatile kept[8];
static unsigned n_kept;

static void
on_share(void *context, struct generation *generation)
{
	struct fixture *fixture = context;

	assert_ptr_equal(generation, &fixture->generation);
	atomic_fetch_add(&fixture->shared, 1);
}

static void
on_unshare(void *context, struct generation *generation)
{
	struct fixture *fixture = context;

	(void)generation;
	atomic_fetch_sub(&fixture->shared, 1);
}

static void
on_disagrees(void *context, const struct policy_key *key, const char *reason)
{
	struct fixture *fixture = context;

	(void)key;
	(void)reason;
	atomic_fetch_add(&fixture->disagreed, 1);
}

static const struct policy_key *
on_signs(void *context, const struct generation *generation, struct view domain,
    enum policy_algorithm algorithm)
{
	const struct fixture *fixture = context;

	return fixture->is_unsigned
		   ? NULL
		   : policy_newest_key(generation->policy, domain, algorithm);
}

static void
on_hung(void *context)
{
	struct fixture *fixture = context;

	atomic_fetch_add(&fixture->hung, 1);
}

static void
receiver_new_socket(struct fixture *fixture)
{
	int pair[2];
	struct err err = ERR_INIT;

	assert_int_equal(ipc_pair(pair, &err), 0);
	fixture->receiver = pair[1];
	receiver_client_attach(fixture->client, pair[0]);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct bundle *bundle = bundle_new(NULL);
	struct err err = ERR_INIT;
	struct diag diag;

	assert_non_null(fixture);
	diag_init(&diag);
	assert_int_equal(
	    bundle_put(bundle, VIEW("frank.conf"), VIEW(policy_text), &err), 0);
	assert_int_equal(
	    bundle_put(bundle, VIEW(POLICY_KEYS_FILE), VIEW(keys_text), &err), 0);
	fixture->generation.policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	if (fixture->generation.policy == NULL)
		fail_msg("%s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	fixture->generation.opinions = fixture->opinions;
	fixture->generation.keys = key_client_new();
	struct receiver_calls calls = {
	    fixture, on_share, on_unshare, on_disagrees, on_hung, on_signs, NULL};
	fixture->client = receiver_client_new(&calls);
	receiver_new_socket(fixture);
	*state = fixture;
	return 0;
}

/* Its reader ends with the socket. */
static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	kept[n_kept++ % 8] = fixture;

	close(fixture->receiver);
	for (int i = 0; i < 200; i++) {
		struct receiver_status status;
		receiver_client_status(fixture->client, &status);
		if (!status.is_there)
			break;
		usleep(5000);
	}
	policy_free(fixture->generation.policy);
	key_client_free(fixture->generation.keys);
	return 0;
}

static struct receiver_ticket
open_ticket(struct fixture *fixture, const char *domain)
{
	struct receiver_ticket ticket;

	receiver_client_open(
	    fixture->client, &fixture->generation, view_of(domain), &ticket);
	return ticket;
}

static uint32_t
next_frame(struct fixture *fixture)
{
	static char frame[IPC_FRAME_MAX];
	struct receiver_frame head;
	struct err err = ERR_INIT;
	size_t n;

	if (ipc_recv(fixture->receiver, frame, sizeof(frame), &n, 1000, &err) != 1)
		return 0;
	memcpy(&head, frame, sizeof(head));
	return head.type;
}

/* Until a key's first signature was judged every message is shown, then every third;
 * others' never. */
static void
test_choice(void **state)
{
	struct fixture *fixture = *state;
	struct receiver_ticket ticket;
	int shown = 0;

	assert_false(open_ticket(fixture, "example.com").is_open);
	for (int i = 0; i < 5; i++) {
		ticket = open_ticket(fixture, "example.org");
		assert_true(ticket.is_open);
		assert_int_equal(next_frame(fixture), RECEIVER_OPEN);
		receiver_client_cancel(fixture->client, &ticket);
		assert_int_equal(next_frame(fixture), RECEIVER_CANCEL);
	}
	atomic_store(&fixture->opinions[0], OPINION_AGREES);
	for (int i = 0; i < 9; i++) {
		ticket = open_ticket(fixture, "example.org");
		shown += ticket.is_open;
		receiver_client_cancel(fixture->client, &ticket);
	}
	assert_int_equal(shown, 3);

	/* Nobody waits for an opinion of a key that does not sign. */
	atomic_store(&fixture->opinions[0], OPINION_NOT_ASKED);
	fixture->is_unsigned = true;
	assert_false(open_ticket(fixture, "example.org").is_open);
}

/* A message larger than the cap is given up, not cut. */
static void
test_large_body(void **state)
{
	struct fixture *fixture = *state;
	char *chunk = calloc(1, 65535);
	struct receiver_ticket ticket = open_ticket(fixture, "example.org");

	assert_non_null(chunk);
	assert_int_equal(next_frame(fixture), RECEIVER_OPEN);
	/* A chunk of libmilter's is two frames. */
	for (int i = 0; i < 20 && ticket.is_open; i++) {
		receiver_client_body(fixture->client, &ticket, (struct view){chunk, 65535});
		for (int frame = 0; ticket.is_open && frame < 2; frame++)
			assert_int_equal(next_frame(fixture), RECEIVER_BODY);
	}
	assert_false(ticket.is_open);
	assert_int_equal(next_frame(fixture), RECEIVER_CANCEL);
	assert_int_equal(atomic_load(&fixture->shared), 0);
	free(chunk);
}

/* A receiver that does not read: the message goes on after a few milliseconds, and the
 * supervisor hears of it. */
static void
test_deaf(void **state)
{
	struct fixture *fixture = *state;
	int64_t began = clock_mono();
	int frames = 0;

	for (; frames < 10000 && atomic_load(&fixture->hung) == 0; frames++) {
		struct receiver_ticket ticket = open_ticket(fixture, "example.org");
		receiver_client_cancel(fixture->client, &ticket);
	}
	assert_int_equal(atomic_load(&fixture->hung), 1);
	assert_true(clock_mono() - began < 2000000);
	assert_int_equal(atomic_load(&fixture->shared), 0);
}

/* It dies: tickets are lost quietly, and with the next one it goes on. */
static void
test_death(void **state)
{
	struct fixture *fixture = *state;
	struct receiver_ticket ticket = open_ticket(fixture, "example.org");

	assert_true(ticket.is_open);
	close(fixture->receiver);
	receiver_client_body(fixture->client, &ticket, VIEW("hello\r\n"));
	assert_false(ticket.is_open);
	assert_false(open_ticket(fixture, "example.org").is_open);
	receiver_new_socket(fixture);
	ticket = open_ticket(fixture, "example.org");
	assert_true(ticket.is_open);
	assert_int_equal(next_frame(fixture), RECEIVER_OPEN);
	receiver_client_cancel(fixture->client, &ticket);
}

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
key_process_attach(struct fixture *fixture)
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
	key_client_attach(fixture->generation.keys, ours[0], ours + 1);
	assert_int_equal(pthread_create(&thread, NULL, public_key_run, theirs), 0);
	assert_int_equal(pthread_detach(thread), 0);
}

/* A signed message, shown to the end; the frames after OPEN are counted by type. */
static void
show_message(struct fixture *fixture, struct receiver_ticket *ticket, int ret_frames[16])
{
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(100);
	struct decision decision = {.n_sign = 1};
	struct err err = ERR_INIT;
	size_t n;

	decision.sign[0] = policy_keys(fixture->generation.policy, &n);
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	assert_int_equal(sign_header(sign, VIEW("From"), VIEW(" a@example.org"), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("X-Other"), VIEW(" not signed"), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("Subject"), VIEW(" hello"), &err), 0);
	sign_body_end(sign);
	buf_add_text(&value, " v=1; d=example.org");
	receiver_client_body(fixture->client, ticket, VIEW("hello\r\n"));
	receiver_client_end(
	    fixture->client, ticket, &fixture->generation, sign, &decision, &value);
	assert_false(ticket->is_open);
	for (uint32_t type = 0; type != RECEIVER_END;) {
		type = next_frame(fixture);
		assert_in_range(type, RECEIVER_BODY, RECEIVER_END);
		ret_frames[type]++;
	}
	sign_free(sign);
	buf_fini(&value);
}

static void
verdict_send(struct fixture *fixture, const struct receiver_ticket *ticket,
    enum receiver_opinion opinion)
{
	struct receiver_verdict verdict = {
	    .stream = ticket->stream, .serial = ticket->serial, .n = 1};
	struct receiver_status status;

	verdict.results[0].opinion = opinion;
	snprintf(
	    verdict.results[0].reason, sizeof(verdict.results[0].reason), "bad signature");
	receiver_client_status(fixture->client, &status);
	uint64_t before = status.verified;
	assert_int_equal(
	    send(fixture->receiver, &verdict, sizeof(verdict), 0), sizeof(verdict));
	for (int i = 0; i < 400 && status.verified == before; i++) {
		usleep(5000);
		receiver_client_status(fixture->client, &status);
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
	struct fixture *fixture = *state;
	struct receiver_status status;

	key_process_attach(fixture);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct receiver_ticket ticket;
		int frames[16] = {0};

		do
			ticket = open_ticket(fixture, "example.org");
		while (!ticket.is_open);
		assert_int_equal(next_frame(fixture), RECEIVER_OPEN);
		struct receiver_ticket shown = ticket;
		show_message(fixture, &ticket, frames);
		assert_int_equal(frames[RECEIVER_BODY], 1);
		assert_int_equal(frames[RECEIVER_FIELD], 2);
		assert_int_equal(frames[RECEIVER_KEY], 1);
		assert_int_equal(frames[RECEIVER_SIGNATURE], 1);
		assert_int_equal(atomic_load(&fixture->shared), 1);
		verdict_send(fixture, &shown, said[i]);
		for (int wait = 0; wait < 400 && atomic_load(&fixture->shared) > 0; wait++)
			usleep(5000);
		assert_int_equal(atomic_load(&fixture->shared), 0);
		assert_int_equal(atomic_load(&fixture->opinions[0]), learned[i]);
	}
	assert_int_equal(atomic_load(&fixture->disagreed), 1);
	receiver_client_status(fixture->client, &status);
	assert_int_equal(status.n, 1);
	assert_string_equal(status.disagreements[0], "example.org/s2026: bad signature");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_choice, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_verdicts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_large_body, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_deaf, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_death, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
