/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef METERING_PRIVATE_H
#define METERING_PRIVATE_H

/* What the files of metering/ know of one another. */

#include <pthread.h>
#include <stdatomic.h>

#include "metering/metering.h"

struct metering_site {
	struct burst *burst;
	pthread_mutex_t turns; /* meters come and go, or are kept */

	pthread_mutex_t lock;     /* of what follows */
	struct metering *retired; /* whose meters are to be put back, in turn */
	struct metering_exemption exempt[METERING_EXEMPT_MAX];
	_Atomic uint32_t n_exempt;
	uint64_t exempt_changes;
	bool has_no_bounces; /* nobody tells of them */
};

struct metering {
	struct metering_site *site;
	struct metering *next; /* retired */
	const struct policy *policy;
	const struct policy_meter *meters;
	size_t n;
	struct burst_meter *bound[FACTS_METERS_MAX]; /* NULL: nobody tells of them */
	/* The first one that counts the same, under another floor: itself, mostly. */
	size_t first[FACTS_METERS_MAX];
	bool counts_rcpts, counts_new;
};

/* A recipient as it is remembered until the message ends. */
struct metering_rcpt {
	uint64_t pair, domain; /* burst_pair(), burst_key() */
	uint64_t meters;       /* those that it counts for: 1 << index */
};

/* keys.c: the name of METER's key, lower-case, in ARENA; empty: there is none. */
struct view key_name(const struct metering_message *message,
    const struct policy_meter *meter, const struct facts *facts, struct arena *arena);
uint64_t key_hash(
    const struct burst *burst, enum meter_whom whom, bool is_login, struct view name);

/* exempt.c */
bool exempt_has(struct metering_site *site, struct view name, int64_t wall);

#endif
