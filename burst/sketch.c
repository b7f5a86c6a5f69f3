/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>

#include "lib/bug.h"

#include "burst/sketch.h"

enum {
	INDEX_BITS = 9,
	RANK_MAX = 15, /* the first one bit is behind 14 zeros or more */
};

static unsigned
rank_at(const uint8_t *sketch, unsigned i)
{
	return i % 2 == 0 ? sketch[i / 2] & 15U : sketch[i / 2] >> 4U;
}

static void
raise_to(uint8_t *sketch, unsigned i, unsigned rank)
{
	unsigned shift = i % 2 * 4;

	if (rank > rank_at(sketch, i))
		sketch[i / 2] =
		    (uint8_t)((sketch[i / 2] & ~(15U << shift)) | rank << shift);
}

void
sketch_add(uint8_t sketch[SKETCH_BYTES], uint64_t hash)
{
	uint64_t rest = hash << INDEX_BITS;
	unsigned rank = rest != 0 ? (unsigned)__builtin_clzll(rest) + 1 : RANK_MAX;

	raise_to(sketch, (unsigned)(hash >> (64 - INDEX_BITS)),
	    rank < RANK_MAX ? rank : RANK_MAX);
}

void
sketch_merge(uint8_t into[SKETCH_BYTES], const uint8_t from[SKETCH_BYTES])
{
	for (unsigned i = 0; i < SKETCH_BYTES; i++) {
		uint8_t low = into[i] & 15, high = into[i] & 0xf0;
		uint8_t from_low = from[i] & 15, from_high = from[i] & 0xf0;

		low = low > from_low ? low : from_low;
		high = high > from_high ? high : from_high;
		into[i] = low | high;
	}
}

/* Ertl's sigma: what the registers say that nothing fell into. X < 1. */
static double
sigma(double x)
{
	double y = 1, z = x, before;

	do {
		before = z;
		x *= x;
		z += x * y;
		y += y;
	} while (z > before);
	return z;
}

/* Ertl's tau: what the registers say that are full. */
static double
tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		before = z;
		x = sqrt(x);
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z < before);
	return z / 3;
}

uint64_t
sketch_count(const uint8_t sketch[SKETCH_BYTES])
{
	const double m = SKETCH_REGISTERS;
	unsigned with[RANK_MAX + 1] = {0};
	double z;

	for (unsigned i = 0; i < SKETCH_REGISTERS; i++)
		with[rank_at(sketch, i)]++;
	if (with[0] == SKETCH_REGISTERS)
		return 0;
	if (with[RANK_MAX] == SKETCH_REGISTERS)
		return UINT32_MAX;
	z = m * tau(1 - with[RANK_MAX] / m);
	for (unsigned k = RANK_MAX - 1; k >= 1; k--)
		z = (z + with[k]) / 2;
	z += m * sigma(with[0] / m);
	return (uint64_t)(m * m / (2 * 0.6931471805599453 * z) + 0.5);
}
