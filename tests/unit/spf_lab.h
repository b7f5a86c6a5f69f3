/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_SPF_LAB_H
#define TESTS_UNIT_SPF_LAB_H

/*
 * A world of DNS answers for the SPF evaluator, and the evaluator in it as the daemon runs
 * it: what is not known yet is fetched, and it runs again. Names that the world lacks do
 * not exist.
 */

#include "auth/spf.h"

enum { LAB_ANSWERS_MAX = 400 };

struct lab {
	struct arena *arena;
	struct dns_answer at[LAB_ANSWERS_MAX];
	size_t n;
	struct spf_question question; /* alice@example.org from 198.51.100.7 */
	struct spf_result result;
	struct addr egress;  /* of lab_worst */
	struct buf warnings; /* of lab_warn */
	unsigned rounds;     /* of evaluation, the last time */
	size_t queries;      /* that were fetched, the last time */
};

/* ZONE: a line for each record, "NAME TYPE DATA"; MX data is "PREFERENCE NAME". DATA of
 * "!failed", "!silent" and "!cut" says so of the answer. */
struct lab *lab_new(const char *zone);
void lab_free(struct lab *lab);

void lab_add(struct lab *lab, const char *name, enum dns_type type, struct view data);
struct dns_answer *lab_answer(struct lab *lab, const char *name, enum dns_type type);

/* The client's address from now on. */
void lab_client(struct lab *lab, const char *client);

/* Each evaluates until nothing is missing, with a new list of answers. */
enum spf_outcome lab_eval(struct lab *lab);
enum spf_outcome lab_worst(struct lab *lab, const struct addr *egress, uint32_t n);
const char *lab_warn(struct lab *lab);

/* The outcome of one record at example.org, in the world of ZONE. */
enum spf_outcome lab_record(const char *record, const char *zone);

#endif
