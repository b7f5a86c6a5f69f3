/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_LISTEN_H
#define LIB_LISTEN_H

/*
 * Listening sockets, made by the supervisor and inherited by who serves them.
 *
 * An address is "unix:/path" or "inet:8891@127.0.0.1" / "inet:127.0.0.1:8891" /
 * "inet:[::1]:8891" (numeric), as in Postfix's main.cf. A stale UNIX socket is removed only
 * when it is a socket and nobody answers on it; a living one is an error ("another frankd
 * is running").
 */

#include <sys/types.h>

#include <stdbool.h>

#include "lib/err.h"
#include "lib/view.h"

struct listen_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* TYPE: SOCK_STREAM or SOCK_SEQPACKET (unix only). The descriptor is close-on-exec. */
int listen_open(struct view address, int type, const struct listen_owner *owner,
    int *ret_fd, struct err *err);
bool listen_is_unix(struct view address);

#endif
