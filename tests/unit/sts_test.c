/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* The policy of MTA-STS, and the answer of a web server it comes in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "doctor/http.h"
#include "doctor/sts.h"
#include "lib/buf.h"
#include "lib/bug.h"

#define FINE "version: STSv1\nmode: enforce\nmax_age: 604800\n"

static void
expect_fault(const char *text, enum err_code code, const char *want)
{
	struct sts_policy policy;
	struct err err = ERR_INIT;

	if (sts_parse(view_of(text), &policy, &err) != -1)
		fail_msg("taken: %s", text);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, want);
}

static struct sts_policy
parse(const char *text)
{
	struct sts_policy policy;
	struct err err = ERR_INIT;

	if (sts_parse(view_of(text), &policy, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return policy;
}

static void
test_policy(void **state)
{
	struct sts_policy policy =
	    parse("version: STSv1\r\nmode:testing\r\nmx: a.example\r\n"
		  "mx:\t*.b.example  \r\nmax_age: 86400\r\n");

	(void)state;
	assert_int_equal(policy.mode, STS_TESTING);
	assert_int_equal(policy.max_age, 86400);
	assert_int_equal(policy.n_mx, 2);
	assert_true(view_is(policy.mx[1], VIEW("*.b.example")));
	/* No end of the last line; what is not known, what comes again, an empty line. */
	policy = parse("\nx-new: thing\nversion: STSv1\nmode: none\nmode: enforce\n"
		       "max_age: 31557600\nmax_age: 1\nversion: STSv2");
	assert_int_equal(policy.mode, STS_NONE);
	assert_int_equal(policy.max_age, 31557600);
	assert_string_equal(sts_mode_name(policy.mode), "none");
}

static void
test_faults(void **state)
{
	struct buf many = BUF_INIT(1 << 20);

	(void)state;
	expect_fault("", ERR_BAD_INPUT, "there is no 'version:'");
	expect_fault(FINE, ERR_BAD_INPUT, "there is no 'mx:'");
	expect_fault("version: STSv1\n", ERR_BAD_INPUT, "there is no 'mode:'");
	expect_fault(
	    "version: STSv1\nmode: none\n", ERR_BAD_INPUT, "there is no 'max_age:'");
	expect_fault("<html>\n", ERR_BAD_INPUT, "a line is '<html>', and no 'name: value'");
	expect_fault(
	    "version: STSv2\n", ERR_BAD_INPUT, "version is 'STSv2', and not STSv1");
	expect_fault("mode: Enforce\n", ERR_BAD_INPUT,
	    "mode is 'Enforce', and not enforce, testing or none");
	expect_fault("max_age: 31557601\n", ERR_BAD_INPUT,
	    "max_age is '31557601', and no number up to 31557600");
	expect_fault("max_age: -1\n", ERR_BAD_INPUT,
	    "max_age is '-1', and no number up to 31557600");
	expect_fault("mx: *\n", ERR_BAD_INPUT, "mx is '*', and no name of a host");
	expect_fault("mx: *.\n", ERR_BAD_INPUT, "mx is '*.', and no name of a host");
	expect_fault("mx: a.\n", ERR_BAD_INPUT, "mx is 'a.', and no name of a host");
	expect_fault("mx: a b\n", ERR_BAD_INPUT, "mx is 'a b', and no name of a host");
	for (int i = 0; i <= STS_MX_MAX; i++)
		buf_add_text(&many, "mx: a.example\n");
	expect_fault(buf_text(&many), ERR_LIMIT, "more than 100 mx lines");
	buf_fini(&many);
}

static void
test_match(void **state)
{
	struct sts_policy policy = parse(FINE "mx: Mail.example.org\nmx: *.example.net\n");

	(void)state;
	assert_true(sts_allows(&policy, VIEW("mail.EXAMPLE.org")));
	assert_true(sts_allows(&policy, VIEW("mx1.example.net")));
	assert_false(sts_allows(&policy, VIEW("example.org")));
	assert_false(sts_allows(&policy, VIEW("a.mail.example.org")));
	assert_false(sts_allows(&policy, VIEW("example.net")));
	assert_false(sts_allows(&policy, VIEW(".example.net")));
	assert_false(sts_allows(&policy, VIEW("a.mx1.example.net")));
	assert_false(sts_allows(&policy, VIEW("mx1.example.net.")));
	assert_false(sts_allows(&policy, VIEW("")));
}

/* WANT: "200 [type] [location] body", or the fault. Piece by piece it is never anything
 * else on the way there. */
static void
expect_answer(const char *bytes, bool is_all, int result, const char *want)
{
	struct arena *arena = arena_new(0);
	struct view whole = view_of(bytes);
	struct buf got = BUF_INIT(4096);
	struct http_answer answer;
	struct err err = ERR_INIT;
	int parsed = 0;

	for (size_t n = 0; n < whole.n && parsed == 0; n++)
		parsed = http_parse(view_head(whole, n), false, 16, arena, &answer, &err);
	if (parsed == 0)
		parsed = http_parse(whole, is_all, 16, arena, &answer, &err);
	if (parsed == 1)
		buf_addf(&got, "%u [%.*s] [%.*s] %.*s", answer.status,
		    VIEW_ARG(answer.type), VIEW_ARG(answer.location),
		    VIEW_ARG(answer.body));
	else
		buf_add_text(&got, err.text);
	if (parsed != result || strcmp(buf_text(&got), want) != 0)
		fail_msg("%s\ngot: %d %s\nwant: %d %s", bytes, parsed, buf_text(&got),
		    result, want);
	buf_fini(&got);
	arena_free(arena);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static void
test_answers(void **state)
{
	(void)state;
	expect_answer(OK_HEAD "Content-Type: text/plain\r\nCONTENT-LENGTH: 3\r\n\r\nabcd",
	    false, 1, "200 [text/plain] [] abc");
	expect_answer("HTTP/1.0 200\n\nabc", true, 1, "200 [] [] abc");
	expect_answer("HTTP/1.0 200 OK\n\nabc", false, 0, "");
	expect_answer("HTTP/1.1 301 Gone\r\nLocation: https://a/\r\n\r\n", false, 1,
	    "301 [] [https://a/] ");
	expect_answer("HTTP/1.1 103 Hints\r\nLocation: x\r\n\r\nHTTP/1.1 404 No\r\n\r\n",
	    false, 1, "404 [] [] ");
	expect_answer(OK_HEAD
	    "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0a\r\n0123456789"
	    "\r\n0\r\n\r\n",
	    false, 1, "200 [] [] abc0123456789");
	expect_answer(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nab", true, -1,
	    "the answer ends too early");
	expect_answer(
	    OK_HEAD "Content-Length: 4\r\n\r\nabc", true, -1, "the answer ends too early");
	expect_answer("", true, -1, "the answer ends too early");
}

static void
test_bad_answers(void **state)
{
	(void)state;
	expect_answer("SSH-2.0-x\r\n", false, -1, "the answer is no HTTP: SSH-2.0-x");
	expect_answer(
	    "HTTP/1.1 2000\r\n", false, -1, "the answer is no HTTP: HTTP/1.1 2000");
	expect_answer(OK_HEAD "Content-Length: 17\r\n\r\n", false, -1,
	    "the text has more than 16 bytes");
	expect_answer(
	    OK_HEAD "\r\n12345678901234567", false, -1, "the text has more than 16 bytes");
	expect_answer(OK_HEAD "Content-Length: x\r\n\r\n", false, -1,
	    "the answer has the length 'x'");
	expect_answer(OK_HEAD "Transfer-Encoding: gzip\r\n\r\n", false, -1,
	    "the answer comes as 'gzip', which nobody asked for");
	expect_answer(OK_HEAD
	    "Transfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\n",
	    false, -1, "the text has more than 16 bytes");
	expect_answer(OK_HEAD "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", false, -1,
	    "the text has more than 16 bytes");
	expect_answer(OK_HEAD "Transfer-Encoding: chunked\r\n\r\nz\r\n", false, -1,
	    "a part of the answer begins with 'z', and not with its size");
	expect_answer(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", false, -1,
	    "a part of the answer is longer than it says");
}

static void
test_large_head(void **state)
{
	struct arena *arena = arena_new(0);
	struct buf head = BUF_INIT(1 << 20);
	struct http_answer answer;
	struct err err = ERR_INIT;

	(void)state;
	buf_add_text(&head, OK_HEAD);
	while (head.n <= HTTP_HEAD_MAX)
		buf_add_text(&head, "X: y\r\n");
	assert_int_equal(http_parse(buf_view(&head), false, 16, arena, &answer, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_fini(&head);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_bad_answers),
	    cmocka_unit_test(test_large_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
