/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Who waits for the dns process, and until when: one question for all of them, nobody
 * beyond the deadline, and nobody for a process that is not there; what is done about one
 * that does not answer; and what the cache holds at most.
 */

#include <malloc.h>
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

static int
set_up(void **state)
{
	*state = ask_lab_new();
	return 0;
}

static int
tear_down(void **state)
{
	ask_lab_free(*state);
	return 0;
}

static struct dns_status
status_of(struct ask_lab *lab)
{
	struct dns_status status;

	dns_client_status(lab->client, &status);
	return status;
}

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
	pthread_mutex_lock(&lab->client->lock);
	unsigned n = lab->client->waiters;
	pthread_mutex_unlock(&lab->client->lock);
	return n;
}

/* N of them, all waiting. */
static struct waiter *
waiters_start(struct ask_lab *lab, unsigned n)
{
	struct waiter *waiters = calloc(n, sizeof(*waiters));
	pthread_attr_t small;

	assert_non_null(waiters);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (unsigned i = 0; i < n; i++) {
		struct waiter *waiter = &waiters[i];
		snprintf(waiter->sender, sizeof(waiter->sender), "u%u@example.org", i);
		waiter->lab = lab;
		waiter->question = ask_lab_for_spf("example.org", waiter->sender);
		assert_int_equal(
		    pthread_create(&waiter->thread, &small, wait_run, waiter), 0);
	}
	pthread_attr_destroy(&small);
	for (int i = 0; waiters_of(lab) < n && i < LAB_PATIENCE * 1000; i++)
		usleep(1000);
	assert_int_equal(waiters_of(lab), n);
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
	struct waiter *waiters = waiters_start(lab, 64);
	struct ask_frame frame = ask_lab_next(lab);
	struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_SOFTFAIL, false);

	ask_lab_silent(lab, "64 threads and one question");
	ask_lab_reply(lab, &reply);
	assert_int_equal(waiters_join(waiters, 64, SPF_EVAL_SOFTFAIL), 64);
	assert_int_equal(status_of(lab).asked, 1);
	assert_int_equal(status_of(lab).late, 0);
}

/* Each of them has waited for an answer that turns out to be another's. */
static void
test_each_its_own(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, 20);

	for (unsigned i = 0; i < 20; i++) {
		struct ask_frame frame = ask_lab_next(lab);
		struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_FAIL, true);
		ask_lab_reply(lab, &reply);
	}
	assert_int_equal(waiters_join(waiters, 20, SPF_EVAL_FAIL), 20);
	assert_int_equal(status_of(lab).asked, 20);
}

static void
test_crowd(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, DNS_WAITERS_MAX);
	struct dns_question question = ask_lab_for_dmarc("example.net");
	struct dns_reply_head reply;
	struct ask_frame frame = ask_lab_next(lab);
	int64_t began = clock_mono();

	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	assert_true(clock_mono() - began < LAB_PATIENCE * INT64_C(1000000) / 2);
	assert_int_equal(status_of(lab).crowded, 1);
	reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
	ask_lab_reply(lab, &reply);
	assert_int_equal(
	    waiters_join(waiters, DNS_WAITERS_MAX, SPF_EVAL_PASS), DNS_WAITERS_MAX);
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
	assert_int_equal(status_of(lab).late, 2);
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
	ask_lab_advance(lab, DNS_AWAY_MS / 1000.0);
	int64_t began = clock_mono();
	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	if (clock_mono() - began > LAB_PATIENCE * INT64_C(1000000) / 2)
		fail_msg("somebody waited for a process that is gone");
	assert_false(status_of(lab).is_there);
}

static void
test_replaced(void **state)
{
	struct ask_lab *lab = *state;
	struct waiter *waiters = waiters_start(lab, 3);
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
	assert_false(status_of(lab).is_there);
	assert_int_equal(status_of(lab).open, 0);
	ask_lab_advance(lab, DNS_AWAY_MS / 1000.0);
	assert_false(dns_client_get(
	    lab->client, &question, ask_lab_deadline(lab, LAB_PATIENCE), &reply));

	/* Nothing is done about it: it is said again. */
	ask_lab_advance(lab, DNS_HUNG_AGAIN_MS / 1000.0);
	dns_client_tick(lab->client);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);
	/* It was only slow; and is given what was asked meanwhile. */
	reply = ask_lab_dmarc(&late, "example.org");
	ask_lab_reply(lab, &reply);
	assert_string_equal(ask_lab_next(lab).payload, "example.org");
	ask_lab_settle(lab);
	assert_true(status_of(lab).is_there);
	ask_lab_advance(lab, DNS_HUNG_AGAIN_MS / 1000.0);
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
	assert_true(status_of(lab).is_there);
}

static void
test_stuck(void **state)
{
	struct ask_lab *lab = *state;
	char domain[64];
	unsigned n = 0;

	/* Nobody reads the socket; at some time it is full. */
	for (; n < DNS_JOBS_MAX && status_of(lab).asked == n; n++) {
		snprintf(domain, sizeof(domain), "d%u.example", n);
		struct dns_question question = ask_lab_for_dmarc(domain);
		dns_client_start(lab->client, &question);
	}
	if (n == DNS_JOBS_MAX) {
		print_message("the socket holds all questions\n");
		return;
	}
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	ask_lab_advance(lab, DNS_STUCK_MS / 1000.0 + 0.1);
	dns_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	/* Its successor gets them all. */
	ask_lab_process(lab);
	for (unsigned i = 0; i < n; i++) {
		(void)ask_lab_next(lab);
		dns_client_tick(lab->client);
	}
	ask_lab_silent(lab, "each once");
}

/* ---- how much ---- */

/* Bytes in use; -1: this malloc does not say (a sanitizer's). */
static long
memory_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks == 0 ? -1 : (long)(info.uordblks + info.hblkhd);
}

static void
fill(struct ask_lab *lab, unsigned from, unsigned to)
{
	char domain[64];

	for (unsigned i = from; i < to; i++) {
		snprintf(domain, sizeof(domain), "customer-%u.example.org", i);
		struct dns_question question = ask_lab_for_spf(domain, "a@example.org");
		question.is_ours = i % 2 == 0;
		dns_client_start(lab->client, &question);
		struct ask_frame frame = ask_lab_next(lab);
		struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
		ask_lab_reply(lab, &reply);
		if (i % 100 == 99)
			ask_lab_settle(lab);
	}
}

static void
test_bounded(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question first =
	    ask_lab_for_spf("customer-0.example.org", "a@b.example");
	struct dns_question second =
	    ask_lab_for_spf("customer-1.example.org", "a@b.example");
	struct dns_reply_head reply;
	long before = memory_used();

	fill(lab, 0, DNS_CACHE_MAX - 1000);
	assert_true(ask_lab_has(lab, &first, &reply));
	fill(lab, DNS_CACHE_MAX - 1000, DNS_CACHE_MAX + 100);
	long used = memory_used() - before;
	assert_int_equal(status_of(lab).kept, DNS_CACHE_MAX);
	if (before >= 0) {
		print_message("%d answers in %ld KB\n", DNS_CACHE_MAX, used >> 10);
		assert_true(used < 10 << 20);
	}
	/* Who was used longest ago has left. */
	assert_true(ask_lab_has(lab, &first, &reply));
	assert_false(ask_lab_has(lab, &second, &reply));

	struct dns_question ours =
	    ask_lab_for_spf("customer-19998.example.org", "a@b.example");
	int64_t began = clock_mono();
	for (int i = 0; i < 100000; i++)
		assert_true(ask_lab_has(lab, &ours, &reply));
	print_message("a hit: %.2f us\n", (double)(clock_mono() - began) / 100000);
}

/* More questions than the dns process takes are not put. */
static void
test_open_bounded(void **state)
{
	struct ask_lab *lab = *state;
	char domain[64];

	ask_lab_gone(lab);
	for (unsigned i = 0; i < DNS_JOBS_MAX + 50; i++) {
		snprintf(domain, sizeof(domain), "d%u.example", i);
		struct dns_question question = ask_lab_for_dmarc(domain);
		dns_client_start(lab->client, &question);
	}
	assert_int_equal(status_of(lab).open, DNS_JOBS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_single_flight, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_each_its_own, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_crowd, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_late, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_replaced, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hung, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_stuck, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bounded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_open_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
