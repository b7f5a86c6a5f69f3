/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_SMTP_LAB_H
#define TESTS_UNIT_SMTP_LAB_H

/*
 * An SMTP server that takes one connection and says what a list has for it, one reply to
 * each command (and to the message, behind a 354), and keeps what it was told.
 */

#include <pthread.h>

#include "lib/buf.h"

struct smtp_server {
	int listen_fd;
	char address[32];
	const char *const *replies; /* the first one is the greeting; NULL: close */
	struct buf heard;
	pthread_t thread;
	bool is_over;
};

/* A reply "hang": nothing more is said. */
void smtp_server_start(struct smtp_server *server, const char *const *replies);
/* Until the client has gone; then 'heard' is all of it. */
void smtp_server_wait(struct smtp_server *server);
void smtp_server_end(struct smtp_server *server);

#endif
