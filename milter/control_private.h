/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_CONTROL_PRIVATE_H
#define MILTER_CONTROL_PRIVATE_H

/*
 * Between control.c, which speaks with clients, and the files that know the answers. A
 * request answers its client once, with client_answer(), in the control thread.
 */

#include <sys/socket.h>
#include <sys/types.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "milter/control.h"

enum { CONTROL_REPLY_MAX = 60000, CONTROL_WHO_MAX = 128 };

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

/* TEXT, then the exit code: CLIENT is done with. */
void client_answer(struct client *client, int exit_code, bool is_error, struct view text);
/* Root, or who started frankd. */
bool client_may_change(const struct control *control, const struct client *client);
/* "kim (uid 1000)" */
void client_who(const struct client *client, char into[CONTROL_WHO_MAX]);

typedef void control_request(struct control *control, struct client *client,
    const char *const *words, size_t n_words);

/* control_meters.c: "top [N]", "meter NAME", "meter-reset NAME", "meter-exempt NAME
 * SECONDS" */
control_request control_top, control_meter, control_meter_reset, control_meter_exempt;

/*
 * control_incidents.c; answers are JSON lines (milter/incident_text.h).
 *
 *	incidents [--all] [AFTER]    those with a number above AFTER; where they do not
 *	                             all fit, the last line is {"next":AFTER}
 *	incident N                   one, with its lists
 *	incident-close N [REASON] [FOR]
 *	action WHAT TEXT [FOR]       for the journal: what somebody did himself
 *
 * FOR: whom root is, as far as frank(1) knows.
 */
control_request control_incidents, control_incident, control_incident_close, control_action;

#endif
