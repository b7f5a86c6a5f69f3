/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_NOTIFY_H
#define MILTER_NOTIFY_H

/*
 * Telling systemd how we are (sd_notify(3)'s protocol: a datagram to $NOTIFY_SOCKET).
 * Without that variable nothing happens.
 */

#include <stdint.h>

void notify(const char *state); /* "READY=1" ... */

/* How often the watchdog wants to hear of us, in microseconds, halved; 0: not at all. */
int64_t notify_watchdog_interval(void);

/* Listening sockets handed over by systemd (sd_listen_fds(3)): how many, from descriptor 3
 * on. */
int notify_listen_fds(void);

#endif
