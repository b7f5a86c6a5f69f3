/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dns_private.h"
#include "lib/bug.h"

#define L63 "???????????????????????????????????????????????????????????????"
/* As records: 3 labels of 63 octets and one of 61 are 253 octets with their dots. */
#define WIRE_192 "?" L63 "?" L63 "?" L63

static struct dns_answer
taken(enum dns_type type, const struct dns_raw *raw, struct arena *arena)
{
	struct dns_answer answer = {.type = type};

	dns_answer_take(raw, arena, &answer);
	return answer;
}

static const struct record_case {
	enum dns_type type;
	const char *bytes;
	int n;
	const char *want; /* NULL: it is left out */
	size_t want_n;
} record_cases[] = {
    {DNS_A, "\1\2\3\4", 4, "\1\2\3\4", 4},
    {DNS_A, "\1\2\3", 3, NULL, 0},
    {DNS_A, "\1\2\3\4\5", 5, NULL, 0},
    {DNS_A, "", 0, NULL, 0},
    {DNS_A, "", -1, NULL, 0},
    {DNS_AAAA, "0123456789abcdef", 16, "0123456789abcdef", 16},
    {DNS_AAAA, "1234", 4, NULL, 0},
    {DNS_TXT, "\0", 1, "", 0},
    {DNS_TXT, "\3abc\0\2de", 8, "abcde", 5},
    {DNS_TXT, "", 0, NULL, 0},
    {DNS_TXT, "\3ab", 3, NULL, 0},
    {DNS_TXT, "\3abc\1", 5, NULL, 0},
    {DNS_TXT, "\377abc", 4, NULL, 0},
    {DNS_NS, "\0", 1, "", 0},
    {DNS_NS, "\1a\2Bc\0", 6, "a.bc", 4},
    {DNS_NS, "\3a.b\0", 5, "a\\046b", 6},
    {DNS_NS, "\2\0\\\0", 4, "\\000\\092", 8},
    {DNS_NS, "\1a\0x", 4, NULL, 0},
    {DNS_NS, "\1a", 2, NULL, 0},
    {DNS_NS, "\2a\0", 3, NULL, 0},
    {DNS_NS, "", 0, NULL, 0},
    {DNS_NS, "\300\0", 2, NULL, 0},
    {DNS_NS, "\1a\300\0", 4, NULL, 0},
    {DNS_NS, "\100" L63 "a\0", 66, NULL, 0},
    {DNS_PTR, "\77" L63 "\0", 65, L63, 63},
    {DNS_CNAME, "\1a\0", 3, "a", 1},
    {DNS_MX, "\0\12\1a\0", 5, "a", 1},
    {DNS_MX, "\0\12\0", 3, "", 0},
    {DNS_MX, "\0\12", 2, NULL, 0},
    {DNS_MX, "\0", 1, NULL, 0},
    {DNS_MX, "\0\12\1a\0\0", 6, NULL, 0},
    {DNS_SOA, "\1a\0\1b\0\0\0\0\1", 10, "a", 1},
    {DNS_DS, "\1\2\3", 3, "\1\2\3", 3},
    {DNS_RRSIG, "abc", 3, "abc", 3},
    {(enum dns_type)99, "abcd", 4, NULL, 0},
};

static void
check_record(size_t i, const struct record_case *want)
{
	struct arena *arena = arena_new(0);
	/* A copy of its very size, so that reading past it is found. */
	size_t n = want->n > 0 ? (size_t)want->n : 0;
	char *bytes = calloc(n > 0 ? n : 1, 1);
	char *data[] = {bytes, NULL};
	const struct dns_raw raw = {
	    .is_found = true, .ttl = 60, .data = data, .sizes = &want->n};

	must(bytes != NULL);
	memcpy(bytes, want->bytes, n);
	struct dns_answer got = taken(want->type, &raw, arena);
	bool is_there = got.state == DNS_FOUND && got.n == 1 && !got.is_cut;
	bool is_gone = got.state == DNS_FAILED && got.n == 0 && got.is_cut;
	if (is_there != (want->want != NULL) || is_gone == is_there)
		fail_msg("case %zu, %s: got %s, %u records%s", i, dns_type_name(want->type),
		    dns_state_name(got.state), got.n, got.is_cut ? ", cut" : "");
	if (is_there &&
	    !view_is(got.records[0].data, (struct view){want->want, want->want_n}))
		fail_msg("case %zu, %s: got '%.*s', want '%s'", i,
		    dns_type_name(want->type), VIEW_ARG(got.records[0].data), want->want);
	if (is_there && want->type == DNS_MX)
		assert_int_equal(got.records[0].preference, 10);
	free(bytes);
	arena_free(arena);
}

static void
reads_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(record_cases); i++)
		check_record(i, &record_cases[i]);
}

/* 253 octets fit, 254 do not. */
static void
bounds_names(void **state)
{
	(void)state;
	for (unsigned last = 61; last <= 62; last++) {
		struct arena *arena = arena_new(0);
		char bytes[] = WIRE_192 "?" L63;
		char *data[] = {bytes, NULL};
		int size = (int)(3 * 64 + 1 + last + 1);

		memset(bytes, 'a', sizeof(bytes));
		for (size_t i = 0; i < 3; i++)
			bytes[i * 64] = 63;
		bytes[192] = (char)last;
		bytes[192 + 1 + last] = '\0';
		const struct dns_raw raw = {.is_found = true, .data = data, .sizes = &size};
		struct dns_answer got = taken(DNS_PTR, &raw, arena);
		assert_int_equal(got.state, last == 61 ? DNS_FOUND : DNS_FAILED);
		if (got.state == DNS_FOUND)
			assert_int_equal(got.records[0].data.n, DNS_NAME_MAX);
		arena_free(arena);
	}
}

static void
knows_states(void **state)
{
	static const struct {
		struct dns_raw raw;
		enum dns_state want;
		uint32_t ttl;
		bool is_secure;
	} cases[] = {
	    {{.rcode = 0, .ttl = 60, .is_secure = true}, DNS_NO_DATA, 60, true},
	    {{.rcode = 3, .ttl = 60}, DNS_NO_NAME, 60, false},
	    {{.rcode = 3, .ttl = -1}, DNS_NO_NAME, 0, false},
	    {{.rcode = 2, .ttl = 60}, DNS_FAILED, 60, false},
	    {{.rcode = 5}, DNS_FAILED, 0, false},
	    {{.rcode = 256}, DNS_FAILED, 0, false},
	    {{.rcode = 0, .is_bogus = true, .is_secure = true}, DNS_FAILED, 0, false},
	    {{.rcode = 3, .is_bogus = true}, DNS_FAILED, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		struct dns_answer got = taken(DNS_TXT, &cases[i].raw, arena);

		if (got.state != cases[i].want || got.ttl != cases[i].ttl || got.n != 0 ||
		    got.is_secure != cases[i].is_secure ||
		    got.is_bogus != cases[i].raw.is_bogus)
			fail_msg("case %zu: got %s, TTL %u, want %s, %u", i,
			    dns_state_name(got.state), got.ttl,
			    dns_state_name(cases[i].want), cases[i].ttl);
		arena_free(arena);
	}
}

/* More than there is room for: what fits is kept, and it says so. */
static void
bounds_memory(void **state)
{
	enum { STRINGS = 32, RECORDS = 8 };
	static char text[STRINGS * 256];
	char *data[RECORDS + 1] = {NULL};
	int sizes[RECORDS];
	struct arena *arena = arena_new(40000);

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < STRINGS; i++)
		text[i * 256] = (char)255;
	for (size_t i = 0; i < RECORDS; i++) {
		data[i] = text;
		sizes[i] = (int)sizeof(text);
	}
	const struct dns_raw raw = {.is_found = true, .data = data, .sizes = sizes};
	struct dns_answer got = taken(DNS_TXT, &raw, arena);
	assert_int_equal(got.state, DNS_FOUND);
	assert_in_range(got.n, 1, RECORDS - 1);
	assert_true(got.is_cut);
	arena_free(arena);
	arena = arena_new(100);
	got = taken(DNS_TXT, &raw, arena);
	assert_int_equal(got.state, DNS_FAILED);
	assert_true(got.is_cut);
	arena_free(arena);
}

static void
reads_serials(void **state)
{
	static const struct {
		const char *data;
		int n;
		uint32_t want;
	} cases[] = {
	    {"\1a\0\1b\0\x78\xc1\x12\x0a\0\0\0\0", 14, 0x78c1120a},
	    {"\1a\0\1b\0\xff\xff\xff\xff", 10, 0xffffffff},
	    {"\0\0\0\0\0\7", 6, 7},
	    {"\1a\0\1b\0\0\0\1", 9, 0},
	    {"\1a\0\1b", 5, 0},
	    {"\1a\0", 3, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		char bytes[16], *data[] = {bytes, NULL};
		const struct dns_raw raw = {
		    .ttl = 300, .is_found = 1, .data = data, .sizes = &cases[i].n};
		struct dns_answer got = {.type = DNS_SOA};

		memcpy(bytes, cases[i].data, (size_t)cases[i].n);
		dns_answer_take(&raw, arena, &got);
		assert_int_equal(got.state, DNS_FOUND);
		assert_int_equal(got.records[0].serial, cases[i].want);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_serials),
	    cmocka_unit_test(reads_records),
	    cmocka_unit_test(bounds_names),
	    cmocka_unit_test(knows_states),
	    cmocka_unit_test(bounds_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
