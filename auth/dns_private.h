/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DNS_PRIVATE_H
#define AUTH_DNS_PRIVATE_H

/* What a resolver library hands over, turned into values. Everything in it may be hostile.
 */

#include "lib/arena.h"
#include "lib/lookup.h"

struct dns_raw {
	int rcode, ttl; /* as they came */
	bool is_found, is_secure, is_bogus;
	char *const *data; /* the records without their heads; NULL behind the last */
	const int *sizes;  /* of each, bytes */
};

/*
 * Sets all of *ANSWER but name, type (which says what the records are) and micros. Records
 * are put into ARENA; what does not fit, is damaged or larger than it may be is left out,
 * and where nothing is left the answer has failed.
 */
void dns_answer_take(
    const struct dns_raw *raw, struct arena *arena, struct dns_answer *answer);

#endif
