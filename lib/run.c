/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/run.h"

enum {
	STEP = 20, /* milliseconds between looks whether the program has ended */
	PIECE = 4096,
	PIPES_FULL = 2 * 64 * 1024 / PIECE, /* reads that empty two pipes, by pipe(7) */
};

struct child {
	pid_t pid;
	int fds[2]; /* our ends of stdout and stderr; -1: at its end */
	struct buf *outs[2];
	int status;
};

/*
 * The input as a file: it need not be fed while the output is read, and a program that does
 * not read it raises no SIGPIPE.
 */
static int
input_file(struct view input, struct err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "cannot keep the input");
	while (input.n != 0) {
		ssize_t n = write(fd, input.p, input.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)err_sys(err, "cannot keep the input");
			(void)close(fd);
			return -1;
		}
		input = view_from(input, (size_t)n);
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		(void)err_sys(err, "cannot keep the input");
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
spawn(const char *const *argv, const int fds[3], pid_t *ret_pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	char *environment[] = {path, locale, NULL};
	union {
		const char *const *in;
		char *const *out;
	} args = {.in = argv};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int why;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	must(posix_spawn_file_actions_init(&files) == 0);
	must(posix_spawnattr_init(&attributes) == 0);
	for (int i = 0; i < 3; i++)
		must(posix_spawn_file_actions_adddup2(&files, fds[i], i) == 0);
	must(posix_spawn_file_actions_addclosefrom_np(&files, 3) == 0);
	must(posix_spawnattr_setsigmask(&attributes, &none) == 0);
	must(posix_spawnattr_setsigdefault(&attributes, &all) == 0);
	must(posix_spawnattr_setflags(
		 &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0);
	why = posix_spawn(ret_pid, argv[0], &files, &attributes, args.out, environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&files);
	errno = why;
	return why == 0 ? 0 : -1;
}

static void
close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			(void)close(pair[i]);
		pair[i] = -1;
	}
}

static int
start(struct child *child, const char *const *argv, struct view input, struct err *err)
{
	int out[2] = {-1, -1}, errors[2] = {-1, -1}, result = -1;
	int in = input_file(input, err);

	if (in < 0)
		return -1;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0)
		(void)err_sys(err, "cannot make a pipe");
	else if (spawn(argv, (const int[]){in, out[1], errors[1]}, &child->pid) < 0)
		(void)err_sys(err, "cannot run %s", argv[0]);
	else {
		child->fds[0] = out[0];
		child->fds[1] = errors[0];
		out[0] = errors[0] = -1;
		result = 0;
	}
	(void)close(in);
	close_pair(out);
	close_pair(errors);
	return result;
}

/* Read once from pipe I. What the buffer does not take is dropped. */
static void
drain(struct child *child, int i)
{
	struct buf *out = child->outs[i];
	char bytes[PIECE];
	ssize_t n = read(child->fds[i], bytes, sizeof(bytes));
	size_t room;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		(void)close(child->fds[i]);
		child->fds[i] = -1;
		return;
	}
	if (out == NULL || out->full)
		return;
	room = out->limit - out->n;
	buf_add_bytes(out, bytes, (size_t)n < room ? (size_t)n : room);
	if ((size_t)n > room)
		out->full = true;
}

/* Wait at most MILLISECONDS for output and take what there is. Says whether there was any.
 */
static bool
take_output(struct child *child, int milliseconds)
{
	struct pollfd fds[2] = {
	    {.fd = child->fds[0], .events = POLLIN},
	    {.fd = child->fds[1], .events = POLLIN},
	};

	if (poll(fds, 2, milliseconds) <= 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (fds[i].revents != 0)
			drain(child, i);
	return true;
}

/* 1: it ended; 0: not yet. */
static int
has_ended(struct child *child, int options, struct err *err)
{
	pid_t pid;

	do
		pid = waitpid(child->pid, &child->status, options);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return err_sys(err, "cannot wait for a program");
	return pid == child->pid;
}

/*
 * Until the program has ended, not until its output has: a child of its own that keeps a
 * pipe open must not keep us. So the end is looked for every STEP, and at once when both
 * pipes are closed.
 */
static int
follow(struct child *child, int64_t deadline, const char *name, struct err *err)
{
	for (;;) {
		int64_t left = (deadline - clock_mono() + 999) / 1000;
		bool is_open = child->fds[0] >= 0 || child->fds[1] >= 0;
		int ended;

		if (left <= 0) {
			(void)kill(child->pid, SIGKILL);
			(void)has_ended(child, 0, NULL);
			return err_set(err, ERR_TEMP, "%s did not end in time", name);
		}
		(void)take_output(child, is_open && left > STEP ? STEP : 1);
		ended = has_ended(child, WNOHANG, err);
		if (ended < 0)
			return -1;
		if (ended == 0)
			continue;
		/* What is still in the pipes, and not what others may go on writing. */
		for (int i = 0; i < PIPES_FULL && take_output(child, 0); i++)
			;
		return 0;
	}
}

int
run(const char *const *argv, struct view input, struct buf *out, struct buf *errors,
    int milliseconds, int *ret_status, struct err *err)
{
	struct child child = {.fds = {-1, -1}, .outs = {out, errors}};
	int64_t deadline = clock_mono() + (int64_t)milliseconds * 1000;
	int result;

	must(argv[0] != NULL && argv[0][0] == '/');
	if (start(&child, argv, input, err) < 0)
		return -1;
	result = follow(&child, deadline, argv[0], err);
	close_pair(child.fds);
	if (result < 0)
		return -1;
	*ret_status = WIFSIGNALED(child.status) ? 128 + WTERMSIG(child.status)
						: WEXITSTATUS(child.status);
	return 0;
}
