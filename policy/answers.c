/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/answers.h"

enum { HOURS = 24, SETS = 32 };

/* Of a fact with few values: one bit for each that says yes. */
struct few {
	bool is_known;
	uint32_t yes;
};

/* Of a number: from .. to, both included. */
struct range {
	bool is_known, is_empty;
	uint64_t from, to;
};

/* Values that a fact of bits has: of several at a time (fragile) nothing is said. */
static unsigned
values_of(const struct test *test)
{
	switch ((int)test->fact) {
	case FACT_PATH:
		return PATH_INBOUND + 1;
	case FACT_DAYS:
		return 7;
	case FACT_SPF:
		return SPF_PERMERROR + 1;
	case FACT_DMARC:
		return DMARC_NONE + 1;
	case FACT_KEY:
		/* That nothing signs is the last of them. */
		return KEY_MISMATCHED + 2;
	case FACT_DMARC_POLICY:
		/* As is that there is no record. */
		return DMARC_RECORD_REJECT - DMARC_RECORD_NONE + 2;
	default:
		return 0;
	}
}

static bool
has_unknown(const struct test *test)
{
	return test->fact == FACT_SPF || test->fact == FACT_DMARC || test->fact == FACT_KEY;
}

static struct few
few_of_bits(const struct test *test)
{
	unsigned values = values_of(test);
	struct few few = {.is_known = values > 0, .yes = test->bits};

	if (values > 0 && test->negated)
		few.yes = ~test->bits & ((1U << values) - 1);
	/* 'not spf pass' does not fit what is unknown. */
	if (test->negated && has_unknown(test) && (test->bits & 1U) == 0)
		few.yes &= ~1U;
	return few;
}

static struct few
few_of_hours(const struct test *test)
{
	struct few few = {.is_known = true};

	for (unsigned hour = 0; hour < HOURS; hour++) {
		bool is_in = test->from < test->to ? hour >= test->from && hour < test->to
						   : hour >= test->from || hour < test->to;

		if (is_in != test->negated)
			few.yes |= 1U << hour;
	}
	return few;
}

static struct few
few_of(const struct test *test)
{
	if (test->operand == OPERAND_BITS)
		return few_of_bits(test);
	if (test->operand == OPERAND_HOURS)
		return few_of_hours(test);
	if (test->operand == OPERAND_YES || test->operand == OPERAND_NO)
		return (struct few){.is_known = true,
		    .yes = (test->operand == OPERAND_YES) != test->negated ? 1 : 2};
	return (struct few){.is_known = false};
}

static enum compare
compare_of(const struct test *test)
{
	static const enum compare turned[] = {
	    [COMPARE_OVER] = COMPARE_TO,
	    [COMPARE_FROM] = COMPARE_UNDER,
	    [COMPARE_UNDER] = COMPARE_FROM,
	    [COMPARE_TO] = COMPARE_OVER,
	};

	return test->negated ? turned[test->compare] : test->compare;
}

static struct range
range_of(const struct test *test)
{
	struct range range = {
	    .is_known = test->operand == OPERAND_NUMBER, .from = 0, .to = UINT64_MAX};

	switch (compare_of(test)) {
	case COMPARE_OVER:
		range.from = test->number + 1;
		break;
	case COMPARE_FROM:
		range.from = test->number;
		break;
	case COMPARE_UNDER:
		range.is_empty = test->number == 0;
		range.to = test->number - 1;
		break;
	case COMPARE_TO:
		range.to = test->number;
		break;
	}
	return range;
}

static bool
is_same_subject(const struct test *a, const struct test *b)
{
	return a->fact == b->fact && view_is(a->name, b->name);
}

/* The same but for 'not'. */
static bool
is_opposite(const struct test *a, const struct test *b)
{
	const struct test *plain = a->negated ? b : a, *turned = a->negated ? a : b;

	return a->negated != b->negated &&
	       view_is(plain->shown, view_from(turned->shown, sizeof("not ") - 1));
}

/* "null" or "unclear" beside something that only an address can be. */
static bool
is_address_and_none(const struct test *a, const struct test *b)
{
	bool is_none =
	    !a->negated && (a->operand == OPERAND_NULL || a->operand == OPERAND_UNCLEAR);

	if (!is_none || b->negated)
		return false;
	if (b->fact == FACT_OWNS)
		return (a->fact == FACT_SENDER) == (b->operand == OPERAND_OWN_SENDER);
	return b->fact == a->fact && b->operand != OPERAND_NULL &&
	       b->operand != OPERAND_UNCLEAR;
}

/* "not user any" beside a login. */
static bool
is_login_and_none(const struct test *a, const struct test *b)
{
	return a->fact == FACT_USER && b->fact == FACT_USER && a->negated &&
	       a->operand == OPERAND_ANY && !b->negated;
}

static bool
few_exclude(const struct test *a, const struct test *b)
{
	struct few few_a = few_of(a), few_b = few_of(b);

	return few_a.is_known && few_b.is_known && (few_a.yes & few_b.yes) == 0;
}

static bool
ranges_exclude(const struct test *a, const struct test *b)
{
	struct range range_a = range_of(a), range_b = range_of(b);

	return range_a.is_known && range_b.is_known &&
	       (range_a.is_empty || range_b.is_empty || range_a.from > range_b.to ||
		   range_b.from > range_a.to);
}

bool
answers_exclude(const struct test *a, const struct test *b)
{
	if (is_opposite(a, b) || is_address_and_none(a, b) || is_address_and_none(b, a) ||
	    is_login_and_none(a, b) || is_login_and_none(b, a))
		return true;
	return is_same_subject(a, b) && (few_exclude(a, b) || ranges_exclude(a, b));
}

/* More times what is usual is never less. */
static bool
usual_implies(const struct test *a, const struct test *b)
{
	enum compare how = compare_of(a);
	bool is_up = how == COMPARE_OVER || how == COMPARE_FROM;

	return a->operand == OPERAND_USUAL && b->operand == OPERAND_USUAL &&
	       how == compare_of(b) &&
	       (is_up ? a->number >= b->number : a->number <= b->number);
}

static bool
few_imply(const struct test *a, const struct test *b)
{
	struct few few_a = few_of(a), few_b = few_of(b);

	return few_a.is_known && few_b.is_known && (few_a.yes & ~few_b.yes) == 0;
}

static bool
ranges_imply(const struct test *a, const struct test *b)
{
	struct range range_a = range_of(a), range_b = range_of(b);

	return range_a.is_known && range_b.is_known && !range_b.is_empty &&
	       range_a.from >= range_b.from && range_a.to <= range_b.to;
}

static bool
is_any_login(const struct test *test)
{
	return test->fact == FACT_USER && test->operand == OPERAND_ANY && !test->negated;
}

bool
answers_imply(const struct test *a, const struct test *b)
{
	if (view_is(a->shown, b->shown))
		return true;
	if (!is_same_subject(a, b))
		return false;
	return (is_any_login(b) && !a->negated) || few_imply(a, b) || usual_implies(a, b) ||
	       ranges_imply(a, b);
}
