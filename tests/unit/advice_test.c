/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include <string.h>

#include "lib/bug.h"
#include "policy/advice.h"

enum { TEXT = 1 << 14 };

/* What TEXT says, said again. */
static void
same_again(const char *text, const char *want)
{
	struct arena *arena = arena_new(0);
	struct buf out = BUF_INIT(TEXT);
	struct facts facts = {.n_keys = 0};

	advice_read_text(view_of(text), arena, &facts);
	advice_print(&facts, &out);
	lab_same(text, "again", buf_text(&out), want);
	buf_fini(&out);
	arena_free(arena);
}

static void
gives_back_every_word(void **state)
{
	static const char *const words[] = {"", "spf=permerror spf-from=2001:db8::25",
	    "receiver=disagrees dmarc-policy=quarantine dmarc=fail age=90061s",
	    "aspf=s adkim=s signed-already=yes", "key.s2026/example.org=ready",
	    "key.s2026/example.org=unknown,published",
	    "key.s2026/example.org=ready,testing,1772441100,agrees",
	    "key.s2026/example.org=unknown,1772441100,disagrees",
	    "meter.sent=64 usual.sent=5", "meter.sent=0 usual.sent=0,site meter.per=none",
	    "map.plan=found:500 map.owners/alice@example.org=unknown",
	    "map.owners/a%20b@example.org=found:alice,%20bob,%FF map.x=none"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		same_again(words[i], words[i]);
}

static void
passes_over_what_it_cannot_read(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"spf=passed spf=pass", "spf=pass"},
	    {"spf", ""},
	    {"=", ""},
	    {" ", ""},
	    {"later=1 spf=none", "spf=none"},
	    {"spf-from=example.org", ""},
	    {"age=soon", ""},
	    {"aspf=strict adkim=x signed-already=perhaps", ""},
	    {"receiver=nods dmarc=maybe dmarc-policy=hard", ""},
	    {"key.s=ready", ""},
	    {"key./=ready", "key./=ready"},
	    {"key.s/d=ready,x", ""},
	    {"key.s/d=", ""},
	    {"key.s%4/d=ready", ""},
	    {"key.s%zz/d=ready", ""},
	    {"meter.sent=-1 meter.sent=x", ""},
	    {"meter.sent=99999999999999999999", ""},
	    {"usual.sent=5,here", ""},
	    {"map.=none", ""},
	    {"map.plan=perhaps", ""},
	    {"map.plan=found:%", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		same_again(cases[i].text, cases[i].want);
}

/* Lists end at their limits, and what follows is left out. */
static void
keeps_its_limits(void **state)
{
	struct buf text = BUF_INIT(TEXT);
	struct arena *arena = arena_new(0);
	struct facts facts = {.n_keys = 0};

	(void)state;
	for (unsigned i = 0; i < FACTS_METERS_MAX + 5; i++)
		buf_addf(&text, "meter.m%u=%u key.s%u/d=ready map.t%u=none ", i, i, i, i);
	buf_add_text(&text, "spf=pass");
	advice_read_text(buf_view(&text), arena, &facts);
	assert_int_equal(facts.n_meters, FACTS_METERS_MAX);
	assert_int_equal(facts.n_keys, FACTS_KEYS_MAX);
	assert_int_equal(facts.n_lookups, FACTS_LOOKUPS_MAX);
	assert_int_equal(facts.spf, SPF_PASS);
	arena_free(arena);
	buf_fini(&text);
}

/* What does not fit is left out whole, so that nothing is read as something else. */
static void
leaves_out_whole_words(void **state)
{
	static char value[3000];
	struct fact_lookup lookups[4];
	struct facts facts = {.lookups = lookups, .n_lookups = 4, .spf = SPF_PASS},
		     again = {0};
	struct buf text = BUF_INIT(TEXT);
	struct arena *arena = arena_new(0);

	(void)state;
	memset(value, 'v', sizeof(value));
	for (unsigned i = 0; i < ARRAY_LEN(lookups); i++)
		lookups[i] = (struct fact_lookup){.map = VIEW("m"),
		    .key = (struct view){&"abcd"[i], 1},
		    .answer = ANSWER_FOUND,
		    .values = {value, sizeof(value)}};
	lookups[3].values.n = 10;
	advice_print(&facts, &text);
	assert_true(text.n <= ADVICE_TEXT_MAX);
	advice_read_text(buf_view(&text), arena, &again);
	assert_int_equal(again.spf, SPF_PASS);
	assert_int_equal(again.n_lookups, 3);
	assert_true(view_is(again.lookups[2].key, VIEW("d")));
	assert_true(view_is(again.lookups[2].values, VIEW("vvvvvvvvvv")));
	arena_free(arena);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_back_every_word),
	    cmocka_unit_test(passes_over_what_it_cannot_read),
	    cmocka_unit_test(keeps_its_limits),
	    cmocka_unit_test(leaves_out_whole_words),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
