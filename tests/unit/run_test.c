/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/run.h"

static void
runs(void **state)
{
	static const struct {
		const char *script, *input, *out, *errors;
		int status;
	} cases[] = {
	    {"true", "", "", "", 0},
	    {"exit 3", "", "", "", 3},
	    {"kill -TERM $$", "", "", "", 128 + SIGTERM},
	    {"cat; echo oops >&2", "in\nput", "in\nput", "oops\n", 0},
	    {"exec 0<&-; echo done", "not read", "done\n", "", 0},
	    {"env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort", "",
		"LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n", "", 0},
	    /* Output closed, but not ended yet. */
	    {"echo a; exec 1>&- 2>&-; sleep 0.1; exit 4", "", "a\n", "", 4},
	    /* Ended, but a child of its own holds the output. */
	    {"sleep 5 & echo b", "", "b\n", "", 0},
	    {"(while :; do echo x; done) >&2 & echo c; kill -KILL $$", "", "c\n", NULL,
		137},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const argv[] = {"/bin/sh", "-c", cases[i].script, NULL};
		struct buf out = BUF_INIT(1000), errors = BUF_INIT(1000);
		struct err err = ERR_INIT;
		int64_t start = clock_mono();
		int status = -1, result = run(argv, view_of(cases[i].input), &out, &errors,
				     10000, &status, &err);

		if (result != 0 || status != cases[i].status ||
		    strcmp(buf_text(&out), cases[i].out) != 0 ||
		    (cases[i].errors != NULL &&
			strcmp(buf_text(&errors), cases[i].errors) != 0))
			fail_msg("%s: got %d, %d \"%s\" \"%s\" %s", cases[i].script, result,
			    status, buf_text(&out), buf_text(&errors), err.text);
		if (clock_mono() - start > 3000000)
			fail_msg("%s: took too long", cases[i].script);
		buf_fini(&out);
		buf_fini(&errors);
	}
}

static void
bounds_time(void **state)
{
	static const char *const scripts[] = {"exec sleep 10",
	    "exec 1>&- 2>&-; exec sleep 10", "while :; do echo x; done",
	    "trap '' TERM INT; while :; do :; done"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		const char *const argv[] = {"/bin/sh", "-c", scripts[i], NULL};
		struct buf out = BUF_INIT(100);
		struct err err = ERR_INIT;
		int64_t start = clock_mono();
		int status = 77;

		assert_int_equal(run(argv, VIEW_NONE, &out, NULL, 200, &status, &err), -1);
		assert_int_equal(err.code, ERR_TEMP);
		assert_string_equal(err.text, "/bin/sh did not end in time");
		assert_int_equal(status, 77);
		assert_in_range(clock_mono() - start, 200000, 3000000);
		buf_fini(&out);
	}
}

static void
bounds_output(void **state)
{
	const char *const argv[] = {
	    "/bin/sh", "-c", "cat; cat /dev/zero | head -c 300000 >&2; exit 2", NULL};
	static char input[200000];
	struct buf out = BUF_INIT(1000);
	struct err err = ERR_INIT;
	int status;

	(void)state;
	memset(input, 'i', sizeof(input));
	assert_int_equal(run(argv, (struct view){input, sizeof(input)}, &out, NULL, 10000,
			     &status, &err),
	    0);
	assert_int_equal(status, 2);
	assert_true(out.full);
	assert_int_equal(out.n, 1000);
	buf_fini(&out);
}

static void
says_what_it_cannot_run(void **state)
{
	const char *const argv[] = {"/nowhere/prog", NULL};
	struct err err = ERR_INIT;
	int status;

	(void)state;
	assert_int_equal(run(argv, VIEW_NONE, NULL, NULL, 1000, &status, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_string_equal(
	    err.text, "cannot run /nowhere/prog: No such file or directory");
}

/* No descriptor of ours, whatever its flags, no blocked or ignored signal. */
static void
gives_nothing_away(void **state)
{
	/* No shell: it would clear the signals itself. */
	const char *const fds[] = {"/bin/ls", "/proc/self/fd", NULL},
			  *const blocked[] = {"/bin/grep", "^SigBlk", "/proc/self/status",
			      NULL},
			  *const ignored[] = {
			      "/bin/grep", "^SigIgn", "/proc/self/status", NULL};
	struct buf out = BUF_INIT(1000);
	int close_later = dup(STDIN_FILENO), far = fcntl(STDIN_FILENO, F_DUPFD, 200),
	    status;
	sigset_t some, before;

	(void)state;
	(void)sigemptyset(&some);
	(void)sigaddset(&some, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &some, &before);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run(fds, VIEW_NONE, &out, NULL, 10000, &status, NULL), 0);
	assert_string_equal(buf_text(&out), "0\n1\n2\n3\n"); /* 3: the directory itself */
	buf_reset(&out);
	assert_int_equal(run(blocked, VIEW_NONE, &out, NULL, 10000, &status, NULL), 0);
	assert_string_equal(buf_text(&out), "SigBlk:\t0000000000000000\n");
	buf_reset(&out);
	assert_int_equal(run(ignored, VIEW_NONE, &out, NULL, 10000, &status, NULL), 0);
	assert_true(view_starts(buf_view(&out), VIEW("SigIgn:\t")));
	/* 32 and above are libc's own. */
	assert_int_equal(strtoull(buf_text(&out) + 8, NULL, 16) & 0x7fffffff, 0);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)close(close_later);
	(void)close(far);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs),
	    cmocka_unit_test(bounds_time),
	    cmocka_unit_test(bounds_output),
	    cmocka_unit_test(says_what_it_cannot_run),
	    cmocka_unit_test(gives_nothing_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
