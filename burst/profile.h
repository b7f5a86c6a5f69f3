/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_PROFILE_H
#define BURST_PROFILE_H

/*
 * What a key usually does, by the hour, weekdays and weekends (Saturday and Sunday) apart:
 * 48 means. burst.h has the formula as an admin does it by hand. A mean is kept to one part
 * in 4096, with the number of hours that are in it: 3 bytes.
 */

#include <stdint.h>

#include "burst/calendar.h"

enum {
	PROFILE_WEEKDAYS = 20, /* so many hours make a mean: four weeks */
	PROFILE_WEEKENDS = 8,
	PROFILE_BYTES = HOUR_KINDS * 3,
};

struct profile {
	uint32_t first;    /* the hour (calendar.h) from which on the key was watched */
	uint32_t owner;    /* the key's record */
	uint32_t is_dirty; /* not given away since it was changed */
	uint8_t cells[HOUR_KINDS][3];
};

/* One more hour of this kind has gone by. */
void profile_learn(struct profile *profile, unsigned kind, double amount);
/* So many hours without anything have gone by that every mean is 0. */
void profile_forget(struct profile *profile);
double profile_mean(const struct profile *profile, unsigned kind);
/* The mean over WITHIN seconds that end in the local hour HOUR. */
double profile_window(const struct profile *profile, uint32_t hour, uint32_t within);
/* mean + sqrt(mean), rounded. */
uint64_t profile_usual(double mean);

#endif
