/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_SOCKET_H
#define DOCTOR_SOCKET_H

/* Connections that a check makes; each ends by a deadline. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/net.h"

/* From which address would we speak to TO? Nothing is sent. False: there is no way there.
 */
bool socket_source(struct addr to, unsigned port, struct addr *ret_source);

enum socket_end {
	SOCKET_CONNECTED,
	SOCKET_REFUSED,
	SOCKET_LATE,   /* no answer until the deadline */
	SOCKET_NO_WAY, /* the network is not to be reached from here */
	SOCKET_FAILED, /* anything else */
};

/* Connect to TO. *ret_fd is the caller's where it is SOCKET_CONNECTED; ERR says why not. */
enum socket_end socket_connect(
    struct addr to, unsigned port, int64_t deadline, int *ret_fd, struct err *err);

/* Wait for EVENTS of FD. False: not until DEADLINE. */
bool socket_wait(int fd, short events, int64_t deadline);

#endif
