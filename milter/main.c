/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/listen.h"

#include "milter/notify.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

#ifndef FRANK_CONF_DIR
#define FRANK_CONF_DIR "/etc/frank"
#endif
#define FRANK_CONF FRANK_CONF_DIR "/frank.conf"
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unreleased"
#endif

static const char usage_text[] =
    "usage: frankd [-dV] [-c file]\n"
    "  -c file  configuration and policy, default " FRANK_CONF "\n"
    "  -d       log to stderr, with details\n"
    "  -V       print the version\n";

static char *
text_of(struct view view)
{
	char *text = mem_zeroed(view.n + 1, 1);

	if (view.n > 0)
		memcpy(text, view.p, view.n);
	return text;
}

/* The path behind "unix:". */
static char *
unix_path(struct view address)
{
	struct view prefix = VIEW("unix:");

	return text_of(
	    view_starts(address, prefix) ? view_from(address, prefix.n) : address);
}

/* The directory that a socket lies in, when it is missing. */
static int
socket_dir_make(const char *path, gid_t gid, mode_t mode, struct err *err)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return file_make_dir(dir, mode, geteuid(), gid, err);
}

static int
accounts_find(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct account *milter = &supervisor->milter_account,
		       *keys = &supervisor->keys_account;

	if (geteuid() != 0) {
		log_warn(
		    "not started as root: everything runs as uid %u, and the keys are not "
		    "kept apart from the code that reads mail",
		    geteuid());
		*milter = (struct account){.uid = geteuid(), .gid = getegid()};
		*keys = *milter;
		return 0;
	}
	if (account_find(settings->user, 0, milter, err) != 0 ||
	    account_find(settings->keys_user, 1, keys, err) != 0)
		return -1;
	if (milter->uid == keys->uid)
		return err_set(err, ERR_CONFIG,
		    "'set user' and 'set keys-user' name the same account: the code that "
		    "reads "
		    "mail could take the keys");
	if (milter->is_spare)
		log_warn(
		    "there is no user '%s': uid %u stands in", milter->name, milter->uid);
	if (keys->is_spare)
		log_warn("there is no user '%s': uid %u stands in", keys->name, keys->uid);
	return 0;
}

/* The group that may use a socket; one that does not exist is ours alone. */
static gid_t
socket_group(struct view name, gid_t fallback)
{
	struct err err = ERR_INIT;
	bool is_spare;
	gid_t gid;

	if (geteuid() != 0)
		return getegid();
	if (account_find_group(name, 0, &gid, &is_spare, &err) != 0 || is_spare) {
		log_warn("there is no group '%.*s': only root can use its socket",
		    VIEW_ARG(name));
		return fallback;
	}
	return gid;
}

static int
milter_socket_open(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct listen_owner owner = {.uid = geteuid(), .mode = 0660};

	supervisor->listen_is_unix = listen_is_unix(settings->listen);
	if (notify_listen_fds() > 0) {
		supervisor->listen_fd = 3;
		return 0;
	}
	owner.gid = socket_group(settings->socket_group, 0);
	if (supervisor->listen_is_unix) {
		supervisor->listen_path = unix_path(settings->listen);
		if (socket_dir_make(supervisor->listen_path, owner.gid, 0750, err) != 0)
			return -1;
	}
	return listen_open(
	    settings->listen, SOCK_STREAM, &owner, &supervisor->listen_fd, err);
}

static int
control_socket_open(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct listen_owner owner = {.uid = geteuid(), .mode = 0660};
	char address[PATH_MAX];

	owner.gid = socket_group(settings->group, 0);
	supervisor->control_path = unix_path(settings->control);
	snprintf(address, sizeof(address), "unix:%s", supervisor->control_path);
	if (socket_dir_make(supervisor->control_path, owner.gid, 0750, err) != 0)
		return -1;
	return listen_open(
	    view_of(address), SOCK_SEQPACKET, &owner, &supervisor->control_fd, err);
}

static int
prepare(struct supervisor *supervisor, struct err *err)
{
	const struct policy_settings *settings =
	    policy_settings(supervisor->config->policy);

	supervisor->state_dir = text_of(settings->state);
	supervisor->timezone = text_of(settings->timezone);
	if (clock_set_zone(supervisor->timezone, err) != 0 ||
	    accounts_find(supervisor, settings, err) != 0)
		return -1;
	const struct account *milter = &supervisor->milter_account;
	if (file_make_dir(supervisor->state_dir, 0750, milter->uid, milter->gid, err) != 0)
		return -1;
	if (milter_socket_open(supervisor, settings, err) != 0)
		return err_add(err, "milter socket");
	if (control_socket_open(supervisor, settings, err) != 0)
		return err_add(err, "control socket");
	return 0;
}

static int
signals_block(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A descriptor 0, 1 or 2 that is not open would be given to a socket, and the log written
 * into it. */
static void
stdio_open(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int
run_frankd(struct supervisor *supervisor)
{
	struct buf messages = BUF_INIT(MESSAGES_MAX);
	struct err err = ERR_INIT;
	char path[PATH_MAX];
	int today = clock_local(clock_now().wall).date;

	if (realpath(supervisor->conf_path, path) == NULL) {
		err_sys(&err, "cannot find %s", supervisor->conf_path);
		fprintf(stderr, "frankd: %s\n", err.text);
		return EX_NOINPUT;
	}
	supervisor->conf_path = path;
	supervisor->config = config_read(path, map_seed_random(), today, &messages);
	if (supervisor->config == NULL) {
		fprintf(stderr, "%sfrankd: not started: see above\n", buf_text(&messages));
		return EX_CONFIG;
	}
	buf_fini(&messages);
	if (prepare(supervisor, &err) != 0) {
		log_error("cannot start: %s", err.text);
		if (!supervisor->debug)
			fprintf(stderr, "frankd: cannot start: %s\n", err.text);
		return EX_CONFIG;
	}
	return supervise(supervisor);
}

int
main(int argc, char **argv)
{
	struct supervisor supervisor = {
	    .conf_path = FRANK_CONF, .log_target = LOG_TO_SYSLOG};
	int option;

	while ((option = getopt(argc, argv, "c:dhV")) != -1) {
		switch (option) {
		case 'c':
			supervisor.conf_path = optarg;
			break;
		case 'd':
			supervisor.debug = true;
			supervisor.log_target = LOG_TO_STDERR;
			break;
		case 'V':
			printf("frankd %s\n", PACKAGE_VERSION);
			return EX_OK;
		case 'h':
			fputs(usage_text, stdout);
			return EX_OK;
		default:
			fputs(usage_text, stderr);
			return EX_USAGE;
		}
	}
	if (optind != argc) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	stdio_open();
	supervisor.conf_path = mem_text(supervisor.conf_path);
	spawn_title_init(argc, argv);
	log_open(supervisor.log_target, "frankd", supervisor.debug);
	(void)umask(022);
	supervisor.signal_fd = signals_block();
	must(supervisor.signal_fd >= 0);
	return run_frankd(&supervisor);
}
