/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/sign.h"
#include "lib/bug.h"

/* A view as a static initialiser. */
#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

enum { TIME = 1772442180, VALUE_MAX = 64 << 10 };

struct field {
	const char *name, *value;
};

static const struct field plain[] = {
    {"Received", " from a.example\n\tby b.example"},
    {"From", " Alice <alice@example.org>"},
    {"To", " bob@example.net"},
    {"Subject", " A  subject "},
    {"Date", " Mon, 02 Mar 2026 09:03:00 +0000"},
    {"Message-ID", " <1.2.3@example.org>"},
    {NULL, NULL},
};

static const struct field doubled[] = {
    {"FROM", " a@example.org"},
    {"Subject", " first"},
    {"X-Other", " not signed"},
    {"subject", "second\n\twith a fold"},
    {"List-Unsubscribe", " <mailto:u@example.org>"},
    {"References", " <1@example.org>\n <2@example.org>"},
    {NULL, NULL},
};

/*
 * The digests were computed by other people's code (python3-dkim's canonicalisation,
 * hashlib) from the values.
 */
static const struct {
	const struct field *fields;
	struct view body;
	struct sign_key key;
	enum sign_canon header, body_canon;
	int64_t expire;
	const char *value, *digest;
} cases[] = {
    {plain, TEXT("Hello  Bob, \r\n\r\nbye\r\n\r\n"),
	{TEXT("example.org"), TEXT("s2026"), SIGN_RSA_SHA256}, SIGN_RELAXED, SIGN_RELAXED,
	0,
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2026; t=1772442180;\n"
	"\th=From:From:To:To:Cc:Subject:Subject:Date:Date:Reply-To:Message-ID:\n"
	"\tMessage-ID:MIME-Version:Content-Type:Content-Transfer-Encoding;\n"
	"\tbh=FvtlgmzCyLBdakLXoTT1voerWNsidQ+XxaP+N02uk/I=;\n"
	"\tb=",
	"5f9a99850e9749428672f090c31186b75cb48f6b73d7464ca4b92b0dbf5f11d9"},
    {doubled, TEXT(""), {TEXT("mail.example.org"), TEXT("e.2026"), SIGN_ED25519_SHA256},
	SIGN_SIMPLE, SIGN_SIMPLE, TIME + 604800,
	" v=1; a=ed25519-sha256; c=simple/simple; d=mail.example.org; s=e.2026;\n"
	"\tt=1772442180; x=1773046980;\n"
	"\th=From:From:To:Cc:Subject:Subject:Subject:Date:Reply-To:Message-ID:\n"
	"\tReferences:MIME-Version:Content-Type:Content-Transfer-Encoding:\n"
	"\tList-Unsubscribe; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;\n"
	"\tb=",
	"88d678e21037fb1de3e28ac28335f6fcf7f46628f18523feec87f4585298998f"},
    {doubled, TEXT("x"), {TEXT("example.org"), TEXT("s"), SIGN_RSA_SHA256}, SIGN_RELAXED,
	SIGN_SIMPLE, 0,
	" v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s; t=1772442180;\n"
	"\th=From:From:To:Cc:Subject:Subject:Subject:Date:Reply-To:Message-ID:\n"
	"\tReferences:MIME-Version:Content-Type:Content-Transfer-Encoding:\n"
	"\tList-Unsubscribe; bh=s14J+iztnrytnRYzb7lhFG/jS/vrxWJnnahfijFMnco=;\n"
	"\tb=",
	"fffce50116beb0d2490c3cb05a381c23226c70a5b5303094ded3f46f89240256"},
};

static void
feed(struct sign *sign, const struct field *fields, struct view body)
{
	for (; fields->name != NULL; fields++)
		assert_int_equal(
		    sign_header(sign, view_of(fields->name), view_of(fields->value), NULL),
		    0);
	sign_body(sign, body);
	sign_body_end(sign);
}

static void
to_hex(const uint8_t *bytes, char into[2 * SIGN_DIGEST + 1])
{
	for (size_t i = 0; i < SIGN_DIGEST; i++)
		snprintf(into + 2 * i, 3, "%02x", bytes[i]);
}

/* One struct sign for all, as in a connection; twice, as with two keys. */
static void
test_known(void **state)
{
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(VALUE_MAX);
	uint8_t digest[SIGN_DIGEST];
	char hex[2 * SIGN_DIGEST + 1];

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		size_t at = i / 2;

		if (i % 2 == 0) {
			sign_begin(sign, cases[at].header, cases[at].body_canon);
			feed(sign, cases[at].fields, cases[at].body);
		}
		assert_int_equal(sign_prepare(sign, &cases[at].key, TIME, cases[at].expire,
				     &value, digest, NULL),
		    0);
		to_hex(digest, hex);
		if (strcmp(buf_text(&value), cases[at].value) != 0)
			fail_msg("case %zu: got '%s', want '%s'", at, buf_text(&value),
			    cases[at].value);
		if (strcmp(hex, cases[at].digest) != 0)
			fail_msg("case %zu: got %s, want %s", at, hex, cases[at].digest);
	}
	buf_fini(&value);
	sign_free(sign);
}

/* The signature's field never has a line of 78 columns or more, whatever the signature's
 * size. */
static void
test_lines(void **state)
{
	static const size_t sizes[] = {64, 128, 256, 512};
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(VALUE_MAX);
	uint8_t digest[SIGN_DIGEST], signature[SIGN_SIGNATURE_MAX];
	struct view rest, line;

	(void)state;
	memset(signature, 0xa5, sizeof(signature));
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	feed(sign, doubled, VIEW(""));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_int_equal(
		    sign_prepare(sign, &cases[1].key, TIME, 0, &value, digest, NULL), 0);
		sign_finish(&value, signature, sizes[i]);
		assert_false(value.full);
		rest = buf_view(&value);
		assert_int_equal(value.p[0], ' ');
		for (int n = 0; view_cut(&rest, '\n', &line); n++) {
			if (line.n >= 78)
				fail_msg("a line of %zu: %.*s", line.n, VIEW_ARG(line));
			assert_true(n == 0 || line.p[0] == '\t');
		}
		assert_null(strchr(buf_text(&value), '\r'));
	}
	buf_fini(&value);
	sign_free(sign);
}

#define LABEL "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890"

static const struct {
	struct view domain, selector;
	int64_t time, expire;
	bool good;
} keys[] = {
    {TEXT("example.org"), TEXT("s"), TIME, 0, true},
    {TEXT("xn--bcher-kva.example"), TEXT("a.b_c-d"), TIME, TIME + 1, true},
    {TEXT("example.org; l=0"), TEXT("s"), TIME, 0, false},
    {TEXT("example.org\n\tx"), TEXT("s"), TIME, 0, false},
    {TEXT("example .org"), TEXT("s"), TIME, 0, false},
    {TEXT("example.org."), TEXT("s"), TIME, 0, false},
    {TEXT(".example.org"), TEXT("s"), TIME, 0, false},
    {TEXT("b\xc3\xbc.example"), TEXT("s"), TIME, 0, false},
    {TEXT(""), TEXT("s"), TIME, 0, false},
    {TEXT("example.org"), TEXT(""), TIME, 0, false},
    {TEXT("example.org"), TEXT("s;"), TIME, 0, false},
    {TEXT("example.org"), TEXT("s=t"), TIME, 0, false},
    {TEXT("example.org"), TEXT("s\0"), TIME, 0, false},
    {TEXT("example.org"), TEXT("a..b"), TIME, 0, false},
    {TEXT("example.org"), TEXT(LABEL), TIME, 0, true},
    {TEXT("example.org"), TEXT(LABEL "x"), TIME, 0, false},
    {TEXT("example.org"), TEXT("s"), -1, 0, false},
    {TEXT("example.org"), TEXT("s"), TIME, TIME, false},
    {TEXT("example.org"), TEXT("s"), TIME, 1, false},
};

static void
test_keys(void **state)
{
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(VALUE_MAX);
	uint8_t digest[SIGN_DIGEST];

	(void)state;
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	feed(sign, plain, VIEW(""));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct sign_key key = {keys[i].domain, keys[i].selector, SIGN_RSA_SHA256};
		struct err err = ERR_INIT;
		int result = sign_prepare(
		    sign, &key, keys[i].time, keys[i].expire, &value, digest, &err);

		if (result != (keys[i].good ? 0 : -1))
			fail_msg("key %zu '%.*s' '%.*s': got %d '%s'", i,
			    VIEW_ARG(key.domain), VIEW_ARG(key.selector), result, err.text);
	}
	buf_fini(&value);
	sign_free(sign);
}

static void
expect_last(const struct sign *sign, const char *name, const char *want)
{
	struct view got = sign_header_value(sign, view_of(name));

	if (!view_is(got, view_of(want)))
		fail_msg("%s: got '%.*s', want '%s'", name, VIEW_ARG(got), want);
}

static void
test_values(void **state)
{
	struct sign *sign = sign_new();
	const struct view *from;
	size_t n = 99;

	(void)state;
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	from = sign_from_values(sign, &n);
	assert_int_equal(n, 0);
	expect_last(sign, "Subject", "");
	feed(sign, doubled, VIEW(""));
	expect_last(sign, "SUBJECT", "second\n\twith a fold");
	expect_last(sign, "Message-ID", "");
	from = sign_from_values(sign, &n);
	assert_int_equal(n, 1);
	assert_true(view_is(from[0], VIEW(" a@example.org")));
	sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
	/* Enough of them that the memory behind the first has moved. */
	for (int i = 0; i < 500; i++)
		assert_int_equal(
		    sign_header(sign, VIEW("From"), VIEW(" b@example.org"), NULL), 0);
	from = sign_from_values(sign, &n);
	assert_int_equal(n, 500);
	assert_true(view_is(from[0], VIEW(" b@example.org")));
	assert_true(view_is(from[499], VIEW(" b@example.org")));
	sign_free(sign);
	sign_free(NULL);
}

static void
test_limits(void **state)
{
	struct sign *sign = sign_new();
	struct buf value = BUF_INIT(VALUE_MAX), large = BUF_INIT(1 << 20);
	uint8_t digest[SIGN_DIGEST];
	struct err err = ERR_INIT;

	(void)state;
	sign_begin(sign, SIGN_SIMPLE, SIGN_SIMPLE);
	for (int i = 0; i < SIGN_FIELDS_MAX; i++)
		assert_int_equal(
		    sign_header(sign, VIEW("List-Unsubscribe-Post"), VIEW(""), NULL), 0);
	assert_int_equal(sign_header(sign, VIEW("X-Any"), VIEW(" x"), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("To"), VIEW(" x"), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	sign_body_end(sign);
	assert_int_equal(
	    sign_prepare(sign, &cases[0].key, TIME, 0, &value, digest, NULL), 0);

	while (large.n < 1 << 19)
		buf_add_text(&large, "\n \n ");
	sign_begin(sign, SIGN_SIMPLE, SIGN_SIMPLE);
	assert_int_equal(sign_header(sign, VIEW("To"), buf_view(&large), &err), 0);
	assert_int_equal(sign_header(sign, VIEW("Cc"), buf_view(&large), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	sign_body_end(sign);
	assert_int_equal(
	    sign_prepare(sign, &cases[0].key, TIME, 0, &value, digest, &err), 0);

	/* And the next message is an ordinary one again. */
	sign_begin(sign, SIGN_SIMPLE, SIGN_SIMPLE);
	feed(sign, plain, VIEW(""));
	assert_int_equal(
	    sign_prepare(sign, &cases[0].key, TIME, 0, &value, digest, &err), 0);
	buf_fini(&value);
	buf_init(&value, 100);
	assert_int_equal(
	    sign_prepare(sign, &cases[0].key, TIME, 0, &value, digest, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_fini(&value);
	buf_fini(&large);
	sign_free(sign);
}

/* The line of 998 octets counts the field's name; only fields that are signed matter. */
static void
test_long_fields(void **state)
{
	static const struct {
		const char *name;
		size_t first, second; /* octets before the fold, and behind it */
		bool want;
	} fields[] = {
	    {"Subject", 990, 0, false},
	    {"Subject", 991, 0, true},
	    {"Subject", 990, 998, false},
	    {"Subject", 990, 999, true},
	    {"Subject", 0, 998, false},
	    {"X-Other", 5000, 0, false},
	};
	struct sign *sign = sign_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct buf value = BUF_INIT(10000);

		for (size_t n = 0; n < fields[i].first; n++)
			buf_add_char(&value, 'x');
		if (fields[i].second > 0)
			buf_add_char(&value, '\n');
		for (size_t n = 0; n < fields[i].second; n++)
			buf_add_char(&value, ' ');
		sign_begin(sign, SIGN_RELAXED, SIGN_RELAXED);
		assert_int_equal(
		    sign_header(sign, view_of(fields[i].name), buf_view(&value), NULL), 0);
		sign_body_end(sign);
		if (sign_seen(sign).long_line != fields[i].want)
			fail_msg("field %zu: got %d", i, !fields[i].want);
		buf_fini(&value);
	}
	sign_free(sign);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_long_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
