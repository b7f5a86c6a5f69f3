/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Each line once, whatever happens to the log. */

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "follow/tail.h"
#include "lib/bug.h"

static char dir[256], log_path[300];
static unsigned gaps;
static char last_gap[512];

static int
open_file(void *context, const char *suffix, struct err *err)
{
	char path[400];

	(void)context;
	snprintf(path, sizeof(path), "%s%s", log_path, suffix);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(err, "%s", path);
}

static void
note_gap(void *context, const char *text)
{
	(void)context;
	gaps++;
	snprintf(last_gap, sizeof(last_gap), "%s", text);
}

static const struct tail_calls calls = {.open = open_file, .gap = note_gap};

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static void
begin_anew(void)
{
	run("rm -rf '%s'/*", dir);
	gaps = 0;
}

static void
add(const char *text)
{
	FILE *file = fopen(log_path, "a");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
rotate(void)
{
	run("cd '%s' && for n in 8 7 6 5 4 3 2 1; do "
	    "if [ -f mail.log.$n ]; then mv mail.log.$n mail.log.$((n + 1)); fi; done && "
	    "mv mail.log mail.log.1",
	    dir);
}

static void
copy_and_cut(void)
{
	run("cd '%s' && for n in 8 7 6 5 4 3 2 1; do "
	    "if [ -f mail.log.$n ]; then mv mail.log.$n mail.log.$((n + 1)); fi; done && "
	    "cp mail.log mail.log.1 && : >mail.log",
	    dir);
}

/* All lines that are there now, joined by '|'. */
static const char *
read_all(struct tail *tail)
{
	static char text[65536];
	struct err err = ERR_INIT;
	struct view line;
	size_t n = 0;
	int got;

	text[0] = '\0';
	while ((got = tail_line(tail, &line, &err)) == 1)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s|", VIEW_ARG(line));
	if (got == -1 && err.code != ERR_MISSING)
		fail_msg("%s", err.text);
	return text;
}

static struct tail *
begin(const char *place)
{
	struct tail *tail = tail_new(log_path, &calls);
	struct err err = ERR_INIT;

	if (tail_begin(tail, view_of(place), &err) != 0)
		fail_msg("%s", err.text);
	return tail;
}

static char *
end(struct tail *tail)
{
	static char text[TAIL_PLACE_MAX];
	struct buf place = BUF_INIT(TAIL_PLACE_MAX);

	tail_place(tail, &place);
	snprintf(text, sizeof(text), "%s", buf_text(&place));
	buf_fini(&place);
	tail_free(tail);
	return text;
}

static void
begins_with_what_is_written_from_now_on(void **state)
{
	(void)state;
	begin_anew();
	add("old\n");
	struct tail *tail = begin("");
	assert_string_equal(read_all(tail), "");
	add("one\ntw");
	assert_string_equal(read_all(tail), "one|");
	add("o\nthree\n");
	assert_string_equal(read_all(tail), "two|three|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

static void
goes_on_behind_the_last_line(void **state)
{
	(void)state;
	begin_anew();
	add("");
	const char *place = end(begin(""));
	add("one\ntwo\nthr");
	struct tail *tail = begin(place);
	struct view line;
	assert_int_equal(tail_line(tail, &line, NULL), 1);
	tail = begin(end(tail));
	assert_string_equal(read_all(tail), "two|");
	tail = begin(end(tail));
	add("ee\n");
	assert_string_equal(read_all(tail), "three|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

static char *
end_before(struct tail *tail)
{
	static char text[TAIL_PLACE_MAX];
	struct buf place = BUF_INIT(TAIL_PLACE_MAX);

	tail_place_before(tail, &place);
	snprintf(text, sizeof(text), "%s", buf_text(&place));
	buf_fini(&place);
	tail_free(tail);
	return text;
}

/* What was given and could not be kept is given again. */
static void
goes_back_by_one_line(void **state)
{
	struct view line;

	(void)state;
	begin_anew();
	add("zero\n");
	struct tail *tail = begin("");
	add("one\ntwo\nthree\n");
	assert_int_equal(tail_line(tail, &line, NULL), 1);
	assert_int_equal(tail_line(tail, &line, NULL), 1);
	tail = begin(end_before(tail));
	assert_string_equal(read_all(tail), "two|three|");
	/* The first line of a new file. */
	rotate();
	add("four\n");
	assert_int_equal(tail_line(tail, &line, NULL), 1);
	assert_true(view_is(line, VIEW("four")));
	tail = begin(end_before(tail));
	assert_string_equal(read_all(tail), "four|");
	/* Nothing was given since. */
	tail = begin(end_before(tail));
	assert_string_equal(read_all(tail), "");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

static void
follows_a_log_that_is_renamed(void **state)
{
	(void)state;
	begin_anew();
	add("zero\n");
	struct tail *tail = begin("");
	add("one\n");
	rotate();
	assert_string_equal(read_all(tail), "one|");
	/* Whoever writes still has the old one open. */
	run("echo two >>'%s.1'", log_path);
	assert_string_equal(read_all(tail), "two|");
	run(": >'%s'; echo three >>'%s.1'", log_path, log_path);
	assert_string_equal(read_all(tail), "three|");
	add("four\n");
	run("echo late >>'%s.1'", log_path);
	assert_string_equal(read_all(tail), "late|four|");
	add("five\n");
	rotate();
	add("six\n");
	rotate();
	add("seven\n");
	assert_string_equal(read_all(tail), "five|six|seven|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

static void
follows_a_log_that_is_copied_and_cut(void **state)
{
	(void)state;
	begin_anew();
	add("zero\n");
	struct tail *tail = begin("");
	add("one\n");
	assert_string_equal(read_all(tail), "one|");
	add("two\n");
	copy_and_cut();
	assert_string_equal(read_all(tail), "two|");
	add("three\n");
	copy_and_cut();
	/* As long as before, so that the length does not show it. */
	add("four and much more than there was before\n");
	assert_string_equal(
	    read_all(tail), "three|four and much more than there was before|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

static void
finds_its_place_after_rotations(void **state)
{
	(void)state;
	begin_anew();
	add("zero\n");
	const char *place = end(begin(""));
	add("one\n");
	rotate();
	add("two\n");
	copy_and_cut();
	add("three\n");
	rotate();
	add("four\n");
	struct tail *tail = begin(place);
	assert_string_equal(read_all(tail), "one|two|three|four|");
	tail = begin(end(tail));
	assert_string_equal(read_all(tail), "");
	add("five\n");
	rotate();
	/* There is no log now. */
	tail = begin(end(tail));
	assert_string_equal(read_all(tail), "five|");
	assert_string_equal(read_all(tail), "");
	add("six\n");
	assert_string_equal(read_all(tail), "six|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

/* Of very many old ones the newest count. */
static void
finds_its_place_among_many(void **state)
{
	(void)state;
	begin_anew();
	run("cd '%s' && for n in $(seq 100 300); do "
	    "echo old >mail.log-$n && touch -d 2020-01-01 mail.log-$n; done",
	    dir);
	add("zero\n");
	const char *place = end(begin(""));
	add("one\n");
	rotate();
	add("two\n");
	struct tail *tail = begin(place);
	assert_string_equal(read_all(tail), "one|two|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
}

/* What people put beside the log has lines of it, and is none of its files. */
static void
passes_over_what_others_made_of_it(void **state)
{
	(void)state;
	begin_anew();
	add("zero\n");
	const char *place = end(begin(""));
	add("one\n");
	rotate();
	run("cd '%s' && grep one mail.log.1 >mail.log.alice && touch -d +1min "
	    "mail.log.alice",
	    dir);
	add("two\n");
	struct tail *tail = begin(place);
	assert_string_equal(read_all(tail), "one|two|");
	tail_free(tail);
	assert_int_equal(gaps, 0);
	/* As logrotate(8) and postfix(1) name them. */
	static const char *const suffixes[] = {
	    "-20261129", "-20261130-1795", ".2026-12-01", ".20261202-173000"};
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		place = end(begin(""));
		add("three\n");
		run("cd '%s' && mv mail.log mail.log%s", dir, suffixes[i]);
		add(suffixes[i]);
		add("\n");
		tail = begin(place);
		if (!view_starts(view_of(read_all(tail)), VIEW("three|")))
			fail_msg("mail.log%s is not read", suffixes[i]);
		tail_free(tail);
	}
	assert_int_equal(gaps, 0);
}

static void
says_what_may_be_missing(void **state)
{
	static char too_long[TAIL_LINE_MAX / 8 + 10];

	(void)state;
	begin_anew();
	add("zero\n");
	const char *place = end(begin(""));
	add("one\n");
	rotate();
	run("rm '%s.1'", log_path);
	add("two\n");
	struct tail *tail = begin(place);
	assert_string_equal(read_all(tail), "two|");
	assert_int_equal(gaps, 1);
	assert_non_null(strstr(last_gap, "compressed or gone"));

	run(": >'%s'", log_path);
	add("three\n");
	assert_string_equal(read_all(tail), "three|");
	assert_int_equal(gaps, 2);
	assert_non_null(strstr(last_gap, "was cut"));

	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	for (int i = 0; i < 9; i++)
		add(too_long);
	assert_string_equal(read_all(tail), "");
	add("\nfour\n");
	assert_string_equal(read_all(tail), "four|");
	assert_int_equal(gaps, 3);
	tail_free(tail);
}

static void
waits_for_a_log_that_is_not_there(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	begin_anew();
	struct tail *tail = tail_new(log_path, &calls);
	assert_int_equal(tail_begin(tail, VIEW("file 1 5 abc"), &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	add("one\n");
	/* It was made since, so all of it is new. */
	assert_int_equal(tail_begin(tail, VIEW("rubbish"), &err), 0);
	add("two\n");
	assert_string_equal(read_all(tail), "one|two|");
	tail_free(tail);
}

/* The next lines, at most N, have the numbers that come next. */
static void
expect_lines(struct tail *tail, unsigned n, unsigned *seen)
{
	struct view line;
	char text[64];

	for (; n > 0 && tail_line(tail, &line, NULL) == 1; n--) {
		snprintf(text, sizeof(text), "%u is a line", ++*seen);
		if (!view_is(line, view_of(text)))
			fail_msg("got '%.*s', want '%s'", VIEW_ARG(line), text);
	}
}

/* Lines with numbers, while all that can happen does. */
static void
gives_each_line_once(void **state)
{
	unsigned written = 0, seen = 0, random = 12345;
	char text[64];

	(void)state;
	begin_anew();
	add("0\n");
	struct tail *tail = begin("");
	for (int step = 0; step < 1500; step++) {
		random = random * 1103515245 + 12345;
		unsigned what = random >> 16 & 15, lines = random >> 24 & 7;

		for (unsigned i = 0; i < lines; i++) {
			snprintf(text, sizeof(text), "%u is a line\n", ++written);
			add(text);
		}
		if (what == 0 && lines > 0)
			rotate();
		else if (what == 1 && lines > 0)
			copy_and_cut();
		else if (what == 2 && access(log_path, F_OK) == 0)
			tail = begin(end(tail));
		else
			expect_lines(tail, what, &seen);
	}
	add("");
	expect_lines(tail, UINT32_MAX, &seen);
	assert_int_equal(seen, written);
	assert_int_equal(gaps, 0);
	tail_free(tail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(begins_with_what_is_written_from_now_on),
	    cmocka_unit_test(goes_on_behind_the_last_line),
	    cmocka_unit_test(goes_back_by_one_line),
	    cmocka_unit_test(follows_a_log_that_is_renamed),
	    cmocka_unit_test(follows_a_log_that_is_copied_and_cut),
	    cmocka_unit_test(finds_its_place_after_rotations),
	    cmocka_unit_test(finds_its_place_among_many),
	    cmocka_unit_test(passes_over_what_others_made_of_it),
	    cmocka_unit_test(says_what_may_be_missing),
	    cmocka_unit_test(waits_for_a_log_that_is_not_there),
	    cmocka_unit_test(gives_each_line_once),
	};
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/tail.XXXXXX", tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(dir) != NULL);
	snprintf(log_path, sizeof(log_path), "%s/mail.log", dir);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	run("rm -rf '%s'", dir);
	return failed;
}
