/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_PARSE_H
#define POLICY_PARSE_H

/*
 * Recursive descent over the tokens of one statement. A function that gives false has said
 * why; the statement is then left, so that one faulty line gives one error.
 */

#include "lib/bundle.h"
#include "policy/ast.h"

struct parser {
	struct policy *policy;
	struct bundle *bundle;
	struct diag *diag;
	const struct source *source;
	const struct token *tokens; /* of the statement; the last one is TOKEN_END */
	size_t at;
	bool is_included;
};

/* Read the source and what it includes into the policy. */
void parse_source(struct parser *parser, const struct source *fetched);
/*
 * Fetch NAME from the bundle as a source; WHERE names it in an error. NULL: failed, and
 * said so.
 */
const struct source *parse_fetch(
    struct parser *parser, struct view name, struct span where);

const struct token *peek(const struct parser *parser);
const struct token *take(struct parser *parser);
bool is_at_end(const struct parser *parser);
bool is_word(const struct token *token, const char *text);
/* A word or a string: something that is a name by itself. */
bool is_text(const struct token *token);

/* Say what is wrong at TOKEN; always false. */
bool fail_at(struct parser *parser, const struct token *token, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "WHAT is missing" or "WHAT is expected here, not 'x'". */
bool fail_expected(struct parser *parser, const char *what);
/* "= did you mean 'x'?" when there is a good guess among the words of KIND. */
void hint_guess(struct parser *parser, const struct guess *guess);

bool take_keyword(struct parser *parser, enum word word);
bool take_string(
    struct parser *parser, const char *what, struct view *ret_text, struct span *ret_span);
bool take_table_name(struct parser *parser, struct view *ret_name);
/* A name in angle brackets or plain, checked to be one. */
bool take_name(struct parser *parser, const char *what, struct view *ret_name);
bool take_domain(struct parser *parser, struct view *ret_domain);
/* Nothing may follow. */
bool take_end(struct parser *parser);

bool parse_set(struct parser *parser);
bool parse_table(struct parser *parser, bool is_map);
bool parse_keys(struct parser *parser);
bool parse_key(struct parser *parser);
bool parse_match(struct parser *parser);
bool parse_verdict(struct parser *parser);
bool parse_test(struct parser *parser, struct rule *rule);
bool parse_argument(struct parser *parser, struct test *test);
/* Words that begin a part of a rule: behind a fact they mean that its argument was
 * forgotten. */
bool parse_is_part(struct view text);
/* Behind a number, from its sign on. */
bool parse_comparison(struct parser *parser, struct test *test);
bool parse_meter(struct parser *parser);
/* Of a test whose operand is bits: the word of the first one. */
enum word parse_first_word(const struct test *test);

#define PARSE_TESTS                                                                        \
	"tests: path user client sender author rcpt owns rcpts size age hours days spf "   \
	"signed dmarc dmarc-policy key fragile receiver, and meters"

/* ASCII in lower case, in the policy's arena. */
struct view parse_lower(struct parser *parser, struct view text);
/* "frank.conf:41" */
struct view parse_place(struct parser *parser, struct span span);

#endif
