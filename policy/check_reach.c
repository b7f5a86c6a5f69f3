/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/answers.h"
#include "policy/check.h"

/* Which lines can have a say at all. */

bool
rule_always_acts(const struct rule *rule)
{
	return !rule->watch && rule->until == 0;
}

/* A test of RULE that says no less than WANTED. */
static bool
implies(const struct rule *rule, const struct test *wanted)
{
	for (size_t i = 0; i < rule->tests.n; i++)
		if (answers_imply(rule->tests.at[i], wanted))
			return true;
	return false;
}

/* Does whatever fits LATER fit EARLIER too? */
static bool
covers(const struct rule *earlier, const struct rule *later)
{
	if (!rule_always_acts(earlier))
		return false;
	for (size_t i = 0; i < earlier->tests.n; i++)
		if (!implies(later, earlier->tests.at[i]))
			return false;
	return true;
}

/* "line 11", or with its file when that is another. */
static void
warn_unreachable(
    struct checker *checker, const struct rule *rule, const struct rule *earlier)
{
	bool is_here = rule->span.source == earlier->span.source;
	const char *what = earlier->tests.n == 0 ? "every message" : "whatever fits here";

	if (is_here)
		diag_warn(checker->diag, rule->span,
		    "never reached: line %u already decides for %s", earlier->span.line,
		    what);
	else
		diag_warn(checker->diag, rule->span,
		    "never reached: %.*s already decides for %s", VIEW_ARG(earlier->place),
		    what);
}

/* Two tests of one line that no message can both answer with yes. */
static bool
warn_contradiction(struct checker *checker, const struct rule *rule)
{
	for (size_t i = 1; i < rule->tests.n; i++)
		for (size_t j = 0; j < i; j++) {
			const struct test *one = rule->tests.at[j],
					  *other = rule->tests.at[i];

			if (!answers_exclude(one, other))
				continue;
			diag_warn(checker->diag, other->span,
			    "this line never fits: not with '%.*s' before it",
			    VIEW_ARG(one->shown));
			return true;
		}
	return false;
}

void
check_reach(struct checker *checker)
{
	const struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->matches.n; i++)
		warn_contradiction(checker, policy->matches.at[i]);
	for (size_t i = 0; i < policy->verdicts.n; i++) {
		if (warn_contradiction(checker, policy->verdicts.at[i]))
			continue;
		for (size_t j = 0; j < i; j++)
			if (covers(policy->verdicts.at[j], policy->verdicts.at[i])) {
				warn_unreachable(checker, policy->verdicts.at[i],
				    policy->verdicts.at[j]);
				break;
			}
	}
}
