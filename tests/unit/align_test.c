/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/align.h"
#include "auth/suffixes.h"
#include "lib/bug.h"

static const struct {
	const char *domain, *want;
} organizational[] = {
    {"example.org", "example.org"},
    {"mail.example.org", "example.org"},
    {"a.b.c.example.org", "example.org"},
    {"example.co.uk", "example.co.uk"},
    {"mail.example.co.uk", "example.co.uk"},
    {"co.uk", "co.uk"},
    {"uk", "uk"},
    {"org", "org"},
    {"localhost", "localhost"},
    {"alice.github.io", "alice.github.io"},
    {"www.alice.github.io", "alice.github.io"},
    {"github.io", "github.io"},
    {"www.city.kawasaki.jp", "city.kawasaki.jp"},
    {"a.b.kawasaki.jp", "a.b.kawasaki.jp"},
    {"www.example.xn--55qx5d.cn", "example.xn--55qx5d.cn"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"no.such.suffix", "such.suffix"},
    {"[192.0.2.1]", "[192.0.2.1]"},
    {"", ""},
};

static void
test_organizational(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(organizational); i++) {
		struct view got = align_organizational(view_of(organizational[i].domain));

		if (!view_is(got, view_of(organizational[i].want)))
			fail_msg("%s: got '%.*s', want '%s'", organizational[i].domain,
			    VIEW_ARG(got), organizational[i].want);
	}
}

static const struct {
	const char *key, *author;
	bool relaxed, may_sign;
} pairs[] = {
    {"example.org", "example.org", true, true},
    {"example.org", "mail.example.org", true, true},
    {"mail.example.org", "example.org", true, false},
    {"a.example.org", "b.example.org", true, false},
    {"b.example.org", "a.b.example.org", true, true},
    {"example.org", "badexample.org", false, false},
    {"b.example.org", "ab.example.org", true, false},
    {"example.org", "example.com", false, false},
    {"org", "example.org", false, false},
    {"org", "org", true, true},
    {"co.uk", "example.co.uk", false, false},
    {"github.io", "alice.github.io", false, false},
    {"alice.github.io", "bob.github.io", false, false},
    {"alice.github.io", "www.alice.github.io", true, true},
    {"example.org", "example.org.evil.example", false, false},
    {"", "", false, false},
    {"", "example.org", false, false},
    {"example.org", "", false, false},
    {"[192.0.2.1]", "[192.0.2.1]", true, true},
};

static void
test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct view key = view_of(pairs[i].key), author = view_of(pairs[i].author);
		bool relaxed = align_relaxed(key, author);
		bool may_sign = align_key_may_sign(key, author);

		if (relaxed != pairs[i].relaxed || may_sign != pairs[i].may_sign)
			fail_msg("%s for %s: got %d and %d, want %d and %d", pairs[i].key,
			    pairs[i].author, relaxed, may_sign, pairs[i].relaxed,
			    pairs[i].may_sign);
	}
}

/* Whatever list this machine has, it is one, and knows when it was made. */
static void
test_newest_list(void **state)
{
	int64_t made;

	assert_string_equal(suffixes_file(), "");
	suffixes_choose();
	test_organizational(state);
	made = suffixes_time();
	if (made == 0) {
		assert_false(suffixes_are_old(INT64_MAX));
		return;
	}
	assert_in_range(made, 1500000000, 100000000000);
	assert_false(suffixes_are_old(made + SUFFIXES_OLD));
	assert_true(suffixes_are_old(made + SUFFIXES_OLD + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_organizational),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_newest_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
