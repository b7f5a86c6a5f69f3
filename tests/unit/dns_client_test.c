/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of the dns process: what is asked, once, and what is made of the
 * answers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/ask_lab.h"

/* ---- questions ---- */

static void
test_frames(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_spf("example.org", "a@example.org");
	static const char spf[] = "example.org\0a@example.org\0mail.example.org\0\4\xc0\0\2"
				  "\x19";

	dns_client_start(lab->client, &question);
	struct ask_frame frame = ask_lab_next(lab);
	assert_int_equal(frame.head.kind, DNS_ASK_SPF);
	assert_int_equal(frame.head.n_egress, 1);
	assert_int_equal(frame.head.with_answers, 0);
	assert_int_equal(frame.head.is_ours, 0);
	assert_int_equal(frame.n, sizeof(spf) - 1 + 12);
	assert_memory_equal(frame.payload, spf, sizeof(spf) - 1);

	question = ask_lab_for_dmarc("example.org");
	dns_client_start(lab->client, &question);
	frame = ask_lab_next(lab);
	assert_int_equal(frame.head.kind, DNS_ASK_DMARC);
	assert_memory_equal(frame.payload, "example.org", 12);
	assert_int_equal(frame.n, 12);

	question = ask_lab_for_key("example.org", "s2026");
	dns_client_start(lab->client, &question);
	frame = ask_lab_next(lab);
	assert_int_equal(frame.head.kind, DNS_ASK_KEY);
	assert_memory_equal(frame.payload, "example.org\0s2026", 18);
	question.kind = DNS_ASK_KEY_EVERYWHERE;
	dns_client_start(lab->client, &question);
	frame = ask_lab_next(lab);
	assert_int_equal(frame.head.kind, DNS_ASK_KEY_EVERYWHERE);

	/* What is on its way is not asked again. */
	dns_client_start(lab->client, &question);
	ask_lab_silent(lab, "asked twice");
}

static void
test_not_asked(void **state)
{
	struct ask_lab *lab = *state;
	char sender[DNS_SENDER_MAX + 2] = "", name[DNS_NAME_MAX + 2] = "";
	struct dns_reply_head reply;

	memset(sender, 'a', sizeof(sender) - 1);
	memset(name, 'a', sizeof(name) - 1);
	const struct dns_question questions[] = {
	    ask_lab_for_dmarc(""),
	    ask_lab_for_dmarc(name),
	    ask_lab_for_key("example.org", ""),
	    ask_lab_for_key("example.org", name),
	    ask_lab_for_spf("example.org", sender),
	    ask_lab_for_spf("example.org", ""),
	    {.kind = DNS_ASK_DMARC, .domain = VIEW("a\0b")},
	    {.kind = DNS_ASK_SPF, .domain = VIEW("a"), .sender = VIEW("a@a")},
	    {.kind = (enum dns_kind)9, .domain = VIEW("a")},
	};
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		dns_client_start(lab->client, &questions[i]);
		assert_false(dns_client_get(lab->client, &questions[i],
		    ask_lab_deadline(lab, LAB_PATIENCE), &reply));
		ask_lab_silent(lab, "a question that cannot be asked");
	}
}

/* ---- answers ---- */

static void
test_answers(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question spf = ask_lab_for_spf("example.org", "a@example.org");
	struct dns_question dmarc = ask_lab_for_dmarc("example.org");
	struct dns_question key = ask_lab_for_key("example.org", "s2026");
	struct dns_reply_head reply;

	ask_lab_answer(lab, &spf);
	assert_true(ask_lab_has(lab, &spf, &reply));
	assert_int_equal(reply.kind, DNS_ASK_SPF);
	assert_int_equal(reply.spf.outcome, SPF_EVAL_PASS);
	assert_string_equal(reply.spf.term, "-all");
	assert_string_equal(reply.spf.domain, "example.org");
	assert_string_equal(reply.spf.problem, "");
	assert_int_equal(reply.spf.egress.bytes[3], 25);
	/* Whoever else sends from there has the same answer. */
	struct dns_question other = ask_lab_for_spf("example.org", "b@example.org");
	assert_true(ask_lab_has(lab, &other, &reply));

	dns_client_start(lab->client, &dmarc);
	struct ask_frame frame = ask_lab_next(lab);
	reply = ask_lab_dmarc(&frame, "org.example");
	ask_lab_reply(lab, &reply);
	assert_true(dns_client_get(
	    lab->client, &dmarc, ask_lab_deadline(lab, LAB_PATIENCE), &reply));
	assert_int_equal(reply.dmarc.by_list.state, DMARC_PRESENT);
	assert_int_equal(reply.dmarc.by_list.asks, DMARC_ASKS_REJECT);
	assert_int_equal(reply.dmarc.by_list.is_strict_spf, 0);
	assert_int_equal(reply.dmarc.by_tree.is_strict_spf, 1);
	assert_string_equal(reply.dmarc.by_tree.organizational, "org.example");

	ask_lab_answer(lab, &key);
	assert_true(ask_lab_has(lab, &key, &reply));
	assert_int_equal(reply.key.state, DNS_FOUND);
	assert_int_equal(reply.key.published.fingerprint[31], 7);
	assert_string_equal(reply.key.lagging, "");
	assert_int_equal(atomic_load(&lab->key_learned), 1);
	assert_string_equal(lab->learned, "example.org s2026 1");
	ask_lab_silent(lab, "all is known");
}

/* An address more or less in 'set egress' is another question. */
static void
test_egress(void **state)
{
	struct ask_lab *lab = *state;
	const struct addr two[] = {{.family = ADDR_IPV4, .bytes = {192, 0, 2, 25}},
	    {.family = ADDR_IPV4, .bytes = {192, 0, 2, 26}}};
	struct dns_question one = ask_lab_for_spf("example.org", "a@example.org");
	struct dns_question more = one;
	struct dns_reply_head reply;

	more.egress = two;
	more.n_egress = 2;
	ask_lab_answer(lab, &one);
	assert_false(ask_lab_has(lab, &more, &reply));
	struct ask_frame frame = ask_lab_next(lab);
	assert_int_equal(frame.head.n_egress, 2);
}

static void
test_nonsense(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_spf("example.org", "a@example.org");
	struct dns_reply_head good, bad;

	dns_client_start(lab->client, &question);
	struct ask_frame frame = ask_lab_next(lab);
	good = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
	static const char garbage[DNS_FRAME_MAX] = "not an answer";
	ask_lab_send(lab, garbage, 1);
	ask_lab_send(lab, garbage, sizeof(garbage));
	ask_lab_send(lab, &good, sizeof(good) - 1);
	bad = good;
	bad.id++;
	ask_lab_reply(lab, &bad);
	bad = good;
	bad.id += DNS_JOBS_MAX;
	ask_lab_reply(lab, &bad);
	bad = ask_lab_dmarc(&frame, "example.org");
	bad.kind = DNS_ASK_DMARC;
	ask_lab_reply(lab, &bad);
	bad = good;
	bad.kind = 77;
	ask_lab_reply(lab, &bad);
	bad = good;
	bad.spf.outcome = SPF_EVAL_PERMERROR + 1;
	ask_lab_reply(lab, &bad);
	ask_lab_settle(lab);
	assert_false(ask_lab_has(lab, &question, &bad));

	/* Texts that do not end are cut; a second answer to the same question is none. */
	memset(good.spf.term, 'x', sizeof(good.spf.term));
	ask_lab_reply(lab, &good);
	bad = ask_lab_spf(&frame, SPF_EVAL_FAIL, false);
	ask_lab_reply(lab, &bad);
	ask_lab_settle(lab);
	assert_true(ask_lab_has(lab, &question, &bad));
	assert_int_equal(bad.spf.outcome, SPF_EVAL_PASS);
	assert_int_equal(strlen(bad.spf.term), DNS_TEXT_MAX - 1);
}

/* ---- answers for one sender ---- */

static void
test_per_message(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question a = ask_lab_for_spf("example.org", "a@example.org");
	struct dns_question b = ask_lab_for_spf("example.org", "b@example.org");
	struct dns_reply_head reply;

	dns_client_start(lab->client, &a);
	dns_client_start(lab->client, &b);
	struct ask_frame frame = ask_lab_next(lab);
	assert_string_equal(frame.payload + 12, "a@example.org");
	ask_lab_silent(lab, "b waits for what is said to a");
	reply = ask_lab_spf(&frame, SPF_EVAL_PASS, true);
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
	assert_true(ask_lab_has(lab, &a, &reply));
	assert_int_equal(reply.spf.outcome, SPF_EVAL_PASS);
	assert_false(ask_lab_has(lab, &b, &reply));
	frame = ask_lab_next(lab);
	assert_string_equal(frame.payload + 12, "b@example.org");
	reply = ask_lab_spf(&frame, SPF_EVAL_FAIL, true);
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
	assert_true(ask_lab_has(lab, &b, &reply));
	assert_int_equal(reply.spf.outcome, SPF_EVAL_FAIL);
	assert_true(ask_lab_has(lab, &a, &reply));
	assert_int_equal(reply.spf.outcome, SPF_EVAL_PASS);
	ask_lab_advance(lab, 101);
	assert_false(ask_lab_has(lab, &a, &reply));
}

static void
test_learned(void **state)
{
	struct ask_lab *lab = *state;
	struct dns_question question = ask_lab_for_spf("example.org", "a@example.org");
	char bytes[sizeof(struct dns_reply_head) + 6];

	question.is_ours = true;
	dns_client_start(lab->client, &question);
	struct ask_frame frame = ask_lab_next(lab);
	assert_int_equal(frame.head.with_answers, 1);
	assert_int_equal(frame.head.is_ours, 1);
	struct dns_reply_head reply = ask_lab_spf(&frame, SPF_EVAL_PASS, false);
	memcpy(bytes, &reply, sizeof(reply));
	memcpy(bytes + sizeof(reply), "packed", 6);
	ask_lab_send(lab, bytes, sizeof(bytes));
	ask_lab_settle(lab);
	assert_int_equal(atomic_load(&lab->spf_learned), 1);
	assert_string_equal(
	    lab->learned, "example.org a@example.org mail.example.org 1 3 1 packed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_frames, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_not_asked, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_answers, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(test_egress, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_nonsense, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_per_message, ask_lab_set_up, ask_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_learned, ask_lab_set_up, ask_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
