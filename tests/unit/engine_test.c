/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/deciding.h"
#include "engine/engine.h"
#include "lib/bug.h"
#include "tests/unit/policy_lab.h"
#include "tests/unit/two_tenants.h"

static const struct {
	const char *what;
	enum fact_path path;
	const char *user, *client, *sender, *author, *unclear;
	uint32_t rcpts;
	int hour;
	const char *verdict, *place, *label, *sign, *why;
} decided[] = {
    {"one's own", PATH_SUBMISSION, "alice", "198.51.100.9", "alice@example.org",
	"alice@example.org", "", 1, 12, "accept", "frank.conf:20", "", "s2026 e2026", ""},
    {"in capitals", PATH_SUBMISSION, "ALICE", "198.51.100.9", "", "Alice@example.org", "",
	1, 12, "accept", "frank.conf:20", "", "s2026 e2026", ""},
    {"with an extension", PATH_SUBMISSION, "alice", "198.51.100.9", "",
	"alice+x@example.org", "", 1, 12, "accept", "frank.conf:20", "", "s2026 e2026", ""},
    {"somebody else's, although the domain is ours", PATH_SUBMISSION, "sales",
	"198.51.100.9", "", "ceo@example.org", "", 1, 12, "reject", "frank.conf:16", "", "",
	"no match rule that signs fits; nearest: frank.conf:7 <owners> gives "
	"ceo@example.org to ceo, not to sales"},
    {"somebody else's in quotes", PATH_SUBMISSION, "sales", "198.51.100.9", "",
	"\"ceo\"@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"somebody else's in escapes", PATH_SUBMISSION, "sales", "198.51.100.9", "",
	"\"c\\eo\"@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"somebody else's with an extension", PATH_SUBMISSION, "sales", "198.51.100.9", "",
	"CEO+x@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"what the whole domain is for", PATH_SUBMISSION, "sales", "198.51.100.9", "",
	"info@example.org", "", 1, 12, "accept", "frank.conf:20", "", "s2026 e2026", ""},
    {"the other tenant", PATH_SUBMISSION, "alice", "198.51.100.9", "alice@example.org",
	"ceo@victim.test", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"a network is no login", PATH_SUBMISSION, "192.0.2.0/28", "198.51.100.9", "",
	"alice@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"a login counts, not the network it is in", PATH_SUBMISSION, "mallory", "192.0.2.5",
	"", "alice@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
    {"a relay's network", PATH_RELAY, "", "192.0.2.5", "", "alice@example.org", "", 1, 12,
	"accept", "frank.conf:20", "", "s2026 e2026", ""},
    {"a relay outside of it", PATH_RELAY, "", "192.0.2.16", "", "alice@example.org", "", 1,
	12, "hold", "frank.conf:18", "unsigned", "", NULL},
    {"by a named key only", PATH_SUBMISSION, "bob", "198.51.100.9", "", "bob@example.net",
	"", 1, 12, "accept", "frank.conf:20", "", "s2019", ""},
    {"a parent's key", PATH_LOCAL, "", "", "", "root@mail.example.org", "", 1, 12, "accept",
	"frank.conf:20", "", "x2027 e2026", ""},
    {"a key of another domain", PATH_LOCAL, "", "", "", "x@victim.test", "", 1, 12,
	"accept", "frank.conf:20", "", "",
	"the key of example.org may not sign for victim.test"},
    {"unclear", PATH_SUBMISSION, "alice", "198.51.100.9", "", "", "two From fields", 1, 12,
	"reject", "frank.conf:15", "", "", "author unclear: two From fields"},
    {"unclear, though something was filled in", PATH_SUBMISSION, "alice", "198.51.100.9",
	"", "alice@example.org", "two From fields", 1, 12, "reject", "frank.conf:15", "",
	"", "author unclear: two From fields"},
    {"no domain", PATH_LOCAL, "", "", "", "root", "", 1, 12, "accept", "frank.conf:20", "",
	"", "the author has no domain"},
    {"incoming", PATH_INBOUND, "", "203.0.113.9", "", "alice@example.org", "", 1, 12,
	"accept", "frank.conf:14", "", "", "incoming mail is not signed"},
    {"a filter hands it back", PATH_REENTRY, "", "127.0.0.1", "", "x@unknown.test", "", 1,
	12, "accept", "", "", "", NULL},
    {"nearest of a table", PATH_LOCAL, "", "", "", "x@example.com", "", 1, 12, "accept",
	"frank.conf:20", "", "",
	"no match rule that signs fits; nearest: frank.conf:9 x@example.com is not "
	"in <ours>"},
    {"until today", PATH_SUBMISSION, "alice", "198.51.100.9", "", "alice@example.org", "",
	1, 23, "hold", "frank.conf:19", "night", "s2026 e2026", ""},
};

static void
decides(void **state)
{
	struct policy *policy =
	    lab_policy(two_tenants, two_tenants_owners, two_tenants_keys);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(decided); i++) {
		struct arena *arena = arena_new(64 << 10);
		struct facts facts =
		    lab_facts(decided[i].path, decided[i].user, decided[i].client);
		struct decision decision;
		char signs[256] = "";

		facts.sender = lab_address(decided[i].sender);
		facts.author = lab_address(decided[i].author);
		facts.unclear = view_of(decided[i].unclear);
		facts.rcpts = decided[i].rcpts;
		facts.local_minute = decided[i].hour * 60;
		engine_decide(policy, &facts, arena, NULL, &decision);
		for (uint32_t k = 0; k < decision.n_sign; k++) {
			size_t n = strlen(signs);

			snprintf(signs + n, sizeof(signs) - n, "%s%.*s", k > 0 ? " " : "",
			    VIEW_ARG(decision.sign[k]->selector));
		}
		lab_same(decided[i].what, "verdict", verdict_name(decision.verdict),
		    decided[i].verdict);
		lab_same_view(decided[i].what, "place", decision.place, decided[i].place);
		lab_same_view(decided[i].what, "label", decision.label, decided[i].label);
		lab_same(decided[i].what, "signatures", signs, decided[i].sign);
		if (decided[i].why != NULL)
			lab_same_view(
			    decided[i].what, "why", decision.unsigned_why, decided[i].why);
		assert_int_equal(decision.is_signed, decision.n_sign > 0);
		assert_true(decision.n_sign > 0 || decision.unsigned_why.n > 0);
		arena_free(arena);
	}
	policy_free(policy);
}

static void
adds_tags_notes_and_watches(void **state)
{
	struct policy *policy =
	    lab_policy(two_tenants, two_tenants_owners, two_tenants_keys);
	struct arena *arena = arena_new(64 << 10);
	struct facts facts =
	    lab_facts(PATH_SUBMISSION, "alice\r\nX-Evil: 1\303\274", "198.51.100.9");
	struct decision decision;

	(void)state;
	facts.author = lab_address("alice@example.org");
	facts.rcpts = 21;
	engine_decide(policy, &facts, arena, NULL, &decision);
	assert_int_equal(decision.n_tags, 1);
	lab_same_view("tag", "name", decision.tags[0].name, "X-Burst");
	lab_same_view(
	    "tag", "value", decision.tags[0].value, "21 by alice\\x0d\\x0aX-Evil: 1??");
	assert_int_equal(decision.n_notes, 1);
	lab_same_view("note", "text", decision.notes[0], "from <>");
	lab_same_view("reply", "text", decision.reply,
	    "5.7.1 alice\\x0d\\x0aX-Evil: 1?? as alice@example.org");
	facts.user = VIEW("alice");
	engine_decide(policy, &facts, arena, NULL, &decision);
	assert_int_equal(decision.n_watch, 1);
	assert_int_equal(decision.watch[0].verdict, VERDICT_HOLD);
	lab_same_view("watch", "place", decision.watch[0].place, "frank.conf:17");
	lab_same_view("watch", "label", decision.watch[0].label, "many");
	lab_same("watch", "verdict", verdict_name(decision.verdict), "accept");
	arena_free(arena);
	policy_free(policy);
}

static void
ends_a_rule_the_day_after(void **state)
{
	static const struct {
		int date;
		const char *verdict;
	} cases[] = {{20260301, "hold"}, {20260302, "hold"}, {20260303, "accept"},
	    {20270101, "accept"}};
	struct policy *policy =
	    lab_policy("hold label \"x\" until 2026-03-02\naccept\n", "", NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		struct facts facts = lab_facts(PATH_LOCAL, "", "");
		struct decision decision;

		facts.local_date = cases[i].date;
		engine_decide(policy, &facts, arena, NULL, &decision);
		lab_same(
		    "until", "verdict", verdict_name(decision.verdict), cases[i].verdict);
		arena_free(arena);
	}
	policy_free(policy);
}

static void
answers_by_on_error_when_memory_ends(void **state)
{
	static const struct {
		const char *text, *verdict;
	} cases[] = {
	    {"match rcpts > 0 note \"{author}\"\naccept\n", "defer"},
	    {"set on-error reject\nmatch rcpts > 0 note \"{author}\"\naccept\n", "reject"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct policy *policy = lab_policy(cases[i].text, "", NULL);
		struct arena *arena = arena_new(16);
		struct facts facts = lab_facts(PATH_LOCAL, "", "");
		struct decision decision;

		facts.author = lab_address("alice.with.a.long.name@example.org");
		engine_decide(policy, &facts, arena, NULL, &decision);
		lab_same(
		    "full", "verdict", verdict_name(decision.verdict), cases[i].verdict);
		assert_true(decision.on_error.n > 0);
		assert_int_equal(decision.n_sign + decision.n_notes, 0);
		lab_same_view("full", "place", decision.place, "");
		arena_free(arena);
		policy_free(policy);
	}
}

static void
combines_answers_of_a_line(void **state)
{
	static const struct {
		enum line_answer so_far;
		enum match_answer answer;
		enum fact_class class;
		enum line_answer want;
	} cases[] = {
	    {LINE_FITS, MATCH_YES, CLASS_KNOWN, LINE_FITS},
	    {LINE_FITS, MATCH_NO, CLASS_KNOWN, LINE_NO},
	    {LINE_FITS, MATCH_UNKNOWN, CLASS_ADVICE, LINE_UNKNOWN},
	    {LINE_FITS, MATCH_UNKNOWN, CLASS_KNOWN, LINE_UNKNOWN},
	    {LINE_FITS, MATCH_UNKNOWN, CLASS_AUTHORITY, LINE_ON_ERROR},
	    {LINE_UNKNOWN, MATCH_YES, CLASS_KNOWN, LINE_UNKNOWN},
	    {LINE_UNKNOWN, MATCH_NO, CLASS_KNOWN, LINE_NO},
	    {LINE_UNKNOWN, MATCH_UNKNOWN, CLASS_AUTHORITY, LINE_ON_ERROR},
	    {LINE_ON_ERROR, MATCH_YES, CLASS_KNOWN, LINE_ON_ERROR},
	    {LINE_ON_ERROR, MATCH_UNKNOWN, CLASS_ADVICE, LINE_ON_ERROR},
	    {LINE_ON_ERROR, MATCH_NO, CLASS_KNOWN, LINE_NO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum line_answer got =
		    line_after(cases[i].so_far, cases[i].answer, cases[i].class);

		if (got != cases[i].want)
			fail_msg("case %zu: got %d, want %d", i, got, cases[i].want);
	}
}

static void
never_signs_with_more_than_fit(void **state)
{
	struct buf list = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
	struct policy *policy;
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(PATH_LOCAL, "", "");
	struct trace trace = {0};
	struct decision decision;

	(void)state;
	for (int i = 0; i < 12; i++)
		buf_addf(
		    &text, "key k%d domain example.org selector s%d file \"f\"\n", i, i);
	for (int i = 0; i < 12; i++) {
		buf_addf(&list, "k%d example.org s%d rsa-sha256 %d\n", i, i, i);
		buf_addf(&text, "match path local sign with k%d, k%d\n", i, i);
	}
	buf_add_text(&text, "accept\n");
	policy = lab_policy(buf_text(&text), "", buf_text(&list));
	facts.author = lab_address("a@example.org");
	engine_decide(policy, &facts, arena, &trace, &decision);
	assert_int_equal(decision.n_sign, DECISION_SIGN_MAX);
	assert_int_equal(trace.n_unsigned_notes, 8);
	policy_free(policy);
	arena_free(arena);
	buf_fini(&list);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides),
	    cmocka_unit_test(adds_tags_notes_and_watches),
	    cmocka_unit_test(ends_a_rule_the_day_after),
	    cmocka_unit_test(answers_by_on_error_when_memory_ends),
	    cmocka_unit_test(combines_answers_of_a_line),
	    cmocka_unit_test(never_signs_with_more_than_fit),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
