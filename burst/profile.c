/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/profile.h"

/* A cell is 5 bits of the number of hours and the upper 19 of a float that is not negative.
 */
enum { MEAN_BITS = 19, DROPPED_BITS = 12, HOUR = 3600 };

static uint32_t
cell_at(const struct profile *profile, unsigned kind)
{
	const uint8_t *cell = profile->cells[kind];

	return (uint32_t)cell[0] | (uint32_t)cell[1] << 8 | (uint32_t)cell[2] << 16;
}

static double
mean_of(uint32_t cell)
{
	uint32_t bits = (cell & ((1U << MEAN_BITS) - 1)) << DROPPED_BITS;
	float mean;

	memcpy(&mean, &bits, sizeof(mean));
	/* Only a file that is not ours can say otherwise. */
	return mean >= 0 && mean < 1e18F ? (double)mean : 0;
}

double
profile_mean(const struct profile *profile, unsigned kind)
{
	return mean_of(cell_at(profile, kind));
}

static uint32_t
hours_max(unsigned kind)
{
	return kind < HOUR_KINDS / 2 ? PROFILE_WEEKDAYS : PROFILE_WEEKENDS;
}

static void
set_cell(struct profile *profile, unsigned kind, uint32_t n, double mean)
{
	float rounded = mean > 1e-6 ? (float)mean : 0;
	uint32_t bits, cell;

	memcpy(&bits, &rounded, sizeof(bits));
	cell = n << MEAN_BITS | (bits + (1U << (DROPPED_BITS - 1))) >> DROPPED_BITS;
	profile->cells[kind][0] = (uint8_t)cell;
	profile->cells[kind][1] = (uint8_t)(cell >> 8);
	profile->cells[kind][2] = (uint8_t)(cell >> 16);
	profile->is_dirty = 1;
}

void
profile_learn(struct profile *profile, unsigned kind, double amount)
{
	uint32_t cell = cell_at(profile, kind), n = cell >> MEAN_BITS;
	double mean = mean_of(cell);

	if (n < hours_max(kind))
		n++;
	set_cell(profile, kind, n, mean + (amount - mean) / n);
}

void
profile_forget(struct profile *profile)
{
	for (unsigned kind = 0; kind < HOUR_KINDS; kind++)
		set_cell(profile, kind, hours_max(kind), 0);
}

double
profile_window(const struct profile *profile, uint32_t hour, uint32_t within)
{
	double sum = 0;

	for (; within >= HOUR; within -= HOUR, hour -= hour > 0)
		sum += profile_mean(profile, calendar_hour_kind(hour));
	return sum + profile_mean(profile, calendar_hour_kind(hour)) * within / HOUR;
}

uint64_t
profile_usual(double mean)
{
	return (uint64_t)(mean + sqrt(mean) + 0.5);
}
