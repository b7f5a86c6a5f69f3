/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"

static void
grows(void **state)
{
	struct buf buf = BUF_INIT(100000);

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_non_null(buf_view(&buf).p);
	for (int i = 0; i < 10000; i++) {
		buf_add_char(&buf, 'a');
		assert_int_equal(buf.p[buf.n], '\0');
	}
	buf_add(&buf, VIEW("bc"));
	buf_add(&buf, VIEW_NONE);
	buf_add_text(&buf, "d");
	buf_addf(&buf, "%s-%d", "e", 5);
	assert_int_equal(buf.n, 10006);
	assert_string_equal(buf_text(&buf) + 9999, "abcde-5");
	assert_false(buf.full);
	buf_fini(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_fini(&buf);
}

/* What does not fit is left out whole, and so is all that comes later: the content is a
 * prefix. */
static void
stops_at_the_limit(void **state)
{
	static const struct {
		const char *first, *second, *content;
		bool full;
	} cases[] = {
	    {"1234", "5678", "12345678", false},
	    {"1234", "56789", "1234", true},
	    {"123456789", "1", "", true},
	    {"12345678", "", "12345678", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
		size_t c = i / 2;
		struct buf buf = BUF_INIT(8);

		if (i % 2 == 0) {
			buf_add_text(&buf, cases[c].first);
			buf_add_text(&buf, cases[c].second);
		} else {
			buf_addf(&buf, "%s", cases[c].first);
			buf_addf(&buf, "%s", cases[c].second);
		}
		if (strcmp(buf_text(&buf), cases[c].content) != 0 ||
		    buf.full != cases[c].full)
			fail_msg("case %zu: got \"%s\" full %d, want \"%s\" full %d", i,
			    buf_text(&buf), buf.full, cases[c].content, cases[c].full);
		if (buf.full) {
			size_t n = buf.n;

			buf_add_char(&buf, 'x');
			buf_addf(&buf, "%c", 'x');
			assert_null(buf_reserve(&buf, 0));
			assert_int_equal(buf.n, n);
		}
		buf_reset(&buf);
		assert_false(buf.full);
		assert_string_equal(buf_text(&buf), "");
		buf_fini(&buf);
	}
}

static void
reserves(void **state)
{
	struct buf buf = BUF_INIT(1000);
	char *room = buf_reserve(&buf, 1000);

	(void)state;
	assert_non_null(room);
	memset(room, 'x', 1000);
	buf.n += 999;
	assert_int_equal(strlen(buf_text(&buf)), 999);
	assert_non_null(buf_reserve(&buf, 1));
	assert_null(buf_reserve(&buf, 2));
	assert_true(buf.full);
	buf_fini(&buf);
	buf_init(&buf, 4);
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_fini(&buf);
}

static void
keeps_little_when_reset(void **state)
{
	struct buf buf = BUF_INIT(1 << 20);

	(void)state;
	buf_add_char(&buf, 'x');
	buf_reset(&buf);
	assert_non_null(buf.p);
	assert_non_null(buf_reserve(&buf, 1 << 20));
	buf_reset(&buf);
	assert_true(buf.size <= 64 * 1024);
	assert_int_equal(buf.limit, 1 << 20);
	buf_add_text(&buf, "again");
	assert_string_equal(buf_text(&buf), "again");
	buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows),
	    cmocka_unit_test(stops_at_the_limit),
	    cmocka_unit_test(reserves),
	    cmocka_unit_test(keeps_little_when_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
