/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/listen.h"

static char dir[64], address[80];
static const char *path;

static int
enter_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", "/tmp/listen_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(address, sizeof(address), "unix:%s/sock", dir);
	path = address + 5;
	return 0;
}

static int
leave_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static void
makes_a_unix_socket(void **state)
{
	struct listen_owner owner = {geteuid(), getegid(), 0660};
	mode_t before = umask(0);
	struct err err = ERR_INIT;
	struct stat st;
	int fd = -1;

	(void)state;
	if (geteuid() == 0)
		owner = (struct listen_owner){12345, 12346, 0660};
	assert_int_equal(listen_open(view_of(address), SOCK_STREAM, &owner, &fd, &err), 0);
	(void)umask(before);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_uid, owner.uid);
	assert_int_equal(st.st_gid, owner.gid);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(fd);
}

static void
removes_only_a_dead_one(void **state)
{
	struct listen_owner owner = {geteuid(), getegid(), 0600};
	struct err err = ERR_INIT;
	char want[200];
	int fd = -1, other = -1;

	(void)state;
	/* Left behind by the test before. */
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(
	    listen_open(view_of(address), SOCK_SEQPACKET, &owner, &fd, &err), 0);
	assert_int_equal(
	    listen_open(view_of(address), SOCK_SEQPACKET, &owner, &other, &err), -1);
	(void)snprintf(want, sizeof(want), "%s: another frankd is running", path);
	assert_string_equal(err.text, want);
	assert_int_equal(
	    listen_open(view_of(address), SOCK_STREAM, &owner, &other, &err), -1);
	(void)snprintf(want, sizeof(want), "%s is in use by another program", path);
	assert_string_equal(err.text, want);
	assert_int_equal(other, -1);
	assert_int_equal(access(path, F_OK), 0);
	(void)close(fd);
	(void)unlink(path);

	assert_int_equal(file_create(path, 0600, VIEW("precious"), &err), 0);
	assert_int_equal(listen_open(view_of(address), SOCK_STREAM, &owner, &fd, &err), -1);
	(void)snprintf(want, sizeof(want), "%s is in the way: it is no socket", path);
	assert_string_equal(err.text, want);
	(void)unlink(path);
	/* Not through a link either. */
	assert_int_equal(symlink("/nowhere", path), 0);
	assert_int_equal(listen_open(view_of(address), SOCK_STREAM, &owner, &fd, &err), -1);
	assert_string_equal(err.text, want);
	(void)unlink(path);
}

/* A port that nobody uses, and the kernel's free choice of one. */
static unsigned
free_port(int family)
{
	struct sockaddr_in6 sa = {.sin6_family = (sa_family_t)family};
	socklen_t size = sizeof(sa);
	int fd = socket(family, SOCK_STREAM, 0);
	unsigned port = 0;

	/* The port stands at the same place for both families. */
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, size) == 0 &&
	    getsockname(fd, (struct sockaddr *)&sa, &size) == 0)
		port = ntohs(sa.sin6_port);
	(void)close(fd);
	return port;
}

/* What is accepted on FD sends each small answer at once: without that a milter over TCP
 * takes 40 ms a message. */
static void
expect_no_delay(int fd, const struct sockaddr *sa, socklen_t size)
{
	int client = socket(sa->sa_family, SOCK_STREAM, 0), accepted, on = 0;
	socklen_t on_size = sizeof(on);

	assert_int_equal(connect(client, sa, size), 0);
	accepted = accept(fd, NULL, NULL);
	assert_true(accepted >= 0);
	assert_int_equal(getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &on_size), 0);
	assert_int_equal(on, 1);
	(void)close(accepted);
	(void)close(client);
}

static void
listens_on_addresses(void **state)
{
	static const struct {
		int family;
		const char *form;
	} cases[] = {
	    {AF_INET, "inet:127.0.0.1:@"},
	    {AF_INET, "inet:@@127.0.0.1"},
	    {AF_INET6, "inet:[::1]:@"},
	    {AF_INET6, "inet:@@::1"},
	    {AF_INET6, "inet:@@[::1]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned port = free_port(cases[i].family);
		const char *at = strchr(cases[i].form, '@');
		struct sockaddr_in6 sa;
		socklen_t size = sizeof(sa);
		struct err err = ERR_INIT;
		char text[64];
		int fd = -1, again = -1;

		if (port == 0)
			continue; /* no IPv6 here */
		(void)snprintf(text, sizeof(text), "%.*s%u%s", (int)(at - cases[i].form),
		    cases[i].form, port, at + 1);
		if (listen_open(view_of(text), SOCK_STREAM, NULL, &fd, &err) != 0)
			fail_msg("%s: %s", text, err.text);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &size), 0);
		assert_int_equal(sa.sin6_family, cases[i].family);
		assert_int_equal(ntohs(sa.sin6_port), port);
		expect_no_delay(fd, (const struct sockaddr *)&sa, size);
		assert_int_equal(
		    listen_open(view_of(text), SOCK_STREAM, NULL, &again, &err), -1);
		assert_non_null(strstr(err.text, "Address already in use"));
		(void)close(fd);
	}
}

static void
refuses_other_addresses(void **state)
{
	static const struct {
		const char *address;
		int type;
	} cases[] = {
	    {"", SOCK_STREAM},
	    {"/run/sock", SOCK_STREAM},
	    {"unix:", SOCK_STREAM},
	    {"unix:sock", SOCK_STREAM},
	    {"local:/run/sock", SOCK_STREAM},
	    {"inet:127.0.0.1:8891", SOCK_SEQPACKET},
	    {"inet:localhost:8891", SOCK_STREAM},
	    {"inet:127.0.0.1", SOCK_STREAM},
	    {"inet:8891", SOCK_STREAM},
	    {"inet::8891", SOCK_STREAM},
	    {"inet:127.0.0.1:", SOCK_STREAM},
	    {"inet:127.0.0.1:0", SOCK_STREAM},
	    {"inet:127.0.0.1:65536", SOCK_STREAM},
	    {"inet:127.0.0.1@8891", SOCK_STREAM},
	    {"inet:::1:8891", SOCK_STREAM},
	    {"inet:[]:8891", SOCK_STREAM},
	    {"inet:[:8891", SOCK_STREAM},
	    {"inet:]:8891", SOCK_STREAM},
	    {"inet:8891@", SOCK_STREAM},
	    {"inet:8891@[", SOCK_STREAM},
	    {"unix:/run/"
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	     "a"
	     "aaaaaaaaaaaaaaaaaaaaaaaaaa",
		SOCK_STREAM},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int fd = -1;

		if (listen_open(
			view_of(cases[i].address), cases[i].type, NULL, &fd, &err) != -1 ||
		    fd != -1 || err.code != ERR_CONFIG)
			fail_msg("%s: got %d \"%s\"", cases[i].address, fd, err.text);
	}
	assert_true(listen_is_unix(VIEW("unix:/x")));
	assert_false(listen_is_unix(VIEW("inet:1@::1")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_a_unix_socket),
	    cmocka_unit_test(removes_only_a_dead_one),
	    cmocka_unit_test(listens_on_addresses),
	    cmocka_unit_test(refuses_other_addresses),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
