/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/listen.h"
#include "lib/log.h"

#include "holdd/holdd.h"

enum { FIRST_FD = 3 /* of those that systemd hands over */, PATH_BYTES = 256 };

#define HOLDD_SOCKET FRANK_RUN_DIR "/holdd.sock"

static const char usage_text[] =
    "usage: frank-holdd [-dV] [-c directory] [-g group] [-p socket] [-s socket]\n"
    "                   [-S directory]\n"
    "  -c directory  Postfix's configuration, default its own\n"
    "  -g group      who may ask, root apart; default frank\n"
    "  -p socket     where frankd answers, default " FRANK_RUN_DIR "/control.sock\n"
    "  -s socket     where to be asked, default " HOLDD_SOCKET
    ", if systemd hands over none\n"
    "  -S directory  frankd's state, default " FRANK_STATE_DIR "\n"
    "  -d            log to stderr\n"
    "  -V            print the version\n";

/* sd_listen_fds(3), without the library. */
static bool
take_activated(struct holdd *holdd)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	unsigned long long number;

	if (!view_number(view_of(pid), UINT32_MAX, &number) ||
	    number != (unsigned long long)getpid())
		return false;
	if (!view_number(view_of(fds), 1, &number) || number != 1)
		return false;
	(void)fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC);
	holdd->listen_fd = FIRST_FD;
	holdd->is_activated = true;
	return true;
}

/* Frames are the unit of a request, so a stream would not do. */
static int
check_listener(int fd, struct err *err)
{
	int type = 0, domain = 0, listens = 0;
	socklen_t n = sizeof(type), n_domain = sizeof(domain), n_listens = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n_domain) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n_listens) != 0 ||
	    type != SOCK_SEQPACKET || domain != AF_UNIX || listens == 0)
		return err_set(err, ERR_CONFIG,
		    "the socket that was handed over is no listening UNIX socket of type "
		    "SOCK_SEQPACKET: ListenSequentialPacket= makes one");
	return 0;
}

static int
open_listener(struct holdd *holdd, const char *path, struct err *err)
{
	const struct listen_owner owner = {.uid = 0, .gid = holdd->gid, .mode = 0660};
	char address[PATH_BYTES];
	int flags;

	if (!take_activated(holdd)) {
		int n = snprintf(address, sizeof(address), "unix:%s", path);
		if (n < 0 || (size_t)n >= sizeof(address))
			return err_set(
			    err, ERR_CONFIG, "the path of the socket is too long");
		if (listen_open(view_of(address), SOCK_SEQPACKET, &owner, &holdd->listen_fd,
			err) == -1)
			return -1;
	} else if (check_listener(holdd->listen_fd, err) == -1) {
		return -1;
	}
	/* Who connects and is gone again must not keep us in accept(2). */
	flags = fcntl(holdd->listen_fd, F_GETFL);
	if (flags < 0 || fcntl(holdd->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, "the listening socket");
	return 0;
}

static int
find_group(struct holdd *holdd, struct err *err)
{
	const struct group *group = getgrnam(holdd->group);

	if (group == NULL)
		return err_set(err, ERR_CONFIG,
		    "there is no group '%s': -g names the one in 'set group'",
		    holdd->group);
	holdd->gid = group->gr_gid;
	return 0;
}

static int
run_holdd(struct holdd *holdd, const char *path)
{
	struct err err = ERR_INIT;

	if (geteuid() != 0)
		(void)err_set(
		    &err, ERR_DENIED, "only root may change what is in Postfix's queue");
	else if (find_group(holdd, &err) == 0 && open_listener(holdd, path, &err) == 0) {
		log_info("ready, for group %s", holdd->group);
		(void)holdd_serve(holdd);
		if (!holdd->is_activated)
			(void)unlink(path);
		return EX_OK;
	}
	log_error("cannot start: %s", err.text);
	return err.code == ERR_DENIED ? EX_NOPERM : EX_CONFIG;
}

/* A descriptor 0, 1 or 2 that is not open would be given to a client. */
static void
stdio_open(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* An exit code; -1: go on. */
static int
take_options(struct holdd *holdd, int argc, char **argv, const char **path, bool *debug)
{
	int option;

	while ((option = getopt(argc, argv, "c:dg:p:s:S:V")) != -1) {
		if (option == 'c')
			holdd->config = optarg;
		else if (option == 'd')
			*debug = true;
		else if (option == 'g')
			holdd->group = optarg;
		else if (option == 'p')
			holdd->control = optarg;
		else if (option == 's')
			*path = optarg;
		else if (option == 'S')
			holdd->state = optarg;
		else if (option == 'V')
			return printf("frank-holdd %s\n", PACKAGE_VERSION) > 0 ? EX_OK
									       : EX_IOERR;
		else
			break;
	}
	if (option == -1 && optind == argc)
		return -1;
	fputs(usage_text, stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	struct holdd holdd = {.control = FRANK_RUN_DIR "/control.sock",
	    .state = FRANK_STATE_DIR,
	    .group = "frank",
	    .listen_fd = -1};
	const char *path = HOLDD_SOCKET;
	bool debug = false;
	int code = take_options(&holdd, argc, argv, &path, &debug);

	if (code != -1)
		return code;
	stdio_open();
	(void)umask(077);
	log_open(debug ? LOG_TO_STDERR : LOG_TO_SYSLOG, "frank-holdd", debug);
	return run_holdd(&holdd, path);
}
