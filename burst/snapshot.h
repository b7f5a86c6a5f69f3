/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_SNAPSHOT_H
#define BURST_SNAPSHOT_H

/* What is in the file that keep.h speaks of, as bytes, and bytes as what was in it. */

#include "lib/view.h"

#include "burst/keep.h"

#define SNAPSHOT_MAGIC VIEW("frank-meters 01\n")

/* The first byte of a frame. */
enum { FRAME_HEAD = 'h', FRAME_METER = 'm', FRAME_KEYS = 'k', FRAME_END = 'e' };

enum { SNAPSHOT_PREFIX = 12, SNAPSHOT_FRAME_MAX = 1 << 30 };

struct snapshot_sink {
	struct burst *burst;
	int (*write)(void *context, struct view bytes, struct err *err);
	void *context;
};

int snapshot_write(struct snapshot_sink *sink, const struct keep_now *now, struct err *err);
/* -1: it is damaged, or of another seed; what is not is seen before anything is put in. */
int snapshot_read(struct burst *burst, struct view bytes, const struct keep_now *now,
    int64_t *ret_age, struct err *err);

#endif
