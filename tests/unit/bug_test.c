/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/wait.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

/* The sanitizers end a process that asks for too much before it can see that it got
 * nothing. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *
__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Run WHAT in a process of its own; what it said on stderr comes into SAID. */
static int
status_of(void (*what)(void), char *said, size_t size)
{
	int pipe_fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(pipe_fds[1], STDERR_FILENO);
		what();
		_exit(0);
	}
	(void)close(pipe_fds[1]);
	n = read(pipe_fds[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	(void)close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
break_promise(void)
{
	must(1 + 1 == 3);
}

static void
keep_promise(void)
{
	must(1 + 1 == 2);
}

static void
find_bug(void)
{
	BUG("the cat is on the table");
}

static void
want_too_much(void)
{
	volatile size_t many = SIZE_MAX / 2;

	(void)mem_resize(NULL, many, 16);
}

static void
ends_the_process(void **state)
{
	static const struct {
		void (*what)(void);
		int signal;
		const char *said;
	} cases[] = {
	    {break_promise, SIGABRT, "1 + 1 == 3"},
	    {find_bug, SIGABRT, "the cat is on the table"},
	    {want_too_much, SIGABRT, "out of memory"},
	    {keep_promise, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char said[512];
		int status = status_of(cases[i].what, said, sizeof(said));
		int got = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

		if (got != cases[i].signal || strstr(said, cases[i].said) == NULL)
			fail_msg("case %zu: got signal %d and \"%s\", want %d and \"%s\"",
			    i, got, said, cases[i].signal, cases[i].said);
	}
}

static void
gives_memory(void **state)
{
	char *text = mem_text("abc");
	unsigned char *zeroed = mem_zeroed(3, 5);
	void *nothing = mem_zeroed(0, 8);

	(void)state;
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(zeroed[i], 0);
	assert_non_null(nothing);
	nothing = mem_resize(nothing, 0, 8);
	assert_non_null(nothing);
	text = mem_resize(text, 100, 1);
	assert_string_equal(text, "abc");
	free(text);
	free(zeroed);
	free(nothing);
}

static void
moves_pointers(void **state)
{
	char *text = mem_text("x"), *moved = TAKE(text);

	(void)state;
	assert_null(text);
	assert_string_equal(moved, "x");
	free(moved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_the_process),
	    cmocka_unit_test(gives_memory),
	    cmocka_unit_test(moves_pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
