/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "follow/source.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/follow_process.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

/*
 * Starting the follow process, and opening Postfix's log for it: the log may be root's
 * alone, and a new one is made every week.
 */

#define SYSLOG_FILE "/var/log/mail.log"

enum { LOG_SUFFIX_MAX = 32, STALE_DAYS = 7 };

static bool
has_journald(void)
{
	return source_has_journald() && (access("/run/log/journal", F_OK) == 0 ||
					    access("/var/log/journal", F_OK) == 0);
}

char *
follow_find_log(struct view setting)
{
	const int64_t now = clock_now().wall / 1000000;
	char path[PATH_MAX];
	struct stat st;
	bool has_file;

	snprintf(path, sizeof(path), "%.*s", VIEW_ARG(setting));
	if (view_is(setting, VIEW("none")))
		return mem_text("");
	if (!view_is(setting, VIEW("auto")))
		return mem_text(path);
	has_file = stat(SYSLOG_FILE, &st) == 0 && S_ISREG(st.st_mode);
	/* A file that a syslogd has left behind long ago is none. */
	if (has_file && (!has_journald() || now - st.st_mtime < STALE_DAYS * 86400))
		return mem_text(SYSLOG_FILE);
	return mem_text(has_journald() ? "journald" : "");
}

static void
run_follow(const void *argument)
{
	follow_process_run(argument);
}

int
children_start_follow(struct supervisor *supervisor, struct helper *helper, struct err *err)
{
	int pairs[HELPER_PAIRS][2];

	if (child_pairs_open(pairs, HELPER_PAIRS, err) != 0)
		return -1;
	struct follow_process process = {.link_fd = pairs[HELPER_LINK][1],
	    .serve_fd = pairs[HELPER_SERVE][1],
	    .log = supervisor->maillog,
	    .account = &supervisor->follow_account};
	struct spawn spawn = {
	    .name = "frankd: follow", .run = run_follow, .argument = &process};
	int result = helper_fork(supervisor, helper, pairs, &spawn, err);
	if (result == 0)
		result = helper_introduce(
		    supervisor, helper, LINK_FOLLOW, pairs[HELPER_SERVE][0], err);
	close(pairs[HELPER_SERVE][0]);
	return result;
}

/* A name for what the log was rotated to, and no way to anywhere else. */
static bool
is_suffix(const char *text, size_t n)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return n == strlen(text) && n < LOG_SUFFIX_MAX && strspn(text, allowed) == n &&
	       (n == 0 || text[0] == '.' || text[0] == '-');
}

static int
open_log(const struct supervisor *supervisor, const char *suffix, struct err *err)
{
	char path[PATH_MAX + LOG_SUFFIX_MAX];
	struct stat st;
	int fd;

	if (supervisor->maillog[0] != '/')
		return err_set(err, ERR_DENIED, "no file is followed");
	snprintf(path, sizeof(path), "%s%s", supervisor->maillog, suffix);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	return err_set(err, ERR_CONFIG, "%s is not a file", path);
}

void
children_serve_follow(struct supervisor *supervisor)
{
	struct link *link = supervisor->helpers[HELPER_FOLLOW].child.link;
	struct err err = ERR_INIT;
	int fd = -1;

	if (link_recv(link, 0, &err) <= 0)
		return; /* it died: SIGCHLD follows */
	const uint64_t number = link->in.generation;
	link_close_fds(link);
	if (link->in.type != LINK_LOG)
		return;
	if (is_suffix(link->in.text, link->in.n))
		fd = open_log(supervisor, link->in.text, &err);
	else
		(void)err_set(&err, ERR_DENIED, "this is none of the log's files");
	if (fd < 0) {
		(void)link_send_code(link, LINK_LOG, (uint32_t)number, (int)err.code,
		    view_of(err.text), NULL);
		return;
	}
	(void)link_send_fds(
	    link, LINK_LOG, number, VIEW_NONE, (struct link_fds){&fd, 1}, NULL);
	(void)close(fd);
}
