/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/judge.h"

/* One function for each kind of test, and the judge that puts 'not' on top. */

static enum match_answer
answer(bool is_so)
{
	return is_so ? MATCH_YES : MATCH_NO;
}

static enum match_answer
judge_path(const struct test *test, const struct facts *facts, struct buf *why)
{
	why_add(why, view_of(fact_path_name(facts->path)));
	return answer((test->bits & 1U << facts->path) != 0);
}

static enum match_answer
judge_client(const struct test *test, const struct facts *facts, struct buf *why)
{
	char text[ADDR_TEXT];

	if (facts->client.family == ADDR_NONE) {
		why_add(why, VIEW("no client"));
		return MATCH_NO;
	}
	why_add(why, view_of(why != NULL ? addr_text(facts->client, text) : ""));
	if (test->operand == OPERAND_TABLE)
		return answer(table_has_network(test->table, facts->client));
	return answer(prefix_has(test->network, facts->client));
}

static enum match_answer
judge_author(const struct policy *policy, const struct test *test,
    const struct facts *facts, struct buf *why)
{
	if (test->operand == OPERAND_UNCLEAR && facts->unclear.n == 0) {
		why_address(why, &facts->author, "no author");
		return MATCH_NO;
	}
	if (facts->unclear.n > 0) {
		why_add(why, facts->unclear);
		return answer(
		    test->operand == OPERAND_UNCLEAR || test->operand == OPERAND_NULL);
	}
	return answer(judge_address(policy, test, &facts->author, why));
}

static enum match_answer
judge_whom(const struct policy *policy, const struct test *test, const struct facts *facts,
    struct buf *why)
{
	if (test->operand == OPERAND_OWN_SENDER)
		return judge_owns(policy, &facts->sender, facts, why);
	if (facts->unclear.n > 0) {
		why_add(why, VIEW("author unclear: "));
		why_add(why, facts->unclear);
		return MATCH_NO;
	}
	return judge_owns(policy, &facts->author, facts, why);
}

static enum match_answer
judge_hours(const struct test *test, const struct facts *facts, struct buf *why)
{
	unsigned hour = (unsigned)facts->local_minute / 60;

	if (why != NULL)
		buf_addf(why, "%02u:%02u", hour, (unsigned)facts->local_minute % 60);
	if (test->from < test->to)
		return answer(hour >= test->from && hour < test->to);
	return answer(hour >= test->from || hour < test->to);
}

static enum match_answer
judge_days(const struct test *test, const struct facts *facts, struct buf *why)
{
	unsigned day = (unsigned)facts->local_weekday % 7;

	why_add(why, view_of(word_text((enum word)(WORD_SUN + day))));
	return answer((test->bits & 1U << day) != 0);
}

static enum match_answer
judge_fragile(const struct test *test, const struct facts *facts, struct buf *why)
{
	unsigned found = facts->fragile & (test->operand == OPERAND_ANY ? ~0U : test->bits);

	for (unsigned i = 0; why != NULL && i <= WORD_NUL - WORD_LONG_LINE; i++)
		if ((facts->fragile & 1U << i) != 0)
			buf_addf(why, "%s%s", why->n > 0 ? " " : "",
			    word_text((enum word)(WORD_LONG_LINE + i)));
	if (facts->fragile == 0)
		why_add(why, VIEW("nothing fragile"));
	return answer(found != 0);
}

static enum match_answer
judge_fact(const struct policy *policy, const struct test *test, const struct facts *facts,
    const struct derived *derived, struct buf *why)
{
	switch (test->fact) {
	case FACT_PATH:
		return judge_path(test, facts, why);
	case FACT_USER:
		return answer(judge_login(policy, test, facts->user, why));
	case FACT_CLIENT:
		return judge_client(test, facts, why);
	case FACT_SENDER:
		return answer(judge_address(policy, test, &facts->sender, why));
	case FACT_AUTHOR:
		return judge_author(policy, test, facts, why);
	case FACT_RCPT:
		return judge_rcpt(policy, test, facts, why);
	case FACT_OWNS:
		return judge_whom(policy, test, facts, why);
	case FACT_RCPTS:
		return judge_number(policy, test, facts->rcpts, facts, why);
	case FACT_SIZE:
		return judge_number(policy, test, facts->size, facts, why);
	case FACT_HOURS:
		return judge_hours(test, facts, why);
	case FACT_DAYS:
		return judge_days(test, facts, why);
	case FACT_SIGNED:
		why_add(why, derived->is_signed ? VIEW("signed") : VIEW("not signed"));
		return answer(derived->is_signed == (test->operand == OPERAND_YES));
	case FACT_FRAGILE:
		return judge_fragile(test, facts, why);
	case FACT_METER:
		return judge_meter(policy, test, facts, why);
	case FACT_AGE:
		return judge_age(test, facts, why);
	case FACT_SPF:
		return judge_spf(policy, test, facts, why);
	case FACT_DMARC:
		return judge_dmarc(test, derived, why);
	case FACT_DMARC_POLICY:
		return judge_dmarc_policy(test, facts, why);
	case FACT_KEY:
		return judge_key(test, derived, why);
	case FACT_RECEIVER:
		return judge_receiver(derived, why);
	case FACTS:
		break;
	}
	BUG("a fact of no kind");
}

enum match_answer
policy_test_judge(const struct policy *policy, const struct test *test,
    const struct facts *facts, const struct derived *derived, struct buf *why)
{
	enum match_answer so = judge_fact(policy, test, facts, derived, why);

	if (!test->negated || so == MATCH_UNKNOWN)
		return so;
	return so == MATCH_YES ? MATCH_NO : MATCH_YES;
}
