/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/bug.h"
#include "policy/ascii.h"
#include "policy/parse.h"
#include "policy/value.h"

enum { MESSAGE_MAX = 1024, PLACE_MAX = 256 };

const struct token *
peek(const struct parser *parser)
{
	return &parser->tokens[parser->at];
}

const struct token *
take(struct parser *parser)
{
	const struct token *token = peek(parser);

	if (token->kind != TOKEN_END)
		parser->at++;
	return token;
}

bool
is_at_end(const struct parser *parser)
{
	return peek(parser)->kind == TOKEN_END;
}

bool
is_word(const struct token *token, const char *text)
{
	return token->kind == TOKEN_WORD && view_is(token->text, view_of(text));
}

bool
is_text(const struct token *token)
{
	return token->kind == TOKEN_STRING || token->kind == TOKEN_WORD;
}

bool
fail_at(struct parser *parser, const struct token *token, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	diag_error(parser->diag, token->span, "%s", message);
	return false;
}

bool
fail_expected(struct parser *parser, const char *what)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_END)
		return fail_at(parser, token, "%s is missing", what);
	return fail_at(parser, token, "%s should stand here", what);
}

void
hint_guess(struct parser *parser, const struct guess *guess)
{
	if (guess_is_good(guess))
		diag_hint(parser->diag, "did you mean '%.*s'?", VIEW_ARG(guess->best));
}

bool
take_keyword(struct parser *parser, enum word word)
{
	char what[32];

	if (is_word(peek(parser), word_text(word))) {
		take(parser);
		return true;
	}
	snprintf(what, sizeof(what), "'%s'", word_text(word));
	return fail_expected(parser, what);
}

bool
take_string(
    struct parser *parser, const char *what, struct view *ret_text, struct span *ret_span)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_WORD && !word_is_reserved(token->text))
		return fail_at(parser, token, "%s stands in quotes: \"%.*s\"", what,
		    VIEW_ARG(token->text));
	if (token->kind != TOKEN_STRING)
		return fail_expected(parser, what);
	if (token->text.n == 0)
		return fail_at(parser, token, "%s is empty", what);
	*ret_text = token->text;
	*ret_span = token->span;
	take(parser);
	return true;
}

bool
take_table_name(struct parser *parser, struct view *ret_name)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_TABLE) {
		*ret_name = take(parser)->text;
		return true;
	}
	if (is_text(token) && value_is_name(token->text))
		return fail_at(parser, token, "this name stands in angle brackets: <%.*s>",
		    VIEW_ARG(token->text));
	return fail_expected(parser, "a name in angle brackets, like <ours>,");
}

bool
take_name(struct parser *parser, const char *what, struct view *ret_name)
{
	const struct token *token = peek(parser);

	if (!is_text(token))
		return fail_expected(parser, what);
	if (token->kind == TOKEN_WORD && word_is_reserved(token->text))
		return fail_at(parser, token, "'%.*s' is a word of the language, not %s",
		    VIEW_ARG(token->text), what);
	if (!value_is_name(token->text))
		return fail_at(parser, token,
		    "a name begins with a letter and has letters, digits, '-' and '_'");
	*ret_name = take(parser)->text;
	return true;
}

bool
take_domain(struct parser *parser, struct view *ret_domain)
{
	const struct token *token = peek(parser);
	const char *fault;

	if (!is_text(token))
		return fail_expected(parser, "a domain");
	fault = domain_fault(token->text);
	if (fault != NULL)
		return fail_at(parser, token, "%s", fault);
	*ret_domain = parse_lower(parser, take(parser)->text);
	return true;
}

bool
take_end(struct parser *parser)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_END)
		return true;
	return fail_at(parser, token, "nothing more can stand here");
}

struct view
parse_lower(struct parser *parser, struct view text)
{
	char *lower = arena_text(parser->policy->arena, text);

	for (size_t i = 0; i < text.n; i++)
		lower[i] = ascii_lower(lower[i]);
	return (struct view){lower, text.n};
}

struct view
parse_place(struct parser *parser, struct span span)
{
	char place[PLACE_MAX];
	int n = snprintf(
	    place, sizeof(place), "%.*s:%u", VIEW_ARG(span.source->name), span.line);

	must(n > 0);
	return arena_view(parser->policy->arena, view_of(place));
}

const struct source *
parse_fetch(struct parser *parser, struct view name, struct span where)
{
	struct policy *policy = parser->policy;
	struct source *source;
	struct view content;
	struct span fault_where;
	struct err err = ERR_INIT;
	const char *fault;

	if (bundle_read(parser->bundle, name, &content, &err) < 0) {
		diag_error(parser->diag, where, "%s", err.text);
		return NULL;
	}
	source = arena_alloc(policy->arena, sizeof(*source));
	*source = (struct source){.name = arena_view(policy->arena, name), .text = content};
	fault = source_fault(source, &fault_where);
	if (fault == NULL)
		return source;
	diag_error(parser->diag, fault_where, "%s", fault);
	return NULL;
}

static bool
parse_include(struct parser *parser)
{
	struct parser inner;
	const struct source *source;
	struct view name = VIEW_NONE;
	struct span where = {.line = 0};

	if (parser->is_included)
		return fail_at(parser, &parser->tokens[0],
		    "a file that is included cannot include another");
	if (!take_string(parser, "the name of a file", &name, &where) || !take_end(parser))
		return false;
	for (size_t i = 0; i < parser->policy->sources.n; i++)
		if (view_is(parser->policy->sources.at[i]->name, name)) {
			diag_error(
			    parser->diag, where, "'%.*s' is read already", VIEW_ARG(name));
			return false;
		}
	if (parser->policy->sources.n >= POLICY_FILES_MAX)
		return fail_at(parser, &parser->tokens[0],
		    "more than %d files in one policy", POLICY_FILES_MAX);
	source = parse_fetch(parser, name, where);
	if (source == NULL)
		return false;
	inner = (struct parser){.policy = parser->policy,
	    .bundle = parser->bundle,
	    .diag = parser->diag,
	    .is_included = true};
	parse_source(&inner, source);
	return true;
}

static bool
fail_statement(struct parser *parser, const struct token *token)
{
	struct guess guess;

	if (token->kind != TOKEN_WORD)
		return fail_at(
		    parser, token, "a line begins with a word that says what it is");
	fail_at(parser, token, "'%.*s' does not begin a line of the policy",
	    VIEW_ARG(token->text));
	guess_begin(&guess, token->text);
	guess_kind(&guess, KIND_STATEMENT);
	hint_guess(parser, &guess);
	diag_hint(parser->diag,
	    "lines begin with set table map keys key meter include match watch "
	    "accept hold defer reject");
	return false;
}

static bool
parse_statement(struct parser *parser)
{
	const struct token *token = take(parser);
	enum word word = WORD_NONE;

	if (token->kind == TOKEN_WORD)
		word = word_find(token->text, KIND_STATEMENT);
	if (word == WORD_SET)
		return parse_set(parser);
	if (word == WORD_TABLE || word == WORD_MAP)
		return parse_table(parser, word == WORD_MAP);
	if (word == WORD_KEYS)
		return parse_keys(parser);
	if (word == WORD_KEY)
		return parse_key(parser);
	if (word == WORD_METER)
		return parse_meter(parser);
	if (word == WORD_INCLUDE)
		return parse_include(parser);
	if (word == WORD_MATCH)
		return parse_match(parser);
	if (word != WORD_NONE)
		return parse_verdict(parser);
	return fail_statement(parser, token);
}

void
parse_source(struct parser *parser, const struct source *fetched)
{
	struct policy *policy = parser->policy;
	struct source *source;
	struct lexer lexer;

	if (fetched->text.n > SOURCE_MAX) {
		diag_error(parser->diag, span_of_file(fetched), "larger than %d bytes",
		    SOURCE_MAX);
		return;
	}
	/* The words of the policy outlive the bundle. */
	source = arena_alloc(policy->arena, sizeof(*source));
	source->name = fetched->name;
	source->text = arena_view(policy->arena, fetched->text);
	*LIST_ADD(policy->arena, &policy->sources) = source;
	parser->source = source;
	lex_begin(&lexer, source, policy->arena, parser->diag);
	while (lex_statement(&lexer)) {
		parser->tokens = lexer.tokens.at;
		parser->at = 0;
		parse_statement(parser);
	}
}
