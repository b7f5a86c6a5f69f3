/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/judge.h"
#include "policy/value.h"

/* Numbers against numbers: plain ones, meters, ages. */

enum { SATURDAY = 6 };

static enum match_answer
compare(enum compare how, uint64_t number, uint64_t limit)
{
	bool is_so = false;

	switch (how) {
	case COMPARE_OVER:
		is_so = number > limit;
		break;
	case COMPARE_FROM:
		is_so = number >= limit;
		break;
	case COMPARE_UNDER:
		is_so = number < limit;
		break;
	case COMPARE_TO:
		is_so = number <= limit;
		break;
	}
	return is_so ? MATCH_YES : MATCH_NO;
}

enum match_answer
judge_number(const struct policy *policy, const struct test *test, uint64_t number,
    const struct facts *facts, struct buf *why)
{
	uint64_t limit = test->number;
	enum match_answer found = MATCH_YES;

	if (why != NULL)
		buf_addf(why, "%llu", (unsigned long long)number);
	if (test->operand == OPERAND_MAP)
		found = map_limit(policy, test->table, facts, &limit, why);
	return found == MATCH_YES ? compare(test->compare, number, limit) : found;
}

static uint64_t
times_usual(const struct test *test, const struct fact_meter *meter)
{
	uint64_t times;

	return __builtin_mul_overflow(meter->usual, test->number, &times) ? UINT64_MAX
									  : times;
}

static void
why_usual(const struct test *test, const struct fact_meter *meter,
    const struct facts *facts, struct buf *why)
{
	unsigned day = (unsigned)facts->local_weekday % 7;

	if (meter->state == READING_EXEMPT) {
		buf_add_text(why, "exempt");
		return;
	}
	buf_addf(why, "%llu in ", (unsigned long long)meter->reading);
	value_add_duration(why, test->meter->within);
	buf_addf(why, "; usual for %s %02uh is ",
	    day == 0 || day == SATURDAY ? "weekends" : "weekdays",
	    (unsigned)facts->local_minute / 60);
	if (meter->usual_of == USUAL_UNKNOWN) {
		buf_add_text(why, "not known yet");
		return;
	}
	buf_addf(why, "%llu", (unsigned long long)meter->usual);
	if (meter->usual_of == USUAL_SITE)
		buf_add_text(why, " (the site's median)");
	buf_addf(why, ", %llux usual is %llu", (unsigned long long)test->number,
	    (unsigned long long)times_usual(test, meter));
	if (test->meter->floor > 0)
		buf_addf(why, ", floor %llu", (unsigned long long)test->meter->floor);
}

/* Above the floor and above so many times what is usual. */
static enum match_answer
judge_usual(const struct test *test, const struct fact_meter *meter,
    const struct facts *facts, struct buf *why)
{
	if (why != NULL)
		why_usual(test, meter, facts, why);
	if (meter->state == READING_EXEMPT)
		return compare(test->compare, 0, UINT64_MAX);
	if (meter->usual_of == USUAL_UNKNOWN)
		return MATCH_UNKNOWN;
	uint64_t limit = times_usual(test, meter);
	if (limit < test->meter->floor)
		limit = test->meter->floor;
	return compare(test->compare, meter->reading, limit);
}

enum match_answer
judge_meter(const struct policy *policy, const struct test *test, const struct facts *facts,
    struct buf *why)
{
	const struct fact_meter *meter =
	    fact_meter_find(facts, test->meter->name, test->meter->index);

	if (meter == NULL || meter->state == READING_UNKNOWN) {
		why_add(why, VIEW("the meter could not be read"));
		return MATCH_UNKNOWN;
	}
	if (meter->state == READING_NO_KEY) {
		if (why != NULL)
			buf_addf(why, "there is no %s to count for",
			    word_text((enum word)(WORD_PER_USER + test->meter->whom)));
		return MATCH_UNKNOWN;
	}
	if (test->operand == OPERAND_USUAL)
		return judge_usual(test, meter, facts, why);
	if (meter->state == READING_EXEMPT)
		why_add(why, VIEW("exempt: "));
	return judge_number(policy, test, meter->reading, facts, why);
}

enum match_answer
judge_age(const struct test *test, const struct facts *facts, struct buf *why)
{
	if (!facts->has_age) {
		why_add(why, facts->user.n == 0
				 ? VIEW("no login")
				 : VIEW("when this login was first seen is not known"));
		return MATCH_UNKNOWN;
	}
	if (why != NULL) {
		buf_add_text(why, "first seen ");
		value_add_duration(why, facts->age);
		buf_add_text(why, " ago");
	}
	return compare(test->compare, facts->age, test->number);
}
