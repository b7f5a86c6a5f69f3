/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of the receiver process, against a receiver that is a socket in
 * our hand: which messages are shown, what is sent, and that none of it ever waits.
 */

#include <sys/socket.h>
#include <sys/time.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "milter/receiver_client_private.h"

#include "tests/unit/receiver_client_lab.h"

/* Until a key's first signature was judged every message is shown, then every third;
 * others' never. */
static void
test_choice(void **state)
{
	struct receiver_client_lab *lab = *state;
	struct receiver_ticket ticket;
	int shown = 0;

	assert_false(receiver_client_lab_open(lab, "example.com").is_open);
	for (int i = 0; i < 5; i++) {
		ticket = receiver_client_lab_open(lab, "example.org");
		assert_true(ticket.is_open);
		assert_int_equal(receiver_client_lab_next(lab), RECEIVER_OPEN);
		receiver_client_cancel(lab->client, &ticket);
		assert_int_equal(receiver_client_lab_next(lab), RECEIVER_CANCEL);
	}
	atomic_store(&lab->opinions[0], OPINION_AGREES);
	for (int i = 0; i < 9; i++) {
		ticket = receiver_client_lab_open(lab, "example.org");
		shown += ticket.is_open;
		receiver_client_cancel(lab->client, &ticket);
	}
	assert_int_equal(shown, 3);

	/* Nobody waits for an opinion of a key that does not sign. */
	atomic_store(&lab->opinions[0], OPINION_NOT_ASKED);
	lab->is_unsigned = true;
	assert_false(receiver_client_lab_open(lab, "example.org").is_open);
}

/* A message larger than the cap is given up, not cut. */
static void
test_large_body(void **state)
{
	struct receiver_client_lab *lab = *state;
	char *chunk = calloc(1, 65535);
	struct receiver_ticket ticket = receiver_client_lab_open(lab, "example.org");

	assert_non_null(chunk);
	assert_int_equal(receiver_client_lab_next(lab), RECEIVER_OPEN);
	/* A chunk of libmilter's is two frames. */
	for (int i = 0; i < 20 && ticket.is_open; i++) {
		receiver_client_body(lab->client, &ticket, (struct view){chunk, 65535});
		for (int frame = 0; ticket.is_open && frame < 2; frame++)
			assert_int_equal(receiver_client_lab_next(lab), RECEIVER_BODY);
	}
	assert_false(ticket.is_open);
	assert_int_equal(receiver_client_lab_next(lab), RECEIVER_CANCEL);
	assert_int_equal(atomic_load(&lab->shared), 0);
	free(chunk);
}

/* A receiver that does not read: the message goes on after a few milliseconds, and the
 * supervisor hears of it. */
static void
test_deaf(void **state)
{
	struct receiver_client_lab *lab = *state;
	int64_t began = clock_mono();
	int frames = 0;

	for (; frames < 10000 && atomic_load(&lab->hung) == 0; frames++) {
		struct receiver_ticket ticket =
		    receiver_client_lab_open(lab, "example.org");
		receiver_client_cancel(lab->client, &ticket);
	}
	assert_int_equal(atomic_load(&lab->hung), 1);
	assert_true(clock_mono() - began < 2000000);
	assert_int_equal(atomic_load(&lab->shared), 0);
}

/* It dies: tickets are lost quietly, and with the next one it goes on. */
static void
test_death(void **state)
{
	struct receiver_client_lab *lab = *state;
	struct receiver_ticket ticket = receiver_client_lab_open(lab, "example.org");

	assert_true(ticket.is_open);
	close(lab->receiver);
	receiver_client_body(lab->client, &ticket, VIEW("hello\r\n"));
	assert_false(ticket.is_open);
	assert_false(receiver_client_lab_open(lab, "example.org").is_open);
	receiver_client_lab_attach(lab);
	ticket = receiver_client_lab_open(lab, "example.org");
	assert_true(ticket.is_open);
	assert_int_equal(receiver_client_lab_next(lab), RECEIVER_OPEN);
	receiver_client_cancel(lab->client, &ticket);
}

/* A message that is kept waiting by a receiver keeps nobody else waiting. */
static void *
show_run(void *argument)
{
	struct receiver_client_lab *lab = argument;
	struct receiver_ticket ticket = receiver_client_lab_open(lab, "example.org");

	receiver_client_cancel(lab->client, &ticket);
	return NULL;
}

static void
ask_spf(struct receiver_client_lab *lab)
{
	struct buf packed = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct dns_record record = {.data = VIEW("v=spf1 -all")};
	struct dns_answer answer = {.name = VIEW("example.org"),
	    .type = DNS_TXT,
	    .state = DNS_FOUND,
	    .records = &record,
	    .n = 1};
	struct receiver_spf asked = {.domain = VIEW("example.org"),
	    .sender = VIEW("a@example.org"),
	    .helo = VIEW("mail.example.org"),
	    .ours = SPF_EVAL_FAIL};

	assert_true(answers_add(answers, &answer));
	answers_pack(answers, &packed);
	asked.answers = buf_view(&packed);
	receiver_client_spf(lab->client, &asked);
	buf_fini(&packed);
	arena_free(arena);
}

static void
test_waits_alone(void **state)
{
	enum { WAIT_SECONDS = 20 };
	struct receiver_client_lab *lab = *state;
	struct timeval patience = {.tv_sec = WAIT_SECONDS};
	struct receiver_status status;
	pthread_t thread;

	pthread_mutex_lock(&lab->client->lock);
	int fd = lab->client->socket->fd;
	pthread_mutex_unlock(&lab->client->lock);
	while (send(fd, "x", 1, MSG_DONTWAIT) > 0)
		continue;
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	int64_t began = clock_mono();
	assert_int_equal(pthread_create(&thread, NULL, show_run, lab), 0);
	/* It sends as long as its stream is busy. */
	for (bool is_busy = false; !is_busy; usleep(20000)) {
		pthread_mutex_lock(&lab->client->lock);
		for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
			is_busy = is_busy || lab->client->streams[i].is_busy;
		pthread_mutex_unlock(&lab->client->lock);
	}
	ask_spf(lab);
	receiver_client_status(lab->client, &status);
	assert_int_equal(status.spf_lost, 1);
	assert_true(clock_mono() - began < WAIT_SECONDS * INT64_C(1000000) / 2);
	close(lab->receiver);
	assert_int_equal(pthread_join(thread, NULL), 0);
	lab->receiver = dup(STDERR_FILENO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_choice, receiver_client_lab_set_up, receiver_client_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_large_body, receiver_client_lab_set_up, receiver_client_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_deaf, receiver_client_lab_set_up, receiver_client_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_death, receiver_client_lab_set_up, receiver_client_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_waits_alone, receiver_client_lab_set_up,
		receiver_client_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
