/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/control.h"
#include "lib/log.h"

#include "milter/control_private.h"
#include "milter/link.h"

static void
client_close(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	client->is_waiting = false;
}

void
client_answer(struct client *client, int exit_code, bool is_error, struct view text)
{
	if (text.n > 0)
		(void)control_answer(client->fd, is_error, text);
	(void)control_finish(client->fd, exit_code);
	client_close(client);
}

bool
client_may_change(const struct control *control, const struct client *client)
{
	return client->peer.uid == 0 || client->peer.uid == control->admin;
}

void
client_who(const struct client *client, char into[CONTROL_WHO_MAX])
{
	char buffer[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(client->peer.uid, &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found != NULL)
		snprintf(
		    into, CONTROL_WHO_MAX, "%s (uid %u)", entry.pw_name, client->peer.uid);
	else
		snprintf(into, CONTROL_WHO_MAX, "uid %u", client->peer.uid);
}

static void
request_status(struct control *control, struct client *client, bool as_json)
{
	struct buf text = BUF_INIT(CONTROL_REPLY_MAX);

	runtime_status(control->runtime, as_json, &text);
	client_answer(client, EX_OK, false, buf_view(&text));
	buf_fini(&text);
}

static void
request_reload(struct control *control, struct client *client)
{
	char who[CONTROL_WHO_MAX];
	struct err err = ERR_INIT;

	if (!client_may_change(control, client)) {
		client_answer(
		    client, EX_NOPERM, true, VIEW("frankd: only root may reload\n"));
		return;
	}
	client_who(client, who);
	client->is_waiting = true;
	if (link_send(control->runtime->link, LINK_RELOAD, client->number, 0, view_of(who),
		&err) != 0)
		client_answer(client, EX_TEMPFAIL, true,
		    VIEW("frankd: the supervisor cannot be reached\n"));
}

/* "keys [DOMAIN] [FROM]" */
static void
request_keys(
    struct control *control, struct client *client, const char *domain, const char *from)
{
	struct buf text = BUF_INIT(CONTROL_REPLY_MAX);
	struct generation *generation = runtime_share_current(control->runtime);
	unsigned long long first = 0;

	if (generation == NULL ||
	    (from != NULL && !view_number(view_of(from), UINT32_MAX, &first))) {
		client_answer(client, generation == NULL ? EX_TEMPFAIL : EX_USAGE, true,
		    VIEW("frankd: there is no such list of keys\n"));
	} else {
		key_watch_list(control->runtime->key_watch, generation, view_of(domain),
		    (uint32_t)first, &text);
		client_answer(client, EX_OK, false, buf_view(&text));
	}
	runtime_unshare(control->runtime, generation);
	buf_fini(&text);
}

static void
on_status(
    struct control *control, struct client *client, const char *const *words, size_t n)
{
	request_status(control, client, n > 1 && strcmp(words[1], "--json") == 0);
}

static void
on_keys(struct control *control, struct client *client, const char *const *words, size_t n)
{
	request_keys(control, client, n > 1 ? words[1] : "", n > 2 ? words[2] : NULL);
}

static void
on_reload(
    struct control *control, struct client *client, const char *const *words, size_t n)
{
	(void)words;
	(void)n;
	request_reload(control, client);
}

static const struct {
	const char *name;
	control_request *serve;
} requests[] = {
    {"status", on_status},
    {"keys", on_keys},
    {"reload", on_reload},
    {"top", control_top},
    {"meter", control_meter},
    {"meter-reset", control_meter_reset},
    {"meter-exempt", control_meter_exempt},
    {"incidents", control_incidents},
    {"incident", control_incident},
    {"incident-close", control_incident_close},
    {"action", control_action},
};

static void
request_serve(struct control *control, struct client *client, char *frame, size_t n)
{
	const char *words[CONTROL_WORDS_MAX];
	struct err err = ERR_INIT;
	size_t n_words;

	if (control_parse(frame, n, words, &n_words, &err) != 0 || n_words == 0) {
		client_answer(client, EX_USAGE, true, VIEW("frankd: malformed request\n"));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		if (strcmp(words[0], requests[i].name) == 0) {
			requests[i].serve(control, client, words, n_words);
			return;
		}
	client_answer(client, EX_USAGE, true,
	    VIEW("frankd: this request is not known: frank and frankd differ in "
		 "version?\n"));
}

static void
client_accept(struct control *control)
{
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		control->accept_after = clock_mono() + 500000;
		return;
	}
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *client = &control->clients[i];
		socklen_t n = sizeof(client->peer);
		if (client->fd >= 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &client->peer, &n) != 0)
			break;
		client->fd = fd;
		client->number = ++control->last_number;
		client->deadline = clock_mono() + CONTROL_SECONDS * 1000000L;
		return;
	}
	close(fd);
}

static void
client_read(struct control *control, struct client *client)
{
	char frame[CONTROL_REQUEST_MAX];

	ssize_t n = recv(client->fd, frame, sizeof(frame), MSG_TRUNC);
	if (n <= 0 || client->is_waiting)
		client_close(client); /* gone, or talks while it should listen */
	else if ((size_t)n > sizeof(frame))
		client_answer(
		    client, EX_USAGE, true, VIEW("frankd: the request is too long\n"));
	else
		request_serve(control, client, frame, (size_t)n);
}

/* Everything that is ready or late, after a poll. */
static void
clients_serve(struct control *control, const struct pollfd *polled)
{
	int64_t now = clock_mono();

	pthread_mutex_lock(&control->lock);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *client = &control->clients[i];
		if (client->fd < 0 || client->fd != polled[i].fd)
			continue;
		if (polled[i].revents != 0)
			client_read(control, client);
		else if (!client->is_waiting && now > client->deadline)
			client_close(client);
	}
	if (polled[CONTROL_CLIENTS].revents != 0)
		client_accept(control);
	pthread_mutex_unlock(&control->lock);
}

static void *
control_run(void *argument)
{
	struct control *control = argument;

	for (;;) {
		struct pollfd polled[CONTROL_CLIENTS + 1];
		bool is_idle = true;

		pthread_mutex_lock(&control->lock);
		for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
			polled[i] =
			    (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
			is_idle = is_idle && control->clients[i].fd < 0;
		}
		pthread_mutex_unlock(&control->lock);
		bool may_accept = clock_mono() >= control->accept_after;
		polled[CONTROL_CLIENTS] = (struct pollfd){
		    .fd = may_accept ? control->listen_fd : -1, .events = POLLIN};
		if (poll(polled, CONTROL_CLIENTS + 1, is_idle && may_accept ? -1 : 500) >=
		    0)
			clients_serve(control, polled);
		else if (errno != EINTR)
			BUG("poll");
	}
	return NULL;
}

struct control *
control_start(int listen_fd, uid_t admin, struct runtime *runtime)
{
	struct control *control = mem_zeroed(1, sizeof(*control));
	pthread_t thread;

	control->listen_fd = listen_fd;
	control->admin = admin;
	control->runtime = runtime;
	must(pthread_mutex_init(&control->lock, NULL) == 0);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	must(pthread_create(&thread, NULL, control_run, control) == 0);
	must(pthread_detach(thread) == 0);
	return control;
}

void
control_reloaded(struct control *control, uint32_t number, int exit_code, struct view text)
{
	pthread_mutex_lock(&control->lock);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *client = &control->clients[i];
		if (client->fd < 0 || !client->is_waiting || client->number != number)
			continue;
		client_answer(client, exit_code, exit_code != EX_OK, text);
	}
	pthread_mutex_unlock(&control->lock);
}
