/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "auth/suffixes.h"

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
conf_path_absolute(const char *path, char into[PATH_MAX], struct err *err)
{
	char here[PATH_MAX];

	if (access(path, F_OK) != 0)
		return err_sys(err, "cannot find %s", path);
	if (getcwd(here, sizeof(here)) == NULL ||
	    file_join(into, PATH_MAX, here, path) != 0)
		return err_set(err, ERR_LIMIT, "the path of %s is too long", path);
	return 0;
}

/* As many descriptors as we may have: two for each connection of the mail server. */
static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* PATH: where the absolute name of the configuration is kept as long as the supervisor
 * runs. */
static int
run_frankd(struct supervisor *supervisor, char path[PATH_MAX])
{
	struct buf messages = BUF_INIT(MESSAGES_MAX);
	struct err err = ERR_INIT;
	int today = clock_local(clock_now().wall).date;

	/* Links in it are followed anew at each reload. */
	if (conf_path_absolute(supervisor->conf_path, path, &err) != 0) {
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
	if (supervisor_prepare(supervisor, &err) != 0) {
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
	char path[PATH_MAX];
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
	spawn_title_init(argc, argv);
	log_open(supervisor.log_target, "frankd", supervisor.debug);
	(void)umask(022);
	descriptors_raise();
	suffixes_choose();
	supervisor.signal_fd = signals_block();
	must(supervisor.signal_fd >= 0);
	int exit_code = run_frankd(&supervisor, path);
	supervisor_fini(&supervisor);
	return exit_code;
}
