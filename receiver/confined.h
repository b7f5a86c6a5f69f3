/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_CONFINED_H
#define RECEIVER_CONFINED_H

/*
 * Work in a process made for it, confined as sandbox.h says and ended with it: for a
 * program that has somebody else's library look at what strangers wrote. Only from a
 * process with one thread. The child shares the memory that we have when it begins.
 */

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"

enum { CONFINED_MEMORY = 1 << 30 }; /* bytes of address space */

struct confined {
	const char *library;            /* that does it, for the words of an error */
	void (*prepare)(void *context); /* before it is confined; NULL: nothing to load */
	void (*work)(void *context, struct buf *out);
	void *context;
	int milliseconds;
};

/*
 * What work() has put into OUT there is in OUT here, up to its limit, and not to be
 * trusted. -1: ERR_TEMP, no answer in time (the child is killed); ERR_IO, the child ended
 * without one, or could not be confined.
 */
int confined_run(const struct confined *what, struct buf *out, struct err *err);

#endif
