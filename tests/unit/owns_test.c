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

struct case_of {
	const char *user, *client, *address, *want, *why;
};

static const char owners[] = "# who may write as whom\n"
			     "alice@example.org   alice, Bob@Example.ORG\n"
			     "ceo@example.org\tceo\n"
			     "list+bounces@example.org  lists\n"
			     "desk@example.org    carol\n"
			     "   dave\n"
			     "# in between\n"
			     "   192.0.2.0/28 2001:db8::1\n"
			     "@example.org        staff\n"
			     "mailer@example.org  mailer\n"
			     "@shop.test          shop 198.51.100.7\n"
			     "bare                alice\n"
			     "\"two words\"@example.org  alice\n"
			     "addr@example.org    10.0.0.1\n";

static const struct derived nobody;

static void
ask(const char *text, const struct case_of *cases, size_t n_cases)
{
	struct policy *policy = lab_policy(text, owners, NULL);
	const struct test *sender = policy_verdict_at(policy, 0)->tests.at[0];
	const struct test *author = policy_verdict_at(policy, 1)->tests.at[0];

	for (size_t i = 0; i < n_cases; i++) {
		const struct case_of *one = &cases[i];
		struct facts facts = lab_facts(PATH_SUBMISSION, one->user, one->client);
		struct buf why = BUF_INIT(1024);
		enum match_answer answer;

		facts.sender = facts.author = lab_address(one->address);
		answer = policy_test_judge(policy, sender, &facts, &nobody, &why);
		if (answer != (strcmp(one->want, "yes") == 0 ? MATCH_YES : MATCH_NO))
			fail_msg("%s at %s as %s: want %s; %s", one->user, one->client,
			    one->address, one->want, buf_text(&why));
		assert_int_equal(
		    policy_test_judge(policy, author, &facts, &nobody, NULL), answer);
		if (one->why != NULL)
			lab_same(one->address, "why", buf_text(&why), one->why);
		buf_fini(&why);
	}
	policy_free(policy);
}

static void
asks_the_map(void **state)
{
	static const struct case_of cases[] = {
	    {"alice", "203.0.113.1", "alice@example.org", "yes",
		"<owners> gives alice@example.org to alice"},
	    {"alice@example.org", "203.0.113.1", "alice@example.org", "yes", NULL},
	    {"alice@other.test", "203.0.113.1", "alice@example.org", "no",
		"<owners> gives alice@example.org to alice, bob@example.org, not to "
		"alice@other.test"},
	    {"bob", "203.0.113.1", "alice@example.org", "yes", NULL},
	    {"BOB", "203.0.113.1", "ALICE@example.org", "yes", NULL},
	    {"staff", "203.0.113.1", "alice@example.org", "no", NULL},
	    {"staff", "203.0.113.1", "info@example.org", "yes",
		"<owners> gives @example.org to staff"},
	    {"staff", "203.0.113.1", "ceo@example.org", "no", NULL},
	    {"staff", "203.0.113.1", "ceo+x@example.org", "no",
		"<owners> gives ceo@example.org to ceo, not to staff"},
	    {"staff", "203.0.113.1", "\"ceo\"@example.org", "no", NULL},
	    {"staff", "203.0.113.1", "\"ceo+x\"@example.org", "no", NULL},
	    {"staff", "203.0.113.1", "\"c\\eo\"@example.org", "no", NULL},
	    {"ceo", "203.0.113.1", "\"CEO\"@example.org", "yes", NULL},
	    {"lists", "203.0.113.1", "list+bounces@example.org", "yes", NULL},
	    {"staff", "203.0.113.1", "list+bounces@example.org", "no", NULL},
	    {"staff", "203.0.113.1", "list+other@example.org", "yes", NULL},
	    {"carol", "203.0.113.1", "desk@example.org", "yes", NULL},
	    {"dave", "203.0.113.1", "desk@example.org", "yes", NULL},
	    {"eve", "192.0.2.3", "desk@example.org", "no", NULL},
	    {"", "192.0.2.3", "desk@example.org", "yes",
		"<owners> gives desk@example.org to 192.0.2.3"},
	    {"", "::ffff:192.0.2.3", "desk@example.org", "yes", NULL},
	    {"", "2001:db8::1", "desk@example.org", "yes", NULL},
	    {"", "192.0.2.16", "desk@example.org", "no", NULL},
	    {"", "192.0.2.3", "alice@example.org", "no", NULL},
	    {"10.0.0.1", "203.0.113.1", "addr@example.org", "no", NULL},
	    {"192.0.2.0/28", "203.0.113.1", "desk@example.org", "no", NULL},
	    {"\"shop\"", "203.0.113.1", "x@shop.test", "no", NULL},
	    {"staff", "203.0.113.1", "x@mail.example.org", "no",
		"<owners> has no entry for x@mail.example.org, the login is staff"},
	    {"zoe@unlisted.test", "203.0.113.1", "zoe@unlisted.test", "yes",
		"<owners> has no entry for zoe@unlisted.test: it is the login's own"},
	    {"zoe@unlisted.test", "203.0.113.1", "zoe+x@unlisted.test", "yes", NULL},
	    {"zoe@unlisted.test", "203.0.113.1", "amy@unlisted.test", "no", NULL},
	    {"zoe", "203.0.113.1", "zoe@unlisted.test", "no", NULL},
	    {"", "203.0.113.1", "zoe@unlisted.test", "no", NULL},
	    {"alice", "203.0.113.1", "bare", "yes", NULL},
	    {"staff", "203.0.113.1", "bare", "no", NULL},
	    {"alice", "203.0.113.1", "\"two words\"@example.org", "yes", NULL},
	    {"", "", "alice@example.org", "no", "neither a login nor a client"},
	    {"alice", "203.0.113.1", "", "no", "there is no address to own"},
	};

	(void)state;
	ask("map <owners> file \"owners\"\n"
	    "set owners <owners>\n"
	    "set login-domain example.org\n"
	    "set recipient-delimiter \"+\"\n"
	    "hold owns sender label \"s\"\n"
	    "hold owns author label \"a\"\n"
	    "accept\n",
	    cases, ARRAY_LEN(cases));
}

static void
goes_by_the_login_without_a_map(void **state)
{
	static const struct case_of cases[] = {
	    {"alice", "203.0.113.1", "alice@example.org", "yes",
		"alice@example.org is in the domain of alice"},
	    {"alice", "203.0.113.1", "bob@example.org", "yes", NULL},
	    {"alice", "203.0.113.1", "alice@mail.example.org", "no", NULL},
	    {"alice", "203.0.113.1", "alice@other.test", "no",
		"alice@other.test is neither alice nor in its domain"},
	    {"alice@other.test", "203.0.113.1", "x@other.test", "yes", NULL},
	    {"alice@other.test", "203.0.113.1", "x@example.org", "no", NULL},
	    {"x@example.org@other.test", "203.0.113.1", "x@example.org", "no", NULL},
	    {".x@other.test", "203.0.113.1", "\".x\"@other.test", "no", NULL},
	    {"@other.test", "203.0.113.1", "x@other.test", "no", NULL},
	    {"alice@", "203.0.113.1", "alice", "no", NULL},
	    {"", "127.0.0.1", "alice@example.org", "no", NULL},
	    {"", "", "alice@example.org", "no", NULL},
	};
	char long_login[400];
	const struct case_of longest = {
	    long_login, "203.0.113.1", "a@example.org", "no", NULL};

	(void)state;
	memset(long_login, 'a', sizeof(long_login) - 1);
	long_login[sizeof(long_login) - 1] = '\0';
	ask("set login-domain example.org\n"
	    "hold owns sender label \"s\"\n"
	    "hold owns author label \"a\"\n"
	    "accept\n",
	    cases, ARRAY_LEN(cases));
	ask("set login-domain example.org\n"
	    "hold owns sender label \"s\"\n"
	    "hold owns author label \"a\"\n"
	    "accept\n",
	    &longest, 1);
}

static void
knows_no_domain_without_login_domain(void **state)
{
	static const struct case_of cases[] = {
	    {"alice", "203.0.113.1", "alice@example.org", "no", NULL},
	    {"alice", "203.0.113.1", "alice", "yes", NULL},
	    {"alice", "203.0.113.1", "bob", "no", NULL},
	    {"alice@example.org", "203.0.113.1", "alice+x@example.org", "yes", NULL},
	};

	(void)state;
	ask("hold owns sender label \"s\"\nhold owns author label \"a\"\naccept\n", cases,
	    ARRAY_LEN(cases));
}

static void
leaves_whole_names_together(void **state)
{
	static const struct case_of cases[] = {
	    {"staff", "203.0.113.1", "postmaster@example.org", "yes", NULL},
	    {"staff", "203.0.113.1", "post-x@example.org", "yes", NULL},
	    {"staff", "203.0.113.1", "MAILER-DAEMON@example.org", "yes", NULL},
	    {"mailer", "203.0.113.1", "MAILER-DAEMON@example.org", "no", NULL},
	    {"mailer", "203.0.113.1", "mailer-x@example.org", "yes", NULL},
	    {"ceo", "203.0.113.1", "ceo-x@example.org", "yes", NULL},
	    {"ceo", "203.0.113.1", "-ceo@example.org", "no", NULL},
	    {"ceo", "203.0.113.1", "ceo+x@example.org", "no", NULL},
	};

	(void)state;
	ask("map <owners> file \"owners\"\n"
	    "set owners <owners>\n"
	    "set recipient-delimiter \"-\"\n"
	    "hold owns sender label \"s\"\n"
	    "hold owns author label \"a\"\n"
	    "accept\n",
	    cases, ARRAY_LEN(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_the_map),
	    cmocka_unit_test(goes_by_the_login_without_a_map),
	    cmocka_unit_test(knows_no_domain_without_login_domain),
	    cmocka_unit_test(leaves_whole_names_together),
	};

	return cmocka_run_group_tests_name("owns", tests, NULL, NULL);
}
