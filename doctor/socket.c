/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/socket.h"

enum { WAIT_MAX_MS = 60000 };

static socklen_t
fill(struct addr to, unsigned port, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (to.family == ADDR_IPV4) {
		struct sockaddr_in in = {
		    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

		memcpy(&in.sin_addr, to.bytes, 4);
		memcpy(ret, &in, sizeof(in));
		return sizeof(in);
	}
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	memcpy(&in6.sin6_addr, to.bytes, 16);
	memcpy(ret, &in6, sizeof(in6));
	return sizeof(in6);
}

static int
make(struct addr to, int type)
{
	return socket(to.family == ADDR_IPV4 ? AF_INET : AF_INET6,
	    type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

bool
socket_source(struct addr to, unsigned port, struct addr *ret_source)
{
	struct sockaddr_storage storage;
	socklen_t size = fill(to, port, &storage);
	int fd = make(to, SOCK_DGRAM);

	if (fd < 0)
		return false;
	bool is_there = connect(fd, (struct sockaddr *)&storage, size) == 0;
	size = sizeof(storage);
	is_there = is_there && getsockname(fd, (struct sockaddr *)&storage, &size) == 0;
	(void)close(fd);
	if (is_there)
		*ret_source = addr_of_sockaddr((struct sockaddr *)&storage);
	return is_there;
}

bool
socket_wait(int fd, short events, int64_t deadline)
{
	struct pollfd ready = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = (deadline - clock_mono() + 999) / 1000;

		if (left <= 0)
			return false;
		int n = poll(&ready, 1, left > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left);
		if (n > 0)
			return true;
		must(n == 0 || errno == EINTR);
	}
}

static enum socket_end
end_of(int why)
{
	switch (why) {
	case 0:
		return SOCKET_CONNECTED;
	case ECONNREFUSED:
		return SOCKET_REFUSED;
	case ETIMEDOUT:
		return SOCKET_LATE;
	case ENETUNREACH:
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
		return SOCKET_NO_WAY;
	default:
		return SOCKET_FAILED;
	}
}

enum socket_end
socket_connect(
    struct addr to, unsigned port, int64_t deadline, int *ret_fd, struct err *err)
{
	struct sockaddr_storage storage;
	socklen_t size = fill(to, port, &storage), why_size = sizeof(int);
	int fd = make(to, SOCK_STREAM), why = 0;

	if (fd < 0) {
		why = errno;
	} else if (connect(fd, (struct sockaddr *)&storage, size) < 0) {
		why = errno;
		if (why == EINPROGRESS && !socket_wait(fd, POLLOUT, deadline))
			why = ETIMEDOUT;
		else if (why == EINPROGRESS &&
			 getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &why_size) < 0)
			why = errno;
	}
	enum socket_end end = end_of(why);
	if (end == SOCKET_CONNECTED) {
		*ret_fd = fd;
		return end;
	}
	if (fd >= 0)
		(void)close(fd);
	(void)err_set(err, ERR_TEMP, "%s", strerror(why));
	return end;
}
