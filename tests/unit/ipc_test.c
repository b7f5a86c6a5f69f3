/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"

static size_t
open_fds(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	return count;
}

static void
carries_frames(void **state)
{
	static char large[IPC_FRAME_MAX], got[IPC_FRAME_MAX];
	struct err err = ERR_INIT;
	int pair[2];
	size_t n = 0;

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_true((fcntl(pair[0], F_GETFD) & FD_CLOEXEC) != 0);
	memset(large, 'x', sizeof(large));
	assert_int_equal(ipc_send(pair[0], "abc", 3, &err), 0);
	assert_int_equal(ipc_send(pair[0], large, sizeof(large), &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 0, &err), 1);
	assert_int_equal(n, 3);
	assert_memory_equal(got, "abc", 3);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, IPC_FOREVER, &err), 1);
	assert_int_equal(n, sizeof(large));
	assert_int_equal(ipc_send(pair[0], large, sizeof(large) + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
drops_what_is_too_large(void **state)
{
	struct err err = ERR_INIT;
	int pair[2];
	char got[4];
	size_t n = 77;

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(ipc_send(pair[0], "12345", 5, &err), 0);
	assert_int_equal(ipc_send(pair[0], "1234", 4, &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(n, 77);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), 1);
	assert_int_equal(n, 4);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
knows_the_end(void **state)
{
	struct err err = ERR_INIT;
	int pair[2];
	char got[4];
	size_t n;

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(ipc_send(pair[0], "last", 4, &err), 0);
	(void)close(pair[0]);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), 1);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, IPC_FOREVER, &err), 0);
	/* No SIGPIPE, but an error. */
	assert_int_equal(ipc_send(pair[1], "x", 1, &err), -1);
	assert_string_equal(err.text, "the other process is gone");
	assert_int_equal(ipc_send_fds(pair[1], "x", 1, &pair[1], 1, &err), -1);
	(void)close(pair[1]);

	/* Closed while a frame of ours was unread. */
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(ipc_send(pair[1], "x", 1, &err), 0);
	(void)close(pair[0]);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), 0);
	(void)close(pair[1]);
}

static void
on_alarm(int number)
{
	(void)number;
}

static void *
disturb(void *context)
{
	for (int i = 0; i < 10; i++) {
		(void)usleep(10000);
		(void)pthread_kill(*(pthread_t *)context, SIGUSR1);
	}
	return NULL;
}

static void
waits_as_long_as_it_should(void **state)
{
	struct sigaction action = {.sa_handler = on_alarm};
	pthread_t self = pthread_self(), thread;
	struct err err = ERR_INIT;
	int64_t start;
	int pair[2];
	char got[4];
	size_t n;

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 0, &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	/* Signals neither end the wait nor make it longer. */
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, disturb, &self), 0);
	start = clock_mono();
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 60, &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_in_range(clock_mono() - start, 60000, 1000000);
	(void)pthread_join(thread, NULL);
	/* For ever on a non-blocking socket waits too, and a full queue is an error there.
	 */
	assert_int_equal(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(ipc_send(pair[0], "x", 1, &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, IPC_FOREVER, &err), 1);
	while (ipc_send(pair[1], "x", 1, &err) == 0)
		;
	assert_int_equal(err.code, ERR_TEMP);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
passes_descriptors(void **state)
{
	struct err err = ERR_INIT;
	int pair[2], fds[IPC_FDS_MAX], got_fds[IPC_FDS_MAX];
	char got[4];
	size_t n, n_fds = 0, before;

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	for (size_t i = 0; i < IPC_FDS_MAX; i++)
		fds[i] = pair[0];
	before = open_fds();
	assert_int_equal(ipc_send_fds(pair[0], "x", 1, fds, IPC_FDS_MAX, &err), 0);
	assert_int_equal(
	    ipc_recv_fds(pair[1], got, sizeof(got), &n, got_fds, &n_fds, 1000, &err), 1);
	assert_int_equal(n_fds, IPC_FDS_MAX);
	assert_int_equal(open_fds(), before + IPC_FDS_MAX);
	for (size_t i = 0; i < n_fds; i++) {
		assert_true((fcntl(got_fds[i], F_GETFD) & FD_CLOEXEC) != 0);
		(void)close(got_fds[i]);
	}
	/* Who does not want them does not get them, nor does a frame that is dropped. */
	assert_int_equal(ipc_send_fds(pair[0], "x", 1, fds, 2, &err), 0);
	assert_int_equal(ipc_recv(pair[1], got, sizeof(got), &n, 1000, &err), 1);
	assert_int_equal(ipc_send_fds(pair[0], "12345", 5, fds, 2, &err), 0);
	assert_int_equal(
	    ipc_recv_fds(pair[1], got, sizeof(got), &n, got_fds, &n_fds, 1000, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(open_fds(), before);
	/* None beside the frame. */
	assert_int_equal(ipc_send_fds(pair[0], "x", 1, NULL, 0, &err), 0);
	assert_int_equal(
	    ipc_recv_fds(pair[1], got, sizeof(got), &n, got_fds, &n_fds, 1000, &err), 1);
	assert_int_equal(n_fds, 0);
	assert_int_equal(ipc_send_fds(pair[0], "x", 1, fds, IPC_FDS_MAX + 1, &err), -1);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* A peer that is not ours may send more descriptors than we have room for. */
static void
closes_too_many_descriptors(void **state)
{
	enum { MANY = IPC_FDS_MAX + 10 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MANY * sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec part = {.iov_base = control.bytes, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	struct err err = ERR_INIT;
	int pair[2], fds[MANY], got_fds[IPC_FDS_MAX];
	size_t n, n_fds, before;
	char got[4];

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	before = open_fds();
	for (size_t i = 0; i < MANY; i++)
		fds[i] = pair[0];
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	assert_int_equal(sendmsg(pair[0], &message, 0), 1);
	assert_int_equal(
	    ipc_recv_fds(pair[1], got, sizeof(got), &n, got_fds, &n_fds, 1000, &err), 1);
	assert_true(n_fds == IPC_FDS_LOST);
	assert_int_equal(open_fds(), before);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* And we may have none free: the frame comes, its descriptors do not. */
static void
says_what_found_no_room(void **state)
{
	struct err err = ERR_INIT;
	int pair[2], fds[3], got_fds[IPC_FDS_MAX], highest;
	struct rlimit limit, tight;
	size_t n = 0, n_fds = 0, before;
	char got[4];

	(void)state;
	assert_int_equal(ipc_pair(pair, &err), 0);
	for (size_t i = 0; i < 3; i++)
		fds[i] = pair[0];
	before = open_fds();
	assert_int_equal(ipc_send_fds(pair[0], "xy", 2, fds, 3, &err), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	/* Room for one more. */
	highest = dup(pair[0]);
	close(highest);
	tight = (struct rlimit){(rlim_t)highest + 1, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	int result =
	    ipc_recv_fds(pair[1], got, sizeof(got), &n, got_fds, &n_fds, 1000, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(result, 1);
	assert_int_equal(n, 2);
	assert_memory_equal(got, "xy", 2);
	assert_true(n_fds == IPC_FDS_LOST);
	assert_int_equal(open_fds(), before);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(carries_frames),
	    cmocka_unit_test(drops_what_is_too_large),
	    cmocka_unit_test(knows_the_end),
	    cmocka_unit_test(waits_as_long_as_it_should),
	    cmocka_unit_test(passes_descriptors),
	    cmocka_unit_test(closes_too_many_descriptors),
	    cmocka_unit_test(says_what_found_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
