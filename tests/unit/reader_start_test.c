/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A new helper process whose answers nobody can read, as there is no room for a thread: it
 * is treated as not there, and what there was goes on.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/ipc.h"
#include "lib/thread.h"
#include "milter/receiver_client.h"
#include "tests/unit/ask_lab.h"

static bool has_room;

/* In place of lib/thread.c. */
int
thread_start(void *(*run)(void *), void *argument, struct err *err)
{
	pthread_t thread;

	if (!has_room)
		return err_set(err, ERR_TEMP, "cannot start a thread: none is left");
	must(pthread_create(&thread, NULL, run, argument) == 0);
	must(pthread_detach(thread) == 0);
	return 0;
}

/* Ours was closed. */
static void
assert_closed(int fd)
{
	struct err err = ERR_INIT;
	char frame[4];
	size_t n;

	assert_int_equal(ipc_recv(fd, frame, sizeof(frame), &n, 0, &err), 0);
	close(fd);
}

static int
begin(void **state)
{
	has_room = true;
	return ask_lab_set_up(state);
}

static void
dns_without_reader(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_dmarc("example.org");
	struct err err = ERR_INIT;
	int pair[2];

	/* The one before goes on. */
	has_room = false;
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(dns_client_attach(lab->client, pair[0], &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_closed(pair[1]);
	assert_true(ask_lab_status(lab).is_there);
	ask_lab_answer(lab, &question);

	/* When it has ended there is none, until there is room. */
	ask_lab_gone(lab);
	question = ask_lab_for_dmarc("example.net");
	dns_client_start(lab->client, &question);
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(dns_client_attach(lab->client, pair[0], &err), -1);
	assert_closed(pair[1]);
	assert_false(ask_lab_status(lab).is_there);
	assert_int_equal(ask_lab_status(lab).open, 1);
	has_room = true;
	ask_lab_process(lab);
	assert_string_equal(ask_lab_next(lab).payload, "example.net");
	assert_true(ask_lab_status(lab).is_there);
}

static void
receiver_without_reader(void **state)
{
	static const struct receiver_calls calls = {.context = NULL};
	/* It lives as long as the process. */
	static struct receiver_client *client;
	struct receiver_status status;
	struct err err = ERR_INIT;
	int pair[2];

	(void)state;
	client = receiver_client_new(&calls);
	for (int i = 0; i < 2; i++) {
		has_room = false;
		assert_int_equal(ipc_pair(pair, &err), 0);
		assert_int_equal(receiver_client_attach(client, pair[0], &err), -1);
		assert_int_equal(err.code, ERR_TEMP);
		assert_closed(pair[1]);
		receiver_client_status(client, &status);
		assert_int_equal(status.is_there, i == 1);
		has_room = true;
		assert_int_equal(ipc_pair(pair, &err), 0);
		assert_int_equal(receiver_client_attach(client, pair[0], &err), 0);
		receiver_client_status(client, &status);
		assert_true(status.is_there);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(dns_without_reader, begin, ask_lab_tear_down),
	    cmocka_unit_test(receiver_without_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
