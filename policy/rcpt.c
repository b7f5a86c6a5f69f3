/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/judge.h"

/*
 * Recipients: answered one by one as they arrive, or afterwards from what was remembered of
 * them.
 */

uint32_t
policy_rcpt_tests(const struct policy *policy)
{
	return (uint32_t)policy->rcpt_tests.n;
}

const struct test *
policy_rcpt_test_at(const struct policy *policy, uint32_t i)
{
	must(i < policy->rcpt_tests.n);
	return policy->rcpt_tests.at[i];
}

bool
policy_rcpt_fits(
    const struct policy *policy, uint32_t test, const struct fact_address *rcpt)
{
	must(test < policy->rcpt_tests.n);
	return judge_address(policy, policy->rcpt_tests.at[test], rcpt, NULL);
}

/* How many of the remembered recipients fit. */
static uint32_t
count_sample(
    const struct policy *policy, const struct test *test, const struct facts *facts)
{
	uint32_t fits = 0;

	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++)
		fits += judge_address(policy, test, &facts->rcpt_sample[i], NULL) ? 1 : 0;
	return fits;
}

static void
why_count(struct buf *why, uint32_t all, uint32_t fits)
{
	if (why == NULL)
		return;
	buf_addf(why, all == 1 ? "%u recipient, " : "%u recipients, ", all);
	if (fits == 0)
		buf_add_text(why, all == 1 ? "not this one" : "none of them");
	else if (fits == all)
		buf_add_text(why, all == 1 ? "this one" : "all of them");
	else
		buf_addf(why, "%u of them", fits);
}

enum match_answer
judge_rcpt(const struct policy *policy, const struct test *test, const struct facts *facts,
    struct buf *why)
{
	uint32_t all = facts->rcpts, looked_at = all, fits;

	if (test->rcpt < facts->n_rcpt_fits) {
		fits = facts->rcpt_fits[test->rcpt];
	} else {
		fits = count_sample(policy, test, facts);
		looked_at = facts->n_rcpt_sample;
	}
	if (test->only && fits < looked_at) {
		why_count(why, looked_at, fits);
		return MATCH_NO;
	}
	if (!test->only && fits > 0) {
		why_count(why, looked_at, fits);
		return MATCH_YES;
	}
	if (looked_at < all) {
		if (why != NULL)
			buf_addf(why, "only %u of %u recipients are known", looked_at, all);
		return MATCH_UNKNOWN;
	}
	why_count(why, all, fits);
	return test->only && all > 0 ? MATCH_YES : MATCH_NO;
}
