/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * How long the milter process keeps the answers of DNS, and which it asks for again before
 * they run out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/ask_lab.h"

static void
test_expiry(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_spf("example.org", "a@example.org");
	static const struct {
		uint32_t ttl;
		double there, gone;
	} cases[] = {{100, 99.9, 100.1}, {0, 4.9, 5.1}, {UINT32_MAX, 3599.9, 3600.1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dns_reply_head reply;
		dns_client_start(lab->client, &question);
		struct ask_frame frame = ask_lab_next(lab);
		reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
		reply.ttl = cases[i].ttl;
		ask_lab_reply(lab, &reply);
		ask_lab_settle(lab);
		ask_lab_advance(lab, cases[i].there);
		if (!ask_lab_has(lab, &question, &reply))
			fail_msg("ttl %u: gone after %.1f s", cases[i].ttl, cases[i].there);
		ask_lab_advance(lab, cases[i].gone - cases[i].there);
		if (ask_lab_has(lab, &question, &reply))
			fail_msg("ttl %u: there after %.1f s", cases[i].ttl, cases[i].gone);
		frame = ask_lab_next(lab);
		reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
		ask_lab_reply(lab, &reply);
		ask_lab_settle(lab);
		ask_lab_advance(lab, 3600.1);
	}
}

static void
test_refresh(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question ours = ask_lab_for_key("example.org", "s2026");
	struct dns_question others = ask_lab_for_spf("example.net", "a@example.net");
	struct dns_reply_head reply;

	ask_lab_answer(lab, &ours);
	ask_lab_answer(lab, &others);
	assert_true(ask_lab_has(lab, &ours, &reply));
	assert_true(ask_lab_has(lab, &others, &reply));
	ask_lab_advance(lab, 79);
	dns_client_tick(lab->client);
	ask_lab_silent(lab, "at 79 % of its time");
	ask_lab_advance(lab, 1.5);
	dns_client_tick(lab->client);
	struct ask_frame frame = ask_lab_next(lab);
	assert_string_equal(frame.payload, "example.org");
	ask_lab_silent(lab, "only ours");
	/* The old answer is good while the new one is on its way. */
	assert_true(ask_lab_has(lab, &ours, &reply));
	reply = ask_lab_key(&frame, DNS_NO_NAME);
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
	assert_true(ask_lab_has(lab, &ours, &reply));
	assert_int_equal(reply.key.state, DNS_NO_NAME);
	assert_int_equal(ask_lab_status(lab).refreshed, 1);

	/* What nobody has used since is let go. */
	struct dns_question unused = ask_lab_for_dmarc("unused.example");
	unused.is_ours = true;
	ask_lab_answer(lab, &unused);
	ask_lab_advance(lab, 95);
	dns_client_tick(lab->client);
	frame = ask_lab_next(lab);
	assert_string_equal(frame.payload, "example.org");
	ask_lab_silent(lab, "what was not used");
	assert_true(ask_lab_has(lab, &unused, &reply));
	frame = ask_lab_next(lab);
	assert_string_equal(frame.payload, "unused.example");
}

static void
test_refresh_fails(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_key("example.org", "s2026");
	struct dns_reply_head reply;

	ask_lab_answer(lab, &question);
	assert_true(ask_lab_has(lab, &question, &reply));
	for (int i = 0; i < 3; i++) {
		ask_lab_advance(lab, i == 0 ? 80.5 : DNS_TTL_FAILURE + 0.5);
		/* It is asked when it is used, too. */
		assert_true(ask_lab_has(lab, &question, &reply));
		dns_client_tick(lab->client);
		struct ask_frame frame = ask_lab_next(lab);
		reply = ask_lab_key(&frame, DNS_FAILED);
		ask_lab_reply(lab, &reply);
		ask_lab_settle(lab);
		assert_true(ask_lab_has(lab, &question, &reply));
		assert_int_equal(reply.key.state, DNS_FOUND);
	}
	ask_lab_advance(lab, 10);
	assert_false(ask_lab_has(lab, &question, &reply));
	/* Only what says something is learned. */
	assert_int_equal(atomic_load(&lab->key_learned), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_expiry, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refresh, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refresh_fails, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
