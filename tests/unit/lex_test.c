/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/lex.h"
#include "tests/unit/policy_lab.h"

/* The statements of TEXT: tokens with a letter for their kind, '|' behind each statement.
 */
static void
lex(const char *text, struct buf *out)
{
	static const char kinds[] = {[TOKEN_WORD] = 'w',
	    [TOKEN_STRING] = 's',
	    [TOKEN_TABLE] = 't',
	    [TOKEN_COMPARE] = 'c',
	    [TOKEN_COMMA] = ',',
	    [TOKEN_OPEN] = '{',
	    [TOKEN_CLOSE] = '}'};
	struct source source = {.name = VIEW("x"), .text = view_of(text)};
	struct arena *arena = arena_new(0);
	struct lexer lexer;
	struct diag diag;

	diag_init(&diag);
	lex_begin(&lexer, &source, arena, &diag);
	while (lex_statement(&lexer)) {
		for (size_t i = 0; lexer.tokens.at[i].kind != TOKEN_END; i++)
			buf_addf(out, "%c%.*s ", kinds[lexer.tokens.at[i].kind],
			    VIEW_ARG(lexer.tokens.at[i].text));
		buf_add_char(out, '|');
	}
	if (diag.errors > 0)
		buf_addf(out, "%u errors", diag.errors);
	diag_fini(&diag);
	arena_free(arena);
}

static void
cuts_statements_into_tokens(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", ""},
	    {"\n\n# only\n", ""},
	    {"accept", "waccept |"},
	    {"accept\n", "waccept |"},
	    {"a b\n c\n\td\ne\n", "wa wb wc wd |we |"},
	    {"a\n# between\n\n  # too\n  b\n", "wa wb |"},
	    {"a # b\n", "wa |"},
	    {"a#b\n", "wa#b |"},
	    {"a \"# b\" c", "wa s# b wc |"},
	    {"\"\"", "s |"},
	    {"\"a \\\"b\\\" \\\\\"", "sa \"b\" \\ |"},
	    {"<ours>", "tours |"},
	    {"< ours>", "c< wours c> |"},
	    {"x<5", "wx c< w5 |"},
	    {"x>=5", "wx c>= w5 |"},
	    {"x > <plan>", "wx c> tplan |"},
	    {"x <= <1>", "wx c<= c< w1 c> |"},
	    {"{a,b}", "{{ wa ,, wb }} |"},
	    {"a=b;c", "wa=b;c |"},
	    {" a\nb", "wb |1 errors"},
	    {"a \"b\nc", "wc |1 errors"},
	    {"a \"b\\\nc", "wc |1 errors"},
	    {"a \"b\n c\n d\ne", "we |1 errors"},
	    {"a \x01 \x02\nb\n", "wb |1 errors"},
	    {"# \x01\nb\n", "wb |1 errors"},
	    {"a\xe2\x80\xae\nb", "wb |1 errors"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf got = BUF_INIT(4096);

		lex(cases[i].text, &got);
		lab_same(cases[i].text, "tokens", buf_text(&got), cases[i].want);
		buf_fini(&got);
	}
}

static void
refuses(const struct buf *text, const char *want)
{
	struct buf shown = BUF_INIT(1 << 20);

	lab_refused(buf_text(text), &shown);
	if (strstr(buf_text(&shown), want) == NULL)
		fail_msg("got \"%.300s\", want \"%s\"", buf_text(&shown), want);
	assert_true(shown.n < 64 << 10);
	buf_fini(&shown);
}

static void
bounds_what_is_large(void **state)
{
	struct buf text = BUF_INIT(16 << 20);

	(void)state;
	for (int i = 0; i < 10 << 20; i++)
		buf_add_char(&text, 'a');
	refuses(&text, "larger than 1048576 bytes");
	text.p[900000] = '\0';
	text.n = 900000;
	refuses(&text, "longer than 65536 bytes");
	buf_reset(&text);
	for (int i = 0; i < 5000; i++)
		buf_add_text(&text, "a ");
	refuses(&text, "more than 4096 words");
	buf_reset(&text);
	for (int i = 0; i < 3000; i++)
		buf_add_text(&text, "accept path local\n");
	refuses(&text, "more than 2000 rules");
	buf_reset(&text);
	buf_add_text(&text, "hold");
	for (int i = 0; i < 40; i++)
		buf_addf(&text, " rcpts > %d", i);
	buf_add_text(&text, " label \"x\"\naccept\n");
	refuses(&text, "more than 32 tests");
	buf_reset(&text);
	for (int i = 0; i < 300; i++)
		buf_addf(&text, "hold rcpt d%d.test label \"x\"\n", i);
	buf_add_text(&text, "accept\n");
	refuses(&text, "more than 256 different tests");
	buf_reset(&text);
	for (int i = 0; i < 300; i++)
		buf_addf(&text, "table <t%d> { a }\n", i);
	refuses(&text, "more than 256 tables");
	buf_fini(&text);
}

/* Whatever stands there: no crash, and a bounded answer. */
static void
survives_garbage(void **state)
{
	static const char bytes[] =
	    "acdefhilmnoprstuwxy <>{},\"\\\n\t#@.=019\x01\x7f\x80\xff";
	struct buf text = BUF_INIT(1 << 16);
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct buf shown = BUF_INIT(1 << 20);

		buf_reset(&text);
		for (int i = 0; i < 2000; i++) {
			random = random * 1664525 + 1013904223;
			buf_add_char(&text, bytes[(random >> 16) % (sizeof(bytes) - 1)]);
		}
		lab_refused(buf_text(&text), &shown);
		assert_true(shown.n > 0 && shown.n < 64 << 10);
		buf_fini(&shown);
	}
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_statements_into_tokens),
	    cmocka_unit_test(bounds_what_is_large),
	    cmocka_unit_test(survives_garbage),
	};

	return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
