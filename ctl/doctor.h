/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

/* What 'frank doctor' is made of: doctor.c (the command), doctor_scene.c (what the checks
 * are given), doctor_text.c and doctor_json.c (showing). */

#include <stdbool.h>
#include <stddef.h>

#include "doctor/run.h"
#include "doctor/world.h"
#include "lib/arena.h"
#include "lib/buf.h"

#include "ctl/ctl.h"
#include "ctl/load.h"

enum { DOCTOR_DOMAINS_MAX = 10000, DOCTOR_NAMES_MAX = 64 };

/* What the user asked for. */
struct doctor_order {
	const char *resolver, *probe, *postfix_config;
	const char *smtp, *submission, *submissions; /* addresses, with a port or without */
	const char *https;                           /* the same; NULL: where DNS says */
	unsigned patience;                           /* seconds */
	unsigned port;                               /* of authoritative servers; 0: 53 */
	bool is_verbose;
	struct view only[DOCTOR_NAMES_MAX], skip[DOCTOR_NAMES_MAX];
	size_t n_only, n_skip;
	const struct view *domains;
	size_t n_domains;
	struct arena *arena;
};

/* What is known before the first check; all in the order's arena, but for the policy. */
struct doctor_scene {
	struct doctor_world world;
	struct load load;
	bool is_loaded;
	struct view *domains; /* that are looked at */
	size_t n_domains;
	struct view domains_fault; /* why there are none; empty: there is no key */
};

void doctor_scene_begin(
    struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *ret_scene);
void doctor_scene_end(struct doctor_scene *scene);

struct doctor_count {
	size_t by[DOCTOR_UNKNOWN + 1]; /* enum doctor_answer */
};

void doctor_text(const struct doctor_run *run, bool is_verbose, bool has_colour,
    struct doctor_count *ret_count, struct buf *out);
void doctor_json(
    const struct doctor_run *run, struct doctor_count *ret_count, struct buf *out);

#endif
