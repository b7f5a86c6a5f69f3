/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "tests/scenario/daemon.h"

enum { STARTS_WITHIN_S = 20, ENDS_WITHIN_S = 30, STOPPING_MAX = 512 };

/* What daemons_finish waits for. */
static struct daemon stopping[STOPPING_MAX];
static unsigned n_stopping;

static void
pause_a_little(void)
{
	const struct timespec pause = {.tv_nsec = 2000000};

	(void)nanosleep(&pause, NULL);
}

/* A build with sanitizers: frankd's supervisor gives nothing back at its end, and need not.
 */
static void
allow_leaks(void)
{
	const char *before = getenv("ASAN_OPTIONS");
	char options[1024];

	snprintf(
	    options, sizeof(options), "%s:detect_leaks=0", before != NULL ? before : "");
	(void)setenv("ASAN_OPTIONS", options, 1);
}

/* In the child. It ends with us, whatever becomes of us. */
_Noreturn static void
become_frankd(const struct lab *lab)
{
	char frankd[LAB_PATH + 64];
	int null = open("/dev/null", O_RDWR), log;

	log = open(lab->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	snprintf(frankd, sizeof(frankd), "%s/milter/frankd", lab->build);
	allow_leaks();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(log, STDOUT_FILENO);
	(void)dup2(log, STDERR_FILENO);
	(void)execl(frankd, frankd, "-d", "-c", lab->conf, (char *)NULL);
	_exit(127);
}

static bool
takes_connections(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path) + 1);
	bool is_taken = connect(fd, (const struct sockaddr *)&un, sizeof(un)) == 0;
	close(fd);
	return is_taken;
}

int
daemon_start(struct daemon *daemon, struct lab *lab, struct buf *said)
{
	int64_t deadline = clock_mono() + STARTS_WITHIN_S * INT64_C(1000000);

	must(strlen(lab->socket) < sizeof(((struct sockaddr_un *)0)->sun_path));
	snprintf(daemon->log, sizeof(daemon->log), "%s", lab->log);
	daemon->pid = fork();
	must(daemon->pid >= 0);
	if (daemon->pid == 0)
		become_frankd(lab);
	/* The socket is there before the policy is loaded: it answers when it can. */
	while (!takes_connections(lab->socket)) {
		int status;

		if (waitpid(daemon->pid, &status, WNOHANG) == daemon->pid)
			daemon->pid = 0;
		if (daemon->pid == 0 || clock_mono() > deadline) {
			lab_log(lab, 0, said);
			return -1;
		}
		pause_a_little();
	}
	return 0;
}

void
daemon_stop(struct daemon *daemon)
{
	if (daemon->pid == 0)
		return;
	must(n_stopping < STOPPING_MAX);
	(void)kill(daemon->pid, SIGTERM);
	stopping[n_stopping++] = *daemon;
	daemon->pid = 0;
}

/* 1 it is gone, 0 not within the time. */
static int
wait_for(pid_t pid, int64_t deadline, int *ret_status)
{
	while (waitpid(pid, ret_status, WNOHANG) != pid) {
		if (clock_mono() > deadline)
			return 0;
		pause_a_little();
	}
	return 1;
}

static void
complain(const struct daemon *daemon, const char *what, unsigned status, struct buf *said)
{
	buf_addf(said, "frankd %s, status 0x%x:\n", what, status);
	(void)file_read(daemon->log, said, NULL);
}

int
daemons_finish(struct buf *said)
{
	int64_t deadline = clock_mono() + ENDS_WITHIN_S * INT64_C(1000000);
	int result = 0;

	for (; n_stopping > 0; n_stopping--) {
		const struct daemon *daemon = &stopping[n_stopping - 1];
		int status = 0;

		if (wait_for(daemon->pid, deadline, &status) == 0) {
			(void)kill(daemon->pid, SIGKILL);
			complain(daemon, "does not end", 0, said);
			result = -1;
		} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			complain(daemon, "did not end well", (unsigned)status, said);
			result = -1;
		}
	}
	return result;
}
