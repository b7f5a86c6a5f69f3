/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>

#include <linux/close_range.h>

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"

#include "milter/spawn.h"

/* The memory of argv, which is what ps(1) shows. */
static struct {
	char *start;
	size_t size;
} title;

void
spawn_title_init(int argc, char **argv)
{
	const char *end = argv[0];

	for (int i = 0; i < argc && argv[i] == end; i++)
		end = argv[i] + strlen(argv[i]) + 1;
	title.start = argv[0];
	title.size = (size_t)(end - argv[0]);
}

void
spawn_title_set(const char *text)
{
	size_t n = strnlen(text, title.size - 1);

	memset(title.start, 0, title.size);
	memcpy(title.start, text, n);
	(void)prctl(PR_SET_NAME, text);
}

static int
compare_fds(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

/* Close the gaps between what is kept. */
static void
fds_close_others(const struct spawn *spawn)
{
	int keep[256];
	unsigned from = STDERR_FILENO + 1;

	must(spawn->n_keep <= ARRAY_LEN(keep));
	memcpy(keep, spawn->keep, spawn->n_keep * sizeof(keep[0]));
	qsort(keep, spawn->n_keep, sizeof(keep[0]), compare_fds);
	for (size_t i = 0; i < spawn->n_keep; i++) {
		unsigned fd = (unsigned)keep[i];
		if (fd > from)
			(void)close_range(from, fd - 1, 0);
		from = fd + 1;
	}
	(void)close_range(from, UINT_MAX, 0);
}

_Noreturn static void
child_run(const struct spawn *spawn)
{
	sigset_t none;

	(void)setpgid(0, 0);
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	log_close();
	fds_close_others(spawn);
	spawn_title_set(spawn->name);
	log_open(spawn->log_target, spawn->name, spawn->debug);
	spawn->run(spawn->argument);
	_exit(EX_SOFTWARE);
}

int
spawn(const struct spawn *spawn, pid_t *ret_pid, struct err *err)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(err, "cannot fork %s", spawn->name);
	if (pid == 0)
		child_run(spawn);
	*ret_pid = pid;
	return 0;
}
