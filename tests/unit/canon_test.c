/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/canon.h"
#include "lib/bug.h"

/* A view as a static initialiser; NUL bytes stand in some, so lengths count. */
#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

/* A long run of one character, for cases around limits. */
#define TEN(s)     s s s s s s s s s s
#define HUNDRED(s) TEN(TEN(s))

/* The wanted text is what a verifier hashes; NUL bytes stand in the text, so lengths count.
 */
#define BODY(in, simple, relaxed)                                                          \
	{                                                                                  \
		TEXT(in), TEXT(simple), TEXT(relaxed)                                      \
	}

static const struct {
	struct view in, simple, relaxed;
} bodies[] = {
    /* RFC 6376 3.4.5, both examples in one. */
    BODY(" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
    /* RFC 6376 3.4.3 and 3.4.4: the empty body. */
    BODY("", "\r\n", ""),
    BODY("\r\n", "\r\n", ""),
    BODY("\r\n\r\n\r\n", "\r\n", ""),
    BODY(" \r\n", " \r\n", ""),
    BODY("\t \r\n \r\n\r\n", "\t \r\n \r\n", ""),
    BODY(" ", " \r\n", ""),
    /* No line end at the end. */
    BODY("a", "a\r\n", "a\r\n"),
    BODY("a ", "a \r\n", "a\r\n"),
    BODY("a\r\nb", "a\r\nb\r\n", "a\r\nb\r\n"),
    BODY("a\r\n ", "a\r\n \r\n", "a\r\n"),
    /* White space. */
    BODY("a  b\r\n", "a  b\r\n", "a b\r\n"),
    BODY("a\tb\r\n", "a\tb\r\n", "a b\r\n"),
    BODY("a \t \tb\r\n", "a \t \tb\r\n", "a b\r\n"),
    BODY("a b c d e f g\r\n", "a b c d e f g\r\n", "a b c d e f g\r\n"),
    BODY("  a\r\n", "  a\r\n", " a\r\n"),
    BODY("a   \r\nb\t\r\n", "a   \r\nb\t\r\n", "a\r\nb\r\n"),
    BODY("a\r\n   \r\nb\r\n", "a\r\n   \r\nb\r\n", "a\r\n\r\nb\r\n"),
    BODY("a\r\n \r\n \r\n", "a\r\n \r\n \r\n", "a\r\n"),
    /* Empty lines inside and in front. */
    BODY("\r\n\r\na\r\n\r\nb\r\n\r\n", "\r\n\r\na\r\n\r\nb\r\n", "\r\n\r\na\r\n\r\nb\r\n"),
    /* A CR without LF and an LF without CR are bytes like any other. */
    BODY("a\rb\r\n", "a\rb\r\n", "a\rb\r\n"),
    BODY("a\nb\r\n", "a\nb\r\n", "a\nb\r\n"),
    BODY("a \rb\r\n", "a \rb\r\n", "a \rb\r\n"),
    BODY("a\r\tb\r\n", "a\r\tb\r\n", "a\r b\r\n"),
    BODY("a \nb\r\n", "a \nb\r\n", "a \nb\r\n"),
    BODY("a\r\r\n", "a\r\r\n", "a\r\r\n"),
    BODY("a\r\n\r", "a\r\n\r\r\n", "a\r\n\r\r\n"),
    BODY("\r", "\r\r\n", "\r\r\n"),
    BODY("\r\r\r\n\r\n", "\r\r\r\n", "\r\r\r\n"),
    BODY("a\n\n\n", "a\n\n\n\r\n", "a\n\n\n\r\n"),
    BODY("a\n\r\n", "a\n\r\n", "a\n\r\n"),
    BODY("a \r", "a \r\r\n", "a \r\r\n"),
    /* Bytes that are no text. */
    BODY("a\0b\r\n", "a\0b\r\n", "a\0b\r\n"),
    BODY("\xff\xa0 \x80\r\n", "\xff\xa0 \x80\r\n", "\xff\xa0 \x80\r\n"),
    BODY("\v\f  \r\n", "\v\f  \r\n", "\v\f\r\n"),
    /* Around the sixteen bytes that are looked at together. */
    BODY("0123456789abcde \r\nx\r\n", "0123456789abcde \r\nx\r\n",
	"0123456789abcde\r\nx\r\n"),
    BODY("0123456789abcdef \r\n", "0123456789abcdef \r\n", "0123456789abcdef\r\n"),
    BODY("0123456789abcdef  g\r\n", "0123456789abcdef  g\r\n", "0123456789abcdef g\r\n"),
    BODY("0123456789abcde  fghijklmnopqrs\t\r\n", "0123456789abcde  fghijklmnopqrs\t\r\n",
	"0123456789abcde fghijklmnopqrs\r\n"),
};

static void
hash_body(enum sign_canon canon, struct view first, struct view second, struct view third,
    uint8_t *hash)
{
	struct canon_body *body = mem_zeroed(1, sizeof(*body));
	struct digest *digest = digest_new();

	canon_body_begin(body, canon, digest);
	canon_body_add(body, first);
	canon_body_add(body, second);
	canon_body_add(body, third);
	canon_body_end(body, hash);
	digest_free(digest);
	free(body);
}

static void
expect_body(size_t number, enum sign_canon canon, struct view in, struct view want,
    size_t at, size_t n)
{
	uint8_t got_hash[DIGEST_BYTES], want_hash[DIGEST_BYTES];

	hash_body(canon, view_head(in, at), view_head(view_from(in, at), n),
	    view_from(in, at + n), got_hash);
	digest_of(want.p, want.n, want_hash);
	if (memcmp(got_hash, want_hash, DIGEST_BYTES) != 0)
		fail_msg("body %zu, %s, cut at %zu and %zu: the hash is not that of '%.*s'",
		    number, canon == SIGN_SIMPLE ? "simple" : "relaxed", at, at + n,
		    VIEW_ARG(want));
}

/* Whole, and cut in two places everywhere. */
static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		for (size_t at = 0; at <= bodies[i].in.n; at++) {
			for (size_t n = 0; n <= 3; n++) {
				expect_body(
				    i, SIGN_SIMPLE, bodies[i].in, bodies[i].simple, at, n);
				expect_body(i, SIGN_RELAXED, bodies[i].in,
				    bodies[i].relaxed, at, n);
			}
		}
	}
}

/* The first text a thousand times, which is more than a block, and the second. */
static const struct {
	const char *in[2], *simple[2], *relaxed[2];
} large[] = {
    {{"line \r\n", "\r\n"}, {"line \r\n", ""}, {"line\r\n", ""}},
    {{"0123456789", "\r\n"}, {"0123456789", "\r\n"}, {"0123456789", "\r\n"}},
    {{"word ", " x"}, {"word ", " x\r\n"}, {"word ", "x\r\n"}},
    {{"\r\n", "x"}, {"\r\n", "x\r\n"}, {"\r\n", "x\r\n"}},
    {{" \r\n", "x"}, {" \r\n", "x\r\n"}, {"\r\n", "x\r\n"}},
    {{" \t ", ""}, {" \t ", "\r\n"}, {"", ""}},
};

static struct view
thousand(const char *const parts[2], struct buf *into)
{
	buf_reset(into);
	for (int i = 0; i < 1000; i++)
		buf_add_text(into, parts[0]);
	buf_add_text(into, parts[1]);
	return buf_view(into);
}

static void
test_large_bodies(void **state)
{
	struct buf in = BUF_INIT(100000), simple = BUF_INIT(100000),
		   relaxed = BUF_INIT(100000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(large); i++) {
		thousand(large[i].in, &in);
		thousand(large[i].simple, &simple);
		thousand(large[i].relaxed, &relaxed);
		for (size_t at = 0; at <= in.n; at += 1 + in.n / 200) {
			expect_body(
			    i, SIGN_SIMPLE, buf_view(&in), buf_view(&simple), at, 1);
			expect_body(
			    i, SIGN_RELAXED, buf_view(&in), buf_view(&relaxed), at, 1);
		}
	}
	buf_fini(&in);
	buf_fini(&simple);
	buf_fini(&relaxed);
}

static const struct {
	const char *name, *value, *simple, *relaxed;
} headers[] = {
    /* RFC 6376 3.4.5. */
    {"A", " X ", "A: X ", "a:X"},
    {"B ", " Y\t\n\tZ  ", "B : Y\t\r\n\tZ  ", "b:Y Z"},
    {"B ", " Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  ", "b:Y Z"},
    {"Subject", "", "Subject:", "subject:"},
    {"Subject", " ", "Subject: ", "subject:"},
    {"SUBJect", "AbC", "SUBJect:AbC", "subject:AbC"},
    {"Subject", "\n a", "Subject:\r\n a", "subject:a"},
    {"Subject", " a\n \n b\n ", "Subject: a\r\n \r\n b\r\n ", "subject:a b"},
    {"Subject", " a\n  \t b", "Subject: a\r\n  \t b", "subject:a b"},
    {"Subject", " a\rb", "Subject: a\rb", "subject:a\rb"},
    {"Subject", " a\r", "Subject: a\r", "subject:a\r"},
    {"Subject", " J\xc3\xbc", "Subject: J\xc3\xbc", "subject:J\xc3\xbc"},
    {"To", " a,\n\tb,\r\n\tc", "To: a,\r\n\tb,\r\n\tc", "to:a, b, c"},
};

static void
expect_header(enum sign_canon canon, size_t i, const char *want)
{
	struct buf out = BUF_INIT(1000);

	canon_header(canon, view_of(headers[i].name), view_of(headers[i].value), &out);
	if (!view_is(buf_view(&out), view_of(want)))
		fail_msg("header %zu: got '%s', want '%s'", i, buf_text(&out), want);
	buf_fini(&out);
}

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		expect_header(SIGN_SIMPLE, i, headers[i].simple);
		expect_header(SIGN_RELAXED, i, headers[i].relaxed);
	}
}

#define X998 HUNDRED("123456789") TEN("123456789") "12345678"

static const struct {
	struct view text;
	bool long_line, eight_bit, bare_cr, nul;
} sights[] = {
    {TEXT(""), false, false, false, false},
    {TEXT("a\r\nb\r\n"), false, false, false, false},
    {TEXT(X998 "\r\n"), false, false, false, false},
    {TEXT(X998 "\r\n" X998 "\r\n" X998), false, false, false, false},
    {TEXT(X998 "x\r\n"), true, false, false, false},
    {TEXT(X998 "x"), true, false, false, false},
    {TEXT("a\r\n" X998 "x\r\nb\r\n"), true, false, false, false},
    {TEXT("a\r\n" X998 "\nx\r\n"), true, false, false, false},
    {TEXT("\r\n\r\n" X998 "\r\n" X998 "\r\nx"), false, false, false, false},
    {TEXT(HUNDRED("\r12345678\r") "\r\n"), true, false, true, false},
    {TEXT("a\rb\r\n"), false, false, true, false},
    {TEXT("0123456789abcdef\r0123456789abcdef\r\n"), false, false, true, false},
    {TEXT("0123456789abcde\rx\r\n0123456789abcdef"), false, false, true, false},
    {TEXT("a\r"), false, false, true, false},
    {TEXT("a\r\r\n"), false, false, true, false},
    {TEXT("a\0b"), false, false, false, true},
    {TEXT("0123456789abcdef\0"
	  "0123456789abcdef\r\n"),
	false, false, false, true},
    {TEXT("a\x80\r\n"), false, true, false, false},
    {TEXT("0123456789abcdef\xff"
	  "0123456789abcdef0123456789\r\n"),
	false, true, false, false},
};

static void
expect_sight(size_t i, size_t at)
{
	struct canon_body *body = mem_zeroed(1, sizeof(*body));
	struct digest *digest = digest_new();
	uint8_t hash[DIGEST_BYTES];
	struct sign_seen got;

	canon_body_begin(body, SIGN_SIMPLE, digest);
	canon_body_add(body, view_head(sights[i].text, at));
	canon_body_add(body, view_from(sights[i].text, at));
	canon_body_end(body, hash);
	got = body->seen;
	if (got.long_line != sights[i].long_line || got.eight_bit != sights[i].eight_bit ||
	    got.bare_cr != sights[i].bare_cr || got.nul != sights[i].nul ||
	    got.body_bytes != sights[i].text.n)
		fail_msg("sight %zu, cut at %zu: got long-line %d eight-bit %d bare-cr %d "
			 "nul %d, "
			 "%ju bytes",
		    i, at, got.long_line, got.eight_bit, got.bare_cr, got.nul,
		    (uintmax_t)got.body_bytes);
	digest_free(digest);
	free(body);
}

static void
test_sights(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sights); i++)
		for (size_t at = 0; at <= sights[i].text.n; at++)
			expect_sight(i, at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_large_bodies),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_sights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
