/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DELAYS_H
#define CTL_DELAYS_H

/* How long deliveries took: a histogram of fixed size, from 1 ms to 49 days. */

#include <stdint.h>

enum { DELAYS_STEPS = 64 }; /* two to an octave, of milliseconds */

struct delays { /* zeroes: none */
	uint64_t n;
	uint32_t longest_ms;
	uint32_t steps[DELAYS_STEPS];
};

void delays_add(struct delays *delays, uint32_t ms);
/* Half of them took no longer: milliseconds, to a fifth of it. 0: there are none. */
uint32_t delays_median(const struct delays *delays);
/* How many took MS or longer; those of the step in which MS lies count as longer. */
uint64_t delays_from(const struct delays *delays, uint32_t ms);

#endif
