/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/close_range.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "receiver/confined.h"
#include "receiver/sandbox.h"

enum { NOBODY = 65534, CHILD_FD = STDERR_FILENO + 1, PIECE = 16384 };

/* What comes back: this, then so many bytes of it. */
struct head {
	bool is_answer; /* else why it was not confined */
	size_t n;
};

struct task {
	const struct confined *what;
	size_t limit;
	const char *empty_dir; /* NULL: not root */
	uid_t uid;
	gid_t gid;
	pid_t parent;
};

/* ---- the child ---- */

/* Nothing open but the way back, at a known number. */
static int
close_others(int fd)
{
	int nothing = open("/dev/null", O_RDWR);

	if (nothing < 0 || dup2(fd, CHILD_FD) < 0)
		return -1;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(nothing, i) < 0)
			return -1;
	return close_range(CHILD_FD + 1, UINT_MAX, 0);
}

static int
confine(const struct task *task, struct err *err)
{
	if (task->empty_dir != NULL) {
		if (sandbox_root(task->empty_dir, err) < 0)
			return -1;
		if (setgroups(0, NULL) != 0 ||
		    setresgid(task->gid, task->gid, task->gid) != 0 ||
		    setresuid(task->uid, task->uid, task->uid) != 0)
			return err_sys(err, "cannot give up root");
		must(setuid(0) != 0);
	}
	if (sandbox_limits(CONFINED_MEMORY, err) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != task->parent)
		return err_set(err, ERR_IO, "the parent has gone");
	return 0;
}

static void
give(const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t written = write(CHILD_FD, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			_exit(1);
		at += written;
		n -= (size_t)written;
	}
}

_Noreturn static void
child_run(const struct task *task, int fd)
{
	const struct confined *what = task->what;
	struct head head = {.is_answer = true};
	struct err err = ERR_INIT;
	struct buf out;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	if (close_others(fd) != 0)
		_exit(1);
	if (what->prepare != NULL)
		what->prepare(what->context);
	buf_init(&out, task->limit);
	if (confine(task, &err) == 0) {
		what->work(what->context, &out);
	} else {
		head.is_answer = false;
		buf_add_text(&out, err.text);
	}
	head.n = out.n;
	give(&head, sizeof(head));
	give(out.p, out.n);
	_exit(0);
}

/* ---- the parent ---- */

/* How the child ended, when it did not answer. */
static int
no_reply(const struct task *task, int status, bool is_late, struct err *err)
{
	const struct confined *what = task->what;

	if (is_late)
		return err_set(err, ERR_TEMP, "%s did not answer within %d s",
		    what->library, what->milliseconds / 1000);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		return err_set(err, ERR_TEMP, "%s did not come to an end", what->library);
	if (WIFSIGNALED(status))
		return err_set(err, ERR_IO, "%s crashed: %s", what->library,
		    strsignal(WTERMSIG(status)));
	return err_set(
	    err, ERR_IO, "the process of %s ended without an answer", what->library);
}

/* Until it ends. False: not in time. */
static bool
take_all(int fd, int64_t deadline, struct buf *all)
{
	for (;;) {
		int64_t left = (deadline - clock_mono() + 999) / 1000;
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		char piece[PIECE];

		if (left <= 0)
			return false;
		if (poll(&poll_fd, 1, left > INT_MAX ? INT_MAX : (int)left) <= 0)
			continue;
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		buf_add_bytes(all, piece, (size_t)n);
	}
}

static int
take_reply(const struct task *task, pid_t pid, int fd, struct buf *out, struct err *err)
{
	int64_t deadline = clock_mono() + (int64_t)task->what->milliseconds * 1000;
	struct buf all = BUF_INIT(task->limit + sizeof(struct head) + PIECE);
	struct head head = {.n = 0};
	int status = 0, result = -1;
	bool is_late = !take_all(fd, deadline, &all);

	if (is_late)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (all.n >= sizeof(head))
		memcpy(&head, all.p, sizeof(head));
	if (is_late || all.n < sizeof(head) || head.n != all.n - sizeof(head)) {
		(void)no_reply(task, status, is_late, err);
	} else if (!head.is_answer) {
		(void)err_set(err, ERR_IO, "%.*s", (int)head.n, all.p + sizeof(head));
	} else {
		buf_add_bytes(out, all.p + sizeof(head), head.n);
		result = 0;
	}
	buf_fini(&all);
	return result;
}

static int
start(const struct task *task, struct buf *out, struct err *err)
{
	int pair[2], result;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, "cannot make a pipe");
	pid = fork();
	if (pid == 0)
		child_run(task, pair[1]);
	(void)close(pair[1]);
	if (pid < 0)
		result = err_sys(err, "cannot fork");
	else
		result = take_reply(task, pid, pair[0], out, err);
	(void)close(pair[0]);
	return result;
}

/* As root the child has an empty directory to go to, and nobody to become. */
int
confined_run(const struct confined *what, struct buf *out, struct err *err)
{
	char dir[] = "/tmp/frank-confined-XXXXXX";
	struct task task = {.what = what,
	    .limit = out->limit,
	    .uid = NOBODY,
	    .gid = NOBODY,
	    .parent = getpid()};
	const struct passwd *nobody;
	int result;

	if (geteuid() != 0)
		return start(&task, out, err);
	nobody = getpwnam("nobody");
	if (nobody != NULL && nobody->pw_uid != 0) {
		task.uid = nobody->pw_uid;
		task.gid = nobody->pw_gid;
	}
	if (mkdtemp(dir) == NULL)
		return err_sys(err, "cannot make an empty directory in /tmp");
	task.empty_dir = dir;
	result = start(&task, out, err);
	(void)rmdir(dir);
	return result;
}
