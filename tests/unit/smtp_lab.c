/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/smtp_lab.h"

enum { HEARD_MAX = 65536 };

/* Until what the client says ends in END. */
static bool
hear(struct smtp_server *server, int fd, const char *end)
{
	char bytes[4096];
	size_t from = server->heard.n;

	for (;;) {
		struct view said = view_from(buf_view(&server->heard), from);
		if (said.n > 0 && view_ends(said, view_of(end)))
			return true;
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
		if (n <= 0)
			return false;
		buf_add_bytes(&server->heard, bytes, (size_t)n);
	}
}

static void *
serve(void *argument)
{
	struct smtp_server *server = argument;
	int fd = accept(server->listen_fd, NULL, NULL);
	const char *end = "\r\n";

	for (size_t i = 0; server->replies[i] != NULL; i++) {
		const char *reply = server->replies[i];
		if (strcmp(reply, "hang") == 0)
			break;
		end = strncmp(reply, "354", 3) == 0 ? "\r\n.\r\n" : "\r\n";
		/* In two pieces: a line need not come whole. */
		size_t half = strlen(reply) / 2;
		if (send(fd, reply, half, MSG_NOSIGNAL) < 0 ||
		    send(fd, reply + half, strlen(reply) - half, MSG_NOSIGNAL) < 0)
			break;
		if (!hear(server, fd, end))
			break;
	}
	/* One that hangs waits until the client has gone. */
	while (server->replies[0] != NULL && recv(fd, (char[64]){0}, 64, 0) > 0)
		;
	close(fd);
	return NULL;
}

void
smtp_server_start(struct smtp_server *server, const char *const *replies)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*server = (struct smtp_server){.replies = replies};
	buf_init(&server->heard, HEARD_MAX);
	server->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->listen_fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(server->listen_fd, 1), 0);
	assert_int_equal(getsockname(server->listen_fd, (struct sockaddr *)&in, &n), 0);
	snprintf(
	    server->address, sizeof(server->address), "127.0.0.1:%u", ntohs(in.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void
smtp_server_wait(struct smtp_server *server)
{
	if (!server->is_over)
		assert_int_equal(pthread_join(server->thread, NULL), 0);
	server->is_over = true;
}

void
smtp_server_end(struct smtp_server *server)
{
	smtp_server_wait(server);
	close(server->listen_fd);
	buf_fini(&server->heard);
}
