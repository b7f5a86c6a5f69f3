/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * How much there may be of all: answers in the cache, and questions under way, of ours and
 * of others.
 */

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/ask_lab.h"

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
	assert_int_equal(ask_lab_status(lab).kept, DNS_CACHE_MAX);
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

/* More questions than the dns process takes are not put; and others leave room for ours. */
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
	assert_int_equal(ask_lab_status(lab).open, DNS_OTHERS_JOBS);
	for (unsigned i = 0; i < DNS_JOBS_MAX; i++) {
		snprintf(domain, sizeof(domain), "ours%u.example", i);
		struct dns_question question = ask_lab_for_key(domain, "s");
		dns_client_start(lab->client, &question);
	}
	assert_int_equal(ask_lab_status(lab).open, DNS_JOBS_MAX);
}

/* What is over makes room again, on both sides. */
static void
test_room_again(void **state)
{
	struct ask_lab *lab = *state;
	char domain[64];

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < DNS_OTHERS_JOBS; i++) {
			snprintf(domain, sizeof(domain), "d%u-%u.example", round, i);
			struct dns_question question = ask_lab_for_dmarc(domain);
			dns_client_start(lab->client, &question);
			struct ask_frame frame = ask_lab_next(lab);
			assert_string_equal(frame.payload, domain);
		}
		assert_int_equal(ask_lab_status(lab).open, DNS_OTHERS_JOBS);
		ask_lab_advance(lab, DNS_HUNG_MS / 1000.0 + 0.1);
		dns_client_tick(lab->client);
		assert_int_equal(ask_lab_status(lab).open, 0);
		ask_lab_process(lab);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_bounded, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_open_bounded, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_room_again, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
