/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/lookup.h"

#define LABEL_63   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABELS_192 LABEL_63 "." LABEL_63 "." LABEL_63 "."

static void
names_are_normal(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: cannot be asked */
	} cases[] = {
	    {"Example.ORG", "example.org"},
	    {"example.org.", "example.org"},
	    {"_dmarc.example.org", "_dmarc.example.org"},
	    {"", ""},
	    {".", NULL},
	    {".example.org", NULL},
	    {"example..org", NULL},
	    {"example.org..", NULL},
	    {LABEL_63 ".org", LABEL_63 ".org"},
	    {LABEL_63 "a.org", NULL},
	    {LABELS_192 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		LABELS_192 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	    {LABELS_192 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.",
		LABELS_192 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	    {LABELS_192 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		NULL},
	    {"a b.org", "a\\032b.org"},
	    {"a\\032b.org", "a\\032b.org"},
	    {"a\\046b.org", "a\\046b.org"},
	    {"\\065.org", "a.org"},
	    {"\xff.org", "\\255.org"},
	    {"a\\256.org", NULL},
	    {"a\\1", NULL},
	    {"a\\", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char got[DNS_NAME_MAX * 4 + 1];
		bool is_name = dns_name_normal(view_of(cases[i].name), got);

		if (is_name != (cases[i].want != NULL) ||
		    (is_name && strcmp(got, cases[i].want) != 0))
			fail_msg("'%s': got %s, want %s", cases[i].name,
			    is_name ? got : "no name",
			    cases[i].want != NULL ? cases[i].want : "no name");
	}
}

static void
what_is_not_known_is_wanted_once(void **state)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	const struct dns_record record = {.data = VIEW("v=spf1 -all")};
	const struct dns_answer answer = {.name = VIEW("example.org"),
	    .type = DNS_TXT,
	    .state = DNS_FOUND,
	    .records = &record,
	    .n = 1};
	enum dns_type type;
	struct view name;

	(void)state;
	assert_null(answers_lookup(answers, DNS_TXT, VIEW("Example.org.")));
	assert_null(answers_lookup(answers, DNS_TXT, VIEW("example.org")));
	assert_null(answers_lookup(answers, DNS_A, VIEW("example.org")));
	assert_int_equal(answers_wanted(answers), 2);
	answers_wanted_at(answers, 0, &type, &name);
	assert_int_equal(type, DNS_TXT);
	assert_true(view_is(name, VIEW("example.org")));
	answers_want_none(answers);
	assert_true(answers_add(answers, &answer));
	assert_true(answers_add(answers, &answer));
	assert_int_equal(answers_count(answers), 1);
	const struct dns_answer *found =
	    answers_lookup(answers, DNS_TXT, VIEW("EXAMPLE.org"));
	assert_non_null(found);
	assert_true(view_is(found->records[0].data, VIEW("v=spf1 -all")));
	assert_int_equal(answers_wanted(answers), 0);
	found = answers_lookup(answers, DNS_TXT, VIEW("a..b"));
	assert_non_null(found);
	assert_int_equal(found->state, DNS_NO_NAME);
	arena_free(arena);
}

static void
full_is_said(void **state)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);

	(void)state;
	for (unsigned i = 0; i <= ANSWERS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%u.example", i);
		const struct dns_answer answer = {
		    .name = view_of(name), .type = DNS_A, .state = DNS_NO_NAME};
		assert_int_equal(answers_add(answers, &answer), i < ANSWERS_MAX);
	}
	arena_free(arena);
}

static void
packed_and_back(void **state)
{
	struct arena *arena = arena_new(0);
	struct answers *before = answers_new(arena), *after = answers_new(arena);
	const struct dns_record records[] = {
	    {.data = VIEW("mail.example.org"), .preference = 10}, {.data = VIEW("a\0b")}};
	const struct dns_answer answers[] = {
	    {.name = VIEW("example.org"),
		.type = DNS_MX,
		.state = DNS_FOUND,
		.records = records,
		.n = 2,
		.ttl = 300,
		.is_secure = true,
		.is_cut = true},
	    {.name = VIEW("gone.example.org"),
		.type = DNS_A,
		.state = DNS_NO_NAME,
		.rcode = 3},
	};
	struct buf packed = BUF_INIT(4096), again = BUF_INIT(4096);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		assert_true(answers_add(before, &answers[i]));
	answers_pack(before, &packed);
	assert_int_equal(answers_unpack(after, buf_view(&packed), &err), 0);
	assert_int_equal(answers_count(after), 2);
	answers_pack(after, &again);
	assert_true(view_is(buf_view(&packed), buf_view(&again)));
	const struct dns_answer *mx = answers_at(after, 0);
	assert_int_equal(mx->records[0].preference, 10);
	assert_true(view_is(mx->records[1].data, VIEW("a\0b")));
	/* Wherever it is cut it is damaged, unless between two answers. */
	unsigned accepted = 0;
	for (size_t n = 0; n < packed.n; n++) {
		struct answers *cut = answers_new(arena);
		accepted += answers_unpack(cut, view_head(buf_view(&packed), n), &err) == 0;
	}
	assert_int_equal(accepted, 2);
	buf_fini(&packed);
	buf_fini(&again);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_normal),
	    cmocka_unit_test(what_is_not_known_is_wanted_once),
	    cmocka_unit_test(full_is_said),
	    cmocka_unit_test(packed_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
