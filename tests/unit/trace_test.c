/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include "engine/engine.h"
#include "lib/bug.h"
#include "tests/unit/two_tenants.h"

/* What the engine says that it tried. */

/* Every step of TRACE in one line each, '*' before what was applied. */
static void
show_trace(const struct trace *trace, struct buf *out)
{
	static const char *const answers[] = {"no", "yes", "unknown"};

	for (size_t i = 0; i < trace->n_steps; i++) {
		const struct trace_step *step = &trace->steps[i];

		buf_addf(out, "%s%.*s %.*s [%.*s] %s %.*s\n", step->decides ? "*" : "",
		    VIEW_ARG(step->place), VIEW_ARG(step->rule), VIEW_ARG(step->test),
		    answers[step->answer], VIEW_ARG(step->why));
	}
	for (size_t i = 0; i < trace->n_unsigned_notes; i++)
		buf_addf(out, "%.*s\n", VIEW_ARG(trace->unsigned_notes[i]));
}

static void
traces_what_was_tried(void **state)
{
	static const char want[] =
	    "frank.conf:7 match [path submission] yes submission\n"
	    "*frank.conf:7 match [owns author] yes <owners> gives alice@example.org to "
	    "alice\n"
	    "frank.conf:8 match [path relay] no submission\n"
	    "frank.conf:9 match [path local] no submission\n"
	    "frank.conf:10 match [path local] no submission\n"
	    "frank.conf:11 match [author example.net] no alice@example.org\n"
	    "frank.conf:12 match [path local] no submission\n"
	    "frank.conf:13 match [rcpts > 10] no 1\n"
	    "frank.conf:14 accept [path inbound] no submission\n"
	    "frank.conf:15 reject [author unclear] no alice@example.org\n"
	    "frank.conf:16 reject [path submission] yes submission\n"
	    "frank.conf:16 reject [not owns author] no <owners> gives alice@example.org to "
	    "alice\n"
	    "frank.conf:17 watch hold [rcpts > 20] no 1\n"
	    "frank.conf:18 hold [signed no] no signed\n"
	    "frank.conf:19 hold [] no this rule has ended\n"
	    "*frank.conf:20 accept [] yes \n"
	    "not signed (frank.conf:8): path is submission, the rule asks relay\n"
	    "not signed (frank.conf:9): path is submission, the rule asks local\n"
	    "not signed with example.org (frank.conf:10): path is submission, the rule "
	    "asks local\n"
	    "not signed with legacy (frank.conf:11): author is alice@example.org, the rule "
	    "asks "
	    "example.net\n"
	    "not signed with example.org (frank.conf:12): path is submission, the rule "
	    "asks local\n";
	struct policy *policy =
	    lab_policy(two_tenants, two_tenants_owners, two_tenants_keys);
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "198.51.100.9");
	struct trace trace = {0};
	struct decision decision, untraced;
	struct buf got = BUF_INIT(1 << 20);

	(void)state;
	facts.author = lab_address("alice@example.org");
	facts.local_date = 20260303;
	facts.local_minute = 23 * 60;
	engine_decide(policy, &facts, arena, &trace, &decision);
	engine_decide(policy, &facts, arena, NULL, &untraced);
	show_trace(&trace, &got);
	lab_same("trace", "steps", buf_text(&got), want);
	assert_int_equal(decision.verdict, untraced.verdict);
	assert_int_equal(decision.n_sign, untraced.n_sign);
	buf_fini(&got);
	arena_free(arena);
	policy_free(policy);
}

/* Rules that only sign are not even looked at for incoming mail. */
static void
asks_nothing_of_sign_rules_for_incoming_mail(void **state)
{
	struct policy *policy =
	    lab_policy(two_tenants, two_tenants_owners, two_tenants_keys);
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(PATH_INBOUND, "", "203.0.113.9");
	struct trace trace = {0};
	struct decision decision;
	struct buf got = BUF_INIT(1 << 20);

	(void)state;
	facts.author = lab_address("alice@example.org");
	engine_decide(policy, &facts, arena, &trace, &decision);
	show_trace(&trace, &got);
	lab_same("incoming", "steps", buf_text(&got),
	    "frank.conf:13 match [rcpts > 10] no 1\n"
	    "*frank.conf:14 accept [path inbound] yes inbound\n"
	    "incoming mail is not signed\n");
	buf_fini(&got);
	arena_free(arena);
	policy_free(policy);
}

static void
traces_reentry_and_near_misses(void **state)
{
	static const char want[] =
	    "frank.conf:3 match [author <ours>] no <ours> has .example.org, the author is "
	    "example.org\n"
	    "frank.conf:4 match [author <theirs>] no <theirs> has example.org, the author "
	    "is "
	    "a.example.org\n";
	struct policy *policy = lab_policy("table <ours> { .example.org }\n"
					   "table <theirs> { example.org }\n"
					   "match author <ours> note \"a\"\n"
					   "match author <theirs> note \"b\"\n"
					   "accept\n",
	    "", NULL);
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(PATH_REENTRY, "", "127.0.0.1");
	struct trace trace = {0};
	struct decision decision;
	struct buf got = BUF_INIT(1 << 20);

	(void)state;
	facts.author = lab_address("alice@example.org");
	engine_decide(policy, &facts, arena, &trace, &decision);
	assert_int_equal(trace.n_steps, 3);
	assert_true(trace.steps[2].decides);
	lab_same_view("reentry", "test", trace.steps[2].test, "path reentry");
	trace.n_steps = 1;
	trace.n_unsigned_notes = 0;
	show_trace(&trace, &got);
	facts.author = lab_address("alice@a.example.org");
	trace = (struct trace){0};
	engine_decide(policy, &facts, arena, &trace, &decision);
	trace.steps++;
	trace.n_steps = 1;
	trace.n_unsigned_notes = 0;
	show_trace(&trace, &got);
	lab_same("near misses", "steps", buf_text(&got), want);
	buf_fini(&got);
	arena_free(arena);
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(traces_what_was_tried),
	    cmocka_unit_test(asks_nothing_of_sign_rules_for_incoming_mail),
	    cmocka_unit_test(traces_reentry_and_near_misses),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
