/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

/* What the policy means as a whole: names, tables, keys, and which line can ever decide. */

#include "policy/parse.h"

struct checker {
	struct policy *policy;
	struct bundle *bundle;
	struct diag *diag;
	int now_date; /* 0: do not look */
};

void check_policy(struct checker *checker, bool had_errors);

void check_load_keys(struct checker *checker);
/* Find the keys of a signer; false: there are none. */
bool check_resolve_signer(const struct policy *policy, struct signer *signer);

/* The table or map of this name, or an error at WHERE and NULL. */
const struct table *check_find_table(
    struct checker *checker, struct view name, struct span where, bool is_map);
/* The tables behind 'to'. */
void check_meters(struct checker *checker);
/* Find the meter of a test. */
void check_meter_test(struct checker *checker, struct test *test);
/* The {names} in the texts of RULE: facts and meters. */
void check_texts(struct checker *checker, const struct rule *rule);

/* Neither 'watch' nor 'until': what fits it is decided. */
bool rule_always_acts(const struct rule *rule);
/* Lines that can never fit, and those that an earlier line leaves nothing. */
void check_reach(struct checker *checker);

/* What is right, and would still surprise. */
void check_surprises(struct checker *checker);

void check_names(struct checker *checker);
void check_unused(struct checker *checker);
void check_signers(struct checker *checker);
void check_rules(struct checker *checker);

#endif
