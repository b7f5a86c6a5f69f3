/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Who waits for the dns process, and until when: one question for all of them, nobody
 * beyond the deadline, and nobody for a process that is not there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/ask_lab.h"

enum { SHORT_MS = 50 };

#define OURS "ours.example" /* where we sign */
/* ---- many at once ---- */

struct waiter {
	struct ask_lab *lab;
	struct dns_question question;
	char sender[64];
	pthread_t thread;
	bool has_answer;
	uint32_t outcome;
};

static void *
wait_run(void *argument)
{
	struct waiter *waiter = argument;
	struct dns_reply_head reply;

	waiter->has_answer = dns_client_get(waiter->lab->client, &waiter->question,
	    ask_lab_deadline(waiter->lab, LAB_PATIENCE), &reply);
	waiter->outcome = waiter->has_answer ? reply.spf.outcome : SPF_EVAL_PENDING;
	return NULL;
}

static unsigned
waiters_of(struct ask_lab *lab)
{
	pthread_mutex_lock(&lab->client->helper.lock);
	unsigned n = lab->client->helper.waiters;
	pthread_mutex_unlock(&lab->client->helper.lock);
	return n;
}

/* N of them, all waiting for what is said of DOMAIN. */
static struct waiter *
waiters_start(struct ask_lab *lab, const char *domain, unsigned n)
{
	struct waiter *waiters = calloc(n, sizeof(*waiters));
	unsigned before = waiters_of(lab);
	pthread_attr_t small;

	assert_non_null(waiters);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (unsigned i = 0; i < n; i++) {
		struct waiter *waiter = &waiters[i];
		snprintf(waiter->sender, sizeof(waiter->sender), "u%u@example.org", i);
		waiter->lab = lab;
		waiter->question = ask_lab_for_spf(domain, waiter->sender);
		waiter->question.is_ours = strcmp(domain, OURS) == 0;
		assert_int_equal(
		    pthread_create(&waiter->thread, &small, wait_run, waiter), 0);
	}
	pthread_attr_destroy(&small);
	for (int i = 0; waiters_of(lab) < before + n && i < LAB_PATIENCE * 1000; i++)
		usleep(1000);
	assert_int_equal(waiters_of(lab), before + n);
	return waiters;
}

/* How many have an answer. */
static unsigned
waiters_join(struct waiter *waiters, unsigned n, uint32_t outcome)
{
	unsigned answered = 0;

	for (unsigned i = 0; i < n; i++) {
		pthread_join(waiters[i].thread, NULL);
		answered += waiters[i].has_answer && waiters[i].outcome == outcome;
	}
	free(waiters);
	return answered;
}

static void
test_single_flight(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, "example.org", 64);
	struct ask_frame frame = ask_lab_next(lab);
	struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_SOFTFAIL, false);

	ask_lab_silent(lab, "64 threads and one question");
	ask_lab_reply(lab, &reply);
	assert_int_equal(waiters_join(waiters, 64, SPF_EVAL_SOFTFAIL), 64);
	assert_int_equal(ask_lab_status(lab).asked, 1);
	assert_int_equal(ask_lab_status(lab).late, 0);
}

/* Each of them has waited for an answer that turns out to be another's. */
static void
test_each_its_own(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, "example.org", 20);

	for (unsigned i = 0; i < 20; i++) {
		struct ask_frame frame = ask_lab_next(lab);
		struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_FAIL, true);
		ask_lab_reply(lab, &reply);
	}
	assert_int_equal(waiters_join(waiters, 20, SPF_EVAL_FAIL), 20);
	assert_int_equal(ask_lab_status(lab).asked, 20);
}

/* True: the question is one more than may wait, so nobody has waited. */
static bool
is_crowded(struct ask_lab *lab, const struct dns_question *question)
{
	uint64_t before = ask_lab_status(lab).crowded;
	struct dns_reply_head reply;
	int64_t began = clock_mono();

	assert_false(dns_client_get(
	    lab->client, question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	assert_true(clock_mono() - began < LAB_PATIENCE * INT64_C(1000000) / 2);
	return ask_lab_status(lab).crowded == before + 1;
}

/* Who waits for domains of others leaves room for who waits for ours. */
static void
test_crowd(void **state)
{
	enum { REST = DNS_WAITERS_MAX - DNS_OTHERS_WAITERS };
	struct ask_lab *lab = *state;
	struct dns_question of_others = ask_lab_for_dmarc("example.net");
	struct dns_question of_ours = ask_lab_for_key(OURS, "s2026");
	struct waiter *others = waiters_start(lab, "example.org", DNS_OTHERS_WAITERS);
	struct ask_frame frame = ask_lab_next(lab);
	struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);

	assert_true(is_crowded(lab, &of_others));
	(void)ask_lab_next(lab);
	struct waiter *ours = waiters_start(lab, OURS, REST);
	frame = ask_lab_next(lab);
	assert_true(is_crowded(lab, &of_ours));
	ask_lab_reply(lab, &reply);
	reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
	ask_lab_reply(lab, &reply);
	assert_int_equal(
	    waiters_join(others, DNS_OTHERS_WAITERS, SPF_EVAL_PASS), DNS_OTHERS_WAITERS);
	assert_int_equal(waiters_join(ours, REST, SPF_EVAL_PASS), REST);
}

/* ---- late ---- */

static void
test_late(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_dmarc("example.org");
	struct dns_reply_head reply;
	int64_t began = clock_mono();

	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, SHORT_MS / 1000.0), &reply));
	/* The clock of the lab stands still: whoever looks at it again waits again. */
	assert_true(clock_mono() - began >= SHORT_MS * INT64_C(1000));
	began = clock_mono();
	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	if (clock_mono() - began > LAB_PATIENCE * INT64_C(1000000) / 2)
		fail_msg("somebody waited for what another had waited for in vain");
	assert_int_equal(ask_lab_status(lab).late, 2);
	struct ask_frame frame = ask_lab_next(lab);
	ask_lab_silent(lab, "asked once");
	reply = ask_lab_dmarc(&frame, "example.org");
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
	assert_true(ask_lab_has(lab, &question, &reply));
}

static void
test_gone(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_dmarc("example.org");
	struct dns_reply_head reply;

	ask_lab_gone(lab);
	ask_lab_advance(lab, HELPER_AWAY_MS / 1000.0);
	int64_t began = clock_mono();
	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	if (clock_mono() - began > LAB_PATIENCE * INT64_C(1000000) / 2)
		fail_msg("somebody waited for a process that is gone");
	assert_false(ask_lab_status(lab).is_there);
}

static void
test_replaced(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, "example.org", 3);
	struct ask_frame first = ask_lab_next(lab);

	ask_lab_process(lab);
	struct ask_frame second = ask_lab_next(lab);
	assert_string_equal(second.payload, first.payload);
	struct dns_reply_head reply = ask_lab_spf(&second, SPF_EVAL_PASS, false);
	ask_lab_reply(lab, &reply);
	assert_int_equal(waiters_join(waiters, 3, SPF_EVAL_PASS), 3);

	/* And one that was not there when the question came up. */
	ask_lab_gone(lab);
	struct dns_question question = ask_lab_for_dmarc("example.net");
	dns_client_start(lab->client, &question);
	ask_lab_process(lab);
	second = ask_lab_next(lab);
	assert_string_equal(second.payload, "example.net");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_single_flight, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_each_its_own, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_crowd, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_late, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_gone, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_replaced, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
