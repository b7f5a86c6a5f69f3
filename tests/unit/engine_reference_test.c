/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include "tests/unit/reference.h"

/* The engine against an interpreter that shares no code with it. */

enum { POLICIES = 1500, MESSAGES = 12 };

static void
never_disagrees(void **state)
{
	(void)state;
	for (unsigned i = 0; i < POLICIES; i++) {
		ref_seed(i + 1);
		ref_check(MESSAGES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(never_disagrees)};

	return cmocka_run_group_tests_name(
	    "engine against its reference", tests, NULL, NULL);
}
