/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_ADAPTER_H
#define MILTER_ADAPTER_H

/*
 * Between libmilter and a session: callbacks translate, nothing more. The only file that
 * knows libmilter.
 */

#include <stdbool.h>

#include "lib/err.h"
#include "milter/session.h"

/*
 * Serve the listening socket LISTEN_FD with WORLD until the process ends. IS_UNIX: a UNIX
 * socket, where even DATA needs no reply (over TCP that would cost 45 ms a message: facts
 * of Nagle's algorithm). Returns only when libmilter fails.
 */
int adapter_serve(
    int listen_fd, bool is_unix, const struct session_world *world, struct err *err);

#endif
