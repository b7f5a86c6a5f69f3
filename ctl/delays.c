/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/delays.h"

static unsigned
step_of(uint32_t ms)
{
	unsigned octave;

	if (ms < 2)
		return 0;
	octave = 31U - (unsigned)__builtin_clz(ms);
	return octave * 2 + (ms >> (octave - 1) & 1);
}

/* From which neither end of the step is further than a fifth. */
static uint32_t
middle_of(unsigned step)
{
	uint64_t base = UINT64_C(1) << step / 2;

	return (uint32_t)(step % 2 == 0 ? base * 6 / 5 : base * 12 / 7);
}

void
delays_add(struct delays *delays, uint32_t ms)
{
	delays->n++;
	delays->steps[step_of(ms)]++;
	if (ms > delays->longest_ms)
		delays->longest_ms = ms;
}

uint32_t
delays_median(const struct delays *delays)
{
	uint64_t seen = 0;

	for (unsigned step = 0; step < DELAYS_STEPS; step++) {
		seen += delays->steps[step];
		if (seen * 2 >= delays->n && seen > 0) {
			uint32_t ms = middle_of(step);
			return ms < delays->longest_ms ? ms : delays->longest_ms;
		}
	}
	return 0;
}

uint64_t
delays_from(const struct delays *delays, uint32_t ms)
{
	uint64_t n = 0;

	for (unsigned step = step_of(ms); step < DELAYS_STEPS; step++)
		n += delays->steps[step];
	return n;
}
