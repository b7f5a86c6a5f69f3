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

static const char two_tenants[] =
    "table <ours> { example.org, .example.org }\n"
    "map <owners> file \"owners\"\n"
    "set owners <owners>\n"
    "set recipient-delimiter \"+\"\n"
    "keys \"keys\"\n"
    "key legacy domain example.net selector s2019 file \"old.pem\"\n"
    "match path submission owns author sign\n"                                     /* 7 */
    "match path relay owns author sign\n"                                          /* 8 */
    "match path local author <ours> sign\n"                                        /* 9 */
    "match path local author .example.org sign with example.org\n"                 /* 10 */
    "match author example.net owns author sign with legacy\n"                      /* 11 */
    "match path local author victim.test sign with example.org\n"                  /* 12 */
    "match rcpts > 10 tag \"X-Burst: {rcpts} by {user}\" note \"from {sender}\"\n" /* 13 */
    "accept path inbound\n"                                                        /* 14 */
    "reject author unclear reply \"5.7.1 one author\"\n"                           /* 15 */
    "reject path submission not owns author reply \"5.7.1 {user} as {author}\"\n"  /* 16 */
    "watch hold rcpts > 20 label \"many\"\n"                                       /* 17 */
    "hold signed no author <ours> label \"unsigned\" notify\n"                     /* 18 */
    "hold hours 22-06 label \"night\" until 2026-03-02\n"                          /* 19 */
    "accept\n";                                                                    /* 20 */

static const char owners[] = "alice@example.org alice, 192.0.2.0/28\n"
			     "ceo@example.org ceo\n"
			     "@example.org sales\n"
			     "@example.net bob\n"
			     "@victim.test victim\n";

static const char keys[] = "- example.org s2025 rsa-sha256 1700000000\n"
			   "- example.org s2026 rsa-sha256 1700000001\n"
			   "- example.org e2026 ed25519-sha256 1600000000\n"
			   "- victim.test v1 rsa-sha256 1700000000\n"
			   "extra example.org x2027 rsa-sha256 1800000000\n"
			   "legacy example.net s2019 rsa-sha256 1500000000\n";

static void
decides(void **state)
{
	static const struct {
		const char *what;
		enum fact_path path;
		const char *user, *client, *sender, *author, *unclear;
		uint32_t rcpts;
		int hour;
		const char *verdict, *place, *label, *sign, *why;
	} cases[] = {
	    {"one's own", PATH_SUBMISSION, "alice", "198.51.100.9", "alice@example.org",
		"alice@example.org", "", 1, 12, "accept", "frank.conf:20", "",
		"s2026 e2026", ""},
	    {"in capitals", PATH_SUBMISSION, "ALICE", "198.51.100.9", "",
		"Alice@example.org", "", 1, 12, "accept", "frank.conf:20", "",
		"s2026 e2026", ""},
	    {"with an extension", PATH_SUBMISSION, "alice", "198.51.100.9", "",
		"alice+x@example.org", "", 1, 12, "accept", "frank.conf:20", "",
		"s2026 e2026", ""},
	    {"somebody else's, although the domain is ours", PATH_SUBMISSION, "sales",
		"198.51.100.9", "", "ceo@example.org", "", 1, 12, "reject", "frank.conf:16",
		"", "",
		"no match rule that signs fits; nearest: frank.conf:7 <owners> gives "
		"ceo@example.org to ceo, not to sales"},
	    {"somebody else's in quotes", PATH_SUBMISSION, "sales", "198.51.100.9", "",
		"\"ceo\"@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
	    {"somebody else's in escapes", PATH_SUBMISSION, "sales", "198.51.100.9", "",
		"\"c\\eo\"@example.org", "", 1, 12, "reject", "frank.conf:16", "", "",
		NULL},
	    {"somebody else's with an extension", PATH_SUBMISSION, "sales", "198.51.100.9",
		"", "CEO+x@example.org", "", 1, 12, "reject", "frank.conf:16", "", "",
		NULL},
	    {"what the whole domain is for", PATH_SUBMISSION, "sales", "198.51.100.9", "",
		"info@example.org", "", 1, 12, "accept", "frank.conf:20", "", "s2026 e2026",
		""},
	    {"the other tenant", PATH_SUBMISSION, "alice", "198.51.100.9",
		"alice@example.org", "ceo@victim.test", "", 1, 12, "reject",
		"frank.conf:16", "", "", NULL},
	    {"a network is no login", PATH_SUBMISSION, "192.0.2.0/28", "198.51.100.9", "",
		"alice@example.org", "", 1, 12, "reject", "frank.conf:16", "", "", NULL},
	    {"a login counts, not the network it is in", PATH_SUBMISSION, "mallory",
		"192.0.2.5", "", "alice@example.org", "", 1, 12, "reject", "frank.conf:16",
		"", "", NULL},
	    {"a relay's network", PATH_RELAY, "", "192.0.2.5", "", "alice@example.org", "",
		1, 12, "accept", "frank.conf:20", "", "s2026 e2026", ""},
	    {"a relay outside of it", PATH_RELAY, "", "192.0.2.16", "", "alice@example.org",
		"", 1, 12, "hold", "frank.conf:18", "unsigned", "", NULL},
	    {"by a named key only", PATH_SUBMISSION, "bob", "198.51.100.9", "",
		"bob@example.net", "", 1, 12, "accept", "frank.conf:20", "", "s2019", ""},
	    {"a parent's key", PATH_LOCAL, "", "", "", "root@mail.example.org", "", 1, 12,
		"accept", "frank.conf:20", "", "x2027 e2026", ""},
	    {"a key of another domain", PATH_LOCAL, "", "", "", "x@victim.test", "", 1, 12,
		"accept", "frank.conf:20", "", "",
		"the key of example.org may not sign for victim.test"},
	    {"unclear", PATH_SUBMISSION, "alice", "198.51.100.9", "", "", "two From fields",
		1, 12, "reject", "frank.conf:15", "", "",
		"author unclear: two From fields"},
	    {"unclear, though something was filled in", PATH_SUBMISSION, "alice",
		"198.51.100.9", "", "alice@example.org", "two From fields", 1, 12, "reject",
		"frank.conf:15", "", "", "author unclear: two From fields"},
	    {"no domain", PATH_LOCAL, "", "", "", "root", "", 1, 12, "accept",
		"frank.conf:20", "", "", "the author has no domain"},
	    {"incoming", PATH_INBOUND, "", "203.0.113.9", "", "alice@example.org", "", 1,
		12, "accept", "frank.conf:14", "", "", "incoming mail is not signed"},
	    {"a filter hands it back", PATH_REENTRY, "", "127.0.0.1", "", "x@unknown.test",
		"", 1, 12, "accept", "", "", "", NULL},
	    {"nearest of a table", PATH_LOCAL, "", "", "", "x@example.com", "", 1, 12,
		"accept", "frank.conf:20", "", "",
		"no match rule that signs fits; nearest: frank.conf:9 x@example.com is not "
		"in <ours>"},
	    {"until today", PATH_SUBMISSION, "alice", "198.51.100.9", "",
		"alice@example.org", "", 1, 23, "hold", "frank.conf:19", "night",
		"s2026 e2026", ""},
	};
	struct policy *policy = lab_policy(two_tenants, owners, keys);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(64 << 10);
		struct facts facts =
		    lab_facts(cases[i].path, cases[i].user, cases[i].client);
		struct decision decision;
		char signs[256] = "";

		facts.sender = lab_address(cases[i].sender);
		facts.author = lab_address(cases[i].author);
		facts.unclear = view_of(cases[i].unclear);
		facts.rcpts = cases[i].rcpts;
		facts.local_minute = cases[i].hour * 60;
		engine_decide(policy, &facts, arena, NULL, &decision);
		for (uint32_t k = 0; k < decision.n_sign; k++) {
			size_t n = strlen(signs);

			snprintf(signs + n, sizeof(signs) - n, "%s%.*s", k > 0 ? " " : "",
			    VIEW_ARG(decision.sign[k]->selector));
		}
		lab_same(cases[i].what, "verdict", verdict_name(decision.verdict),
		    cases[i].verdict);
		lab_same_view(cases[i].what, "place", decision.place, cases[i].place);
		lab_same_view(cases[i].what, "label", decision.label, cases[i].label);
		lab_same(cases[i].what, "signatures", signs, cases[i].sign);
		if (cases[i].why != NULL)
			lab_same_view(
			    cases[i].what, "why", decision.unsigned_why, cases[i].why);
		assert_int_equal(decision.is_signed, decision.n_sign > 0);
		assert_true(decision.n_sign > 0 || decision.unsigned_why.n > 0);
		arena_free(arena);
	}
	policy_free(policy);
}

static void
adds_tags_notes_and_watches(void **state)
{
	struct policy *policy = lab_policy(two_tenants, owners, keys);
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
	struct policy *policy = lab_policy(two_tenants, owners, keys);
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
	struct policy *policy = lab_policy(two_tenants, owners, keys);
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
	    cmocka_unit_test(traces_what_was_tried),
	    cmocka_unit_test(asks_nothing_of_sign_rules_for_incoming_mail),
	    cmocka_unit_test(traces_reentry_and_near_misses),
	    cmocka_unit_test(never_signs_with_more_than_fit),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
