/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "engine/deciding.h"

_Static_assert(FACTS <= 64, "a bit for each fact");

/* One line: its tests from left to right, until the first "no". */

enum line_answer
line_after(enum line_answer so_far, enum match_answer answer, enum fact_class class)
{
	if (answer == MATCH_NO)
		return LINE_NO;
	if (answer == MATCH_YES || so_far == LINE_ON_ERROR)
		return so_far;
	return class == CLASS_AUTHORITY ? LINE_ON_ERROR : LINE_UNKNOWN;
}

static void
note_unknown(struct decision *decision, const struct test *test)
{
	decision->unknown |= UINT64_C(1) << test->fact;
	if (test->fact == FACT_METER)
		decision->unknown_meters |= UINT64_C(1) << test->meter->index;
}

enum line_answer
line_judge(struct deciding *deciding, const struct rule *rule, size_t *ret_test)
{
	enum line_answer line = LINE_FITS;
	size_t i;

	for (i = 0; i < rule->tests.n && line != LINE_NO; i++) {
		const struct test *test = rule->tests.at[i];
		enum match_answer answer = policy_test_judge(
		    deciding->policy, test, deciding->facts, &deciding->derived, NULL);

		if (answer == MATCH_UNKNOWN)
			note_unknown(deciding->decision, test);
		trace_test(deciding, rule, test, answer);
		line = line_after(line, answer, fact_class(test->fact));
	}
	*ret_test = line == LINE_NO ? i - 1 : i;
	return line;
}
