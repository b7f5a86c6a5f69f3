/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>

#include "tests/bench/sim.h"

/* Chance, the same for the same seed. */

static uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* splitmix64 fills the state, so that small seeds are as good as others. */
void
rng_seed(struct rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		rng->state[i] = z ^ z >> 31;
	}
}

uint64_t
rng_next(struct rng *rng)
{
	uint64_t *s = rng->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double
rng_unit(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

uint32_t
rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t)(rng_unit(rng) * n);
}

uint32_t
rng_from(struct rng *rng, uint32_t low, uint32_t high)
{
	return low + rng_below(rng, high - low + 1);
}

double
rng_real(struct rng *rng, double low, double high)
{
	return low + (high - low) * rng_unit(rng);
}

bool
rng_chance(struct rng *rng, double p)
{
	return rng_unit(rng) < p;
}

/* Box and Muller's; the second one is not kept. */
static double
normal(struct rng *rng)
{
	double u = 1 - rng_unit(rng), v = rng_unit(rng);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

double
rng_lognormal(struct rng *rng, double median, double sigma)
{
	return median * exp(sigma * normal(rng));
}

/* Marsaglia and Tsang's; for a shape below 1 one more draw. */
double
rng_mood(struct rng *rng, double shape)
{
	double large = shape < 1 ? shape + 1 : shape;
	double d = large - 1.0 / 3, c = 1 / sqrt(9 * d), x, v, result;

	do {
		x = normal(rng);
		v = (1 + c * x) * (1 + c * x) * (1 + c * x);
	} while (v <= 0 || log(1 - rng_unit(rng)) >= x * x / 2 + d - d * v + d * log(v));
	result = d * v;
	if (shape < 1)
		result *= pow(1 - rng_unit(rng), 1 / shape);
	return result / shape;
}

uint32_t
rng_poisson(struct rng *rng, double mean)
{
	uint32_t n = 0;
	double left = mean;

	/* Times between events; means are small here. */
	for (;;) {
		left += log(1 - rng_unit(rng));
		if (left < 0)
			return n;
		n++;
	}
}
