/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_METERS_PRIVATE_H
#define MILTER_METERS_PRIVATE_H

/* Between meters.c (when) and meters_keep.c (what is written and read). */

#include <limits.h>
#include <pthread.h>

#include "journal/state_meters.h"

#include "milter/meters.h"

enum meters_failing { FAILING_SNAPSHOT, FAILING_ROWS, FAILING_EXEMPTIONS, FAILING_KINDS };

struct meters {
	const struct meters_calls *calls;
	const char *dir;
	char snapshot[PATH_MAX];
	_Atomic(struct metering_site *) site;
	uint32_t remember_hours;

	pthread_mutex_t lock; /* of what follows: the thread, or who stops frankd */
	int64_t snapshot_last, rows_last;        /* monotonic; 0: never */
	uint64_t snapshot_charges, rows_charges; /* what had been charged by then */
	uint32_t rows_hour;
	bool rows_lost;       /* state.db was begun anew: all rows are to be given */
	uint32_t forgot_hour; /* when rows that are too old were last taken out */
	uint64_t exempt_changes;

	pthread_mutex_t trouble_lock;
	char trouble[256]; /* of what fails now; empty: nothing */
	bool is_failing[FAILING_KINDS];
};

/* At start, after the first meters were got. What cannot be restored is said. */
void meters_restore(struct meters *meters, struct metering_site *site, struct clock now);
/* 0; -1: it is said, once, and to be tried again. In turn. */
int meters_save(struct meters *meters, struct metering_site *site, struct clock now);
int meters_give(struct meters *meters, struct metering_site *site, struct clock now);
void meters_keep_exemptions(
    struct meters *meters, struct metering_site *site, int64_t wall);

void meters_say(struct meters *meters, bool is_bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
