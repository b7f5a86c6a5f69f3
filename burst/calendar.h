/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_CALENDAR_H
#define BURST_CALENDAR_H

/*
 * Which hours were watched, and of which kind each was. Hours have numbers in the order in
 * which they were lived through, so that what is learned by the hour follows neither a
 * clock that is set nor the time that frankd was not there: an hour that the clock leaps
 * over, or in which it was set, or that began before frankd did, counts for nobody. When
 * the zone's clocks go back, the hour that comes twice is two hours of the same kind.
 *
 * calendar_see() is the caller's to lock; the numbers may be read from any thread.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	CALENDAR_HOURS = 26 * 7 * 24, /* remembered */
	HOUR_KINDS = 48,              /* 0..23 weekdays, 24..47 weekends */
	HOUR_NOT_WHOLE = HOUR_KINDS,
	CALENDAR_REACH = CALENDAR_HOURS - 7 * 24 - 8, /* how far back kinds are known */
};

struct calendar {
	_Atomic uint32_t number; /* of the hour that it is; 0: none yet */
	_Atomic uint32_t hour;   /* local hours since 1970-01-01 */
	int64_t began;           /* in the meters' own time, as the wall clock has it */
	bool is_part;            /* it was not watched from its beginning */
	uint8_t kinds[CALENDAR_HOURS]; /* of hour N: at N % CALENDAR_HOURS, once over */
};

/* MINUTE: local minutes since 1970-01-01. TIME: the meters' own, microseconds. */
void calendar_see(struct calendar *calendar, uint32_t minute, int64_t time);
/*
 * Go on from SAVED, in the hour that CALENDAR has seen, which is the same one when it was
 * SAVED soon enough before (IS_SOON). Otherwise that one counts as not watched, and neither
 * do the hours between. Not while others read.
 */
void calendar_continue(
    struct calendar *calendar, const struct calendar *saved, bool is_soon);
/* The kind of an hour that is over, or HOUR_NOT_WHOLE. */
unsigned calendar_kind(const struct calendar *calendar, uint32_t number);
/* The kind of any local hour. */
unsigned calendar_hour_kind(uint32_t hour);

#endif
