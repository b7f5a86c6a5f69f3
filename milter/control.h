/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_CONTROL_H
#define MILTER_CONTROL_H

/*
 * The control socket's server: one thread, at most CONTROL_CLIENTS at once, CONTROL_SECONDS
 * for a request to arrive. Who may connect is decided by the socket's group; what changes
 * something is for root (or for whoever started a frankd that does not run as root). Mail
 * never waits for it.
 */

#include "lib/err.h"
#include "lib/view.h"
#include "milter/runtime.h"

enum { CONTROL_CLIENTS = 16, CONTROL_SECONDS = 2 };

struct control;

/* Serve LISTEN_FD in a thread of its own, for good. */
struct control *control_start(int listen_fd, uid_t admin, struct runtime *runtime);

/* The supervisor's answer to the reload that client NUMBER asked for. From the link's
 * thread. */
void control_reloaded(
    struct control *control, uint32_t number, int exit_code, struct view text);

#endif
