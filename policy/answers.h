/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_ANSWERS_H
#define POLICY_ANSWERS_H

/* Which values of a fact make a test say yes, as far as two tests can be compared by it. */

#include "policy/ast.h"

/* Can no message make both say yes? False also when that is not known. */
bool answers_exclude(const struct test *a, const struct test *b);
/* Does a yes of A mean that B says yes? False also when that is not known. */
bool answers_imply(const struct test *a, const struct test *b);

#endif
