/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef HOLDD_HOLDD_H
#define HOLDD_HOLDD_H

/*
 * frank-holdd(8): lets members of one group release, bounce, delete and sweep mail in
 * Postfix's queue, which only root may do. It trusts nobody who talks to it: a request
 * (postfix/request.h) is a verb out of four and up to a hundred queue ids, and what it runs
 * has fixed arguments. One request at a time; one thread.
 */

#include <sys/types.h>

#include <stdbool.h>

#include "lib/err.h"
#include "lib/view.h"

struct holdd {
	const char *config;  /* Postfix's; NULL: its own */
	const char *control; /* frankd's socket, for the journal */
	const char *state;   /* and its directory, while it is down */
	const char *group;   /* who may ask, root apart */
	gid_t gid;           /* its number */
	int listen_fd;
	bool is_activated; /* the socket was handed over, so it may end when nothing is
			      asked */
};

/* Serve until SIGTERM, or until nobody asked for a while; then 0. */
int holdd_serve(const struct holdd *holdd);

/* Who is at the other end of a connection. */
struct peer {
	uid_t uid;
	char name[64]; /* "kim", or "uid 1000" */
};

/* 1; 0: he may not ask; -1: cannot be told. */
int peer_may_ask(int fd, gid_t group, struct peer *ret_peer, struct err *err);

/* One request and its answer. */
void request_answer(
    const struct holdd *holdd, int fd, const struct peer *peer, char *frame, size_t n);

#endif
