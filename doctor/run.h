/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_RUN_H
#define DOCTOR_RUN_H

/*
 * All checks over all that they look at, several at a time, each with a deadline of its
 * own. The results stand in the order of the areas, of the subjects in one, and of the
 * checks for one, whatever ended first. A check that does not end in time could not tell;
 * it is left alone, and another takes its place.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/areas.h"
#include "doctor/doctor.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	DOCTOR_THREADS = 8,
	DOCTOR_CHECK_SECONDS = 40, /* for one check */
	DOCTOR_GRACE_SECONDS = 5,  /* then it is left alone */
};

/* What is to be looked at. Everything is borrowed until doctor_run_free. */
struct doctor_wish {
	const struct doctor_area *areas;
	const struct view *domains;
	size_t n_domains;
	/* Names of checks, or what stands before their '-'. Without 'only': all. */
	const struct view *only, *skip;
	size_t n_only, n_skip;
	int64_t patience; /* microseconds for one check; 0: as above */
	int64_t grace;
};

struct doctor_result {
	const struct doctor_area *area;
	const struct doctor_check *check;
	struct doctor_subject subject;
	enum doctor_answer answer; /* the worst: bad, could not tell, ok */
	const struct doctor_finding *first;
};

/* Is NAME one of a check in AREAS, or what stands before its '-'? */
bool doctor_has_name(const struct doctor_area *areas, struct view name);
/* Will a check whose name begins with HEAD be run for WISH? */
bool doctor_wants(const struct doctor_wish *wish, const char *head);

struct doctor_run;
typedef void (*doctor_progress_fn)(void *context, size_t done);

struct doctor_run *doctor_run_new(
    const struct doctor_world *world, const struct doctor_wish *wish);
size_t doctor_run_count(const struct doctor_run *run);

/* Run them. PROGRESS (or NULL) is called in this thread. -1: no thread could be started. */
int doctor_run_all(
    struct doctor_run *run, doctor_progress_fn progress, void *context, struct err *err);

/* After that; i < doctor_run_count(). It lives as long as RUN. */
struct doctor_result doctor_run_result(const struct doctor_run *run, size_t i);

/* False: a check that was left alone still looks at the world, which then has to stay. */
bool doctor_run_free(struct doctor_run *run);

#endif
