/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/parse.h"
#include "policy/value.h"

/* One test: [ not ] FACT argument. */

/* By enum argument: what may stand there. */
static const char *const expected[] = {
    [ARGUMENT_PATHS] = "submission, relay, local, reentry or inbound",
    [ARGUMENT_LOGIN] = "any, a login, @domain or a <table>",
    [ARGUMENT_NETWORK] = "an IP address, a network or a <table>",
    [ARGUMENT_SENDER] = "an address, a domain, .domain, a <table>, postmaster or null",
    [ARGUMENT_AUTHOR] =
	"an address, a domain, .domain, a <table>, postmaster, null or unclear",
    [ARGUMENT_RCPT] = "an address, a domain, .domain, a <table> or postmaster",
    [ARGUMENT_WHOM] = "sender or author",
    [ARGUMENT_NUMBER] = "a comparison, like > 100",
    [ARGUMENT_SIZE] = "a comparison, like > 10M",
    [ARGUMENT_HOURS] = "two hours, like 22-06",
    [ARGUMENT_DAYS] = "days, like sat,sun",
    [ARGUMENT_YES_NO] = "yes or no",
    [ARGUMENT_FRAGILE] = "long-line, eight-bit, bare-cr, nul or any",
};

/* Words that begin the next part of a rule: the argument before them was forgotten. */
static bool
is_other_part(struct view text)
{
	enum fact fact;

	return fact_find(text, &fact) || word_find(text, KIND_EFFECT) != WORD_NONE ||
	       word_find(text, KIND_OPTION) != WORD_NONE || view_is(text, VIEW("not"));
}

/* A slip in one of the words that may stand there. */
static void
hint_word(struct parser *parser, const struct test *test, const struct token *token)
{
	struct guess guess;

	guess_begin(&guess, token->text);
	if (test->fact == FACT_PATH)
		guess_kind(&guess, KIND_PATH);
	else if (test->fact == FACT_DAYS)
		guess_kind(&guess, KIND_DAY);
	else if (test->fact == FACT_FRAGILE)
		guess_kind(&guess, KIND_FRAGILE);
	hint_guess(parser, &guess);
}

static bool
fail_argument(struct parser *parser, const struct test *test)
{
	const struct token *token = peek(parser);
	const char *fact = fact_text(test->fact);

	if (token->kind == TOKEN_OPEN)
		fail_at(parser, token,
		    "a list behind '%s' is a table: table <name> { ... }", fact);
	else if (token->kind == TOKEN_WORD && !is_other_part(token->text))
		fail_at(
		    parser, token, "'%s' cannot be '%.*s'", fact, VIEW_ARG(token->text));
	else
		fail_at(parser, token, "'%s' says nothing without an argument", fact);
	hint_word(parser, test, token);
	diag_hint(parser->diag, "expected %s", expected[fact_argument(test->fact)]);
	return false;
}

/* A list of words of KIND, as bits in the order of words.def. */
static bool
take_bits(struct parser *parser, struct test *test, enum word_kind kind, enum word first)
{
	test->operand = OPERAND_BITS;
	for (;;) {
		const struct token *token = peek(parser);
		enum word word = WORD_NONE;

		if (token->kind == TOKEN_WORD)
			word = word_find(token->text, kind);
		if (word == WORD_NONE) {
			return fail_argument(parser, test);
		}
		test->bits |= 1U << (word - first);
		take(parser);
		if (peek(parser)->kind != TOKEN_COMMA)
			return true;
		take(parser);
	}
}

static bool
take_table(struct parser *parser, struct test *test)
{
	test->operand = OPERAND_TABLE;
	test->text = take(parser)->text;
	return true;
}

/* May TOKEN be a name of the admin's own: not a bare keyword. */
static bool
is_own_text(const struct token *token)
{
	return token->kind == TOKEN_STRING ||
	       (token->kind == TOKEN_WORD && !word_is_reserved(token->text));
}

static bool
take_login(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_TABLE)
		return take_table(parser, test);
	if (is_word(token, "any")) {
		take(parser);
		test->operand = OPERAND_ANY;
		return true;
	}
	if (!is_own_text(token))
		return fail_argument(parser, test);
	if (token->kind == TOKEN_WORD && value_is_numeric(token->text))
		return fail_at(
		    parser, token, "a login that looks like a number stands in quotes");
	if (token->text.n == 0)
		return fail_at(
		    parser, token, "a login is not empty: 'not user any' is without one");
	test->operand = OPERAND_LOGIN;
	test->text = parse_lower(parser, take(parser)->text);
	return true;
}

static bool
take_network(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);
	struct err err = ERR_INIT;

	if (token->kind == TOKEN_TABLE)
		return take_table(parser, test);
	if (!is_own_text(token))
		return fail_argument(parser, test);
	if (prefix_parse(token->text, &test->network, &err) < 0)
		return fail_at(parser, token, "%s", err.text);
	take(parser);
	test->operand = OPERAND_NETWORK;
	return true;
}

/* An address, @domain, domain or .domain, normalised as tables have them. */
static bool
take_mailbox(struct parser *parser, struct test *test, const struct token *token)
{
	char key[KEY_MAX];
	size_t n;
	const char *fault = key_normalise(token->text, key, &n);
	struct view text = {key, n};

	if (fault != NULL)
		return fail_at(parser, token, "%s", fault);
	if (!view_has_char(text, '@') && token->kind == TOKEN_WORD &&
	    !view_has_char(text, '.')) {
		fail_at(parser, token, "'%.*s' is neither an address nor a domain",
		    VIEW_ARG(token->text));
		diag_hint(parser->diag, "expected %s", expected[fact_argument(test->fact)]);
		diag_hint(parser->diag, "a domain without a dot stands in quotes");
		return false;
	}
	if (text.p[0] == '@')
		text = view_from(text, 1);
	else if (view_has_char(text, '@'))
		test->operand = OPERAND_ADDRESS;
	if (test->operand != OPERAND_ADDRESS)
		test->operand = text.p[0] == '.' ? OPERAND_SUFFIX : OPERAND_DOMAIN;
	if (test->operand == OPERAND_DOMAIN && domain_fault(text) != NULL)
		return fail_at(parser, token, "%s", domain_fault(text));
	test->text = arena_view(parser->policy->arena, text);
	return true;
}

static bool
take_address(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (test->fact == FACT_RCPT && is_word(token, "only")) {
		take(parser);
		test->only = true;
		token = peek(parser);
	}
	if (token->kind == TOKEN_TABLE)
		return take_table(parser, test);
	if (is_word(token, "postmaster")) {
		test->operand = OPERAND_POSTMASTER;
	} else if (is_word(token, "null") && test->fact != FACT_RCPT) {
		test->operand = OPERAND_NULL;
	} else if (is_word(token, "unclear") && test->fact == FACT_AUTHOR) {
		test->operand = OPERAND_UNCLEAR;
	} else if (!is_own_text(token) || token->text.n == 0) {
		return fail_argument(parser, test);
	} else {
		test->operand = OPERAND_ANY;
		if (!take_mailbox(parser, test, token))
			return false;
	}
	take(parser);
	return true;
}

static bool
take_whom(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (is_word(token, "sender"))
		test->operand = OPERAND_OWN_SENDER;
	else if (is_word(token, "author"))
		test->operand = OPERAND_OWN_AUTHOR;
	else
		return fail_argument(parser, test);
	take(parser);
	return true;
}

static bool
take_comparison(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);
	bool is_size = test->fact == FACT_SIZE;
	unsigned long long number = 0;

	if (token->kind != TOKEN_COMPARE)
		return fail_argument(parser, test);
	test->operand = OPERAND_NUMBER;
	if (token->text.p[0] == '>')
		test->compare = token->text.n == 1 ? COMPARE_OVER : COMPARE_FROM;
	else
		test->compare = token->text.n == 1 ? COMPARE_UNDER : COMPARE_TO;
	take(parser);
	token = peek(parser);
	if (token->kind == TOKEN_TABLE)
		return fail_at(parser, token, "maps of numbers are not built in yet");
	if (token->kind == TOKEN_WORD && is_size &&
	    value_size(token->text, &test->number)) {
		take(parser);
		return true;
	}
	if (token->kind != TOKEN_WORD || is_size ||
	    !view_number(token->text, UINT32_MAX, &number))
		return fail_expected(parser, is_size ? "a size, like 10M," : "a number");
	test->number = number;
	take(parser);
	return true;
}

static bool
take_hours(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (token->kind != TOKEN_WORD || !value_hours(token->text, &test->from, &test->to))
		return fail_argument(parser, test);
	take(parser);
	test->operand = OPERAND_HOURS;
	return true;
}

static bool
take_yes_no(struct parser *parser, struct test *test)
{
	const struct token *token = peek(parser);

	if (!is_word(token, "yes") && !is_word(token, "no"))
		return fail_argument(parser, test);
	test->operand = is_word(take(parser), "yes") ? OPERAND_YES : OPERAND_NO;
	return true;
}

static bool
take_fragile(struct parser *parser, struct test *test)
{
	if (!is_word(peek(parser), "any"))
		return take_bits(parser, test, KIND_FRAGILE, WORD_LONG_LINE);
	take(parser);
	test->operand = OPERAND_ANY;
	return true;
}

static bool
take_argument(struct parser *parser, struct test *test)
{
	switch (fact_argument(test->fact)) {
	case ARGUMENT_PATHS:
		return take_bits(parser, test, KIND_PATH, WORD_SUBMISSION);
	case ARGUMENT_LOGIN:
		return take_login(parser, test);
	case ARGUMENT_NETWORK:
		return take_network(parser, test);
	case ARGUMENT_SENDER:
	case ARGUMENT_AUTHOR:
	case ARGUMENT_RCPT:
		return take_address(parser, test);
	case ARGUMENT_WHOM:
		return take_whom(parser, test);
	case ARGUMENT_NUMBER:
	case ARGUMENT_SIZE:
		return take_comparison(parser, test);
	case ARGUMENT_HOURS:
		return take_hours(parser, test);
	case ARGUMENT_DAYS:
		return take_bits(parser, test, KIND_DAY, WORD_SUN);
	case ARGUMENT_YES_NO:
		return take_yes_no(parser, test);
	case ARGUMENT_FRAGILE:
		return take_fragile(parser, test);
	}
	BUG("an argument of no kind");
}

/* TOKEN begins neither a test nor anything else of this rule. */
static bool
fail_fact(struct parser *parser, const struct rule *rule, const struct token *token)
{
	bool is_match = rule->verdict == RULE_MATCH;
	const char *what = word_later(token->text, KIND_FACT);
	struct guess guess;

	if (token->kind != TOKEN_WORD || is_other_part(token->text))
		return fail_expected(parser, "a test");
	if (what != NULL)
		return fail_later(parser, token, what);
	guess_begin(&guess, token->text);
	guess_kind(&guess, KIND_FACT);
	guess_kind(&guess, is_match ? KIND_EFFECT : KIND_OPTION);
	if (token[1].kind == TOKEN_COMPARE && !guess_is_good(&guess))
		return fail_later(parser, token, word_later(VIEW("meter"), KIND_STATEMENT));
	fail_at(parser, token, "'%.*s' is neither a test nor %s", VIEW_ARG(token->text),
	    is_match ? "an effect" : "an option");
	hint_guess(parser, &guess);
	diag_hint(parser->diag,
	    "tests: path user client sender author rcpt owns rcpts size hours "
	    "days signed fragile");
	diag_hint(parser->diag, "%s",
	    is_match ? "effects: sign tag note" : "options: label reply notify until");
	return false;
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
	if (token->kind != TOKEN_WORD || !fact_find(token->text, &test->fact))
		return fail_fact(parser, rule, token);
	take(parser);
	if (!take_argument(parser, test))
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
