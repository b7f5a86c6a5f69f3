/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/parse.h"
#include "policy/value.h"

/* One test: [ not ] FACT argument. */

/* TOKEN begins neither a test nor anything else of this rule. */
static bool
fail_fact(struct parser *parser, const struct rule *rule, const struct token *token)
{
	bool is_match = rule->verdict == RULE_MATCH;
	struct guess guess;

	if (token->kind != TOKEN_WORD || parse_is_part(token->text))
		return fail_expected(parser, "a test");
	guess_begin(&guess, token->text);
	guess_kind(&guess, KIND_FACT);
	guess_kind(&guess, is_match ? KIND_EFFECT : KIND_OPTION);
	fail_at(parser, token, "'%.*s' is neither a test nor %s", VIEW_ARG(token->text),
	    is_match ? "an effect" : "an option");
	hint_guess(parser, &guess);
	diag_hint(parser->diag, "%s", PARSE_TESTS);
	diag_hint(parser->diag, "%s",
	    is_match ? "effects: sign tag note" : "options: label reply notify until");
	return false;
}

/* The fact of a test. A word that is none, before a comparison, should be a meter's name.
 */
static bool
take_fact(struct parser *parser, const struct rule *rule, struct test *test)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_WORD && fact_find(token->text, &test->fact)) {
		take(parser);
		return true;
	}
	if (token->kind != TOKEN_WORD || parse_is_part(token->text) ||
	    (token[1].kind != TOKEN_COMPARE &&
		policy_find_meter(parser->policy, token->text) == NULL))
		return fail_fact(parser, rule, token);
	test->fact = FACT_METER;
	test->name_span = token->span;
	test->name = take(parser)->text;
	return true;
}

static struct view
show_test(struct parser *parser, const struct test *test)
{
	struct buf out = BUF_INIT(4 * SOURCE_LINE_MAX);
	struct view shown;

	policy_print_test(test, &out);
	shown = arena_view(parser->policy->arena, buf_view(&out));
	buf_fini(&out);
	return shown;
}

bool
parse_test(struct parser *parser, struct rule *rule)
{
	struct policy *policy = parser->policy;
	const struct token *first = peek(parser), *token = first;
	struct test *test;

	if (rule->tests.n >= RULE_TESTS_MAX)
		return fail_at(
		    parser, token, "more than %d tests in one rule", RULE_TESTS_MAX);
	test = arena_alloc(policy->arena, sizeof(*test));
	if (is_word(token, "not")) {
		test->negated = true;
		take(parser);
		token = peek(parser);
		if (is_word(token, "not"))
			return fail_at(parser, token, "'not' stands once before a test");
	}
	if (!take_fact(parser, rule, test) || !parse_argument(parser, test))
		return false;
	test->span = token->span;
	if (parser->tokens[parser->at - 1].span.line == token->span.line) {
		const struct view last = parser->tokens[parser->at - 1].span.text;

		test->span.text.n = (size_t)(last.p + last.n - token->span.text.p);
	}
	test->shown = show_test(parser, test);
	*LIST_ADD(policy->arena, &rule->tests) = test;
	return true;
}
