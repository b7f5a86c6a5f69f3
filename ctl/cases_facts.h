/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CASES_FACTS_H
#define CTL_CASES_FACTS_H

/* The facts of a case, from name=value to struct facts with its defaults. */

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"
#include "policy/advice.h"
#include "policy/facts.h"
#include "policy/policy.h"

struct case_facts {
	struct arena *arena;
	struct facts facts;
	struct fact_address rcpts[FACTS_RCPT_SAMPLE];
	bool has_path, has_sender, has_rcpts;
	bool has_tree, has_tree_record, has_tree_spf, has_tree_dkim;
	const struct policy *policy;
	struct advice advice;
	bool has_reading[FACTS_METERS_MAX];
	struct view every_key; /* "key=ready": the state of all that may sign */
};

void case_facts_init(
    struct case_facts *facts, const struct policy *policy, struct arena *arena);
int case_facts_add(
    struct case_facts *facts, struct view name, struct view value, struct err *err);
/* Fill in what was left out. */
int case_facts_end(struct case_facts *facts, struct facts *ret_facts, struct err *err);

/* Advice, meters and maps by their names. 1; 0: NAME is none of them; -1. */
int case_advice_add(
    struct case_facts *facts, struct view name, struct view value, struct err *err);
void case_advice_end(struct case_facts *facts);

#endif
