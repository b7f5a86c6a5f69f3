/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A dns process that ends is one thing, a question that each of them ends with another:
 * what is put to the successor, a few at a time, and what is not asked any more for some
 * time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/ask_lab.h"

/* A question that its processes end with is not put to all their successors. */
static void
test_fatal(void **state)
{
	struct ask_lab *lab = *state;
	const struct dns_question fatal = ask_lab_for_dmarc("fatal.example.org");

	dns_client_start(lab->client, &fatal);
	(void)ask_lab_next(lab);
	for (unsigned i = 1; i < DNS_LOST_MAX; i++) {
		ask_lab_process(lab);
		assert_string_equal(ask_lab_next(lab).payload, "fatal.example.org");
	}
	ask_lab_process(lab);
	assert_int_equal(ask_lab_status(lab).open, 0);
	ask_lab_silent(lab, "put to one process after the other");
}

static struct dns_question
numbered(unsigned number, char name[64])
{
	snprintf(name, 64, "d%u.example", number);
	return ask_lab_for_dmarc(name);
}

static void
start(struct ask_lab *lab, unsigned from, unsigned to)
{
	char name[64];

	for (unsigned i = from; i < to; i++) {
		struct dns_question question = numbered(i, name);
		dns_client_start(lab->client, &question);
	}
}

/* It is put to processes until they are thought to end with it. */
static void
kill_with(struct ask_lab *lab, const struct dns_question *question)
{
	dns_client_start(lab->client, question);
	for (unsigned i = 0; i < DNS_LOST_MAX; i++) {
		(void)ask_lab_next(lab);
		ask_lab_process(lab);
	}
}

/* Nor is it by the next message: it is unknown at once, and that is said once. */
static void
test_remembered(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question fatal = ask_lab_for_spf("fatal.example", "a@fatal.example");
	struct dns_question other = ask_lab_for_dmarc("fatal.example");
	struct dns_reply_head reply;
	char sender[64];

	kill_with(lab, &fatal);
	assert_int_equal(atomic_load(&lab->n_fatal), 1);
	assert_string_equal(lab->fatal, "1 fatal.example ");
	for (unsigned i = 0; i < 3; i++) {
		snprintf(sender, sizeof(sender), "u%u@fatal.example", i);
		fatal.sender = view_of(sender);
		int64_t began = clock_mono();
		dns_client_start(lab->client, &fatal);
		assert_false(dns_client_get(
		    lab->client, &fatal, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
		assert_true(clock_mono() - began < LAB_PATIENCE * INT64_C(1000000) / 2);
	}
	ask_lab_silent(lab, "what processes end with");
	/* What else is asked about the domain is another question. */
	ask_lab_answer(lab, &other);
	assert_true(ask_lab_has(lab, &other, &reply));

	ask_lab_advance(lab, DNS_FATAL_SECONDS - 1);
	dns_client_start(lab->client, &fatal);
	ask_lab_silent(lab, "before its time");
	ask_lab_advance(lab, 1.1);
	ask_lab_answer(lab, &fatal);
	assert_true(ask_lab_has(lab, &fatal, &reply));
	assert_int_equal(atomic_load(&lab->n_fatal), 1);
}

/* Who waits for the answer learns that there is none. */
static void *
wait_run(void *argument)
{
	struct ask_lab *lab = argument;
	struct dns_question question = ask_lab_for_dmarc("fatal.example");
	struct dns_reply_head reply;

	bool is_known = dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, 2 * LAB_PATIENCE), &reply);
	return is_known ? lab : NULL;
}

static void
test_waiter(void **state)
{
	struct ask_lab *lab = *state;
	int64_t began = clock_mono();
	pthread_t thread;
	void *known;

	assert_int_equal(pthread_create(&thread, NULL, wait_run, lab), 0);
	for (unsigned i = 0; i < DNS_LOST_MAX; i++) {
		(void)ask_lab_next(lab);
		ask_lab_process(lab);
	}
	assert_int_equal(pthread_join(thread, &known), 0);
	assert_null(known);
	assert_true(clock_mono() - began < LAB_PATIENCE * INT64_C(1000000));
	ask_lab_silent(lab, "asked by who waited");
}

/* What is known stands until it runs out, but is not asked for before. */
static void
test_refresh(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_key("example.org", "s2026");
	struct dns_reply_head reply;

	ask_lab_answer(lab, &question);
	ask_lab_advance(lab, 81);
	assert_true(ask_lab_has(lab, &question, &reply));
	for (unsigned i = 0; i < DNS_LOST_MAX; i++) {
		(void)ask_lab_next(lab);
		ask_lab_process(lab);
	}
	assert_string_equal(lab->fatal, "3 example.org s2026");
	assert_true(ask_lab_has(lab, &question, &reply));
	dns_client_tick(lab->client);
	ask_lab_silent(lab, "asked again before it runs out");
	ask_lab_advance(lab, 20);
	assert_false(ask_lab_has(lab, &question, &reply));
	ask_lab_silent(lab, "asked when it has run out");
}

/* Of many that a process had when it ended, a few at a time are put to the next one: only
 * these can be thought to be fatal. */
static void
test_suspects(void **state)
{
	enum { MANY = 40 };
	struct ask_lab *lab = *state;
	static struct ask_frame frames[DNS_SUSPECTS_MAX];
	struct dns_question fresh = ask_lab_for_dmarc("fresh.example");

	start(lab, 0, MANY);
	ask_lab_process(lab);
	for (unsigned i = 0; i < DNS_SUSPECTS_MAX; i++)
		frames[i] = ask_lab_next(lab);
	dns_client_tick(lab->client);
	ask_lab_silent(lab, "more suspects");
	/* What is asked now was not there when it ended. */
	dns_client_start(lab->client, &fresh);
	assert_string_equal(ask_lab_next(lab).payload, "fresh.example");
	for (unsigned i = 0; i < DNS_SUSPECTS_MAX; i++) {
		struct dns_reply_head reply = ask_lab_dmarc(&frames[i], "example.org");
		ask_lab_reply(lab, &reply);
	}
	for (unsigned i = 0; i < DNS_SUSPECTS_MAX; i++)
		(void)ask_lab_next(lab);

	ask_lab_process(lab);
	assert_int_equal(atomic_load(&lab->n_fatal), DNS_SUSPECTS_MAX);
	assert_int_equal(ask_lab_status(lab).open, MANY + 1 - 2 * DNS_SUSPECTS_MAX);
	for (unsigned i = 0; i < DNS_SUSPECTS_MAX; i++)
		(void)ask_lab_next(lab);
	dns_client_tick(lab->client);
	ask_lab_silent(lab, "more suspects");
}

/* A new process hears of our own domains first. */
static void
test_ours_first(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question ours = ask_lab_for_key("example.org", "s2026");

	ask_lab_gone(lab);
	start(lab, 0, 20);
	dns_client_start(lab->client, &ours);
	ask_lab_process(lab);
	assert_string_equal(ask_lab_next(lab).payload, "example.org");
	assert_string_equal(ask_lab_next(lab).payload, "d0.example");
}

static void
test_bounded(void **state)
{
	enum { MANY = DNS_FATAL_MAX + DNS_SUSPECTS_MAX };
	struct ask_lab *lab = *state;
	char name[64];

	for (unsigned i = 0; i < MANY; i += DNS_SUSPECTS_MAX) {
		start(lab, i, i + DNS_SUSPECTS_MAX);
		for (unsigned j = 0; j < DNS_LOST_MAX; j++)
			ask_lab_process(lab);
	}
	assert_int_equal(atomic_load(&lab->n_fatal), MANY);
	start(lab, DNS_SUSPECTS_MAX, MANY);
	ask_lab_silent(lab, "what is remembered");
	struct dns_question oldest = numbered(0, name);
	dns_client_start(lab->client, &oldest);
	assert_string_equal(ask_lab_next(lab).payload, "d0.example");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_fatal, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_remembered, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_waiter, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refresh, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_suspects, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_ours_first, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_bounded, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
