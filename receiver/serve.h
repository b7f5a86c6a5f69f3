/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_SERVE_H
#define RECEIVER_SERVE_H

/*
 * The receiver process: collects streams of frames (receiver/wire.h) and answers each with
 * a verdict, and each question about SPF with one. Memory is bounded by RECEIVER_STREAMS
 * times the limits of wire.h, whatever comes.
 *
 * A frame that belongs to no open stream, or to an earlier message of it, is passed over:
 * its stream was cancelled where the cancellation did not get through. A frame that has not
 * its form cancels its stream, since a message with a piece missing would be judged
 * wrongly. A frame that cannot be attributed to a stream ends the process. What is larger
 * than a limit gets a verdict of no opinion.
 */

#include <stddef.h>

#include "lib/err.h"

#include "receiver/wire.h"

/* Serve FD until the peer closes it (0), or sends what it never should or fails (-1). */
int receiver_serve(int fd, struct err *err);

/* The same without a socket. */
struct receiver;

struct receiver *receiver_new(void);
void receiver_free(struct receiver *receiver); /* NULL is fine */

/* Take one frame. 1: it was an END, or SPF, and *ret_verdict is the answer; 0: fine; -1:
 * see above.
 */
int receiver_take(struct receiver *receiver, const void *frame, size_t n,
    struct receiver_verdict *ret_verdict, struct err *err);

#endif
