/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/listen.h"
#include "lib/net.h"

enum { LISTEN_QUEUE = 1024 };

bool
listen_is_unix(struct view address)
{
	return view_starts(address, VIEW("unix:"));
}

static int
make_socket(int family, int type, struct err *err)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_sys(err, "cannot make a socket") : fd;
}

/* A socket file of a frankd that is gone is removed, anything else stays and is an error.
 */
static int
remove_stale(const struct sockaddr_un *un, int type, struct err *err)
{
	const char *path = un->sun_path;
	struct stat st;
	int fd, connected, why;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "%s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s is in the way: it is no socket", path);
	fd = make_socket(AF_UNIX, type | SOCK_NONBLOCK, err);
	if (fd < 0)
		return -1;
	connected = connect(fd, (const struct sockaddr *)un, sizeof(*un));
	why = errno;
	(void)close(fd);
	/* EAGAIN: alive, its queue is full. */
	if (connected == 0 || why == EAGAIN)
		return err_set(err, ERR_CONFIG, "%s: another frankd is running", path);
	if (why == EPROTOTYPE)
		return err_set(err, ERR_CONFIG, "%s is in use by another program", path);
	errno = why;
	if (why != ECONNREFUSED && why != ENOENT)
		return err_sys(err, "%s", path);
	return unlink(path) < 0 && errno != ENOENT ? err_sys(err, "%s", path) : 0;
}

static int
set_owner(const char *path, const struct listen_owner *owner, struct err *err)
{
	if (lchown(path, owner->uid, owner->gid) < 0)
		return err_sys(err, "%s: cannot change the owner", path);
	if (fchmodat(AT_FDCWD, path, owner->mode, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%s: cannot set the mode", path);
	return 0;
}

/* Nobody can connect before listen(2), so the file has its owner and mode by then. */
static int
bind_unix(
    int fd, const struct sockaddr_un *un, const struct listen_owner *owner, struct err *err)
{
	if (bind(fd, (const struct sockaddr *)un, sizeof(*un)) < 0)
		return err_sys(err, "%s", un->sun_path);
	if ((owner == NULL || set_owner(un->sun_path, owner, err) == 0)) {
		if (listen(fd, LISTEN_QUEUE) == 0)
			return 0;
		(void)err_sys(err, "%s", un->sun_path);
	}
	(void)unlink(un->sun_path);
	return -1;
}

static int
open_unix(struct view path, int type, const struct listen_owner *owner, int *ret_fd,
    struct err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd;

	if (path.n == 0 || path.p[0] != '/' || view_has_char(path, '\0'))
		return err_set(
		    err, ERR_CONFIG, "a unix socket needs an absolute path: unix:/path");
	if (path.n >= sizeof(un.sun_path))
		return err_set(err, ERR_CONFIG, "%.*s: longer than %zu bytes",
		    VIEW_ARG(path), sizeof(un.sun_path) - 1);
	memcpy(un.sun_path, path.p, path.n);
	if (remove_stale(&un, type, err) < 0)
		return -1;
	fd = make_socket(AF_UNIX, type, err);
	if (fd < 0)
		return -1;
	if (bind_unix(fd, &un, owner, err) < 0) {
		(void)close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

/* "host:port", "[host]:port" or sendmail's "port@host". */
static int
parse_inet(struct view text, struct addr *ret_addr, unsigned *ret_port, struct err *err)
{
	struct view host, rest = text, port;
	unsigned long long number;

	if (view_has_char(text, '@')) {
		(void)view_cut(&rest, '@', &port);
		host = rest;
	} else {
		size_t at = text.n;

		while (at > 0 && text.p[at - 1] != ':')
			at--;
		host = view_head(text, at > 0 ? at - 1 : 0);
		port = view_from(text, at);
	}
	if (view_starts(host, VIEW("[")) && view_ends(host, VIEW("]")))
		host = view_head(view_from(host, 1), host.n - 2);
	else if (!view_has_char(text, '@') && view_has_char(host, ':'))
		host = VIEW_NONE; /* 2001:db8::1:8891 could be anything */
	if (!view_number(port, 65535, &number) || number == 0 ||
	    addr_parse(host, ret_addr, NULL) < 0)
		return err_set(err, ERR_CONFIG,
		    "'%.*s': write a numeric address and a port, as in 127.0.0.1:8891 or "
		    "[::1]:8891",
		    VIEW_ARG(text));
	*ret_port = (unsigned)number;
	return 0;
}

static socklen_t
fill_sockaddr(struct addr addr, unsigned port, struct sockaddr_storage *into)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (addr.family == ADDR_IPV4) {
		memcpy(&in.sin_addr, addr.bytes, 4);
		memcpy(into, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, addr.bytes, 16);
	memcpy(into, &in6, sizeof(in6));
	return sizeof(in6);
}

static int
open_inet(struct view text, int *ret_fd, struct err *err)
{
	struct sockaddr_storage where = {.ss_family = AF_UNSPEC};
	struct addr addr = {.family = ADDR_NONE};
	unsigned port = 0;
	socklen_t size;
	int fd, on = 1;

	if (parse_inet(text, &addr, &port, err) < 0)
		return -1;
	size = fill_sockaddr(addr, port, &where);
	fd = make_socket(addr.family == ADDR_IPV4 ? AF_INET : AF_INET6, SOCK_STREAM, err);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* What is accepted inherits it: answers in several small writes would wait 40 ms
	 * for each other's acknowledgement. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (addr.family == ADDR_IPV6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&where, size) < 0 ||
	    listen(fd, LISTEN_QUEUE) < 0) {
		(void)err_sys(err, "%.*s", VIEW_ARG(text));
		(void)close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

int
listen_open(struct view address, int type, const struct listen_owner *owner, int *ret_fd,
    struct err *err)
{
	must(type == SOCK_STREAM || type == SOCK_SEQPACKET);
	if (listen_is_unix(address))
		return open_unix(view_from(address, 5), type, owner, ret_fd, err);
	if (view_starts(address, VIEW("inet:")) && type == SOCK_STREAM)
		return open_inet(view_from(address, 5), ret_fd, err);
	return err_set(err, ERR_CONFIG, "'%.*s': write unix:/path%s", VIEW_ARG(address),
	    type == SOCK_STREAM ? " or inet:127.0.0.1:8891" : "");
}
