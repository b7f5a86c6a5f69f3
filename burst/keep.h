/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_KEEP_H
#define BURST_KEEP_H

/*
 * The windows of all meters in one file, so that a restart, and also kill -9, forgets no
 * more than what came since it was last written. What is usual, remembered recipients and
 * logins are rows (burst_give()).
 *
 * The file is "frank-meters 01" and a line feed, and then frames: a length of 4 bytes, a
 * SipHash of 8 keyed with the seed of the meters, and what is in it. The last one says that
 * it is the last. It is replaced atomically.
 *
 * How long frankd was away is told by the monotonic clock when the machine was not
 * restarted meanwhile, so that setting the clock changes nothing; otherwise by the wall
 * clock, and when that went backwards no time has passed: nobody is forgiven too early.
 */

#include "lib/clock.h"
#include "lib/err.h"

#include "burst/burst.h"

struct keep_now {
	struct clock clock;
	uint32_t minute; /* local, burst_minute() */
	uint64_t boot;   /* keep_boot() */
};

/* A number that is the same until the machine is started again; 0: not to be had. */
uint64_t keep_boot(void);

/* One thread at a time; meters may be read and charged meanwhile. */
int keep_save(
    struct burst *burst, const char *path, const struct keep_now *now, struct err *err);

/*
 * At start, after burst_meter_get() for each meter and burst_take() for each row, before
 * other threads: 1 restored, *ret_age microseconds old; 0 there is none; -1 with all meters
 * as they were: it was damaged, written with another seed or by another version, and is now
 * PATH.broken (or still there, when even that failed: err says so), or could not be read.
 */
int keep_restore(struct burst *burst, const char *path, const struct keep_now *now,
    int64_t *ret_age, struct err *err);

#endif
