/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/view.h"

static void
compares(void **state)
{
	static const struct {
		const char *a, *b;
		bool is, is_nocase, starts, ends;
		int order;
	} cases[] = {
	    {"", "", true, true, true, true, 0},
	    {"a", "", false, false, true, true, 1},
	    {"", "a", false, false, false, false, -1},
	    {"Postfix", "postfix", false, true, false, false, -1},
	    {"abc", "ab", false, false, true, false, 1},
	    {"abc", "bc", false, false, false, true, -1},
	    {"\xc3\x84", "\xc3\xa4", false, false, false, false, -1}, /* ASCII case only */
	    {"[", "{", false, false, false, false, -1},
	    {"@", "`", false, false, false, false, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view a = view_of(cases[i].a), b = view_of(cases[i].b);
		int order = view_compare(a, b);

		if (view_is(a, b) != cases[i].is ||
		    view_is_nocase(a, b) != cases[i].is_nocase ||
		    view_starts(a, b) != cases[i].starts ||
		    view_ends(a, b) != cases[i].ends ||
		    (order > 0) - (order < 0) != cases[i].order)
			fail_msg("\"%s\" and \"%s\": got is %d nocase %d starts %d ends %d "
				 "order %d",
			    cases[i].a, cases[i].b, view_is(a, b), view_is_nocase(a, b),
			    view_starts(a, b), view_ends(a, b), order);
	}
	assert_true(view_starts_nocase(VIEW("BCC: x"), VIEW("bcc:")));
	assert_true(view_ends_nocase(VIEW("x.EXAMPLE"), VIEW(".example")));
	assert_false(view_ends_nocase(VIEW("x"), VIEW(".example")));
}

static void
takes_none_and_nul(void **state)
{
	struct view none = VIEW_NONE, nul = {"a\0b", 3}, rest = none, part;

	(void)state;
	assert_true(view_is(none, VIEW("")));
	assert_true(view_is(view_of(NULL), none));
	assert_true(view_starts(VIEW("x"), none) && view_ends(VIEW("x"), none));
	assert_true(view_compare(none, VIEW("a")) < 0);
	assert_false(view_has_char(none, 'a'));
	assert_false(view_has(none, VIEW("a")));
	assert_true(view_has(none, none) && view_has(VIEW("a"), VIEW("")));
	assert_true(view_has(VIEW("abc"), VIEW("abc")) && view_has(VIEW("abc"), VIEW("c")));
	assert_false(
	    view_has(VIEW("abc"), VIEW("abcd")) || view_has(VIEW("abc"), VIEW("ac")));
	assert_false(view_has(view_head(VIEW("abc"), 2), VIEW("bc")));
	assert_null(view_from(none, 3).p);
	assert_int_equal(view_trim(none).n, 0);
	assert_false(view_cut(&rest, ',', &part));
	assert_false(view_is(nul, VIEW("a")));
	assert_true(view_has_char(nul, '\0') && view_has_char(nul, 'b'));
}

static void
gives_parts(void **state)
{
	struct view text = VIEW("abc");

	(void)state;
	assert_true(view_is(view_from(text, 1), VIEW("bc")));
	assert_int_equal(view_from(text, 4).n, 0);
	assert_ptr_equal(view_from(text, 4).p, text.p + 3);
	assert_true(view_is(view_head(text, 2), VIEW("ab")));
	assert_true(view_is(view_head(text, 9), text));
	assert_true(view_is(view_trim(VIEW(" \t\r\na b\n ")), VIEW("a b")));
	assert_int_equal(view_trim(VIEW(" \t ")).n, 0);
}

static void
cuts(void **state)
{
	static const struct {
		const char *text, *parts; /* each in <> */
	} cases[] = {
	    {"", "<>"},
	    {"a", "<a>"},
	    {",", "<><>"},
	    {"a,b", "<a><b>"},
	    {"a,,b,", "<a><><b><>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view rest = view_of(cases[i].text), part;
		char got[64] = "";

		while (view_cut(&rest, ',', &part))
			(void)snprintf(got + strlen(got), sizeof(got) - strlen(got),
			    "<%.*s>", VIEW_ARG(part));
		if (strcmp(got, cases[i].parts) != 0)
			fail_msg(
			    "\"%s\": got %s, want %s", cases[i].text, got, cases[i].parts);
		assert_null(rest.p);
	}
}

static void
reads_numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned long long max, number;
		bool is_number;
	} cases[] = {
	    {"0", 0, 0, true}, {"1", 0, 0, false}, {"007", 7, 7, true}, {"8", 7, 0, false},
	    {"10", 9, 0, false}, {"99", 99, 99, true}, {"100", 99, 0, false},
	    {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
	    {"18446744073709551616", UINT64_MAX, 0, false},
	    {"99999999999999999999999999", UINT64_MAX, 0, false}, {"", 9, 0, false},
	    {"+1", 9, 0, false}, {"-1", 9, 0, false}, {" 1", 9, 0, false},
	    {"1 ", 9, 0, false}, {"0x1", 99, 0, false},
	    {"\xd9\xa1", 9, 0, false}, /* ARABIC-INDIC DIGIT ONE */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned long long number = 0;
		bool is = view_number(view_of(cases[i].text), cases[i].max, &number);

		if (is != cases[i].is_number || number != cases[i].number)
			fail_msg("\"%s\": got %d %llu, want %d %llu", cases[i].text, is,
			    number, cases[i].is_number, cases[i].number);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares),
	    cmocka_unit_test(takes_none_and_nul),
	    cmocka_unit_test(gives_parts),
	    cmocka_unit_test(cuts),
	    cmocka_unit_test(reads_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
