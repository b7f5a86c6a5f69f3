/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/view.h"

#include "milter/notify.h"

void
notify(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");

	if (path == NULL || strlen(path) >= sizeof(address.sun_path) || path[0] == '\0')
		return;
	size_t n = strlen(path);
	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract name space */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

static unsigned long long
environment_number(const char *name)
{
	unsigned long long number = 0;

	(void)view_number(view_of(getenv(name)), UINT32_MAX, &number);
	return number;
}

int64_t
notify_watchdog_interval(void)
{
	return (int64_t)environment_number("WATCHDOG_USEC") / 2;
}

int
notify_listen_fds(void)
{
	if (environment_number("LISTEN_PID") != (unsigned long long)getpid())
		return 0;
	int n = (int)environment_number("LISTEN_FDS");
	for (int fd = 3; fd < 3 + n; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return n;
}
