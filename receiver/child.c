/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/close_range.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/ipc.h"

#include "receiver/child.h"
#include "receiver/sandbox.h"

enum { NOBODY = 65534, CHILD_FD = STDERR_FILENO + 1 };

/* What the child sends: an answer, or why it was not confined. */
struct reply {
	bool is_answer;
	struct verify_answer answer;
	struct spf_judgement judgement;
	struct err err;
};

/* A signature of a message, or a question about SPF. */
struct task {
	const char *library;        /* that answers */
	const struct spf_case *spf; /* NULL: a signature */
	const struct verify_message *message;
	struct view value;
	const struct verify_key *key;
	int milliseconds;
	const char *empty_dir; /* NULL: not root */
	uid_t uid;
	gid_t gid;
	pid_t parent;
};

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
	if (sandbox_limits(CHILD_MEMORY, err) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != task->parent)
		return err_set(err, ERR_IO, "the parent has gone");
	return 0;
}

_Noreturn static void
child_run(const struct task *task, int fd)
{
	struct reply reply = {.is_answer = false, .err = ERR_INIT};
	struct verify *verify = NULL;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	if (close_others(fd) != 0)
		_exit(1);
	if (task->spf == NULL) {
		verify = verify_new();
		verify_warm_up(verify);
	}
	if (confine(task, &reply.err) == 0) {
		if (task->spf != NULL)
			spf_judge(task->spf, &reply.judgement);
		else
			verify_signature(
			    verify, task->message, task->value, task->key, &reply.answer);
		reply.is_answer = true;
	}
	(void)ipc_send(CHILD_FD, &reply, sizeof(reply), NULL);
	_exit(0);
}

/* How the child ended, when it did not answer. */
static int
no_reply(const struct task *task, pid_t pid, bool is_late, struct err *err)
{
	int status = 0;

	if (is_late)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (is_late)
		return err_set(err, ERR_TEMP, "%s did not answer within %d s",
		    task->library, task->milliseconds / 1000);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		return err_set(err, ERR_TEMP, "%s did not come to an end", task->library);
	if (WIFSIGNALED(status))
		return err_set(err, ERR_IO, "%s crashed: %s", task->library,
		    strsignal(WTERMSIG(status)));
	return err_set(
	    err, ERR_IO, "the process of %s ended without an answer", task->library);
}

static int
take_reply(
    const struct task *task, pid_t pid, int fd, struct reply *ret_reply, struct err *err)
{
	struct reply reply;
	struct err why = ERR_INIT;
	size_t n = 0;
	int got = ipc_recv(fd, &reply, sizeof(reply), &n, task->milliseconds, &why);

	if (got != 1 || n != sizeof(reply))
		return no_reply(task, pid, got < 0 && why.code == ERR_TEMP, err);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	reply.answer.reason[sizeof(reply.answer.reason) - 1] = '\0';
	reply.judgement.reason[sizeof(reply.judgement.reason) - 1] = '\0';
	reply.judgement.theirs[sizeof(reply.judgement.theirs) - 1] = '\0';
	reply.err.text[sizeof(reply.err.text) - 1] = '\0';
	if (!reply.is_answer)
		return err_set(err, ERR_IO, "%s", reply.err.text);
	*ret_reply = reply;
	return 0;
}

static int
start(const struct task *task, struct reply *ret_reply, struct err *err)
{
	int pair[2], result;
	pid_t pid;

	if (ipc_pair(pair, err) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child_run(task, pair[1]);
	(void)close(pair[1]);
	if (pid < 0)
		result = err_sys(err, "cannot fork");
	else
		result = take_reply(task, pid, pair[0], ret_reply, err);
	(void)close(pair[0]);
	return result;
}

/* As root the child has an empty directory to go to, and nobody to become. */
static int
ask(struct task *task, struct reply *ret_reply, struct err *err)
{
	char dir[] = "/tmp/frank-verify-XXXXXX";
	const struct passwd *nobody;
	int result;

	task->uid = NOBODY;
	task->gid = NOBODY;
	task->parent = getpid();
	if (geteuid() != 0)
		return start(task, ret_reply, err);
	nobody = getpwnam("nobody");
	if (nobody != NULL && nobody->pw_uid != 0) {
		task->uid = nobody->pw_uid;
		task->gid = nobody->pw_gid;
	}
	if (mkdtemp(dir) == NULL)
		return err_sys(err, "cannot make an empty directory in /tmp");
	task->empty_dir = dir;
	result = start(task, ret_reply, err);
	(void)rmdir(dir);
	return result;
}

int
child_verify(const struct verify_message *message, struct view value,
    const struct verify_key *key, int milliseconds, struct verify_answer *ret_answer,
    struct err *err)
{
	struct task task = {.library = "libopendkim",
	    .message = message,
	    .value = value,
	    .key = key,
	    .milliseconds = milliseconds};
	struct reply reply;

	if (ask(&task, &reply, err) < 0)
		return -1;
	*ret_answer = reply.answer;
	return 0;
}

int
child_spf(const struct spf_case *asked, int milliseconds,
    struct spf_judgement *ret_judgement, struct err *err)
{
	struct task task = {
	    .library = "libspf2", .spf = asked, .milliseconds = milliseconds};
	struct reply reply;

	if (ask(&task, &reply, err) < 0)
		return -1;
	*ret_judgement = reply.judgement;
	return 0;
}
