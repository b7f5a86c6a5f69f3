/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "receiver/child.h"
#include "receiver/filter.h"
#include "receiver/tags.h"
#include "receiver/verify.h"

#include "tests/unit/receiver_lab.h"

static const char *const opinions[] = {"no opinion", "agrees", "disagrees"};

static const struct lab_message plain = {
    .fields = {"From: a@example.org", "To: b@example.net,\n\tc@example.net", "Subject: x"},
    .body = {"hello\r\nthere\r\n", 14},
};

/* What libopendkim says when MESSAGE was signed as it is and then arrives as CHANGED. */
static struct verify_answer
ask(const struct lab_message *message, const struct lab_message *changed,
    const char *record)
{
	struct verify *verify = verify_new();
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);
	struct view fields[LAB_FIELDS];
	const struct verify_message arrived = {.fields = fields,
	    .n_fields = lab_fields(changed, fields),
	    .body = changed->body};
	const struct verify_key key = {VIEW("Example.ORG"), VIEW("lab"), view_of(record)};
	struct verify_answer answer;

	lab_sign(message, &value);
	verify_signature(
	    verify, &arrived, buf_view(&value), record != NULL ? &key : NULL, &answer);
	buf_fini(&value);
	verify_free(verify);
	return answer;
}

static void
expect(const char *name, const struct verify_answer *got, enum receiver_opinion want,
    const char *words)
{
	bool fits = got->opinion == want && strstr(got->reason, words) != NULL &&
		    (words[0] != '\0' || got->reason[0] == '\0');

	if (!fits)
		print_error("%s: got %s (%s), want %s (%s)\n", name, opinions[got->opinion],
		    got->reason, opinions[want], words);
	assert_true(fits);
}

static void
agrees_with_what_we_sign(void **state)
{
	static const char *const bodies[] = {
	    "", "\r\n", "x\r\n", "a  b \t\r\n\r\n\r\n", "\r\n\r\nx\r\n"};

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		for (size_t at = 0; at < ARRAY_LEN(bodies); at++) {
			struct lab_message message = plain;
			struct verify_answer answer;

			message.header = i & 1 ? SIGN_SIMPLE : SIGN_RELAXED;
			message.body_canon = i & 2 ? SIGN_SIMPLE : SIGN_RELAXED;
			message.algorithm = i & 4 ? SIGN_ED25519_SHA256 : SIGN_RSA_SHA256;
			message.body = view_of(bodies[at]);
			answer = ask(&message, &message, lab_record(message.algorithm));
			expect(bodies[at], &answer, RECEIVER_AGREES, "");
		}
}

static void
disagrees_with_what_was_changed(void **state)
{
	struct lab_message changed = plain;
	struct verify_answer answer;

	(void)state;
	changed.body = VIEW("hello\r\nthere!\r\n");
	answer = ask(&plain, &changed, lab_record(plain.algorithm));
	expect("body", &answer, RECEIVER_DISAGREES, "body hash does not match");
	assert_non_null(verify_hint(answer.why));
	changed = plain;
	changed.fields[2] = "Subject: y";
	answer = ask(&plain, &changed, lab_record(plain.algorithm));
	expect("field", &answer, RECEIVER_DISAGREES, "signature verification failed");
	assert_null(strstr(answer.reason, "body"));
	changed = plain;
	changed.fields[3] = "Subject: added";
	answer = ask(&plain, &changed, lab_record(plain.algorithm));
	expect("added field", &answer, RECEIVER_DISAGREES, "signature verification failed");
	changed.fields[3] = "X-Added: fine";
	answer = ask(&plain, &changed, lab_record(plain.algorithm));
	expect("unsigned field", &answer, RECEIVER_AGREES, "");
}

static void
judges_keys(void **state)
{
	static const struct {
		const char *record, *words;
		enum receiver_opinion want;
	} cases[] = {
	    {NULL, "no key is known", RECEIVER_NO_OPINION},
	    {"", "", RECEIVER_NO_OPINION},
	    {"v=DKIM1; p=", "key revoked", RECEIVER_DISAGREES},
	    {"v=DKIM2; p=AAAA", "unknown key version", RECEIVER_NO_OPINION},
	    {"v=DKIM1; k=dsa; p=AAAA", "unknown key type", RECEIVER_NO_OPINION},
	    {"v=DKIM1; k=rsa; p=AAAA", "unable to apply public key", RECEIVER_NO_OPINION},
	    {"v=DKIM1; k=rsa; p=\x01", "control characters", RECEIVER_NO_OPINION},
	    {"v=DKIM1; k=rsa; p=\xff", "control characters", RECEIVER_NO_OPINION},
	    {"nonsense", "", RECEIVER_NO_OPINION},
	};
	char large[VERIFY_RECORD_MAX + 2];
	struct verify_answer answer;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		answer = ask(&plain, &plain, cases[i].record);
		if (cases[i].words[0] == '\0')
			assert_int_equal(answer.opinion, cases[i].want);
		else
			expect(cases[i].words, &answer, cases[i].want, cases[i].words);
		assert_int_equal(answer.lacks_key, cases[i].record == NULL);
	}
	memset(large, 'A', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	answer = ask(&plain, &plain, large);
	expect("large", &answer, RECEIVER_NO_OPINION, "longer than 1023 bytes");
	answer = ask(&plain, &plain, lab_record(SIGN_ED25519_SHA256));
	assert_int_not_equal(answer.opinion, RECEIVER_AGREES);
}

/* Where libopendkim is wrong, it has no opinion; the same body in the other form is judged.
 */
static void
knows_where_it_is_wrong(void **state)
{
	static const struct {
		const char *body, *words;
		enum sign_canon canon;
		enum receiver_opinion want;
	} cases[] = {
	    {"a\rb\r\n", "drops a CR", SIGN_RELAXED, RECEIVER_NO_OPINION},
	    {"a\rb\r\n", "", SIGN_SIMPLE, RECEIVER_AGREES},
	    {"a\nb\r\n", "does not count an LF", SIGN_SIMPLE, RECEIVER_NO_OPINION},
	    {"a\nb\r\n", "", SIGN_RELAXED, RECEIVER_AGREES},
	    {"a b", "wants a CRLF", SIGN_RELAXED, RECEIVER_NO_OPINION},
	    {"a b", "", SIGN_SIMPLE, RECEIVER_AGREES},
	    {"a\r", "CR at the end", SIGN_SIMPLE, RECEIVER_NO_OPINION},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab_message message = plain;
		struct verify_answer answer;

		message.body = view_of(cases[i].body);
		message.body_canon = cases[i].canon;
		answer = ask(&message, &message, lab_record(message.algorithm));
		expect(cases[i].body, &answer, cases[i].want, cases[i].words);
	}
}

static void
keeps_back_what_it_cannot_bear(void **state)
{
	static char name[VERIFY_NAME_MAX + 10], field[VERIFY_FIELD_MAX + 10];
	static const struct {
		struct view field;
		const char *words;
	} cases[] = {
	    {{name, sizeof(name)}, "longer than 1000 bytes"},
	    {{field, sizeof(field)}, "longer than 60000 bytes"},
	    {{"X-A;b: c", 8}, "characters that none may have"},
	    {{"X\x01: c", 5}, "characters that none may have"},
	    {{"X\xe9: c", 5}, "characters that none may have"},
	    {{"X\n: c", 5}, "characters that none may have"},
	    {{"X Y: c", 6}, "characters that none may have"},
	    {{": c", 3}, "characters that none may have"},
	    {{"X\0Y: c", 6}, "characters that none may have"},
	    {{"no colon", 8}, "has no colon"},
	    {{"", 0}, "has no colon"},
	    {{"dkim-Signature : v=1", 20}, "another DKIM-Signature"},
	    {{"X: a\0b", 6}, "holds a NUL"},
	    {{"X: a\rb", 6}, "CR without LF"},
	    {{"X: a\nY: b", 9}, "no blank follows"},
	    {{"X: a\n", 5}, "no blank follows"},
	    {{"X : a\r\n b", 9}, NULL},
	};

	(void)state;
	memset(name, 'X', sizeof(name));
	name[sizeof(name) - 1] = ':';
	memset(field, 'x', sizeof(field));
	field[1] = ':';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct verify_message message = {
		    .fields = &cases[i].field, .n_fields = 1};
		const char *why = filter_message(&message);

		if ((why == NULL) != (cases[i].words == NULL) ||
		    (why != NULL && strstr(why, cases[i].words) == NULL))
			fail_msg("case %zu: got '%s', want '%s'", i, why != NULL ? why : "",
			    cases[i].words != NULL ? cases[i].words : "");
	}
	struct view *many = mem_zeroed(VERIFY_FIELDS + 1, sizeof(*many));
	struct verify_message message = {.fields = many, .n_fields = VERIFY_FIELDS + 1};
	for (size_t i = 0; i < message.n_fields; i++)
		many[i] = VIEW("X: y");
	assert_non_null(filter_message(&message));
	message.n_fields--;
	assert_null(filter_message(&message));
	for (size_t i = 0; i < message.n_fields; i++)
		many[i] = (struct view){field, 1000};
	assert_non_null(strstr(filter_message(&message), "larger than 1 MB"));
	free(many);
}

static void
keeps_back_signatures(void **state)
{
	static char names[VERIFY_NAMES_MAX + 20];
	static char value[VERIFY_VALUE_MAX + 2];
	static const struct {
		const char *value, *words;
	} cases[] = {
	    {value, "longer than 8192 bytes"},
	    {names, "longer than 4000 bytes"},
	    {" v=1; h=From:DKIM-signature; b=A", "covers other DKIM-Signature"},
	    {" v=1; h=From:dkim-signature\n :To; b=A", "covers other DKIM-Signature"},
	    {" v=1; h=From:DKIM-\n\tSig na\r\n ture; b=A", "covers other DKIM-Signature"},
	    {" v=1; h=From:dkim-\fsignature; b=A", "covers other DKIM-Signature"},
	    {" v=1; h=From:dkim-sdkim-signature; b=A", "covers other DKIM-Signature"},
	    {" v=1; h=From:dkim-signatur; b=A", NULL},
	    {" v=1; h=From;\nb=A", "a line end that is none"},
	    {" v=1; h=From;\rb=A", "a line end that is none"},
	    {" v=1; h=From;\r\n b=A", NULL},
	};

	(void)state;
	memset(value, ' ', sizeof(value) - 1);
	memset(names, 'x', sizeof(names) - 1);
	names[0] = 'h';
	names[1] = '=';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *why = filter_value(view_of(cases[i].value));

		if ((why == NULL) != (cases[i].words == NULL) ||
		    (why != NULL && strstr(why, cases[i].words) == NULL))
			fail_msg("case %zu: got '%s', want '%s'", i, why != NULL ? why : "",
			    cases[i].words != NULL ? cases[i].words : "");
	}
	assert_non_null(filter_value((struct view){" v=1;\0 b=A", 10}));
}

/* libopendkim writes behind its list when h= names every field and more: the sanitizer sees
 * it. */
static void
survives_greedy_lists(void **state)
{
	static const char *const values[] = {
	    " v=1; a=rsa-sha256; d=example.org; s=lab; h=From:To:Subject:X:Y:Z; bh=AAAA; "
	    "b=AAAA",
	    " v=1; a=rsa-sha256; d=example.org; s=lab; h=From : To :\n Subject:To:From; "
	    "bh=AAAA; b=AAAA",
	    " v=1; a=rsa-sha256; d=example.org; s=lab; h=:::; bh=AAAA; b=AAAA",
	    " v=1; a=rsa-sha256; d=example.org; s=lab; h=; bh=AAAA; b=AAAA",
	    " v=1; a=rsa-sha256; d=example.org; s=lab; h=From; bh=AAAA; b=AAAA; "
	    "l=99999999999999999999",
	    " v=1; a=rsa-sha256; c=odd/odd; d=example.org; s=lab; h=From; bh=AAAA; b=AAAA",
	    " v=1; a=dsa-md5; d=example.org; s=lab; h=From; bh=AAAA; b=AAAA",
	    " v=2; a=rsa-sha256; d=example.org; s=lab; h=From; bh=AAAA; b=AAAA",
	    " =;=;=",
	    "",
	    ";",
	    " v=1; v=1; d=example.org; d=example.net",
	};
	struct verify *verify = verify_new();
	struct view fields[LAB_FIELDS];
	const struct verify_message message = {
	    .fields = fields, .n_fields = lab_fields(&plain, fields), .body = plain.body};
	const struct verify_key key = {
	    VIEW("example.org"), VIEW("lab"), view_of(lab_record(SIGN_RSA_SHA256))};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct verify_answer answer;

		verify_signature(verify, &message, view_of(values[i]), &key, &answer);
		if (answer.opinion == RECEIVER_AGREES || answer.reason[0] == '\0')
			fail_msg("case %zu: got %s (%s), want a reason", i,
			    opinions[answer.opinion], answer.reason);
	}
	verify_free(verify);
}

static void
finds_tags(void **state)
{
	static const struct {
		const char *value, *name, *want;
	} cases[] = {
	    {" v=1; d = example.org ; s=x", "d", "example.org"},
	    {"d=a;d=b", "d", "a"},
	    {"bh=x; b=y", "b", "y"},
	    {"b=a=b", "b", "a=b"},
	    {"x; d", "d", NULL},
	    {"", "d", NULL},
	    {"d=", "d", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view got = tag_find(view_of(cases[i].value), view_of(cases[i].name));

		assert_int_equal(got.p == NULL, cases[i].want == NULL);
		assert_true(view_is(got, view_of(cases[i].want)));
	}
}

static void
verifies_in_a_child(void **state)
{
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);
	struct view fields[LAB_FIELDS];
	const struct verify_message message = {
	    .fields = fields, .n_fields = lab_fields(&plain, fields), .body = plain.body};
	const struct verify_key key = {
	    VIEW("example.org"), VIEW("lab"), view_of(lab_record(plain.algorithm))};
	struct verify_answer answer;
	struct err err = ERR_INIT;

	(void)state;
	lab_sign(&plain, &value);
	if (child_verify(&message, buf_view(&value), &key, 10000, &answer, &err) != 0)
		fail_msg("got '%s'", err.text);
	expect("in a child", &answer, RECEIVER_AGREES, "");
	/* No time at all is too little, unless we are so slow that the child is done
	 * before. */
	int result = 0;
	for (int i = 0; i < 100 && result == 0; i++)
		result = child_verify(&message, buf_view(&value), &key, 0, &answer, &err);
	assert_int_equal(result, -1);
	assert_int_equal(err.code, ERR_TEMP);
	buf_fini(&value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_what_we_sign),
	    cmocka_unit_test(disagrees_with_what_was_changed),
	    cmocka_unit_test(judges_keys),
	    cmocka_unit_test(knows_where_it_is_wrong),
	    cmocka_unit_test(keeps_back_what_it_cannot_bear),
	    cmocka_unit_test(keeps_back_signatures),
	    cmocka_unit_test(survives_greedy_lists),
	    cmocka_unit_test(finds_tags),
	    cmocka_unit_test(verifies_in_a_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
