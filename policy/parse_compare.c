/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/ascii.h"
#include "policy/parse.h"
#include "policy/value.h"

/* What stands behind a number: a comparison with a number, a map, or what is usual. */

enum { TIMES_MAX = 1000 };

static void
take_sign(struct parser *parser, struct test *test)
{
	struct view sign = take(parser)->text;

	if (sign.p[0] == '>')
		test->compare = sign.n == 1 ? COMPARE_OVER : COMPARE_FROM;
	else
		test->compare = sign.n == 1 ? COMPARE_UNDER : COMPARE_TO;
}

/* "8x" */
static bool
is_multiple(const struct token *token, unsigned long long *ret_times)
{
	struct view text = token->text;

	return token->kind == TOKEN_WORD && text.n > 1 && text.p[text.n - 1] == 'x' &&
	       view_number(view_head(text, text.n - 1), UINT32_MAX, ret_times);
}

static bool
take_usual(struct parser *parser, struct test *test, unsigned long long times)
{
	const struct token *token = peek(parser);

	if (test->fact != FACT_METER)
		return fail_at(parser, token, "only a meter knows what is usual");
	if (times == 0 || times > TIMES_MAX)
		return fail_at(
		    parser, token, "a multiple is from 1x to %dx usual", TIMES_MAX);
	take(parser);
	if (!is_word(peek(parser), word_text(WORD_USUAL)))
		return fail_at(parser, token,
		    "a multiple is measured against something: %.*s > %llux usual",
		    VIEW_ARG(test->name), times);
	take(parser);
	test->operand = OPERAND_USUAL;
	test->number = times;
	return true;
}

static bool
take_age(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (!is_text(token) || !value_duration(token->text, &test->number))
		return fail_expected(parser, "a duration, like 14d,");
	take(parser);
	return true;
}

static bool
take_amount(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);
	bool may_be_size = test->fact == FACT_SIZE || test->fact == FACT_METER;
	unsigned long long number;

	if (token->kind != TOKEN_WORD)
		return fail_expected(
		    parser, test->fact == FACT_SIZE ? "a size, like 10M," : "a number");
	if (view_number(token->text, UINT32_MAX, &number)) {
		test->number = number;
	} else if (may_be_size && value_size(token->text, &test->number)) {
		test->is_bytes = true;
	} else if (is_word(token, word_text(WORD_USUAL))) {
		fail_at(parser, token, "how many times what is usual?");
		diag_hint(parser->diag, "expected a multiple, like 3x usual");
		return false;
	} else {
		return fail_expected(
		    parser, test->fact == FACT_SIZE ? "a size, like 10M," : "a number");
	}
	take(parser);
	return true;
}

bool
parse_comparison(struct parser *parser, struct test *test)
{
	unsigned long long times;

	take_sign(parser, test);
	test->value_span = peek(parser)->span;
	test->operand = OPERAND_NUMBER;
	if (test->fact == FACT_AGE)
		return take_age(parser, test);
	if (peek(parser)->kind == TOKEN_TABLE) {
		test->operand = OPERAND_MAP;
		test->text = take(parser)->text;
		return true;
	}
	if (is_multiple(peek(parser), &times))
		return take_usual(parser, test, times);
	return take_amount(parser, test);
}
