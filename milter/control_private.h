/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_CONTROL_PRIVATE_H
#define MILTER_CONTROL_PRIVATE_H

/* Shared by control.c (the server) and the files that answer its requests. */

#include <sys/socket.h>

#include <pthread.h>
#include <stdbool.h>

#include "milter/control.h"

enum { REPLY_MAX = 60000, WHO_MAX = 128 }; /* bytes */

struct client {
	int fd; /* -1: free */
	uint32_t number;
	int64_t deadline; /* monotonic; for its request */
	bool is_waiting;  /* for the supervisor */
	struct ucred peer;
};

struct control {
	int listen_fd;
	struct runtime *runtime;
	uid_t admin;
	int64_t accept_after; /* monotonic: no descriptor was left, so not before */
	pthread_mutex_t lock; /* of the clients */
	struct client clients[CONTROL_CLIENTS];
	uint32_t last_number;
};

/* Answer and be done with CLIENT. */
void client_answer(struct client *client, int exit_code, bool is_error, struct view text);
/* Root, or who started frankd. */
bool client_may_change(const struct control *control, const struct client *client);
/* "kim (uid 1000)" */
void client_who(const struct client *client, char into[WHO_MAX]);

/* control_incidents.c: false: it is none of these requests. */
bool control_incidents_serve(struct control *control, struct client *client,
    const char *const *words, size_t n_words);

#endif
