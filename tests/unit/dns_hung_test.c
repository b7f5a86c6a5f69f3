/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What is done about a dns process that does not answer, or does not read; and that one
 * which had nothing to do is neither.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/ask_lab.h"

static void
test_hung(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_dmarc("example.org");
	struct dns_reply_head reply;

	dns_client_start(lab->client, &question);
	struct ask_frame late = ask_lab_next(lab);
	ask_lab_advance(lab, DNS_HUNG_MS / 1000.0 - 1);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	ask_lab_advance(lab, 1.1);
	dns_client_tick(lab->client);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	assert_false(ask_lab_status(lab).is_there);
	assert_int_equal(ask_lab_status(lab).open, 0);
	ask_lab_advance(lab, HELPER_AWAY_MS / 1000.0);
	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));

	/* Nothing is done about it: it is said again. */
	ask_lab_advance(lab, HELPER_HUNG_AGAIN_MS / 1000.0);
	dns_client_tick(lab->client);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);
	/* It was only slow; and is given what was asked meanwhile. */
	reply = ask_lab_dmarc(&late, "example.org");
	ask_lab_reply(lab, &reply);
	assert_string_equal(ask_lab_next(lab).payload, "example.org");
	ask_lab_settle(lab);
	assert_true(ask_lab_status(lab).is_there);
	ask_lab_advance(lab, HELPER_HUNG_AGAIN_MS / 1000.0);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);

	/* One that is idle for long is not hung. */
	ask_lab_process(lab);
	struct ask_frame frame = ask_lab_next(lab);
	reply = ask_lab_dmarc(&frame, "example.org");
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
	ask_lab_advance(lab, 10000);
	dns_client_tick(lab->client);
	question = ask_lab_for_dmarc("example.com");
	dns_client_start(lab->client, &question);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);
	assert_true(ask_lab_status(lab).is_there);
}

/* Nobody reads the socket; at some time it is full. How many questions there are then. */
static unsigned
fill(struct ask_lab *lab, const char *label)
{
	uint64_t before = ask_lab_status(lab).asked;
	char domain[64];
	unsigned n = 0;

	for (; n < DNS_JOBS_MAX && ask_lab_status(lab).asked == before + n; n++) {
		snprintf(domain, sizeof(domain), "%s%u.example", label, n);
		struct dns_question question = ask_lab_for_key(domain, "s");
		dns_client_start(lab->client, &question);
	}
	if (n == DNS_JOBS_MAX)
		print_message("the socket holds all questions\n");
	return n;
}

static void
test_stuck(void **state)
{
	struct ask_lab *lab = *state;
	unsigned n = fill(lab, "a");

	if (n == DNS_JOBS_MAX)
		return;
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	ask_lab_advance(lab, DNS_STUCK_MS / 1000.0 + 0.1);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	/* Its successor gets them all; those that were sent a few at a time. */
	ask_lab_process(lab);
	for (unsigned i = 0; i < n; i++) {
		struct ask_frame frame = ask_lab_next(lab);
		struct dns_reply_head reply = ask_lab_key(&frame, DNS_FOUND);
		ask_lab_reply(lab, &reply);
	}
	ask_lab_silent(lab, "each once");
}

/* Hours without a question say nothing about a process that does not read the next ones
 * at once. */
static void
test_stuck_after_rest(void **state)
{
	struct ask_lab *lab = *state;

	ask_lab_advance(lab, 10000);
	if (fill(lab, "a") == DNS_JOBS_MAX)
		return;
	dns_client_tick(lab->client);
	ask_lab_advance(lab, DNS_STUCK_MS / 1000.0 - 0.1);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	/* It reads: the time begins again. */
	for (unsigned i = 0; i < 20; i++)
		(void)ask_lab_next(lab);
	dns_client_tick(lab->client);
	(void)fill(lab, "b");
	ask_lab_advance(lab, DNS_STUCK_MS / 1000.0 - 0.1);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	ask_lab_advance(lab, 0.2);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_hung, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_stuck, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_stuck_after_rest, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
