/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What a message asks of maps through postmap is known before it is judged: exactly that,
 * and all of it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/rule.h"
#include "tests/unit/policy_lab.h"

static const char both[] = "set login-domain example.org\n"
			   "set recipient-delimiter \"+\"\n"
			   "map <owners> postmap \"hash:/o\"\n"
			   "map <plan> postmap \"hash:/p\"\n"
			   "set owners <owners>\n"
			   "reject not owns sender\n"
			   "reject not owns author\n"
			   "hold rcpts > <plan> label \"x\"\n"
			   "accept\n";

/* "owners alice@example.org; plan alice" */
static void
list_text(const struct fact_lookup *list, uint32_t n, struct buf *out)
{
	buf_reset(out);
	for (uint32_t i = 0; i < n; i++)
		buf_addf(out, "%s%.*s %.*s", i > 0 ? "; " : "", VIEW_ARG(list[i].map),
		    VIEW_ARG(list[i].key));
}

struct asked {
	const char *user, *client, *sender, *author, *want;
};

/* All of them at once, or as they become known: the same. */
static void
asks(const char *text, const struct asked *cases, size_t n_cases)
{
	struct policy *policy = lab_policy(text, "", NULL);
	struct arena *arena = arena_new(1 << 20);
	struct buf got = BUF_INIT(4096);

	for (size_t i = 0; i < n_cases; i++) {
		const struct asked *one = &cases[i];
		struct facts facts = lab_facts(PATH_SUBMISSION, one->user, one->client);
		struct fact_lookup list[FACTS_LOOKUPS_MAX];
		uint32_t n = 0;

		facts.sender = lab_address(one->sender);
		facts.author = lab_address(one->author);
		assert_true(policy_lookups(
		    policy, &facts, LOOKUP_SENDER | LOOKUP_ORIGIN, arena, list, &n));
		assert_true(policy_lookups(policy, &facts, LOOKUP_AUTHOR, arena, list, &n));
		list_text(list, n, &got);
		lab_same(one->sender, "lookups", buf_text(&got), one->want);
		for (uint32_t j = 0; j < n; j++)
			assert_int_equal(list[j].answer, ANSWER_UNKNOWN);
	}
	buf_fini(&got);
	arena_free(arena);
	policy_free(policy);
}

static void
test_asked(void **state)
{
	static const struct asked cases[] = {
	    {"alice", "203.0.113.1", "alice@example.org", "alice@example.org",
		"owners alice@example.org; owners @example.org; plan alice@example.org; "
		"plan alice; plan @example.org"},
	    {"a@b.test", "203.0.113.1", "Bob+X@shop.test", "\"two words\"@b.test",
		"owners bob+x@shop.test; owners bob@shop.test; owners @shop.test; "
		"plan a@b.test; plan @b.test; owners two words@b.test; owners @b.test"},
	    /* No login: the client, its network; no client either: no owner at all. */
	    {"", "192.0.2.77", "a@b.test", "",
		"owners a@b.test; owners @b.test; plan 192.0.2.77; plan 192.0.2.0/24"},
	    {"", "2001:db8:1:2:3::4", "", "",
		"plan 2001:db8:1:2:3::4; plan "
		"2001:db8:1:2::/64"},
	    {"", "", "a@b.test", "a@b.test", "plan local"},
	    /* The null sender; an author that is unclear; a bare name. */
	    {"alice", "", "", "", "plan alice@example.org; plan alice; plan @example.org"},
	    {"alice", "", "root", "",
		"owners root; plan alice@example.org; plan alice; plan @example.org"},
	};

	(void)state;
	asks(both, cases, ARRAY_LEN(cases));
}

static void
test_not_asked(void **state)
{
	static const struct asked nothing[] = {{"alice", "", "a@b.test", "c@d.test", ""}};
	static const struct asked sender[] = {
	    {"alice", "", "a@b.test", "c@d.test", "owners a@b.test; owners @b.test"}};
	static const struct asked author[] = {
	    {"alice", "", "a@b.test", "c@d.test", "owners c@d.test; owners @d.test"}};

	(void)state;
	asks("accept\n", nothing, 1);
	asks("map <owners> file \"owners\"\nset owners <owners>\nreject not owns "
	     "author\naccept\n",
	    nothing, 1);
	asks("reject not owns author\naccept\n", nothing, 1);
	asks("map <owners> postmap \"hash:/o\"\nset owners <owners>\nreject not owns "
	     "sender\naccept\n",
	    sender, 1);
	asks("map <owners> postmap \"hash:/o\"\nset owners <owners>\nreject not owns "
	     "author\naccept\n",
	    author, 1);
}

/* Each test of POLICY by FACTS: does any lack an answer? */
static bool
lacks_answer(const struct policy *policy, const struct facts *facts)
{
	static const struct derived nobody;
	bool lacks = false;

	for (size_t i = 0; i < policy_n_verdicts(policy); i++) {
		const struct rule *rule = policy_verdict_at(policy, i);
		for (size_t j = 0; j < rule->tests.n; j++)
			lacks = lacks || policy_test_judge(policy, rule->tests.at[j], facts,
					     &nobody, NULL) == MATCH_UNKNOWN;
	}
	return lacks;
}

/* With all that is asked answered nothing is unknown, whoever writes as whom. */
static void
test_complete(void **state)
{
	static const char *const users[] = {"", "alice", "Bob@EXAMPLE.org", "c@d.test"};
	static const char *const clients[] = {"", "192.0.2.1", "2001:db8::1"};
	static const char *const addresses[] = {"", "alice@example.org", "a+b@example.org",
	    "+x@d.test", "Postmaster+x@d.test", "root", "a@b@c.test", "@d.test"};
	struct policy *policy = lab_policy(both, "", NULL);
	struct arena *arena = arena_new(8 << 20);
	unsigned n_asked = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(users) * ARRAY_LEN(clients) * ARRAY_LEN(addresses);
	     i++) {
		size_t rest = i / ARRAY_LEN(users);
		struct facts facts = lab_facts(PATH_SUBMISSION, users[i % ARRAY_LEN(users)],
		    clients[rest % ARRAY_LEN(clients)]);
		struct fact_lookup list[FACTS_LOOKUPS_MAX];
		uint32_t n = 0;

		facts.sender = lab_address(addresses[rest / ARRAY_LEN(clients)]);
		facts.author = lab_address(addresses[i % ARRAY_LEN(addresses)]);
		assert_true(policy_lookups(policy, &facts,
		    LOOKUP_SENDER | LOOKUP_AUTHOR | LOOKUP_ORIGIN, arena, list, &n));
		facts.lookups = list;
		facts.n_lookups = n;
		for (uint32_t j = 0; j < n; j++)
			list[j].answer = ANSWER_NONE;
		if (lacks_answer(policy, &facts))
			fail_msg("%zu: something was asked that nobody foresaw", i);
		/* And no one of them for nothing, when the others have no entry. */
		for (uint32_t j = 0; j < n; j++) {
			list[j].answer = ANSWER_UNKNOWN;
			if (!lacks_answer(policy, &facts))
				fail_msg("%zu: %.*s is asked for nothing", i,
				    VIEW_ARG(list[j].key));
			list[j].answer = ANSWER_NONE;
		}
		n_asked += n;
	}
	assert_true(n_asked > 300);
	arena_free(arena);
	policy_free(policy);
}

static void
test_most(void **state)
{
	struct buf text = BUF_INIT(1 << 16);
	struct arena *arena = arena_new(1 << 20), *small = arena_new(64);
	struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "");
	struct fact_lookup list[FACTS_LOOKUPS_MAX];
	uint32_t n = 0;

	(void)state;
	buf_add_text(&text, "set login-domain l.test\nset recipient-delimiter \"+\"\n"
			    "map <o> postmap \"hash:/o\"\nset owners <o>\n"
			    "reject not owns sender\nreject not owns author\n");
	for (int i = 0; i < POLICY_POSTMAP_NUMBERS; i++)
		buf_addf(&text,
		    "map <m%d> postmap \"hash:/%d\"\nhold rcpts > <m%d> label \"x\"\n", i,
		    i, i);
	buf_add_text(&text, "accept\n");
	struct policy *policy = lab_policy(buf_text(&text), "", NULL);
	facts.sender = lab_address("a+x@b.test");
	facts.author = lab_address("c+x@d.test");
	unsigned all = LOOKUP_SENDER | LOOKUP_AUTHOR | LOOKUP_ORIGIN;
	assert_true(policy_lookups(policy, &facts, all, arena, list, &n));
	assert_int_equal(n, FACTS_LOOKUPS_MAX);
	/* Each once. */
	assert_true(policy_lookups(policy, &facts, all, arena, list, &n));
	assert_int_equal(n, FACTS_LOOKUPS_MAX);
	n = 0;
	assert_false(policy_lookups(policy, &facts, all, small, list, &n));
	arena_free(arena);
	arena_free(small);
	policy_free(policy);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_not_asked),
	    cmocka_unit_test(test_complete),
	    cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
