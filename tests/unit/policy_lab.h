/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_POLICY_LAB_H
#define TESTS_UNIT_POLICY_LAB_H

/* What tests of policies share: a policy from text, facts, and comparisons that say what
 * differs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "lib/bundle.h"
#include "policy/policy.h"

/* frank.conf with the files "owners" and, unless KEYS is NULL, the list of keys. It must
 * load. */
struct policy *lab_policy(const char *text, const char *owners, const char *keys);
/* It must not load; SHOWN has what was said. */
void lab_refused(const char *text, struct buf *shown);

/* One recipient, noon on Monday 2026-03-02. */
struct facts lab_facts(enum fact_path path, const char *user, const char *client);
struct fact_address lab_address(const char *text);

void lab_same(const char *what, const char *part, const char *got, const char *want);
void lab_same_view(const char *what, const char *part, struct view got, const char *want);

#endif
