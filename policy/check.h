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

void check_names(struct checker *checker);
void check_unused(struct checker *checker);
void check_signers(struct checker *checker);
void check_rules(struct checker *checker);

#endif
