/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/address.h"
#include "lib/buf.h"
#include "lib/bug.h"

#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}
#define TEN(s) s s s s s s s s s s

/*
 * WANT is the author's address, or "?" and why it is unclear. alice@tenant.example is who
 * may send; victim@bank.example is whom some reader might take for the author.
 */
static const struct {
	struct view value;
	const char *want;
} authors[] = {
    /* Ordinary mail. */
    {TEXT(" alice@tenant.example"), "alice@tenant.example"},
    {TEXT("alice@tenant.example"), "alice@tenant.example"},
    {TEXT(" <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" Alice <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" Alice B. Example <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" \"Example, Alice\" <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" \"Alice \\\"Al\\\" Example\" <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" =?utf-8?q?J=C3=BCrgen?= <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" J\xc3\xbcrgen <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" alice@tenant.example (Alice Example)"), "alice@tenant.example"},
    {TEXT(" (Alice) alice@tenant.example"), "alice@tenant.example"},
    {TEXT(" Alice\n <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT("\n\talice@tenant.example"), "alice@tenant.example"},
    {TEXT(" Alice\r\n\t<alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" Alice < alice@tenant.example >"), "alice@tenant.example"},
    {TEXT(" Alice<alice@tenant.example>  "), "alice@tenant.example"},
    {TEXT(" alice@Tenant.EXAMPLE"), "alice@tenant.example"},
    {TEXT(" Alice.B+list=x@tenant.example"), "Alice.B+list=x@tenant.example"},
    {TEXT(" !#$%&'*+-/=^_`{|}~@tenant.example"), "!#$%&'*+-/=^_`{|}~@tenant.example"},
    {TEXT(" alice@sub_domain.tenant.example"), "alice@sub_domain.tenant.example"},
    {TEXT(" alice@xn--bcher-kva.example"), "alice@xn--bcher-kva.example"},
    {TEXT(" alice@localhost"), "alice@localhost"},
    {TEXT(" j\xc3\xbcrgen@tenant.example"), "j\xc3\xbcrgen@tenant.example"},
    {TEXT(" \"\" <alice@tenant.example>"), "alice@tenant.example"},

    /* A local part in quotes: those it does not need are taken off. */
    {TEXT(" \"alice\"@tenant.example"), "alice@tenant.example"},
    {TEXT(" \"al\\ice\"@tenant.example"), "alice@tenant.example"},
    {TEXT(" \"alice.b\"@tenant.example"), "alice.b@tenant.example"},
    {TEXT(" \"alice b\"@tenant.example"), "\"alice b\"@tenant.example"},
    {TEXT(" \"alice..b\"@tenant.example"), "\"alice..b\"@tenant.example"},
    {TEXT(" \"a\\\"b\\\\\"@tenant.example"), "\"a\\\"b\\\\\"@tenant.example"},
    {TEXT(" <\"alice\"@tenant.example>"), "alice@tenant.example"},
    {TEXT(" \"a,b\"@tenant.example"), "\"a,b\"@tenant.example"},

    /* Comments around the address are nobody's business, whatever is in them. */
    {TEXT(" alice@tenant.example (victim@bank.example)"), "alice@tenant.example"},
    {TEXT(" (victim@bank.example) alice@tenant.example"), "alice@tenant.example"},
    {TEXT(" (<victim@bank.example>) <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" (a (b (c)) \\) d) alice@tenant.example (x)"), "alice@tenant.example"},
    {TEXT(" \"victim@bank.example\" <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" \"<victim@bank.example>\" <alice@tenant.example>"), "alice@tenant.example"},
    {TEXT(" Alice (, victim@bank.example,) <alice@tenant.example>"),
	"alice@tenant.example"},

    /* None, or several. */
    {TEXT(""), "?not an address: empty"},
    {TEXT(" "), "?not an address: empty"},
    {TEXT(" (just a comment)"), "?not an address: empty"},
    {TEXT(" alice@tenant.example, victim@bank.example"), "?2 mailboxes"},
    {TEXT(" victim@bank.example, alice@tenant.example"), "?2 mailboxes"},
    {TEXT(" A <alice@tenant.example>, \"V, V\" <victim@bank.example>, c@d.example"),
	"?3 mailboxes"},
    {TEXT(" alice@tenant.example, alice@tenant.example"), "?2 mailboxes"},
    {TEXT(" ,alice@tenant.example"), "?not an address: empty"},
    {TEXT(" alice@tenant.example,"), "?not an address: empty"},
    {TEXT(" alice@tenant.example,,victim@bank.example"), "?not an address: empty"},
    {TEXT(" Example, Alice <alice@tenant.example>"), "?not an address: no domain"},
    {TEXT(" alice@tenant.example; victim@bank.example"),
	"?not an address: text behind the address"},
    {TEXT(" <alice@tenant.example> <victim@bank.example>"),
	"?not an address: an @ in a display name without quotes"},
    {TEXT(" <alice@tenant.example> victim@bank.example"),
	"?not an address: text behind the address"},
    {TEXT(" <alice@tenant.example>victim@bank.example"),
	"?not an address: text behind the address"},
    {TEXT(" alice@tenant.example victim@bank.example"),
	"?not an address: text behind the address"},
    {TEXT(" <>"), "?not an address: nothing between '<' and '>'"},
    {TEXT(" Alice <>"), "?not an address: nothing between '<' and '>'"},
    {TEXT(" Alice"), "?not an address: no domain"},
    {TEXT(" alice"), "?not an address: no domain"},
    {TEXT(" <alice>"), "?not an address: no domain"},
    {TEXT(" @tenant.example"), "?not an address: no local part"},
    {TEXT(" alice@"), "?not an address: no domain"},
    {TEXT(" <alice@>"), "?not an address: no domain"},

    /* Groups and routes. */
    {TEXT(" Us: alice@tenant.example;"), "?a group"},
    {TEXT(" Us: alice@tenant.example, victim@bank.example;"), "?a group"},
    {TEXT(" undisclosed-recipients:;"), "?a group"},
    {TEXT(" \"quoted\": alice@tenant.example;"), "?a group"},
    {TEXT(" alice@tenant.example, Us:;"), "?a group"},
    {TEXT(" : alice@tenant.example"), "?a group"},
    {TEXT(" <@bank.example:alice@tenant.example>"), "?a route"},
    {TEXT(" <@bank.example,@x.example:alice@tenant.example>"), "?a route"},
    {TEXT(" Alice <@bank.example>"), "?a route"},
    {TEXT(" alice@tenant.example:25"), "?not an address: text behind the address"},

    /* Display names that want to be addresses. */
    {TEXT(" victim@bank.example <alice@tenant.example>"),
	"?not an address: an @ in a display name without quotes"},
    {TEXT(" victim@bank.example<alice@tenant.example>"),
	"?not an address: an @ in a display name without quotes"},
    {TEXT(" Victim victim@bank.example <alice@tenant.example>"),
	"?not an address: white space inside the address"},
    {TEXT(" <victim@bank.example <alice@tenant.example>"),
	"?not an address: no '>' behind the address"},
    {TEXT(" <<alice@tenant.example>>"), "?not an address: no local part"},
    {TEXT(" Alice [home] <alice@tenant.example>"),
	"?not an address: a '[' that must be quoted"},
    {TEXT(" Alice \\@ <alice@tenant.example>"),
	"?not an address: a '\\' that must be quoted"},
    {TEXT(" Alice > <alice@tenant.example>"), "?not an address: a '>' that must be quoted"},

    /* Two @. */
    {TEXT(" victim@bank.example@tenant.example"), "?not an address: two @"},
    {TEXT(" <alice@tenant.example@bank.example>"), "?not an address: two @"},
    {TEXT(" alice@@tenant.example"), "?not an address: two @"},
    {TEXT(" \"victim@bank.example\"@tenant.example"), "?not an address: two @"},
    {TEXT(" \"victim\\@bank.example\"@tenant.example"), "?not an address: two @"},
    {TEXT(" alice@tenant.example @bank.example"), "?not an address: two @"},

    /* Comments and white space inside the address: RFC 5322 allows them, readers differ. */
    {TEXT(" alice@tenant.example(.bank.example)"),
	"?not an address: a comment inside the address"},
    {TEXT(" alice(@bank.example)@tenant.example"),
	"?not an address: a comment inside the address"},
    {TEXT(" alice@(bank.example)tenant.example"),
	"?not an address: a comment inside the address"},
    {TEXT(" alice@tenant(.bank).example"), "?not an address: a comment inside the address"},
    {TEXT(" <(victim@bank.example)alice@tenant.example>"),
	"?not an address: a comment inside the address"},
    {TEXT(" <alice@tenant.example (x)>"), "?not an address: a comment inside the address"},
    {TEXT(" alice @tenant.example"), "?not an address: white space inside the address"},
    {TEXT(" alice@ tenant.example"), "?not an address: white space inside the address"},
    {TEXT(" alice@tenant .example"), "?not an address: text behind the address"},
    {TEXT(" <alice@tenant.example bank.example>"),
	"?not an address: no '>' behind the address"},
    {TEXT(" alice\n @tenant.example"), "?not an address: white space inside the address"},
    {TEXT(" alice . b@tenant.example"), "?not an address: white space inside the address"},
    {TEXT(" alice (c) . b@tenant.example"),
	"?not an address: white space inside the address"},

    /* Obsolete and damaged local parts. */
    {TEXT(" \"alice\".b@tenant.example"),
	"?not an address: a local part that is quoted in part"},
    {TEXT(" alice.\"b\"@tenant.example"),
	"?not an address: a local part that is quoted in part"},
    {TEXT(" .alice@tenant.example"), "?not an address: a dot in the wrong place"},
    {TEXT(" alice.@tenant.example"), "?not an address: a dot in the wrong place"},
    {TEXT(" alice..b@tenant.example"), "?not an address: a dot in the wrong place"},
    {TEXT(" \"\"@tenant.example"), "?not an address: no local part"},
    {TEXT(" \"alice@tenant.example"), "?not an address: a quote that does not end"},
    {TEXT(" \"alice\\"), "?not an address: a quote that does not end"},
    {TEXT(" Alice \"B <alice@tenant.example>"),
	"?not an address: a quote that does not end"},
    {TEXT(" <alice@tenant.example"), "?not an address: no '>' behind the address"},
    {TEXT(" alice@tenant.example>"), "?not an address: text behind the address"},
    {TEXT(" (Alice <alice@tenant.example>"),
	"?not an address: a comment that does not end"},
    {TEXT(" Alice) <alice@tenant.example>"), "?not an address: a ')' that must be quoted"},
    {TEXT(" alice@tenant.example (x\\)"), "?not an address: a comment that does not end"},
    {TEXT(" " TEN("(") TEN("(") "x" TEN(")") TEN(")") " alice@tenant.example"),
	"?not an address: comments in comments in comments"},
    {TEXT(" =?utf-8?q?victim=40bank.example?=@tenant.example"),
	"?not an address: an encoded word in the address"},
    {TEXT(" <=?utf-8?q?alice?=@tenant.example>"),
	"?not an address: an encoded word in the address"},
    {TEXT(" \"=?utf-8?q?alice?=\"@tenant.example"),
	"?not an address: an encoded word in the address"},
    {TEXT(" =?utf-8?q?=3Calice=40tenant=2Eexample=3E?="), "?not an address: no domain"},

    /* Domains. */
    {TEXT(" alice@tenant.example."), "?not an address: the domain ends in a dot"},
    {TEXT(" alice@.tenant.example"), "?not an address: an empty label in the domain"},
    {TEXT(" alice@tenant..example"), "?not an address: an empty label in the domain"},
    {TEXT(" alice@[192.0.2.1]"), "?not an address: a domain literal"},
    {TEXT(" <alice@[IPv6:2001:db8::1]>"), "?not an address: a domain literal"},
    {TEXT(" alice@192.0.2.1"), "?not an address: a number where a domain should be"},
    {TEXT(" alice@tenant.example%00bank.example"),
	"?not an address: a character that no domain can hold"},
    {TEXT(" alice@tenant.example/bank.example"),
	"?not an address: a character that no domain can hold"},
    {TEXT(" alice@tenant.example\\.bank.example"),
	"?not an address: a character that no domain can hold"},
    {TEXT(" alice@-tenant.example"),
	"?not an address: a label of the domain begins or ends in '-'"},
    {TEXT(" alice@b\xc3\xbc"
	  "cher.example"),
	"?8-bit domain"},
    {TEXT(" alice@b\xfc"
	  "cher.example"),
	"?8-bit domain"},
    {TEXT(" alice@tenant\xef\xbc\x8e"
	  "example"),
	"?8-bit domain"},
    {TEXT(" alice\xef\xbc\xa0"
	  "bank.example@tenant.example"),
	"alice\xef\xbc\xa0"
	"bank.example@tenant.example"},

    /* Bytes. */
    {TEXT(" alice@tenant.example\0"), "?NUL"},
    {TEXT(" alice@tenant.example\0.bank.example"), "?NUL"},
    {TEXT(" \0 <alice@tenant.example>"), "?NUL"},
    {TEXT(" alice@tenant.example\r"), "?bare CR"},
    {TEXT(" alice@tenant.example\rFrom: victim@bank.example"), "?bare CR"},
    {TEXT(" alice@tenant.example\nFrom: victim@bank.example"),
	"?not an address: an empty line in the field"},
    {TEXT(" alice@tenant.example\n"), "?not an address: an empty line in the field"},
    {TEXT(" \n \n alice@tenant.example"), "?not an address: an empty line in the field"},
    {TEXT(" alice@tenant.example\n "), "?not an address: an empty line in the field"},
    {TEXT(" Alice\n\t\n <alice@tenant.example>"),
	"?not an address: an empty line in the field"},
    {TEXT(" \x1b[2J <alice@tenant.example>"), "?a control character"},
    {TEXT(" alice\x7f@tenant.example"), "?a control character"},
    {TEXT(" Alice\v<alice@tenant.example>"), "?a control character"},
    {TEXT(" J\xfcrgen <alice@tenant.example>"), "?not an address: not UTF-8"},
    {TEXT(" A\xc2\x85"
	  "B <alice@tenant.example>"),
	"?not an address: not UTF-8"},
    {TEXT(" A\xc0\xbc <alice@tenant.example>"), "?not an address: not UTF-8"},
    {TEXT(" \xff@tenant.example"),
	"?not an address: an invisible character, or none of UTF-8, in the local part"},
    {TEXT(" al\xe2\x80\x8bice@tenant.example"),
	"?not an address: an invisible character, or none of UTF-8, in the local part"},
    {TEXT(" \xe2\x80\xaemoc.elpmaxe@tenant.example"),
	"?not an address: an invisible character, or none of UTF-8, in the local part"},
};

/* A table is gone through to its end, so that one run shows all that is wrong. */
static int failures;

static void
expect_author(size_t i, const struct view *values, size_t n, const char *want)
{
	struct arena *arena = arena_new(1 << 20);
	struct address author = {.text = VIEW_NONE};
	struct view unclear = VIEW_NONE, got;
	struct view wanted = view_of(want);
	bool is_clear = want[0] != '?';
	int result = address_parse_author(values, n, arena, &author, &unclear);

	if (!is_clear)
		wanted = view_from(wanted, 1);
	got = result == 1 ? author.text : unclear;
	if ((result == 1) != is_clear || !view_is(got, wanted))
		failures++, print_error("author %zu, '%.*s': got %d '%.*s', want '%s'\n", i,
				VIEW_ARG(values[0]), result, VIEW_ARG(got), want);
	if (is_clear && author.local.n + 1 + author.domain.n != author.text.n)
		failures++, print_error("author %zu: '%.*s' and '%.*s' are not the whole\n",
				i, VIEW_ARG(author.local), VIEW_ARG(author.domain));
	arena_free(arena);
}

static void
test_authors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(authors); i++)
		expect_author(i, &authors[i].value, 1, authors[i].want);
	assert_int_equal(failures, 0);
}

static void
test_fields(void **state)
{
	const struct view same[3] = {
	    VIEW(" a@b.example"), VIEW(" a@b.example"), VIEW(" a@b.example")};

	(void)state;
	expect_author(0, same, 0, "?no From field");
	expect_author(0, same, 1, "a@b.example");
	expect_author(0, same, 2, "?two From fields");
	expect_author(0, same, 3, "?3 From fields");
	assert_int_equal(failures, 0);
}

/* Limits, and an arena that is too small for the answer. */
static void
test_limits(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct view value;
	struct arena *arena = arena_new(300);
	struct address author;
	struct view unclear = VIEW_NONE;

	(void)state;
	for (int i = 0; i < 307; i++)
		buf_add_char(&text, 'a');
	buf_add_text(&text, "@tenant.example");
	value = buf_view(&text);
	expect_author(0, &value, 1, "?not an address: longer than 320 bytes");
	value = view_from(value, 2);
	expect_author(0, &value, 1, value.p);
	assert_int_equal(address_parse_author(&value, 1, arena, &author, &unclear), 0);
	assert_true(unclear.n > 0);
	while (text.n <= 65536)
		buf_add_text(&text, ",a@b.example");
	value = buf_view(&text);
	expect_author(0, &value, 1, "?the From field is over 64 KB");
	buf_fini(&text);
	arena_free(arena);
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_authors),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
