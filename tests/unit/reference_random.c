/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/reference.h"

/* Where choices come from: a seed, or the bytes of an input. */

static uint64_t state;
static const uint8_t *fed;
static size_t n_fed;
static bool is_fed;

void
ref_seed(uint64_t seed)
{
	state = seed * 2 + 1;
	is_fed = false;
}

void
ref_feed(const uint8_t *bytes, size_t n)
{
	fed = bytes;
	n_fed = n;
	is_fed = true;
}

static unsigned
next_fed(void)
{
	if (n_fed == 0)
		return 0;
	n_fed--;
	return *fed++;
}

unsigned
ref_random(unsigned below)
{
	unsigned high;

	if (is_fed) {
		high = below > UINT8_MAX ? next_fed() << 8 : 0;
		return (high | next_fed()) % below;
	}
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 20) % below;
}
