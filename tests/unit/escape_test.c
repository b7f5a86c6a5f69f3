/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/utf8.h"

static void
leaves_nothing_dangerous(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"", ""},
	    {"plain text, = \"quoted\"", "plain text, = \"quoted\""},
	    {"caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x93\xa7",
		"caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x93\xa7"},
	    {"a\\b", "a\\\\b"},
	    {"\\x1b", "\\\\x1b"}, /* not to be mistaken for an escape of ours */
	    {"\x1b[31m\a\b\t\r\n\x7f", "\\x1b[31m\\x07\\x08\\x09\\x0d\\x0a\\x7f"},
	    /* C1 as bytes and as UTF-8: CSI, the ends of the range, and behind it. */
	    {"\x9b", "\\x9b"},
	    {"\xc2\x9b", "\\xc2\\x9b"},
	    {"\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0"},
	    /* Bidirectional controls and their neighbours. */
	    {"\xd8\x9c", "\\xd8\\x9c"},
	    {"\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f"},
	    {"\xe2\x80\xaa\xe2\x80\xae", "\\xe2\\x80\\xaa\\xe2\\x80\\xae"},
	    {"\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
	    {"\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf"},
	    /* Separators and what cannot be seen. */
	    {"\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"},
	    {"\xe2\x80\x8b\xe2\x80\x8d", "\\xe2\\x80\\x8b\\xe2\\x80\\x8d"},
	    {"\xe2\x80\x8a\xe2\x80\x90", "\xe2\x80\x8a\xe2\x80\x90"},
	    {"\xe2\x81\xa0\xef\xbb\xbf", "\\xe2\\x81\\xa0\\xef\\xbb\\xbf"},
	    {"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"}, /* a tag letter */
	    /* No UTF-8: overlong, surrogate, too large, cut off, stray. */
	    {"\xc0\xaf", "\\xc0\\xaf"},
	    {"\xc1\xbf", "\\xc1\\xbf"},
	    {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},
	    {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	    {"\xed\xbf\xbf", "\\xed\\xbf\\xbf"},
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	    {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
	    {"\xe6\xbc", "\\xe6\\xbc"},
	    {"\xe6\xbc!", "\\xe6\\xbc!"},
	    {"\xe6\xe6\xbc\xa2", "\\xe6\xe6\xbc\xa2"},
	    {"\xf0\x9f\x93", "\\xf0\\x9f\\x93"},
	    {"\xbf\xff\xfe", "\\xbf\\xff\\xfe"},
	    /* The largest and the smallest of each length are characters. */
	    {"\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd", "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd"},
	    {"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"},
	    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);

		escape_add(&out, view_of(cases[i].text), ESCAPE_MAX);
		if (strcmp(buf_text(&out), cases[i].shown) != 0)
			fail_msg(
			    "case %zu: got %s, want %s", i, buf_text(&out), cases[i].shown);
		buf_fini(&out);
	}
}

static void
shows_nul_and_ends_where_told(void **state)
{
	struct buf out = BUF_INIT(100);

	(void)state;
	escape_add(&out, (struct view){"a\0b", 3}, 3);
	assert_string_equal(buf_text(&out), "a\\x00b");
	buf_reset(&out);
	escape_add(
	    &out, (struct view){"\xe6\xbc\xa2", 2}, 3); /* the third byte is not ours */
	assert_string_equal(buf_text(&out), "\\xe6\\xbc");
	buf_fini(&out);
}

static void
cuts_between_characters(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *shown;
	} cases[] = {
	    {"abc", 3, "abc"},
	    {"abcd", 3, "abc..."},
	    {"a", 0, "..."},
	    {"", 0, ""},
	    {"ab\xc3\xa9", 4, "ab\xc3\xa9"},
	    {"ab\xc3\xa9", 3, "ab..."},
	    {"\xc3\xa9\xc3\xa9", 2, "\xc3\xa9..."},
	    {"\xc3\xc3\xc3", 2, "\\xc3\\xc3..."},
	    {"\xf0\x9f\x93\xa7", 3, "..."},
	    {"\\\\", 1, "\\\\..."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);

		escape_add(&out, view_of(cases[i].text), cases[i].max);
		if (strcmp(buf_text(&out), cases[i].shown) != 0)
			fail_msg(
			    "case %zu: got %s, want %s", i, buf_text(&out), cases[i].shown);
		buf_fini(&out);
	}
}

static void
quotes_values(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *shown;
	} cases[] = {
	    {"alice@example.org", 256, "alice@example.org"},
	    {"", 256, "\"\""},
	    {"a b", 256, "\"a b\""},
	    {"a=b", 256, "\"a=b\""},
	    {"a,b", 256, "\"a,b\""},
	    {"say \"x\"", 256, "\"say \\\"x\\\"\""},
	    {"\"", 256, "\"\\\"\""},
	    {"a\\b", 256, "a\\\\b"},
	    {"\\\" verdict=accept", 256, "\"\\\\\\\" verdict=accept\""},
	    {"a\nb", 256, "a\\x0ab"},
	    {"a long one", 4, "\"a lo...\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);

		escape_add_value(&out, view_of(cases[i].text), cases[i].max);
		if (strcmp(buf_text(&out), cases[i].shown) != 0)
			fail_msg(
			    "case %zu: got %s, want %s", i, buf_text(&out), cases[i].shown);
		buf_fini(&out);
	}
}

/* Every sequence of up to three bytes comes out as UTF-8 that may be shown. */
static void
is_safe_for_all_short_texts(void **state)
{
	struct buf out = BUF_INIT(64);

	(void)state;
	for (uint32_t i = 0; i < 1u << 24; i += i < 1u << 16 ? 1 : 251) {
		char bytes[3] = {(char)(i & 0xff), (char)(i >> 8 & 0xff), (char)(i >> 16)};
		struct view rest;
		uint32_t point = 0;
		size_t n;

		buf_reset(&out);
		escape_add(&out, (struct view){bytes, 3}, 3);
		for (rest = buf_view(&out); rest.n != 0; rest = view_from(rest, n)) {
			n = utf8_take(rest, &point);
			if (n == 0 || utf8_is_unsafe(point))
				fail_msg("%06x came out as %s", i, buf_text(&out));
		}
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_nothing_dangerous),
	    cmocka_unit_test(shows_nul_and_ends_where_told),
	    cmocka_unit_test(cuts_between_characters),
	    cmocka_unit_test(quotes_values),
	    cmocka_unit_test(is_safe_for_all_short_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
