/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* How a finding is shown: words are wrapped, what is to be pasted is not. */

#include "tests/unit/doctor_lab.h"

#include <string.h>

#include "ctl/doctor.h"
#include "lib/buf.h"
#include "lib/bug.h"

#define LONG                                                                               \
	"frank explain ID says whether it was signed, and much more, so that it does not " \
	"fit into a line"

#define PASTED "In a file:\n\tweekly\npostconf -e 'a='\\'''\n\033[31m"

static const struct {
	const char *what;
	struct doctor_finding finding;
	const char *want;
} shown[] = {
    {"words, and what is to be pasted",
	{.answer = DOCTOR_BAD,
	    .evidence = {"it is so", 8},
	    .remedy = {"Do this:\nand this", 17}},
	"  BAD name: it is so\n"
	"      do:  Do this:\n"
	"             and this\n"},
    {"a long line to be pasted",
	{.answer = DOCTOR_BAD, .evidence = {"so", 2}, .remedy = {LONG, sizeof(LONG) - 1}},
	"  BAD name: so\n"
	"      do:\n"
	"             " LONG "\n"},
    {"words, whatever they begin with",
	{.answer = DOCTOR_BAD,
	    .evidence = {"so", 2},
	    .remedy = {LONG, sizeof(LONG) - 1},
	    .is_words = true},
	"  BAD name: so\n"
	"      do:  frank explain ID says whether it was signed, and much more, so that\n"
	"           it does not fit into a line\n"},
    {"what is to be pasted has its tabs and backslashes",
	{.answer = DOCTOR_BAD,
	    .evidence = {"so", 2},
	    .remedy = {PASTED, sizeof(PASTED) - 1}},
	"  BAD name: so\n"
	"      do:  In a file:\n"
	"             \tweekly\n"
	"             postconf -e 'a='\\'''\n"
	"             \\x1b[31m\n"},
    {"what the outside said",
	{.answer = DOCTOR_UNKNOWN, .evidence = {"a\033[31m\nb", 8}, .remedy = {NULL, 0}},
	"  ?   name: could not tell: a\\x1b[31m\\x0ab\n"},
};

static void
test_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		struct buf out = BUF_INIT(1 << 16);

		doctor_text_finding(&out, "name", &shown[i].finding, false);
		if (strcmp(buf_text(&out), shown[i].want) != 0)
			fail_msg("%s\ngot:\n%swant:\n%s", shown[i].what, buf_text(&out),
			    shown[i].want);
		buf_fini(&out);
	}
}

/* However much there is of it, its beginning is shown. */
static void
test_long(void **state)
{
	enum { LENGTH = 16000 };
	struct doctor_report *report = lab_report();
	struct buf text = BUF_INIT(LENGTH), out = BUF_INIT(1 << 20);

	(void)state;
	while (text.n < LENGTH)
		buf_add_text(&text, "word ");
	doctor_text_finding(
	    &out, "name", doctor_say(report, DOCTOR_UNKNOWN, "%s", buf_text(&text)), false);
	assert_non_null(strstr(buf_text(&out), "could not tell: word word"));
	assert_non_null(strstr(buf_text(&out), "..."));
	assert_true(out.n < LENGTH);
	buf_fini(&text);
	buf_fini(&out);
	arena_free(report->arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shown),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("doctor_text", tests, NULL, NULL);
}
