/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_LEX_H
#define POLICY_LEX_H

/*
 * Statements out of lines: a line that begins with white space continues the one before,
 * comments and blank lines between them do not count (as in main.cf). The tokens of a
 * statement borrow from the source and, where a string had escapes, from the arena.
 */

#include "lib/arena.h"
#include "policy/diag.h"
#include "policy/list.h"
#include "policy/source.h"

enum token_kind {
	TOKEN_WORD,
	TOKEN_STRING,  /* text: without quotes and escapes */
	TOKEN_TABLE,   /* <name>; text: the name */
	TOKEN_COMPARE, /* > >= < <= */
	TOKEN_COMMA,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_END, /* behind the last one */
};

struct token {
	enum token_kind kind;
	struct view text;
	struct span span;
};

enum { TOKENS_MAX = 4096 };

struct lexer {
	struct lines lines;
	struct span line; /* read, not used yet */
	bool has_line;
	bool is_faulty; /* an error in this statement was shown */
	struct arena *arena;
	struct diag *diag;
	LIST(struct token) tokens; /* of the statement, TOKEN_END last */
};

void lex_begin(struct lexer *lexer, const struct source *source, struct arena *arena,
    struct diag *diag);
/* The next statement that has no error in its tokens; false at the end of the source. */
bool lex_statement(struct lexer *lexer);

#endif
