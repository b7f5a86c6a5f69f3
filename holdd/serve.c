/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/log.h"

#include "holdd/holdd.h"

enum {
	CLIENTS = 8,
	CLIENTS_EACH = 2, /* of one user: nobody keeps the others out by asking nothing */
	REQUEST_US = 2000000, /* until a client's request is there */
	IDLE_MS = 60000,
	STEP_MS = 250,
};

struct client {
	int fd; /* -1: free */
	int64_t deadline;
	struct peer peer;
	bool may_ask;
};

struct server {
	const struct holdd *holdd;
	int signal_fd;
	struct client clients[CLIENTS];
	size_t n;
	size_t next; /* whose turn it is: nobody is passed over for good */
};

static void
client_close(struct server *server, struct client *client)
{
	(void)close(client->fd);
	client->fd = -1;
	server->n--;
}

static void
refuse(int fd, const char *text)
{
	(void)control_answer(fd, 1, view_of(text));
	(void)control_finish(fd, EX_NOPERM);
}

static struct client *
find_room(struct server *server, uid_t uid)
{
	struct client *free_one = NULL;
	size_t his = 0;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->fd < 0)
			free_one = client;
		else
			his += client->peer.uid == uid;
	}
	return uid != 0 && his >= CLIENTS_EACH ? NULL : free_one;
}

static void
client_accept(struct server *server)
{
	int fd =
	    accept4(server->holdd->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct err err = ERR_INIT;
	struct client *client;
	struct peer peer;
	int may;

	if (fd < 0)
		return;
	may = peer_may_ask(fd, server->holdd->gid, &peer, &err);
	if (may == -1)
		log_warn("refused: %s", err.text);
	client = may != -1 ? find_room(server, peer.uid) : NULL;
	if (client == NULL) {
		refuse(fd, "frank-holdd: too many ask at the same time: try again\n");
		(void)close(fd);
		return;
	}
	*client = (struct client){.fd = fd,
	    .deadline = clock_mono() + REQUEST_US,
	    .peer = peer,
	    .may_ask = may == 1};
	server->n++;
}

/* Whoever asks may have given up while others were served: then nothing is done. */
static bool
has_left(const struct client *client)
{
	struct pollfd gone = {.fd = client->fd, .events = POLLRDHUP};

	return poll(&gone, 1, 0) > 0;
}

static void
client_read(struct server *server, struct client *client)
{
	char frame[CONTROL_REQUEST_MAX + 1];
	ssize_t n = recv(client->fd, frame, sizeof(frame), MSG_TRUNC);

	if (!client->may_ask) {
		log_warn("refused: user %s (uid %u) is not in group %s", client->peer.name,
		    client->peer.uid, server->holdd->group);
		refuse(client->fd, "frank-holdd: for root and members of its group only\n");
	} else if (n > 0 && (size_t)n <= sizeof(frame) && !has_left(client)) {
		request_answer(server->holdd, client->fd, &client->peer, frame, (size_t)n);
	}
	client_close(server, client);
}

static int
signals_block(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The others could not be heard for so long. */
static void
deadlines_move(struct server *server, int64_t micros)
{
	for (size_t i = 0; i < CLIENTS; i++)
		server->clients[i].deadline += micros;
}

/* One that is ready, since that may take long; and those that took too long. */
static void
clients_serve(struct server *server, const struct pollfd *polled)
{
	for (size_t k = 0; k < CLIENTS; k++) {
		size_t i = (server->next + k) % CLIENTS;
		struct client *client = &server->clients[i];
		int64_t now = clock_mono();

		if (client->fd < 0 || client->fd != polled[i].fd)
			continue;
		if (polled[i].revents != 0) {
			client_read(server, client);
			deadlines_move(server, clock_mono() - now);
			server->next = i + 1;
			return;
		}
		if (now > client->deadline)
			client_close(server, client);
	}
}

/* False: it is time to end. */
static bool
serve_once(struct server *server)
{
	enum { LISTENER = CLIENTS, SIGNALS, FDS };
	struct pollfd polled[FDS];
	int n;

	for (size_t i = 0; i < CLIENTS; i++)
		polled[i] = (struct pollfd){.fd = server->clients[i].fd, .events = POLLIN};
	/* When all places are taken the others wait in the kernel's queue. */
	polled[LISTENER] = (struct pollfd){
	    .fd = server->n < CLIENTS ? server->holdd->listen_fd : -1, .events = POLLIN};
	polled[SIGNALS] = (struct pollfd){.fd = server->signal_fd, .events = POLLIN};
	n = poll(polled, FDS, server->n > 0 ? STEP_MS : IDLE_MS);
	if (n < 0)
		return errno == EINTR;
	if (polled[SIGNALS].revents != 0)
		return false;
	if (n == 0 && server->n == 0)
		return !server->holdd->is_activated;
	clients_serve(server, polled);
	if (polled[LISTENER].revents != 0)
		client_accept(server);
	return true;
}

int
holdd_serve(const struct holdd *holdd)
{
	struct server server = {.holdd = holdd, .signal_fd = signals_block()};

	must(server.signal_fd >= 0);
	for (size_t i = 0; i < CLIENTS; i++)
		server.clients[i].fd = -1;
	while (serve_once(&server))
		;
	for (size_t i = 0; i < CLIENTS; i++)
		if (server.clients[i].fd >= 0)
			client_close(&server, &server.clients[i]);
	(void)close(server.signal_fd);
	return 0;
}
