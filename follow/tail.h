/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_TAIL_H
#define FOLLOW_TAIL_H

/*
 * A log file that is written while it is read, line by line, through its rotations: renamed
 * and made anew, or copied and cut to nothing (copytruncate). A place in it is the file's
 * inode, the offset behind the last line, and a hash of the bytes before that, so that
 * after a restart, too, it is found again in what the file was rotated to, and the files
 * since then are read in their order. A file that was compressed meanwhile is not read.
 *
 * Lines that may be missing are reported, never passed over in silence. One thread.
 */

#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

struct tail;

struct tail_calls {
	void *context;
	/* Open the log (SUFFIX empty), or the one of that name with SUFFIX behind it
	 * (".1", "-20261129"), for reading. The descriptor, or -1. */
	int (*open)(void *context, const char *suffix, struct err *err);
	/* Lines may be missing: "mail.log was rotated ...". */
	void (*gap)(void *context, const char *text);
};

enum {
	TAIL_PLACE_MAX = 128,
	TAIL_LINE_MAX = 64 << 10, /* a longer line is passed over, and reported as a gap */
};

/* PATH and CALLS' context must outlive it. */
struct tail *tail_new(const char *path, const struct tail_calls *calls);
void tail_free(struct tail *tail);

/*
 * Go on from PLACE, as tail_place() gave it. One that is empty, or none of a file's: begin
 * with what is written from now on. 0; -1: the log cannot be opened (ERR_MISSING: there is
 * none yet, and all that will be in it is new), to be tried again.
 */
int tail_begin(struct tail *tail, struct view place, struct err *err);

/* The next line, without its LF, until the next call. 1; 0: there is none yet; -1: reading
 * failed, to be tried again. */
int tail_line(struct tail *tail, struct view *ret_line, struct err *err);

/* Behind the last line that was given, and before it. */
void tail_place(const struct tail *tail, struct buf *out);
void tail_place_before(const struct tail *tail, struct buf *out);

#endif
