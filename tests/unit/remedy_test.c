/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/bug.h"
#include "tests/unit/policy_lab.h"

/* What explain proposes, where no scenario leads: see tests/scenario/s_*.scn for the rest.
 */

static const char keys[] = "- example.org s2026 rsa-sha256 1700000001\n"
			   "- co.uk s2026 rsa-sha256 1700000001\n"
			   "old mail.example.org s2019 rsa-sha256 1500000000\n";

struct case_of {
	const char *rules;
	enum fact_path path;
	const char *user, *client, *sender, *author, *remedy;
};

static void
propose(const struct case_of *one)
{
	struct buf text = BUF_INIT(4096);
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(one->path, one->user, one->client);
	struct trace trace = {0};
	struct decision decision, untraced;

	buf_addf(&text,
	    "keys \"keys\"\n"
	    "key old domain mail.example.org selector s2019 file \"old.pem\"\n"
	    "%saccept\n",
	    one->rules);
	struct policy *policy =
	    lab_policy(buf_text(&text), "sales+x@example.org bob\n", keys);
	facts.sender = lab_address(one->sender);
	facts.author = lab_address(one->author);
	engine_decide(policy, &facts, arena, &trace, &decision);
	engine_decide(policy, &facts, arena, NULL, &untraced);
	lab_same_view(one->rules, "remedy", trace.remedy, one->remedy);
	/* Whoever asks for the remedy gets no other decision. */
	assert_int_equal(decision.n_sign, untraced.n_sign);
	assert_int_equal(decision.verdict, untraced.verdict);
	assert_true(view_is(decision.unsigned_why, untraced.unsigned_why));
	policy_free(policy);
	arena_free(arena);
	buf_fini(&text);
}

static const struct case_of cases[] = {
    {"match path submission sign\n", PATH_SUBMISSION, "alice", "203.0.113.1", "",
	"alice@example.org", ""},
    {"match path submission sign\n", PATH_SUBMISSION, "alice", "203.0.113.1", "",
	"alice@www.mail.example.org",
	"'sign with example.org' in a rule for author .example.org lets it sign, "
	"then 'frank reload'"},
    {"match path submission sign\n", PATH_SUBMISSION, "alice", "203.0.113.1", "",
	"alice@mail.example.org",
	"'sign with old' in frank.conf:3 lets it sign, then 'frank reload'"},
    /* A key of a public suffix signs for nobody below it. */
    {"match path submission sign\n", PATH_SUBMISSION, "alice", "203.0.113.1", "",
	"alice@shop.co.uk",
	"if the domain is ours, 'frank key new shop.co.uk' makes a key; publish "
	"its "
	"record, then 'frank reload'"},
    {"match owns author sign\n", PATH_LOCAL, "", "", "", "root@example.org",
	"mail of this machine has no login: a rule 'match path local ... sign' can "
	"sign it"},
    {"match owns sender sign\n", PATH_SUBMISSION, "alice@example.org", "203.0.113.1", "",
	"alice@example.org",
	"if it is to be signed, change the rule frank.conf:3 or add one that fits, "
	"then 'frank reload'"},
    {"match owns sender sign\n", PATH_SUBMISSION, "alice@example.net", "203.0.113.1",
	"x@example.org", "alice@example.net",
	"if alice@example.net may write as x@example.org, name a map with 'set "
	"owners' that gives x@example.org to alice@example.net"},
    {"match not owns author sign\n", PATH_SUBMISSION, "alice@example.org", "203.0.113.1",
	"", "alice@example.org",
	"if it is to be signed, change the rule frank.conf:3 or add one that fits, "
	"then 'frank reload'"},
    {"match size > 1M sign\n", PATH_SUBMISSION, "alice", "203.0.113.1", "",
	"alice@example.org",
	"if it is to be signed, change the rule frank.conf:3 or add one that fits, "
	"then 'frank reload'"},
    {"table <staff> { alice }\nmatch user <staff> sign\n", PATH_SUBMISSION, "eve\033\nx",
	"203.0.113.1", "", "alice@example.org",
	"if it is ours, add eve\\x1b\\x0ax to <staff>, then 'frank reload'"},
    {"table <staff> { alice }\nmatch not user <staff> sign\n", PATH_SUBMISSION, "alice",
	"203.0.113.1", "", "alice@example.org",
	"if it is to be signed, change the rule frank.conf:4 or add one that fits, "
	"then 'frank reload'"},
    {"map <m> file \"owners\"\nset owners <m>\nset recipient-delimiter \"+\"\n"
     "match owns author sign\n",
	PATH_RELAY, "", "203.0.113.1", "", "sales+x@example.org",
	"if 203.0.113.1 may write as sales+x@example.org, add 203.0.113.1 to the "
	"entry of sales+x@example.org in <m>, then 'frank reload'"},
    {"map <m> file \"owners\"\nset owners <m>\nmatch owns author sign\n", PATH_SUBMISSION,
	"e'\033", "203.0.113.1", "", "\"a b\033\"@example.org",
	"if e'\\x1b may write as \"a b\\x1b\"@example.org, add '\"a "
	"b\\x1b\"@example.org e'\\x1b' to <m>, then 'frank reload'"},
    {"match path submission sign\n", PATH_INBOUND, "", "", "", "alice@example.org",
	"the client has no login and is not in 'set trusted'. If it is ours, add "
	"it "
	"there. If it logged in, the MTA did not show {auth_authen}: see "
	"milter_mail_macros"},
};

static void
proposes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		propose(&cases[i]);
}

/* Nothing that somebody sends makes it longer than there is room for. */
static void
stays_within_its_room(void **state)
{
	char author[600], user[600];
	struct policy *policy = lab_policy("match owns author sign\naccept\n", "", NULL);
	struct arena *arena = arena_new(0);
	struct trace trace = {0};
	struct decision decision;

	(void)state;
	memset(author, 1, sizeof(author));
	memcpy(author + 300, "@example.org", sizeof("@example.org"));
	memset(user, 2, sizeof(user) - 1);
	user[sizeof(user) - 1] = '\0';
	struct facts facts = lab_facts(PATH_SUBMISSION, user, "203.0.113.1");
	facts.author = lab_address(author);
	engine_decide(policy, &facts, arena, &trace, &decision);
	assert_true(view_starts(trace.remedy, VIEW("if \\x02\\x02")));
	assert_true(trace.remedy.n > 1000 && trace.remedy.n < 1536);
	policy_free(policy);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(proposes),
	    cmocka_unit_test(stays_within_its_room),
	};

	return cmocka_run_group_tests_name("remedy", tests, NULL, NULL);
}
