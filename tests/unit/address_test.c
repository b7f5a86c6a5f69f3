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
#include "lib/bug.h"

#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}
#define TEN(s) s s s s s s s s s s

/* A table is gone through to its end, so that one run shows all that is wrong. */
static int failures;

/* WANT: the address, "" for the null path, "?" and why not. */
static const struct {
	struct view path;
	const char *want;
} paths[] = {
    {TEXT("<alice@tenant.example>"), "alice@tenant.example"},
    {TEXT("alice@tenant.example"), "alice@tenant.example"},
    {TEXT("<>"), ""},
    {TEXT(""), ""},
    {TEXT("<Alice@Tenant.Example>"), "Alice@tenant.example"},
    {TEXT("root"), "root"},
    {TEXT("<postmaster>"), "postmaster"},
    {TEXT("<\"alice\"@tenant.example>"), "alice@tenant.example"},
    {TEXT("<\"alice b\"@tenant.example>"), "\"alice b\"@tenant.example"},
    {TEXT("<a..b@tenant.example>"), "\"a..b\"@tenant.example"},
    {TEXT("<a.@tenant.example>"), "\"a.\"@tenant.example"},
    {TEXT("<\"a..b\"@tenant.example>"), "\"a..b\"@tenant.example"},
    {TEXT("<prvs=0123=alice@tenant.example>"), "prvs=0123=alice@tenant.example"},
    {TEXT("<alice@b\xc3\xbc"
	  "cher.example>"),
	"alice@xn--bcher-kva.example"},
    {TEXT("<alice@B\xc3\x9c"
	  "CHER.example>"),
	"alice@xn--bcher-kva.example"},
    {TEXT("<j\xc3\xbcrgen@tenant.example>"), "j\xc3\xbcrgen@tenant.example"},
    {TEXT("<alice@[192.0.2.1]>"), "alice@[192.0.2.1]"},
    {TEXT("<alice@[IPv6:2001:DB8::1]>"), "alice@[ipv6:2001:db8::1]"},
    {TEXT("<alice@xn--bcher-kva.example>"), "alice@xn--bcher-kva.example"},
    {TEXT("<alice@tenant.example"), "?'<' and '>' do not match"},
    {TEXT("<"), "?'<' and '>' do not match"},
    {TEXT(">"), "?'<' and '>' do not match"},
    {TEXT("<@a.example:alice@tenant.example>"), "?a route"},
    {TEXT("<@tenant.example>"), "?no local part"},
    {TEXT("<alice@tenant.example.>"), "?the domain ends in a dot"},
    {TEXT("<alice@>"), "?no domain"},
    {TEXT("<a@b@tenant.example>"), "?two @"},
    {TEXT("<\"a@b\"@tenant.example>"), "?two @"},
    {TEXT("<alice @tenant.example>"), "?a character that must be quoted"},
    {TEXT("<alice@tenant.example> SIZE=1"), "?'<' and '>' do not match"},
    {TEXT("<<alice@tenant.example>>"), "?no local part"},
    {TEXT("<alice@[192.0.2.1>"), "?a damaged address literal"},
    {TEXT("<alice@[]>"), "?a damaged address literal"},
    {TEXT("<alice@[192.0.2.1].example>"), "?a damaged address literal"},
    {TEXT("<alice@[a b]>"), "?a damaged address literal"},
    {TEXT("<alice\0@tenant.example>"), "?a control character"},
    {TEXT("<alice\n@tenant.example>"), "?a control character"},
    {TEXT("<\"alice\"b@tenant.example>"), "?a local part that is quoted in part"},
    {TEXT("<alice@b\xfc"
	  "cher.example>"),
	"?the domain is not UTF-8"},
};

static void
expect_path(size_t i)
{
	struct arena *arena = arena_new(0);
	struct address address = {.text = VIEW_NONE};
	struct err err = ERR_INIT;
	struct view got, want = view_of(paths[i].want);
	int want_result = want.n == 0 ? 0 : want.p[0] == '?' ? -1 : 1;
	int result = address_parse_path(paths[i].path, arena, &address, &err);

	if (want_result < 0)
		want = view_from(want, 1);
	got = result < 0 ? view_of(err.text) : address.text;
	if (result != want_result || !view_is(got, want))
		failures++, print_error("path '%.*s': got %d '%.*s', want %d '%.*s'\n",
				VIEW_ARG(paths[i].path), result, VIEW_ARG(got), want_result,
				VIEW_ARG(want));
	arena_free(arena);
}

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expect_path(i);
	assert_int_equal(failures, 0);
}

#define X63 TEN("abcdef") "abc"

static const struct {
	struct view domain;
	const char *want; /* NULL: none */
} domains[] = {
    {TEXT("example.org"), "example.org"},
    {TEXT("EXAMPLE.Org"), "example.org"},
    {TEXT("b\xc3\xbc"
	  "cher.example"),
	"xn--bcher-kva.example"},
    {TEXT("B\xc3\x9c"
	  "CHER.example"),
	"xn--bcher-kva.example"},
    {TEXT("bu\xcc\x88"
	  "cher.example"),
	"xn--bcher-kva.example"},
    {TEXT("XN--BCHER-KVA.example"), "xn--bcher-kva.example"},
    {TEXT("stra\xc3\x9f"
	  "e.example"),
	"xn--strae-oqa.example"},
    {TEXT("\xe4\xbe\x8b\xe3\x81\x88.jp"), "xn--r8jz45g.jp"},
    {TEXT("\xef\xbd\x85xample.org"), "example.org"},
    {TEXT("_dmarc.example.org"), "_dmarc.example.org"},
    {TEXT("r3---sn.example"), "r3---sn.example"},
    {TEXT("a1.b2"), "a1.b2"},
    {TEXT("localhost"), "localhost"},
    {TEXT(X63 ".example"), X63 ".example"},
    {TEXT(X63 "d.example"), NULL},
    {TEXT(X63 "." X63 "." X63 "." X63), X63 "." X63 "." X63 "." X63},
    {TEXT(X63 "." X63 "." X63 "." X63 ".a"), NULL},
    {TEXT(""), NULL},
    {TEXT("."), NULL},
    {TEXT("example.org."), NULL},
    {TEXT(".example.org"), NULL},
    {TEXT("example..org"), NULL},
    {TEXT("exa mple.org"), NULL},
    {TEXT("example.org\0"), NULL},
    {TEXT("-a.example"), NULL},
    {TEXT("a-.example"), NULL},
    {TEXT("192.0.2.1"), NULL},
    {TEXT("[192.0.2.1]"), NULL},
    {TEXT("a@b"), NULL},
    {TEXT("a/b"), NULL},
    {TEXT("\xe2\x84\x80.example"), NULL}, /* U+2100 maps to "a/c" */
    {TEXT("\xff.example"), NULL},
    {TEXT("b\xc3\xbc"
	  "cher.example\0"),
	NULL},
    {TEXT("\xe2\x80\xae"
	  "abc.example"),
	NULL},
};

static void
test_domains(void **state)
{
	struct arena *arena = arena_new(0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
		struct view got = VIEW_NONE;
		struct err err = ERR_INIT;
		int result = address_parse_domain(domains[i].domain, arena, &got, &err);
		const char *want = domains[i].want;

		if (result != (want != NULL ? 0 : -1) ||
		    (want != NULL && !view_is(got, view_of(want))))
			failures++,
			    print_error("domain '%.*s': got %d '%.*s' %s, want '%s'\n",
				VIEW_ARG(domains[i].domain), result, VIEW_ARG(got),
				err.text, want != NULL ? want : "none");
		if (want == NULL)
			assert_true(err.text[0] != '\0');
	}
	arena_free(arena);
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
