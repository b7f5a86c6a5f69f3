/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/log.h"

static int saved_stderr;
static FILE *caught;

/* Stderr goes into a file from here on. */
static void catch (void)
{
	caught = tmpfile();
	assert_non_null(caught);
	saved_stderr = dup(STDERR_FILENO);
	(void)dup2(fileno(caught), STDERR_FILENO);
}

static size_t
release(char *into, size_t size)
{
	size_t n;

	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	rewind(caught);
	n = fread(into, 1, size - 1, caught);
	into[n] = '\0';
	(void)fclose(caught);
	return n;
}

static void
writes_one_safe_line_each(void **state)
{
	char got[4096];

	(void)state;
	log_open(LOG_TO_STDERR, "frankd: keys", false);
	catch ();
	errno = EIO;
	log_error("cannot %s: %d", "sign", 7);
	log_warn("a\nfrankd: keys: forged \x1b[2J");
	log_info("back\\slash %s", "\xe2\x80\xae");
	log_debug("not shown");
	assert_int_equal(errno, EIO);
	log_open(LOG_TO_STDERR, "frankd", true);
	log_debug("shown");
	(void)release(got, sizeof(got));
	assert_string_equal(got, "frankd: keys: cannot sign: 7\n"
				 "frankd: keys: a\\x0afrankd: keys: forged \\x1b[2J\n"
				 "frankd: keys: back\\\\slash \\xe2\\x80\\xae\n"
				 "frankd: shown\n");
}

static void
writes_fields(void **state)
{
	struct buf line = BUF_INIT(LOG_LINE_MAX);
	char got[4096];

	(void)state;
	log_open(LOG_TO_STDERR, "frankd", false);
	catch ();
	buf_add_text(&line, "4cXyZ71kq:");
	log_field(&line, "verdict", VIEW("hold"));
	log_field(&line, "rule", VIEW("account takeover?"));
	log_field(&line, "user", VIEW("x verdict=accept\n"));
	log_field(&line, "none", VIEW_NONE);
	log_field(&line, "path", VIEW("a\\b"));
	log_field_number(&line, "ms", -12);
	log_line(&line);
	buf_reset(&line);
	log_field(&line, "first", VIEW("caf\xc3\xa9"));
	log_line(&line);
	/* Somebody forgot to escape. */
	buf_add_text(&line, "\ninjected \x9b");
	log_line(&line);
	(void)release(got, sizeof(got));
	assert_string_equal(got,
	    "frankd: 4cXyZ71kq: verdict=hold rule=\"account takeover?\" "
	    "user=\"x verdict=accept\\x0a\" none=\"\" path=a\\\\b ms=-12\n"
	    "frankd: first=caf\xc3\xa9\n"
	    "frankd: first=caf\xc3\xa9\\x0ainjected \\x9b\n");
	buf_fini(&line);
}

static void
marks_what_is_cut(void **state)
{
	static char longest[3 * LOG_LINE_MAX], got[8 * LOG_LINE_MAX];
	struct buf line = BUF_INIT(4 * LOG_LINE_MAX), small = BUF_INIT(10);
	char *second, *third, *fourth;
	size_t ident = strlen("frankd: ");

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	log_open(LOG_TO_STDERR, "frankd", false);
	catch ();
	log_info("%s", longest);
	buf_add_text(&line, longest);
	log_line(&line);
	/* A character that would be cut in two is left out. */
	buf_reset(&line);
	buf_add(&line, view_head(view_of(longest), LOG_LINE_MAX - 4));
	buf_add_text(&line, "\xc3\xa9 and more");
	log_line(&line);
	buf_add_text(&small, "abc");
	buf_add_text(&small, "does not fit");
	log_line(&small);
	(void)release(got, sizeof(got));

	second = strchr(got, '\n');
	assert_non_null(second);
	assert_int_equal(second - got, ident + LOG_LINE_MAX);
	assert_memory_equal(second - 4, "a...", 4);
	third = strchr(second + 1, '\n');
	assert_non_null(third);
	assert_int_equal(third - second - 1, ident + LOG_LINE_MAX);
	fourth = strchr(third + 1, '\n');
	assert_non_null(fourth);
	assert_memory_equal(fourth - 4, "a...", 4);
	assert_string_equal(fourth, "\nfrankd: abc...\n");
	buf_fini(&line);
	buf_fini(&small);
}

enum { THREADS = 4, LINES = 500 };

static void *
write_lines(void *context)
{
	for (int i = 0; i < LINES; i++) {
		struct buf line = BUF_INIT(LOG_LINE_MAX);

		log_field_number(&line, "thread", *(int *)context);
		log_field_number(&line, "line", i);
		log_line(&line);
		buf_fini(&line);
	}
	return NULL;
}

static void
serves_all_threads(void **state)
{
	static char got[THREADS * LINES * 64];
	pthread_t threads[THREADS];
	int numbers[THREADS], next[THREADS] = {0}, thread, number, length;
	const char *p = got;

	(void)state;
	log_open(LOG_TO_STDERR, "frankd", false);
	catch ();
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)release(got, sizeof(got));
	for (int i = 0; i < THREADS * LINES; i++, p += length) {
		length = 0;
		if (sscanf(p, "frankd: thread=%d line=%d\n%n", &thread, &number, &length) !=
			2 ||
		    length == 0)
			fail_msg("line %d: got %.60s", i, p);
		assert_int_equal(number, next[thread]++);
	}
	assert_int_equal(*p, '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_one_safe_line_each),
	    cmocka_unit_test(writes_fields),
	    cmocka_unit_test(marks_what_is_cut),
	    cmocka_unit_test(serves_all_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
