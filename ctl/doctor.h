/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

/* What 'frank doctor' is made of: doctor.c (the command), doctor_option.c (what was asked
 * for), doctor_scene.c (what the checks are given), doctor_text.c and doctor_json.c
 * (showing); and ctl/send.h, for --send. */

#include <stdbool.h>
#include <stddef.h>

#include "doctor/run.h"
#include "doctor/world.h"
#include "lib/arena.h"
#include "lib/buf.h"

#include "ctl/ctl.h"
#include "ctl/load.h"

enum { DOCTOR_DOMAINS_MAX = 10000, DOCTOR_NAMES_MAX = 64 };

/* A message that is to be sent. */
struct send_order {
	const char *to;   /* NULL: none is */
	const char *from; /* NULL: postmaster of the first domain */
	const char *login, *password_file, *mailbox;
	unsigned wait; /* seconds */
	bool yes;
};

/* What the user asked for. */
struct doctor_order {
	struct send_order send;
	const char *resolver, *probe, *postfix_config;
	/* Our own services: addresses, with a port or without. With a message to be sent
	 * one of the latter two is its way, a name or an address; NULL: sendmail(1). */
	const char *smtp, *submission, *submissions;
	const char *https; /* an address for policies of MTA-STS; NULL: where DNS says */
	unsigned patience; /* seconds */
	unsigned port;     /* of authoritative servers; 0: 53 */
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
	size_t n_left_out; /* beyond DOCTOR_DOMAINS_MAX */
};

/* CTL_FINE, or the exit code after having said why. ORDER is zero but for its arena. */
int doctor_order_read(struct ctl *ctl, int argc, char **argv, struct doctor_order *order);

void doctor_scene_begin(
    struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *ret_scene);
void doctor_scene_end(struct doctor_scene *scene);

struct doctor_count {
	size_t by[DOCTOR_UNKNOWN + 1]; /* enum doctor_answer */
};

void doctor_text(const struct doctor_run *run, bool is_verbose, bool has_colour,
    struct doctor_count *ret_count, struct buf *out);
/* A finding with what to do, in lines of at most 80 columns but for what is to be pasted.
 */
void doctor_text_finding(struct buf *out, const char *name,
    const struct doctor_finding *finding, bool has_colour);
/* "54 checks: 1 bad, 3 could not tell, 50 ok". */
void doctor_text_count(struct buf *out, const struct doctor_count *count);
void doctor_json(
    const struct doctor_run *run, struct doctor_count *ret_count, struct buf *out);

#endif
