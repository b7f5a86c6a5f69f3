/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/rule.h"

#include "ctl/replay.h"

/*
 * The journal remembers the first recipients, and of all of them only how many fitted each
 * rcpt test of the policy of then. Where the new policy asks the very same, that answer
 * holds.
 */

enum { TEST_MAX = 1024 };

/* What a recipient is compared with, whatever is made of the answer. A table may have had
 * something else in it. */
static bool
test_text(const struct test *test, struct buf *out)
{
	struct test plain = *test;

	plain.negated = plain.only = false;
	buf_reset(out);
	policy_print_test(&plain, out);
	return test->operand != OPERAND_TABLE;
}

static int32_t
find_test(const struct policy *policy, const struct buf *wanted)
{
	struct buf text = BUF_INIT(TEST_MAX);
	int32_t found = -1;

	for (uint32_t i = 0; i < policy_rcpt_tests(policy) && found < 0; i++)
		if (test_text(policy_rcpt_test_at(policy, i), &text) &&
		    view_is(buf_view(&text), buf_view(wanted)))
			found = (int32_t)i;
	buf_fini(&text);
	return found;
}

static struct replay_answers *
answers_of(struct replay *replay, const struct journal_row *row)
{
	struct replay_answers *answers = map_get(&replay->answers, row->policy);
	const struct policy *then = NULL;
	struct buf text = BUF_INIT(TEST_MAX);

	if (answers != NULL)
		return answers;
	answers = arena_alloc(replay->kept, sizeof(*answers));
	if (replay->then.reader != NULL && rerun_policy(&replay->then, row, NULL) == 1)
		then = replay->then.policy;
	if (then != NULL)
		answers->n = policy_rcpt_tests(then);
	for (uint32_t i = 0; i < answers->n; i++)
		answers->at[i] = test_text(policy_rcpt_test_at(then, i), &text)
				     ? find_test(replay->policy, &text)
				     : -1;
	buf_fini(&text);
	map_add(&replay->answers, arena_view(replay->kept, row->policy), answers);
	return answers;
}

/* All of them are known, or none: a count that is not known has no place to say so. */
void
replay_answers(struct replay *replay, const struct journal_row *row, struct facts *facts)
{
	uint32_t n = policy_rcpt_tests(replay->policy), known = 0;

	facts->n_rcpt_fits = 0;
	if (n == 0 || row->facts.n_rcpt_fits == 0 || facts->n_rcpt_sample >= facts->rcpts)
		return;
	struct replay_answers *answers = answers_of(replay, row);
	uint32_t *fits = arena_array(replay->arena, n, sizeof(*fits));

	if (fits == NULL || answers->n != row->facts.n_rcpt_fits)
		return;
	for (uint32_t i = 0; i < answers->n; i++)
		if (answers->at[i] >= 0) {
			fits[answers->at[i]] = row->facts.rcpt_fits[i];
			known++;
		}
	if (known == n) {
		facts->rcpt_fits = fits;
		facts->n_rcpt_fits = n;
	}
}
