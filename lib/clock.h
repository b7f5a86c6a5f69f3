/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

/*
 * The only place that asks the system for the time. Everything else gets it as an argument,
 * so that a test can let a day pass in no time. Times are microseconds in int64_t.
 */

#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"

struct clock {
	int64_t wall; /* microseconds since 1970-01-01 UTC */
	int64_t mono; /* microseconds, never goes backwards */
};

/* A wall time in the local zone, as rules see it. */
struct clock_local {
	int date;    /* 20260302 */
	int minute;  /* of the day, 0..1439 */
	int weekday; /* 0 Sunday .. 6 Saturday */
};

enum { CLOCK_TEXT = 32 };

struct clock clock_now(void);
int64_t clock_mono(void);

/* From NOW to END is for N things, one after the other; until when for the first of them?
 * What one leaves of its time the others have. */
int64_t clock_share(int64_t now, int64_t end, size_t n);

/* Does something (NTP) keep the system's clock in time? 1, 0; -1: the kernel does not say.
 * Changes nothing, needs no rights. */
int clock_is_kept(struct err *err);

/* Is there such a zone (an Olson name, "" for the system's)? 0, or -1. */
int clock_check_zone(const char *zone, struct err *err);
/* Set the process's zone. Once, before threads. */
int clock_set_zone(const char *zone, struct err *err);
struct clock_local clock_local(int64_t wall);

/* A date in the local zone without its year, as syslog writes it: of the year that makes it
 * the last one before NOW, or at most a day behind it. */
struct clock_date {
	unsigned month, day, hour, minute; /* month 1..12 */
};
int64_t clock_of_date(const struct clock_date *date, int64_t now);

/* "2026-03-02 09:03:00Z", and the same with milliseconds as RFC 3339
 * "2026-03-02T09:03:00.123Z". */
const char *clock_text(int64_t wall, char into[CLOCK_TEXT]);
const char *clock_rfc3339(int64_t wall, char into[CLOCK_TEXT]);
/* "Mon, 02 Mar 2026 09:03:00 +0000", as a Date field has it (RFC 5322 3.3); years 0 to
 * 9999. */
const char *clock_rfc5322(int64_t wall, char into[CLOCK_TEXT]);
/* "2026-03-02", the UTC day a journal file is named after. */
const char *clock_day(int64_t wall, char into[CLOCK_TEXT]);

/* "2026-03-02", "2026-03-02 09:03[:00]" (UTC, as clock_text() writes it), "2h", "7d" (ago)
 * -> wall; for --since. */
int clock_parse_since(struct view text, int64_t now, int64_t *ret_wall, struct err *err);

#endif
