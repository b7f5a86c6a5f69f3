/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/random.h>

#include <errno.h>

#include "lib/bug.h"
#include "lib/map.h"

/* Apart from map.c, so that those who are given their seed do not depend on randomness. */
struct map_seed
map_seed_random(void)
{
	struct map_seed seed;
	ssize_t n;

	do
		n = getrandom(&seed, sizeof(seed), 0);
	while (n < 0 && errno == EINTR);
	/* Up to 256 bytes come whole or not at all: getrandom(2). */
	must(n == (ssize_t)sizeof(seed));
	return seed;
}
