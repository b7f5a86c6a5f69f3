/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_METERS_H
#define MILTER_METERS_H

/*
 * The meters of this frankd: taken up again at start, bound to each policy that comes into
 * force, and written down while it runs by a thread of its own, never on the message path.
 *
 * DIR/meters.snap has the windows, at most 10 s old (burst/keep.h); DIR/state.db what is
 * usual, remembered recipients, known logins, and who is exempt, at most 20 s old. A kill
 * forgets no more than that. What is damaged is set aside and begun anew; what cannot be
 * written is said once and tried again, and mail goes on.
 *
 * The settings that matter ('learn', 'remember', 'meter-keys') are those of the first
 * policy that has a meter, until frankd is started again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "metering/metering.h"

struct meters_calls {
	void *context;
	struct clock (*now)(void *context);
	/* What an admin should know; IS_BAD: something is wrong. From any thread. */
	void (*say)(void *context, bool is_bad, struct view text);
};

struct meters;

/* CALLS and DIR must outlive it. */
struct meters *meters_new(const struct meters_calls *calls, const char *dir);
void meters_free(struct meters *meters); /* without a thread; its meterings are gone */

/* The meters of POLICY, for its generation. NULL: it has none. One thread at a time. */
struct metering *meters_bind(struct meters *meters, const struct policy *policy);

/* NULL before the first policy that has meters. */
struct metering_site *meters_site(const struct meters *meters);

/* The local time as the meters have it. */
struct burst_now meters_now(struct clock now);

/* Write down what has changed, in a thread of its own, for good. */
void meters_start(struct meters *meters);
/* One look at what there is to do at NOW, as the thread does once a second. */
void meters_work(struct meters *meters, struct clock now);
/* Write everything now: frankd is stopping. */
void meters_write(struct meters *meters);

struct meters_status {
	bool has_meters;
	uint64_t learn_left; /* seconds until usual, age and new-recipients are known */
	size_t n_exempt;
	char trouble[256]; /* empty: all is written */
};
void meters_status(struct meters *meters, struct meters_status *ret_status);

#endif
