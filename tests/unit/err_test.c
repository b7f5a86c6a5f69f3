/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/err.h"

static void
says_what_and_where(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, ERR_LIMIT, "%d is more than %d", 2, 1), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "2 is more than 1");
	assert_int_equal(err_add(&err, "key '%s'", "x.pem"), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "key 'x.pem': 2 is more than 1");
}

static void
takes_null(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
	assert_int_equal(err_add(NULL, "x"), -1);
	assert_int_equal(err_sys(NULL, "x"), -1);
}

static void
takes_its_own_text(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_IO, "inner");
	(void)err_set(&err, ERR_IO, "outer %s", err.text);
	assert_string_equal(err.text, "outer inner");
	(void)err_add(&err, "%s", err.text);
	assert_string_equal(err.text, "outer inner: outer inner");
}

static void
marks_what_is_cut(void **state)
{
	struct err err = ERR_INIT;
	char longest[256], longer[257];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	memset(longer, 'a', sizeof(longer));
	longer[256] = '\0';

	(void)err_set(&err, ERR_IO, "%s", longest);
	assert_string_equal(err.text, longest);
	(void)err_set(&err, ERR_IO, "%s", longer);
	assert_int_equal(strlen(err.text), 255);
	assert_string_equal(err.text + 252, "...");
	(void)err_set(&err, ERR_IO, "%s", longest);
	(void)err_add(&err, "x");
	assert_int_equal(strlen(err.text), 255);
	assert_memory_equal(err.text, "x: aaa", 6);
	assert_string_equal(err.text + 252, "...");
	errno = EIO;
	(void)err_sys(&err, "%s", longest);
	assert_int_equal(strlen(err.text), 255);
	assert_string_equal(err.text + 252, "...");
}

static void
knows_the_system(void **state)
{
	static const struct {
		int why;
		enum err_code code;
		const char *text;
	} cases[] = {
	    {ENOENT, ERR_MISSING, "x.pem: No such file or directory"},
	    {EACCES, ERR_DENIED, "x.pem: Permission denied"},
	    {EPERM, ERR_DENIED, "x.pem: Operation not permitted"},
	    {EIO, ERR_IO, "x.pem: Input/output error"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;

		errno = cases[i].why;
		assert_int_equal(err_sys(&err, "%s.pem", "x"), -1);
		assert_int_equal(errno, cases[i].why);
		if (err.code != cases[i].code || strcmp(err.text, cases[i].text) != 0)
			fail_msg("errno %d: got %d \"%s\", want %d \"%s\"", cases[i].why,
			    (int)err.code, err.text, (int)cases[i].code, cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_and_where),
	    cmocka_unit_test(takes_null),
	    cmocka_unit_test(takes_its_own_text),
	    cmocka_unit_test(marks_what_is_cut),
	    cmocka_unit_test(knows_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
