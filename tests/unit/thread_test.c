/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/resource.h>
#include <sys/wait.h>

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/thread.h"

/* A sanitizer does not do without memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

static void *
post(void *argument)
{
	must(sem_post(argument) == 0);
	return NULL;
}

static void
starts(void **state)
{
	struct err err = ERR_INIT;
	sem_t ran;

	(void)state;
	assert_int_equal(sem_init(&ran, 0, 0), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(thread_start(post, &ran, &err), 0);
		assert_int_equal(sem_wait(&ran), 0);
	}
}

static void *
abort_run(void *argument)
{
	(void)argument;
	BUG("there was room");
}

static void
says_that_there_is_no_room(void **state)
{
	int status;

	(void)state;
	if (IS_SANITIZED)
		skip();
	pid_t pid = fork();
	if (pid == 0) {
		struct rlimit none = {0, 0};
		struct err err = ERR_INIT;

		must(setrlimit(RLIMIT_AS, &none) == 0);
		int result = thread_start(abort_run, NULL, &err);
		_exit(result == -1 && err.code == ERR_TEMP &&
			      strstr(err.text, "cannot start a thread: ") == err.text
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	/* The first before there is a stack that could be used again. */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_that_there_is_no_room),
	    cmocka_unit_test(starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
