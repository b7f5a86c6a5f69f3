/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/parse.h"
#include "policy/value.h"

/* What stands behind a fact. */

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
    [ARGUMENT_NUMBER] = "a comparison, like > 100 or > <plan>",
    [ARGUMENT_SIZE] = "a comparison, like > 10M or > <plan>",
    [ARGUMENT_AGE] = "a comparison, like < 14d",
    [ARGUMENT_METER] = "a comparison, like > 100, > <plan> or > 3x usual",
    [ARGUMENT_SPF] = "pass, fail, softfail, neutral, none, temperror, permerror or unknown",
    [ARGUMENT_DMARC] = "pass, fail, none or unknown",
    [ARGUMENT_DMARC_POLICY] = "none, quarantine or reject",
    [ARGUMENT_KEY_STATE] = "ready, unpublished, mismatched or unknown",
    [ARGUMENT_RECEIVER] = "disagrees",
    [ARGUMENT_HOURS] = "two hours, like 22-06",
    [ARGUMENT_DAYS] = "days, like sat,sun",
    [ARGUMENT_YES_NO] = "yes or no",
    [ARGUMENT_FRAGILE] = "long-line, eight-bit, bare-cr, nul or any",
};

bool
parse_is_part(struct view text)
{
	enum fact fact;

	return fact_find(text, &fact) || word_find(text, KIND_EFFECT) != WORD_NONE ||
	       word_find(text, KIND_OPTION) != WORD_NONE || view_is(text, VIEW("not"));
}

/* Arguments that are words of one kind, in a list with commas: bits from FIRST on. */
static const struct {
	enum argument argument;
	enum word_kind kind;
	enum word first;
} lists[] = {
    {ARGUMENT_PATHS, KIND_PATH, WORD_SUBMISSION},
    {ARGUMENT_DAYS, KIND_DAY, WORD_SUN},
    {ARGUMENT_FRAGILE, KIND_FRAGILE, WORD_LONG_LINE},
    {ARGUMENT_SPF, KIND_SPF, WORD_SPF_UNKNOWN},
    {ARGUMENT_DMARC, KIND_DMARC, WORD_DMARC_UNKNOWN},
    {ARGUMENT_DMARC_POLICY, KIND_DMARC_POLICY, WORD_POLICY_NONE},
    {ARGUMENT_KEY_STATE, KIND_KEY_STATE, WORD_KEY_UNKNOWN},
};

static size_t
list_of(const struct test *test)
{
	size_t i = 0;

	while (i < ARRAY_LEN(lists) && lists[i].argument != fact_argument(test->fact))
		i++;
	return i;
}

enum word
parse_first_word(const struct test *test)
{
	size_t list = list_of(test);

	must(list < ARRAY_LEN(lists));
	return lists[list].first;
}

/* A slip in one of the words that may stand there. */
static void
hint_word(struct parser *parser, const struct test *test, const struct token *token)
{
	size_t list = list_of(test);
	struct guess guess;

	guess_begin(&guess, token->text);
	if (list < ARRAY_LEN(lists))
		guess_kind(&guess, lists[list].kind);
	if (test->fact == FACT_RECEIVER)
		guess_try(&guess, view_of(word_text(WORD_DISAGREES)));
	hint_guess(parser, &guess);
}

static bool
fail_argument(struct parser *parser, const struct test *test)
{
	const struct token *token = peek(parser);
	struct view fact = test_name(test);

	if (token->kind == TOKEN_OPEN)
		fail_at(parser, token,
		    "a list behind '%.*s' is a table: table <name> { ... }",
		    VIEW_ARG(fact));
	else if (token->kind == TOKEN_WORD && !parse_is_part(token->text))
		fail_at(parser, token, "'%.*s' cannot be '%.*s'", VIEW_ARG(fact),
		    VIEW_ARG(token->text));
	else
		fail_at(parser, token, "'%.*s' says nothing without an argument",
		    VIEW_ARG(fact));
	hint_word(parser, test, token);
	diag_hint(parser->diag, "expected %s", expected[fact_argument(test->fact)]);
	return false;
}

static bool
take_bits(struct parser *parser, struct test *test)
{
	size_t list = list_of(test);

	test->operand = OPERAND_BITS;
	for (;;) {
		const struct token *token = peek(parser);
		enum word word = WORD_NONE;

		if (token->kind == TOKEN_WORD)
			word = word_find(token->text, lists[list].kind);
		if (word == WORD_NONE)
			return fail_argument(parser, test);
		test->bits |= 1U << (word - lists[list].first);
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
	if (peek(parser)->kind != TOKEN_COMPARE)
		return fail_argument(parser, test);
	return parse_comparison(parser, test);
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
		return take_bits(parser, test);
	take(parser);
	test->operand = OPERAND_ANY;
	return true;
}

static bool
take_disagrees(struct parser *parser, struct test *test)
{
	if (!is_word(peek(parser), word_text(WORD_DISAGREES)))
		return fail_argument(parser, test);
	take(parser);
	test->operand = OPERAND_DISAGREES;
	return true;
}

bool
parse_argument(struct parser *parser, struct test *test)
{
	switch (fact_argument(test->fact)) {
	case ARGUMENT_PATHS:
	case ARGUMENT_DAYS:
	case ARGUMENT_SPF:
	case ARGUMENT_DMARC:
	case ARGUMENT_DMARC_POLICY:
	case ARGUMENT_KEY_STATE:
		return take_bits(parser, test);
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
	case ARGUMENT_AGE:
	case ARGUMENT_METER:
		return take_comparison(parser, test);
	case ARGUMENT_HOURS:
		return take_hours(parser, test);
	case ARGUMENT_YES_NO:
		return take_yes_no(parser, test);
	case ARGUMENT_FRAGILE:
		return take_fragile(parser, test);
	case ARGUMENT_RECEIVER:
		return take_disagrees(parser, test);
	}
	BUG("an argument of no kind");
}
