/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/rule.h"
#include "tests/unit/policy_lab.h"

enum { RULE_BYTES = 1024 };

static const char names[] =
    "set login-domain example.org\n"
    "set recipient-delimiter \"+\"\n"
    "table <t> { alice@example.org, crm, bob@other.test, @all.test, .sub.test, dom.test, "
    "\"\\\"o'hara x\\\"@q.test\", 192.0.2.0/28, 2001:db8::/32, 198.51.100.7 }\n";

/* The policy with TEST as the one test of its first verdict. */
static struct policy *
policy_of(const char *test, const char *keys)
{
	char text[RULE_BYTES];

	snprintf(text, sizeof(text), "%shold %s label \"x\"\naccept\n", names, test);
	return lab_policy(text, "", keys);
}

static const char *
answer_of(const struct policy *policy, const struct facts *facts, bool is_signed)
{
	static const char *const answers[] = {"no", "yes", "unknown"};
	const struct rule *rule = policy_verdict_at(policy, 0);

	const struct derived derived = {.is_signed = is_signed};

	return answers[policy_test_judge(policy, rule->tests.at[0], facts, &derived, NULL)];
}

static void
judge(const char *test, const struct facts *facts, const char *want)
{
	struct policy *policy = policy_of(test, NULL);

	lab_same(test, "answer", answer_of(policy, facts, false), want);
	policy_free(policy);
}

static void
judges_logins(void **state)
{
	static const struct {
		const char *test, *user, *want;
	} cases[] = {
	    {"user any", "alice", "yes"},
	    {"user any", "", "no"},
	    {"not user any", "", "yes"},
	    {"user alice", "alice", "yes"},
	    {"user alice", "ALICE", "yes"},
	    {"user alice", "alice@example.org", "yes"},
	    {"user alice", "alice@other.test", "no"},
	    {"user alice", "", "no"},
	    {"user Alice@Example.org", "alice", "yes"},
	    {"user alice@other.test", "alice", "no"},
	    {"user @example.org", "alice", "yes"},
	    {"user @example.org", "alice@mail.example.org", "no"},
	    {"user @example.org", "@example.org", "no"},
	    {"user <t>", "alice", "yes"},
	    {"user <t>", "crm", "yes"},
	    {"user <t>", "Crm@Example.ORG", "yes"},
	    {"user <t>", "crm@other.test", "no"},
	    {"user <t>", "bob@other.test", "yes"},
	    {"user <t>", "bob", "no"},
	    {"user <t>", "anyone@all.test", "yes"},
	    {"user <t>", "x@all.test@other.test", "no"},
	    {"user <t>", "@all.test", "no"},
	    {"user <t>", ".sub.test", "no"},
	    {"user <t>", "x@dom.test", "no"},
	    {"user <t>", "192.0.2.1", "no"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_SUBMISSION, cases[i].user, "");

		judge(cases[i].test, &facts, cases[i].want);
	}
}

static void
judges_addresses(void **state)
{
	static const struct {
		const char *test, *address, *want;
	} cases[] = {
	    {"sender null", "", "yes"},
	    {"sender null", "a@b.test", "no"},
	    {"not sender null", "", "no"},
	    {"sender alice@example.org", "ALICE@example.org", "yes"},
	    {"sender alice@example.org", "alice+x@example.org", "yes"},
	    {"sender alice+x@example.org", "alice@example.org", "no"},
	    {"sender alice+x@example.org", "alice+x@example.org", "yes"},
	    {"sender alice@example.org", "+alice@example.org", "no"},
	    {"sender alice@example.org", "\"alice\"@example.org", "yes"},
	    {"sender alice@example.org", "\"al\\ice\"@example.org", "yes"},
	    {"sender alice@example.org", "\"alice \"@example.org", "no"},
	    {"sender alice@example.org", "", "no"},
	    {"sender example.org", "x@example.org", "yes"},
	    {"sender example.org", "x@mail.example.org", "no"},
	    {"sender example.org", "x@notexample.org", "no"},
	    {"sender @Example.org", "x@example.org", "yes"},
	    {"sender .example.org", "x@example.org", "no"},
	    {"sender .example.org", "x@a.b.example.org", "yes"},
	    {"sender .example.org", "x@notexample.org", "no"},
	    {"sender <t>", "alice+news@example.org", "yes"},
	    {"sender <t>", "x@all.test", "yes"},
	    {"sender <t>", "x@a.all.test", "no"},
	    {"sender <t>", "x@a.sub.test", "yes"},
	    {"sender <t>", "x@sub.test", "no"},
	    {"sender <t>", "x@dom.test", "yes"},
	    {"sender <t>", "x@a.dom.test", "no"},
	    {"sender <t>", "\"O'Hara x\"@q.test", "yes"},
	    {"sender <t>", "", "no"},
	    {"sender <t>", "x@192.0.2.1", "no"},
	    {"sender postmaster", "postmaster", "yes"},
	    {"sender postmaster", "PostMaster@example.org", "yes"},
	    {"sender postmaster", "postmaster@keys.test", "yes"},
	    {"sender postmaster", "postmaster@elsewhere.test", "no"},
	    {"sender postmaster", "postmaster2@example.org", "no"},
	};
	char keys[] = "- keys.test s rsa-sha256 1\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "");
		struct policy *policy = policy_of(cases[i].test, keys);

		facts.sender = lab_address(cases[i].address);
		if (strcmp(answer_of(policy, &facts, false), cases[i].want) != 0)
			fail_msg("%s of \"%s\": want %s", cases[i].test, cases[i].address,
			    cases[i].want);
		policy_free(policy);
	}
}

static void
judges_unclear_authors(void **state)
{
	static const struct {
		const char *test, *unclear, *want;
	} cases[] = {
	    {"author unclear", "two From fields", "yes"},
	    {"author unclear", "", "no"},
	    {"not author unclear", "a group", "no"},
	    {"author null", "a group", "yes"},
	    {"author null", "", "no"},
	    {"author alice@example.org", "a group", "no"},
	    {"author alice@example.org", "", "yes"},
	    {"author <t>", "a group", "no"},
	    {"not author <t>", "a group", "yes"},
	    {"owns author", "a group", "no"},
	    {"owns author", "", "yes"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "");

		facts.author = lab_address("alice@example.org");
		facts.unclear = view_of(cases[i].unclear);
		judge(cases[i].test, &facts, cases[i].want);
	}
}

static void
judges_clients(void **state)
{
	static const struct {
		const char *test, *client, *want;
	} cases[] = {
	    {"client 192.0.2.0/24", "192.0.2.255", "yes"},
	    {"client 192.0.2.0/24", "192.0.3.0", "no"},
	    {"client 192.0.2.0/24", "::ffff:192.0.2.9", "yes"},
	    {"client 192.0.2.0/24", "", "no"},
	    {"not client 192.0.2.0/24", "", "yes"},
	    {"client 2001:db8::1", "2001:db8::1", "yes"},
	    {"client <t>", "192.0.2.15", "yes"},
	    {"client <t>", "192.0.2.16", "no"},
	    {"client <t>", "198.51.100.7", "yes"},
	    {"client <t>", "2001:db8:ffff::", "yes"},
	    {"client <t>", "2001:db9::", "no"},
	    {"client <t>", "", "no"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_RELAY, "", cases[i].client);

		judge(cases[i].test, &facts, cases[i].want);
	}
}

static void
judges_times_and_numbers(void **state)
{
	static const struct {
		const char *test;
		int minute, weekday;
		uint32_t rcpts;
		uint64_t size;
		unsigned fragile;
		const char *want;
	} cases[] = {
	    {"hours 22-06", 21 * 60 + 59, 0, 1, 1, 0, "no"},
	    {"hours 22-06", 22 * 60, 0, 1, 1, 0, "yes"},
	    {"hours 22-06", 5 * 60 + 59, 0, 1, 1, 0, "yes"},
	    {"hours 22-06", 6 * 60, 0, 1, 1, 0, "no"},
	    {"hours 08-18", 8 * 60, 0, 1, 1, 0, "yes"},
	    {"hours 08-18", 18 * 60, 0, 1, 1, 0, "no"},
	    {"hours 23-24", 23 * 60 + 59, 0, 1, 1, 0, "yes"},
	    {"hours 00-24", 0, 0, 1, 1, 0, "yes"},
	    {"days sat,sun", 0, 6, 1, 1, 0, "yes"},
	    {"days sat,sun", 0, 0, 1, 1, 0, "yes"},
	    {"days sat,sun", 0, 5, 1, 1, 0, "no"},
	    {"not days sat,sun", 0, 1, 1, 1, 0, "yes"},
	    {"rcpts > 10", 0, 0, 10, 1, 0, "no"},
	    {"rcpts >= 10", 0, 0, 10, 1, 0, "yes"},
	    {"rcpts < 10", 0, 0, 10, 1, 0, "no"},
	    {"rcpts <= 10", 0, 0, 10, 1, 0, "yes"},
	    {"size > 10M", 0, 0, 1, 10 << 20, 0, "no"},
	    {"size > 10M", 0, 0, 1, (10 << 20) + 1, 0, "yes"},
	    {"size < 1K", 0, 0, 1, 1023, 0, "yes"},
	    {"fragile any", 0, 0, 1, 1, 0, "no"},
	    {"fragile any", 0, 0, 1, 1, FRAGILE_NUL, "yes"},
	    {"fragile nul,bare-cr", 0, 0, 1, 1, FRAGILE_BARE_CR, "yes"},
	    {"fragile nul", 0, 0, 1, 1, FRAGILE_BARE_CR | FRAGILE_EIGHT_BIT, "no"},
	    {"fragile eight-bit", 0, 0, 1, 1, FRAGILE_EIGHT_BIT, "yes"},
	    {"fragile long-line", 0, 0, 1, 1, FRAGILE_LONG_LINE, "yes"},
	    {"path submission", 0, 0, 1, 1, 0, "yes"},
	    {"path relay,local", 0, 0, 1, 1, 0, "no"},
	    {"path local,submission", 0, 0, 1, 1, 0, "yes"},
	    {"signed yes", 0, 0, 1, 1, 0, "no"},
	    {"not signed yes", 0, 0, 1, 1, 0, "yes"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "");

		facts.local_minute = cases[i].minute;
		facts.local_weekday = cases[i].weekday;
		facts.rcpts = cases[i].rcpts;
		facts.size = cases[i].size;
		facts.fragile = cases[i].fragile;
		judge(cases[i].test, &facts, cases[i].want);
	}
}

/* Live: counted as they arrive. Later: from a sample that may be incomplete. */
static void
judges_recipients(void **state)
{
	static const struct {
		const char *test;
		const char *rcpts[4];
		uint32_t more; /* recipients behind the sample */
		const char *live, *later;
	} cases[] = {
	    {"rcpt dom.test", {"a@dom.test", "b@x.test"}, 0, "yes", "yes"},
	    {"rcpt dom.test", {"a@x.test", "b@x.test"}, 0, "no", "no"},
	    {"rcpt dom.test", {"a@x.test", "b@x.test"}, 1, "no", "unknown"},
	    {"rcpt dom.test", {"a@dom.test", "b@x.test"}, 1, "yes", "yes"},
	    {"not rcpt dom.test", {"a@x.test"}, 1, "yes", "unknown"},
	    {"not rcpt dom.test", {"a@x.test"}, 0, "yes", "yes"},
	    {"rcpt only dom.test", {"a@dom.test", "b@dom.test"}, 0, "yes", "yes"},
	    {"rcpt only dom.test", {"a@dom.test", "b@x.test"}, 0, "no", "no"},
	    {"rcpt only dom.test", {"a@dom.test", "b@x.test"}, 5, "no", "no"},
	    {"rcpt only dom.test", {"a@dom.test"}, 1, "no", "unknown"},
	    {"rcpt only dom.test", {NULL}, 0, "no", "no"},
	    {"rcpt only postmaster", {"Postmaster@example.org"}, 0, "yes", "yes"},
	    {"rcpt <t>", {"x@y.test", "crm@a.sub.test"}, 0, "yes", "yes"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "");
		struct policy *policy = policy_of(cases[i].test, NULL);
		struct fact_address sample[4];
		uint32_t fits = 0, n = 0;

		assert_int_equal(policy_rcpt_tests(policy), 1);
		for (; n < 4 && cases[i].rcpts[n] != NULL; n++) {
			sample[n] = lab_address(cases[i].rcpts[n]);
			fits += policy_rcpt_fits(policy, 0, &sample[n]) ? 1 : 0;
		}
		facts.rcpts = n + cases[i].more;
		facts.rcpt_fits = &fits;
		facts.n_rcpt_fits = 1;
		lab_same(
		    cases[i].test, "live", answer_of(policy, &facts, false), cases[i].live);
		facts.n_rcpt_fits = 0;
		facts.rcpt_sample = sample;
		facts.n_rcpt_sample = n;
		lab_same(cases[i].test, "later", answer_of(policy, &facts, false),
		    cases[i].later);
		policy_free(policy);
	}
}

static void
asks_each_question_of_a_recipient_once(void **state)
{
	struct policy *policy =
	    lab_policy("table <t> { a.test }\n"
		       "hold rcpt a.test label \"a\"\n"
		       "hold rcpt only a.test label \"b\"\n"
		       "hold not rcpt only <t> not rcpt b.test label \"c\"\n"
		       "hold rcpt .a.test rcpt <t> label \"d\"\n"
		       "accept\n",
		"", NULL);

	(void)state;
	assert_int_equal(policy_rcpt_tests(policy), 4);
	policy_free(policy);
}

static void
trusts_networks_and_loopback(void **state)
{
	static const struct {
		const char *client;
		bool want;
	} cases[] = {
	    {"127.0.0.1", true},
	    {"::1", true},
	    {"192.0.2.1", true},
	    {"::ffff:192.0.2.1", true},
	    {"192.0.2.77", false},
	    {"", false},
	};
	static const char *const policies[] = {
	    "table <t> { 192.0.2.0/28 }\nset trusted <t>\naccept\n",
	    "set trusted { 192.0.2.0/29, 192.0.2.8/29 }\naccept\n",
	};

	(void)state;
	for (size_t p = 0; p < ARRAY_LEN(policies); p++) {
		struct policy *policy = lab_policy(policies[p], "", NULL);

		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			struct facts facts = lab_facts(PATH_RELAY, "", cases[i].client);

			if (policy_client_is_trusted(policy, facts.client) != cases[i].want)
				fail_msg("%s: want %d", cases[i].client, cases[i].want);
		}
		policy_free(policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(judges_logins),
	    cmocka_unit_test(judges_addresses),
	    cmocka_unit_test(judges_unclear_authors),
	    cmocka_unit_test(judges_clients),
	    cmocka_unit_test(judges_times_and_numbers),
	    cmocka_unit_test(judges_recipients),
	    cmocka_unit_test(asks_each_question_of_a_recipient_once),
	    cmocka_unit_test(trusts_networks_and_loopback),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
