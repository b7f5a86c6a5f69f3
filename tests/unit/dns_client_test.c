/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of the dns process: what is asked, once; what is kept, and for
 * how long; and that nobody waits longer than the deadline whatever the dns process does.
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

/* Ask, answer, and wait until the answer is there. */
static void
answer(struct ask_lab *lab, const struct dns_question *question,
    struct dns_reply_head (*make)(const struct ask_frame *frame))
{
	struct dns_reply_head reply;

	dns_client_start(lab->client, question);
	struct ask_frame frame = ask_lab_next(lab);
	reply = make(&frame);
	ask_lab_reply(lab, &reply);
	ask_lab_settle(lab);
}

static struct dns_reply_head
pass(const struct ask_frame *frame)
{
	return ask_lab_spf(frame, SPF_EVAL_PASS, false);
}

static struct dns_reply_head
key_found(const struct ask_frame *frame)
{
	return ask_lab_key(frame, DNS_FOUND);
}

static struct dns_reply_head
dmarc_found(const struct ask_frame *frame)
{
	return ask_lab_dmarc(frame, "example.org");
}

static struct dns_reply_head
key_failed(const struct ask_frame *frame)
{
	return ask_lab_key(frame, DNS_FAILED);
}

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

	answer(lab, &spf, pass);
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

	answer(lab, &key, key_found);
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
	answer(lab, &one, pass);
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
	good = pass(&frame);
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

/* ---- how long ---- */

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
		reply = pass(&frame);
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
		reply = pass(&frame);
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

	answer(lab, &ours, key_found);
	answer(lab, &others, pass);
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
	assert_int_equal(status_of(lab).refreshed, 1);

	/* What nobody has used since is let go. */
	struct dns_question unused = ask_lab_for_dmarc("unused.example");
	unused.is_ours = true;
	answer(lab, &unused, dmarc_found);
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

	answer(lab, &question, key_found);
	assert_true(ask_lab_has(lab, &question, &reply));
	for (int i = 0; i < 3; i++) {
		ask_lab_advance(lab, i == 0 ? 80.5 : DNS_TTL_FAILURE + 0.5);
		/* It is asked when it is used, too. */
		assert_true(ask_lab_has(lab, &question, &reply));
		dns_client_tick(lab->client);
		struct ask_frame frame = ask_lab_next(lab);
		reply = key_failed(&frame);
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
	struct dns_reply_head reply = pass(&frame);
	memcpy(bytes, &reply, sizeof(reply));
	memcpy(bytes + sizeof(reply), "packed", 6);
	ask_lab_send(lab, bytes, sizeof(bytes));
	ask_lab_settle(lab);
	assert_int_equal(atomic_load(&lab->spf_learned), 1);
	assert_string_equal(
	    lab->learned, "example.org a@example.org mail.example.org 1 3 1 packed");
}

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
	assert_int_equal(status_of(lab).open, 0);
	ask_lab_silent(lab, "put to one process after the other");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_frames, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_not_asked, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_egress, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_expiry, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refresh, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refresh_fails, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_per_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_learned, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_fatal, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
