/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/ipc.h"
#include "receiver/sandbox.h"
#include "receiver/serve.h"

#include "tests/unit/receiver_lab.h"

static const struct lab_message plain = {
    .fields = {"From: a@example.org", "To: b@example.net,\n\tc@example.net", "Subject: x"},
    .body = {"hello\r\nthere\r\n", 14},
};

enum { KEY = 70000 }; /* an index as large sets of keys have */

static const struct view bad_body = {"hello\r\nThere\r\n", 14};

struct lab {
	struct receiver *receiver;
	struct receiver_verdict verdict;
	struct err err;
};

/* One frame to stream STREAM; what receiver_take says. */
static int
take(struct lab *lab, uint32_t type, uint32_t stream, uint32_t serial, struct view payload)
{
	const struct receiver_frame head = {type, stream, serial,
	    type == RECEIVER_KEY || type == RECEIVER_SIGNATURE ? KEY : 0};
	char *frame = mem_zeroed(sizeof(head) + payload.n, 1);
	int result;

	memcpy(frame, &head, sizeof(head));
	if (payload.n > 0)
		memcpy(frame + sizeof(head), payload.p, payload.n);
	result = receiver_take(
	    lab->receiver, frame, sizeof(head) + payload.n, &lab->verdict, &lab->err);
	free(frame);
	return result;
}

static void
take_key(struct lab *lab, uint32_t stream, uint32_t serial)
{
	struct buf key = BUF_INIT(4096);

	buf_addf(&key, "example.org%clab%c%s%c", 0, 0, lab_record(plain.algorithm), 0);
	assert_int_equal(take(lab, RECEIVER_KEY, stream, serial, buf_view(&key)), 0);
	buf_fini(&key);
}

/* All that stands before END. */
static void
take_message(struct lab *lab, uint32_t stream, uint32_t serial, struct view body)
{
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);
	struct view fields[LAB_FIELDS];
	size_t n = lab_fields(&plain, fields);

	assert_int_equal(take(lab, RECEIVER_OPEN, stream, serial, VIEW_NONE), 0);
	assert_int_equal(take(lab, RECEIVER_BODY, stream, serial, view_head(body, 6)), 0);
	assert_int_equal(take(lab, RECEIVER_BODY, stream, serial, view_from(body, 6)), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(take(lab, RECEIVER_FIELD, stream, serial, fields[i]), 0);
	take_key(lab, stream, serial);
	lab_sign(&plain, &value);
	assert_int_equal(
	    take(lab, RECEIVER_SIGNATURE, stream, serial, buf_view(&value)), 0);
	buf_fini(&value);
}

static void
ends(struct lab *lab, uint32_t stream, uint32_t serial, enum receiver_opinion want,
    const char *words)
{
	assert_int_equal(take(lab, RECEIVER_END, stream, serial, VIEW_NONE), 1);
	assert_int_equal(lab->verdict.stream, stream);
	assert_int_equal(lab->verdict.serial, serial);
	assert_int_equal(lab->verdict.n, 1);
	assert_int_equal(lab->verdict.results[0].key, KEY);
	if (lab->verdict.results[0].opinion != (uint32_t)want ||
	    strstr(lab->verdict.results[0].reason, words) == NULL)
		fail_msg("got %u (%s), want %u (%s)", lab->verdict.results[0].opinion,
		    lab->verdict.results[0].reason, (unsigned)want, words);
	/* It is over: another END is nobody's. */
	assert_int_equal(take(lab, RECEIVER_END, stream, serial, VIEW_NONE), 0);
}

static int
set_up(void **state)
{
	struct lab *lab = mem_zeroed(1, sizeof(*lab));

	lab->receiver = receiver_new();
	*state = lab;
	return 0;
}

static int
tear_down(void **state)
{
	struct lab *lab = *state;

	receiver_free(lab->receiver);
	free(lab);
	return 0;
}

static void
answers(void **state)
{
	take_message(*state, 0, 1, plain.body);
	ends(*state, 0, 1, RECEIVER_AGREES, "");
	take_message(*state, 3, 0xffffffff, bad_body);
	ends(*state, 3, 0xffffffff, RECEIVER_DISAGREES, "body hash");
	/* A message without a signature gets an answer too. */
	assert_int_equal(take(*state, RECEIVER_OPEN, 0, 2, VIEW_NONE), 0);
	assert_int_equal(take(*state, RECEIVER_END, 0, 2, VIEW_NONE), 1);
	assert_int_equal(((struct lab *)*state)->verdict.n, 0);
}

static void
keeps_streams_apart(void **state)
{
	struct lab *lab = *state;
	struct view one = plain.body, two = bad_body;
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);
	struct view fields[LAB_FIELDS];
	size_t n = lab_fields(&plain, fields);

	lab_sign(&plain, &value);
	assert_int_equal(take(lab, RECEIVER_OPEN, 1, 10, VIEW_NONE), 0);
	assert_int_equal(take(lab, RECEIVER_OPEN, 2, 10, VIEW_NONE), 0);
	for (; one.n > 0; one = view_from(one, 1), two = view_from(two, 1)) {
		assert_int_equal(take(lab, RECEIVER_BODY, 1, 10, view_head(one, 1)), 0);
		assert_int_equal(take(lab, RECEIVER_BODY, 2, 10, view_head(two, 1)), 0);
	}
	for (size_t i = 0; i < n; i++)
		for (uint32_t stream = 1; stream <= 2; stream++)
			assert_int_equal(
			    take(lab, RECEIVER_FIELD, stream, 10, fields[i]), 0);
	for (uint32_t stream = 1; stream <= 2; stream++) {
		take_key(lab, stream, 10);
		assert_int_equal(
		    take(lab, RECEIVER_SIGNATURE, stream, 10, buf_view(&value)), 0);
	}
	ends(lab, 2, 10, RECEIVER_DISAGREES, "body hash");
	ends(lab, 1, 10, RECEIVER_AGREES, "");
	buf_fini(&value);
}

static void
forgets_what_is_cancelled(void **state)
{
	struct lab *lab = *state;

	take_message(lab, 0, 1, bad_body);
	assert_int_equal(take(lab, RECEIVER_CANCEL, 0, 1, VIEW_NONE), 0);
	assert_int_equal(take(lab, RECEIVER_END, 0, 1, VIEW_NONE), 0);
	/* A cancellation that was lost: the next message begins afresh. */
	take_message(lab, 0, 2, bad_body);
	take_message(lab, 0, 3, plain.body);
	assert_int_equal(take(lab, RECEIVER_BODY, 0, 2, VIEW("late")), 0);
	assert_int_equal(take(lab, RECEIVER_CANCEL, 0, 2, VIEW_NONE), 0);
	ends(lab, 0, 3, RECEIVER_AGREES, "");
}

static void
bounds_what_it_keeps(void **state)
{
	static char piece[RECEIVER_PAYLOAD_MAX];
	struct lab *lab = *state;
	struct view view = {piece, sizeof(piece)};

	memset(piece, 'x', sizeof(piece));
	take_message(lab, 0, 1, plain.body);
	for (size_t sent = 0; sent <= RECEIVER_BODY_MAX; sent += sizeof(piece))
		assert_int_equal(take(lab, RECEIVER_BODY, 0, 1, view), 0);
	ends(lab, 0, 1, RECEIVER_NO_OPINION, "larger than 1 MB");
	take_message(lab, 0, 2, plain.body);
	memcpy(piece, "X:", 2);
	for (size_t sent = 0; sent <= RECEIVER_FIELDS_MAX; sent += sizeof(piece))
		assert_int_equal(take(lab, RECEIVER_FIELD, 0, 2, view), 0);
	ends(lab, 0, 2, RECEIVER_NO_OPINION, "larger than 256 KB");
	take_message(lab, 0, 3, plain.body);
	for (size_t i = 0; i < VERIFY_FIELDS; i++)
		assert_int_equal(take(lab, RECEIVER_FIELD, 0, 3, VIEW("X:")), 0);
	ends(lab, 0, 3, RECEIVER_NO_OPINION, "more than 2000");
}

/* These cancel their stream, and nothing but their stream. */
static void
cancels_a_bad_stream(void **state)
{
	static char large[4000];
	static const struct {
		uint32_t type;
		struct view payload;
		unsigned times;
	} cases[] = {
	    {RECEIVER_FIELD, {"", 0}, 1},
	    {RECEIVER_KEY, {"", 0}, 1},
	    {RECEIVER_KEY, {"a\0b\0c", 5}, 1},
	    {RECEIVER_KEY, {"a\0b\0c\0d", 7}, 1},
	    {RECEIVER_KEY, {"a\0b\0c\0\0", 7}, 1},
	    {RECEIVER_KEY, {"a\0b\0", 4}, 1},
	    {RECEIVER_KEY, {large, sizeof(large)}, 1},
	    {RECEIVER_KEY, {"a\0b\0c\0", 6}, RECEIVER_SIGNATURES_MAX},
	    {RECEIVER_SIGNATURE, {"v=1", 3}, RECEIVER_SIGNATURES_MAX},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		take_message(lab, 0, 1, plain.body);
		take_message(lab, 1, 1, plain.body);
		for (unsigned at = 0; at < cases[i].times; at++)
			assert_int_equal(
			    take(lab, cases[i].type, 0, 1, cases[i].payload), 0);
		if (take(lab, RECEIVER_END, 0, 1, VIEW_NONE) != 0)
			fail_msg("case %zu: got an answer, want none", i);
		ends(lab, 1, 1, RECEIVER_AGREES, "");
	}
}

static void
refuses_what_is_no_frame(void **state)
{
	static union {
		struct receiver_frame head;
		char bytes[sizeof(struct receiver_frame) + RECEIVER_PAYLOAD_MAX + 1];
	} large = {.head = {.type = RECEIVER_OPEN}};
	struct lab *lab = *state;

	assert_int_equal(take(lab, 0, 0, 0, VIEW_NONE), -1);
	assert_int_equal(take(lab, RECEIVER_SPF + 1, 0, 0, VIEW_NONE), -1);
	assert_int_equal(take(lab, RECEIVER_OPEN, RECEIVER_STREAMS, 0, VIEW_NONE), -1);
	assert_int_equal(take(lab, RECEIVER_OPEN, 0xffffffff, 0, VIEW_NONE), -1);
	assert_int_equal(receiver_take(lab->receiver, &large, 0, &lab->verdict, NULL), -1);
	assert_int_equal(receiver_take(lab->receiver, &large,
			     sizeof(struct receiver_frame) - 1, &lab->verdict, NULL),
	    -1);
	assert_int_equal(
	    receiver_take(lab->receiver, &large, sizeof(large.bytes), &lab->verdict, NULL),
	    -1);
	assert_int_equal(take(lab, RECEIVER_BODY, 0, 0, VIEW("nobody's")), 0);
}

static void
key_must_be_that_of_the_signature(void **state)
{
	struct lab *lab = *state;
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);

	lab_sign(&plain, &value);
	assert_int_equal(take(lab, RECEIVER_OPEN, 0, 1, VIEW_NONE), 0);
	assert_int_equal(take(lab, RECEIVER_FIELD, 0, 1, VIEW("From: a@example.org")), 0);
	assert_int_equal(
	    take(lab, RECEIVER_KEY, 0, 1, (struct view){"example.net\0lab\0p=x\0", 20}), 0);
	assert_int_equal(take(lab, RECEIVER_SIGNATURE, 0, 1, buf_view(&value)), 0);
	ends(lab, 0, 1, RECEIVER_NO_OPINION, "no key is known");
	buf_fini(&value);
}

/* The process: confined, then a message over the socket; then something that is no frame.
 */
static void
child(int fd)
{
	struct err err = ERR_INIT;

	if (sandbox_limits(SANDBOX_MEMORY, &err) < 0)
		_exit(2);
	_exit(receiver_serve(fd, &err) == 0 ? 0 : 3);
}

static int
serve(const char *last, size_t n_last, struct receiver_verdict *verdict)
{
	static const struct receiver_frame open = {RECEIVER_OPEN, 0, 7, 0},
					   end = {RECEIVER_END, 0, 7, 0};
	int pair[2], status;
	size_t n;
	pid_t pid;

	assert_int_equal(ipc_pair(pair, NULL), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		child(pair[1]);
	}
	(void)close(pair[1]);
	assert_int_equal(ipc_send(pair[0], &open, sizeof(open), NULL), 0);
	assert_int_equal(ipc_send(pair[0], &end, sizeof(end), NULL), 0);
	assert_int_equal(ipc_recv(pair[0], verdict, sizeof(*verdict), &n, 10000, NULL), 1);
	assert_int_equal(n, sizeof(*verdict));
	if (n_last > 0)
		assert_int_equal(ipc_send(pair[0], last, n_last, NULL), 0);
	(void)shutdown(pair[0], SHUT_WR);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(pair[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
serves_a_socket(void **state)
{
	struct receiver_verdict verdict;

	(void)state;
	assert_int_equal(serve("", 0, &verdict), 0);
	assert_int_equal(verdict.serial, 7);
	assert_int_equal(serve("rubbish", 7, &verdict), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(keeps_streams_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(forgets_what_is_cancelled, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(bounds_what_it_keeps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(cancels_a_bad_stream, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(refuses_what_is_no_frame, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		key_must_be_that_of_the_signature, set_up, tear_down),
	    cmocka_unit_test(serves_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
