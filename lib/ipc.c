/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(IPC_FDS_MAX * sizeof(int))];
};

int
ipc_pair(int ret_pair[2], struct err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, "cannot make a pair of sockets");
	ret_pair[0] = pair[0];
	ret_pair[1] = pair[1];
	return 0;
}

static int
send_failed(struct err *err)
{
	if (errno == EAGAIN || errno == ENOBUFS)
		return err_set(err, ERR_TEMP, "the other process does not keep up");
	if (errno == EPIPE || errno == ECONNRESET)
		return err_set(err, ERR_IO, "the other process is gone");
	return err_sys(err, "cannot send");
}

static int
send_message(int fd, const struct msghdr *message, struct err *err)
{
	ssize_t sent;

	do
		sent = sendmsg(fd, message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? send_failed(err) : 0;
}

int
ipc_send(int fd, const void *frame, size_t n, struct err *err)
{
	ssize_t sent;

	must(n != 0); /* it would look like the end */
	if (n > IPC_FRAME_MAX)
		return err_set(err, ERR_LIMIT, "a frame of %zu bytes is too large", n);
	do
		sent = send(fd, frame, n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? send_failed(err) : 0;
}

int
ipc_send_fds(
    int fd, const void *frame, size_t n, const int *fds, size_t n_fds, struct err *err)
{
	union control control = {.bytes = {0}};
	union {
		const void *in;
		void *out;
	} bytes = {.in = frame};
	struct iovec part = {.iov_base = bytes.out, .iov_len = n};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header = &control.header;

	must(n != 0);
	if (n > IPC_FRAME_MAX || n_fds > IPC_FDS_MAX)
		return err_set(err, ERR_LIMIT,
		    "a frame of %zu bytes and %zu descriptors is too large", n, n_fds);
	if (n_fds != 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
	}
	return send_message(fd, &message, err);
}

/* DEADLINE is monotonic; negative: none. */
static int
wait_readable(int fd, int64_t deadline, struct err *err)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - clock_mono();
		int n, milliseconds = -1;

		if (deadline >= 0)
			milliseconds = left <= 0 ? 0 : (int)((left + 999) / 1000);
		n = poll(&poll_fd, 1, milliseconds);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, "cannot wait for a frame");
		if (n == 0 && deadline >= 0)
			return err_set(err, ERR_TEMP, "no answer in time");
	}
}

/*
 * One recvmsg(2), waiting as long as allowed. Answers its result; 0 is the end. Who waits
 * for ever on a blocking socket pays for no poll(2).
 */
static ssize_t
receive(int fd, struct msghdr *message, int milliseconds, struct err *err)
{
	int64_t deadline =
	    milliseconds < 0 ? -1 : clock_mono() + (int64_t)milliseconds * 1000;
	int flags = MSG_TRUNC | MSG_CMSG_CLOEXEC | (deadline < 0 ? 0 : MSG_DONTWAIT);
	size_t controllen = message->msg_controllen;

	for (;;) {
		ssize_t n;

		message->msg_controllen = controllen;
		n = recvmsg(fd, message, flags);
		if (n >= 0)
			return n;
		if (errno == ECONNRESET)
			return 0; /* closed with unread frames of ours */
		if (errno == EAGAIN) {
			if (wait_readable(fd, deadline, err) < 0)
				return -1;
		} else if (errno != EINTR)
			return err_sys(err, "cannot receive");
	}
}

/* Collect the descriptors that came with MESSAGE; without FDS they are closed. */
static size_t
take_fds(struct msghdr *message, int *fds)
{
	size_t count = 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		size_t n;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
			if (fds != NULL && count < IPC_FDS_MAX)
				fds[count++] = fd;
			else
				(void)close(fd);
		}
	}
	return count;
}

int
ipc_recv_fds(int fd, void *frame, size_t size, size_t *ret_n, int *fds, size_t *ret_n_fds,
    int milliseconds, struct err *err)
{
	union control control;
	struct iovec part = {.iov_base = frame, .iov_len = size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	size_t n_fds;
	ssize_t n;

	if (fds != NULL) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	n = receive(fd, &message, milliseconds, err);
	if (n < 0)
		return -1;
	n_fds = fds != NULL ? take_fds(&message, fds) : 0;
	bool is_cut = fds != NULL && (message.msg_flags & MSG_CTRUNC) != 0;
	if ((size_t)n > size || n == 0 || is_cut)
		while (n_fds > 0)
			(void)close(fds[--n_fds]);
	if ((size_t)n > size)
		return err_set(err, ERR_LIMIT, "a frame of %zd bytes is too large", n);
	if (n == 0)
		return 0;
	*ret_n = (size_t)n;
	if (ret_n_fds != NULL)
		*ret_n_fds = is_cut ? IPC_FDS_LOST : n_fds;
	return 1;
}

int
ipc_recv(int fd, void *frame, size_t size, size_t *ret_n, int milliseconds, struct err *err)
{
	return ipc_recv_fds(fd, frame, size, ret_n, NULL, NULL, milliseconds, err);
}
