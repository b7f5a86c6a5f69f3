/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "engine/engine.h"
#include "lib/bug.h"
#include "policy/advice.h"
#include "tests/unit/policy_lab.h"

/* Why DMARC would fail, in one sentence. */

static const char policy_text[] = "set helo mail.example.org\n"
				  "keys \"keys\"\n"
				  "match path submission sign\n"
				  "match author sub.example.org sign with example.org\n"
				  "match author two.example.org sign with example.org\n"
				  "match path local author nobody@example.org note \"-\"\n"
				  "accept dmarc pass, fail, none, unknown\n"
				  "accept\n";

static const char keys[] = "- example.org s2026 rsa-sha256 1700000001\n"
			   "- example.org e2026 ed25519-sha256 1600000000\n"
			   "- ed.example.net e1 ed25519-sha256 1600000000\n"
			   "- two.example.org t2026 rsa-sha256 1700000001\n";

#define TESTING                                                                            \
	"is aligned, and published as testing (t=y): some receivers treat what it signs "  \
	"as unsigned"
#define UNPUBLISHED "key.s2026/example.org=unpublished key.e2026/example.org=ready "

static const struct {
	const char *author, *sender, *advice, *want; /* "": it would not, or nobody knows */
} sentences[] = {
    {"a@example.com", "x@bounce.example.net", "spf=pass dmarc-policy=reject",
	"SPF passes for bounce.example.net, which does not align with example.com; no "
	"ready key for example.com; example.com asks receivers to reject"},
    {"a@mail.example.com", "x@example.com",
	"spf=softfail spf-term=~all%20of%20example.com dmarc-policy=quarantine "
	"dmarc-domain=example.com",
	"SPF is softfail for example.com (~all of example.com); no ready key for "
	"mail.example.com; example.com asks receivers to quarantine"},
    {"a@example.org", "a@example.org", UNPUBLISHED "spf=fail dmarc-policy=none",
	"SPF fails for example.org; no ready key for example.org: s2026 is unpublished, "
	"e2026 is Ed25519, which few verify; example.org asks receivers to do nothing "
	"about it"},
    {"a@example.org", "",
	"key.s2026/example.org=mismatched spf=none aspf=s "
	"dmarc-policy=reject",
	"SPF is none for mail.example.org, which does not align with example.org; no ready "
	"key for example.org: s2026 is mismatched, e2026 is Ed25519, which few verify; "
	"example.org asks receivers to reject"},
    {"a@sub.example.org", "a@sub.example.org",
	"key.s2026/example.org=ready spf=fail adkim=s dmarc-policy=reject",
	"SPF fails for sub.example.org; no ready key for sub.example.org: s2026 of "
	"example.org does not align, e2026 is Ed25519, which few verify; sub.example.org "
	"asks receivers to reject"},
    {"a@ed.example.net", "a@ed.example.net", "spf=permerror dmarc-policy=reject",
	"SPF is permerror for ed.example.net; no ready key for ed.example.net: e1 is "
	"Ed25519, which few verify; ed.example.net asks receivers to reject"},
    /* The two ways differ. */
    {"a@sub.example.org", "a@sub.example.org",
	"key.s2026/example.org=ready spf=fail dmarc-policy=none "
	"tree.dmarc-policy=reject tree.author=sub.example.org "
	"tree.dmarc-domain=sub.example.org",
	"SPF fails for sub.example.org; no ready key for sub.example.org: s2026 of "
	"example.org does not align, e2026 is Ed25519, which few verify; sub.example.org "
	"asks receivers to reject (by the tree walk; by the public suffix list it would "
	"pass)"},
    {"a@example.com", "a@example.com",
	"spf=fail dmarc-policy=reject tree.dmarc-policy=none tree.dmarc-domain=com",
	"SPF fails for example.com; no ready key for example.com; example.com asks "
	"receivers to reject (by the public suffix list; by the tree walk com asks "
	"receivers to do nothing about it)"},
    {"a@example.com", "a@example.com",
	"spf=fail dmarc-policy=absent tree.dmarc-policy=reject",
	"SPF fails for example.com; no ready key for example.com; example.com asks "
	"receivers to reject (by the tree walk; by the public suffix list there is no "
	"record)"},
    {"a@example.com", "a@example.com",
	"spf=fail dmarc-policy=reject "
	"tree.dmarc-policy=reject",
	"SPF fails for example.com; no ready key for example.com; example.com asks "
	"receivers to reject"},
    /* Nothing in it can speak to a terminal. */
    {"a@example.com", "a@example.com",
	"spf=fail spf-term=%1B[2J%0A dmarc-policy=reject dmarc-domain=x%0Ay",
	"SPF fails for example.com (\\x1b[2J\\x0a); no ready key for example.com; "
	"x\\x0ay asks receivers to reject"},
    /* It would not. */
    {"a@example.org", "a@example.org", "key.s2026/example.org=ready dmarc-policy=reject",
	""},
    {"a@example.com", "a@example.com", "spf=pass dmarc-policy=reject", ""},
    {"a@example.com", "a@example.com", "spf=fail dmarc-policy=absent", ""},
    {"a@example.com", "a@example.com", "spf=fail", ""},
    {"a@example.com", "a@example.com", "spf=temperror dmarc-policy=reject", ""},
    {"a@example.com", "a@example.com", "spf=fail dmarc-policy=reject signed-already=yes",
	""},
};

static struct facts
facts_of(size_t i, struct arena *arena)
{
	struct facts facts = lab_facts(PATH_SUBMISSION, "alice@example.org", "192.0.2.1");

	facts.author = lab_address(sentences[i].author);
	facts.sender = lab_address(sentences[i].sender);
	advice_read_text(view_of(sentences[i].advice), arena, &facts);
	return facts;
}

static void
says_why(void **state)
{
	struct policy *policy = lab_policy(policy_text, NULL, keys);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		struct arena *arena = arena_new(0);
		struct facts facts = facts_of(i, arena);
		struct trace trace = {.n_steps = 0};
		struct decision decision;

		engine_decide(policy, &facts, arena, NULL, &decision);
		lab_same_view(
		    sentences[i].advice, "why", decision.dmarc_why, sentences[i].want);
		/* With a trace it is the same sentence, and a judge shows it. */
		engine_decide(policy, &facts, arena, &trace, &decision);
		lab_same_view(sentences[i].advice, "why with a trace", decision.dmarc_why,
		    sentences[i].want);
		arena_free(arena);
	}
	policy_free(policy);
}

static const struct {
	const char *author, *sender, *advice, *want;
} judged[] = {
    {"a@example.org", "a@example.org", "key.s2026/example.org=ready dmarc-policy=reject",
	"pass: s2026 is aligned and published"},
    /* t=y, and what else there is. */
    {"a@example.org", "a@example.org",
	"key.s2026/example.org=ready,testing spf=fail dmarc-policy=reject",
	"pass: s2026 " TESTING},
    {"a@example.org", "a@example.org",
	"key.s2026/example.org=ready,testing dmarc-policy=reject", "pass: s2026 " TESTING},
    {"a@example.org", "a@example.org",
	"key.s2026/example.org=ready,testing spf=pass dmarc-policy=reject",
	"pass: SPF passes for example.org, which aligns"},
    {"a@two.example.org", "a@two.example.org",
	"key.s2026/example.org=ready,testing key.t2026/two.example.org=ready "
	"dmarc-policy=reject",
	"pass: t2026 is aligned and published"},
    {"a@two.example.org", "a@two.example.org",
	"key.s2026/example.org=ready key.t2026/two.example.org=ready,testing "
	"dmarc-policy=reject",
	"pass: s2026 is aligned and published"},
    {"a@two.example.org", "a@two.example.org",
	"key.s2026/example.org=ready,testing dmarc-policy=reject", "pass: s2026 " TESTING},
    /* SPF aligns by the list alone: by the tree it rests on the key. */
    {"a@example.org", "x@sub.example.org",
	"key.s2026/example.org=ready,testing spf=pass dmarc-policy=reject "
	"tree.dmarc-policy=reject tree.aspf=s",
	"pass: s2026 " TESTING},
    {"a@example.org", "x@sub.example.org",
	"key.s2026/example.org=ready,testing spf=pass aspf=s dmarc-policy=reject "
	"tree.dmarc-policy=reject",
	"pass: s2026 " TESTING},
    /* Another state is worse than to be tested. */
    {"a@example.org", "a@example.org",
	"key.s2026/example.org=unpublished,testing spf=unknown dmarc-policy=reject",
	"unknown: SPF is unknown for example.org; no ready key for example.org: s2026 is "
	"unpublished, e2026 is Ed25519, which few verify"},
    {"a@example.com", "a@example.com", "spf=pass dmarc-policy=reject",
	"pass: SPF passes for example.com, which aligns"},
    {"a@example.org", "a@example.org", "dmarc-policy=reject",
	"unknown: SPF is unknown for example.org; no ready key for example.org: s2026 is "
	"in an unknown state, e2026 is Ed25519, which few verify"},
    {"a@example.com", "a@example.com", "spf=fail dmarc-policy=reject signed-already=yes",
	"unknown: SPF fails for example.com; it came with a signature of the author's "
	"domain; no ready key for example.com"},
    {"a@example.com", "a@example.com", "dmarc-policy=absent", "none"},
    {"a@example.com", "a@example.com", "", "unknown"},
};

static void
shows_why(void **state)
{
	struct policy *policy = lab_policy(policy_text, NULL, keys);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
		struct arena *arena = arena_new(0);
		struct facts facts =
		    lab_facts(PATH_SUBMISSION, "alice@example.org", "192.0.2.1");
		struct trace trace = {.n_steps = 0};
		struct decision decision;

		facts.author = lab_address(judged[i].author);
		facts.sender = lab_address(judged[i].sender);
		advice_read_text(view_of(judged[i].advice), arena, &facts);
		engine_decide(policy, &facts, arena, &trace, &decision);
		assert_true(trace.n_steps > 0);
		lab_same_view(judged[i].advice, "why", trace.steps[trace.n_steps - 1].why,
		    judged[i].want);
		arena_free(arena);
	}
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_why),
	    cmocka_unit_test(shows_why),
	};

	return cmocka_run_group_tests_name("why DMARC would fail", tests, NULL, NULL);
}
