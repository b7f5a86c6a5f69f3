/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/lex.h"
#include "policy/ascii.h"

void
lex_begin(struct lexer *lexer, const struct source *source, struct arena *arena,
    struct diag *diag)
{
	*lexer = (struct lexer){.arena = arena, .diag = diag};
	lines_begin(&lexer->lines, source);
}

static bool
fail(struct lexer *lexer, struct span where, const char *sentence)
{
	if (!lexer->is_faulty)
		diag_error(lexer->diag, where, "%s", sentence);
	lexer->is_faulty = true;
	return false;
}

static struct token *
add(struct lexer *lexer, enum token_kind kind, struct span line, struct view text)
{
	struct token *token = LIST_ADD(lexer->arena, &lexer->tokens);

	*token = (struct token){.kind = kind, .text = text, .span = span_of(line, text)};
	return token;
}

static bool
ends_word(char c)
{
	return ascii_is_blank(c) || c == '"' || c == '{' || c == '}' || c == ',' ||
	       c == '<' || c == '>';
}

static bool
is_name(struct view text)
{
	if (text.n == 0 || !ascii_is_letter(text.p[0]))
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (!ascii_is_letter(text.p[i]) && !ascii_is_digit(text.p[i]) &&
		    text.p[i] != '-' && text.p[i] != '_')
			return false;
	return true;
}

/* The text of a string without its escapes. */
static struct view
unescape(struct arena *arena, struct view inner)
{
	char *text;
	size_t n = 0;

	if (!view_has_char(inner, '\\'))
		return inner;
	text = arena_alloc(arena, inner.n + 1);
	for (size_t i = 0; i < inner.n; i++) {
		if (inner.p[i] == '\\')
			i++;
		text[n++] = inner.p[i];
	}
	return (struct view){text, n};
}

static size_t
take_string(struct lexer *lexer, struct span line, struct view rest)
{
	struct token *token;
	size_t n = 1;

	while (n < rest.n && rest.p[n] != '"') {
		if (rest.p[n] == '\\') {
			if (n + 1 >= rest.n ||
			    (rest.p[n + 1] != '"' && rest.p[n + 1] != '\\')) {
				fail(lexer, span_of(line, view_head(view_from(rest, n), 1)),
				    "a backslash stands only before \" and \\");
				return rest.n;
			}
			n++;
		}
		n++;
	}
	if (n >= rest.n) {
		fail(lexer, span_of(line, rest),
		    "this string has no closing quote on its line");
		return rest.n;
	}
	if (n + 1 < rest.n && (rest.p[n + 1] == '"' || !ends_word(rest.p[n + 1]))) {
		fail(lexer, span_of(line, view_head(view_from(rest, n + 1), 1)),
		    "a string ends at its quote: \\\" is a quote inside of it");
		return rest.n;
	}
	token = add(lexer, TOKEN_STRING, line, view_head(rest, n + 1));
	token->text = unescape(lexer->arena, view_from(view_head(rest, n), 1));
	if (token->text.n == 0)
		token->text = view_head(rest, 0);
	return n + 1;
}

/* "<name>" is one token; anything else that begins with < or > is a comparison. */
static size_t
take_angle(struct lexer *lexer, struct span line, struct view rest)
{
	struct token *token;
	size_t n = 1;

	while (n < rest.n && !ends_word(rest.p[n]))
		n++;
	if (rest.p[0] == '<' && n < rest.n && rest.p[n] == '>' &&
	    is_name(view_from(view_head(rest, n), 1))) {
		token = add(lexer, TOKEN_TABLE, line, view_head(rest, n + 1));
		token->text = view_from(view_head(rest, n), 1);
		return n + 1;
	}
	n = rest.n > 1 && rest.p[1] == '=' ? 2 : 1;
	add(lexer, TOKEN_COMPARE, line, view_head(rest, n));
	return n;
}

static size_t
take_word(struct lexer *lexer, struct span line, struct view rest)
{
	size_t n = 0;

	while (n < rest.n && !ends_word(rest.p[n]))
		n++;
	add(lexer, TOKEN_WORD, line, view_head(rest, n));
	return n;
}

static size_t
take_token(struct lexer *lexer, struct span line, struct view rest)
{
	switch (rest.p[0]) {
	case '"':
		return take_string(lexer, line, rest);
	case '<':
	case '>':
		return take_angle(lexer, line, rest);
	case '{':
		add(lexer, TOKEN_OPEN, line, view_head(rest, 1));
		return 1;
	case '}':
		add(lexer, TOKEN_CLOSE, line, view_head(rest, 1));
		return 1;
	case ',':
		add(lexer, TOKEN_COMMA, line, view_head(rest, 1));
		return 1;
	default:
		return take_word(lexer, line, rest);
	}
}

static void
take_line(struct lexer *lexer, struct span line)
{
	struct span where;
	const char *fault = line_fault(line, &where);
	struct view rest = line.text;

	if (fault != NULL) {
		fail(lexer, where, fault);
		return;
	}
	while (rest.n > 0 && rest.p[0] != '#' && !lexer->is_faulty) {
		if (lexer->tokens.n >= TOKENS_MAX) {
			fail(lexer, span_of(line, view_head(rest, 1)),
			    "more than 4096 words in one statement: a long table belongs "
			    "in a file");
			return;
		}
		rest = view_from(
		    rest, ascii_is_blank(rest.p[0]) ? 1 : take_token(lexer, line, rest));
	}
}

/* Blank, or a comment only. */
static bool
line_is_empty(struct view line)
{
	while (line.n > 0 && (ascii_is_blank(line.p[0]) || line.p[0] == '\r'))
		line = view_from(line, 1);
	return line.n == 0 || line.p[0] == '#';
}

/*
 * The next line that says something; comments are looked through for bytes that may not
 * stand there.
 */
static bool
next_line(struct lexer *lexer)
{
	struct span where;
	const char *fault;

	while (!lexer->has_line && lines_next(&lexer->lines, &lexer->line)) {
		if (!line_is_empty(lexer->line.text)) {
			lexer->has_line = true;
			break;
		}
		fault = line_fault(lexer->line, &where);
		if (fault != NULL && !diag_is_full(lexer->diag))
			diag_error(lexer->diag, where, "%s", fault);
	}
	return lexer->has_line;
}

static void
add_end(struct lexer *lexer)
{
	struct token last = lexer->tokens.at[lexer->tokens.n - 1];
	struct view behind = {last.span.text.p + last.span.text.n, 0};

	add(lexer, TOKEN_END, last.span, behind);
}

bool
lex_statement(struct lexer *lexer)
{
	while (!diag_is_full(lexer->diag) && next_line(lexer)) {
		lexer->tokens.n = 0;
		lexer->is_faulty = false;
		if (ascii_is_blank(lexer->line.text.p[0]))
			fail(lexer, span_of(lexer->line, view_head(lexer->line.text, 1)),
			    "a line that begins with white space continues one, but there "
			    "is none");
		do {
			lexer->has_line = false;
			if (!lexer->is_faulty)
				take_line(lexer, lexer->line);
		} while (next_line(lexer) && ascii_is_blank(lexer->line.text.p[0]));
		if (!lexer->is_faulty && lexer->tokens.n > 0) {
			add_end(lexer);
			return true;
		}
	}
	return false;
}
