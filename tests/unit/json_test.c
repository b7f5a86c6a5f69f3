/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/wait.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/json.h"

static void
nests(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct json json;

	(void)state;
	json_begin(&json, &out);
	json_object(&json, NULL);
	json_string(&json, "user.name", VIEW("alice"));
	json_array(&json, "rcpts");
	json_number(&json, NULL, 1);
	json_number(&json, NULL, INT64_MIN);
	json_array(&json, NULL);
	json_end(&json);
	json_object(&json, NULL);
	json_end(&json);
	json_end(&json);
	json_object(&json, "more");
	json_null(&json, "nothing");
	json_bool(&json, "yes", true);
	json_bool(&json, "no", false);
	json_end(&json);
	json_number(&json, "last", INT64_MAX);
	json_end(&json);
	assert_string_equal(buf_text(&out),
	    "{\"user.name\":\"alice\",\"rcpts\":[1,-9223372036854775808,[],{}],"
	    "\"more\":{\"nothing\":null,\"yes\":true,\"no\":false},\"last\":"
	    "9223372036854775807}");
	assert_int_equal(json.depth, 0);
	buf_fini(&out);
}

static void
writes_strings(void **state)
{
	static const struct {
		struct view text;
		const char *json;
	} cases[] = {
	    {{"", 0}, "\"\""},
	    {{NULL, 0}, "\"\""},
	    {{"a\"b\\c/", 6}, "\"a\\\"b\\\\c/\""},
	    {{"\n\t\r\0\x1b", 5}, "\"\\n\\t\\u000d\\u0000\\u001b\""},
	    {{"\x7f\xc2\x9b", 3}, "\"\\u007f\\u009b\""},
	    {{"caf\xc3\xa9", 5}, "\"caf\xc3\xa9\""},
	    {{"\xe2\x80\xae", 3}, "\"\\u202e\""},
	    {{"\xf3\xa0\x81\x81", 4}, "\"\\udb40\\udc41\""},
	    {{"\xf0\x9f\x93\xa7", 4}, "\"\xf0\x9f\x93\xa7\""},
	    {{"a\xff\xc3", 3}, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
	    {{"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);
		struct json json;

		json_begin(&json, &out);
		json_string(&json, NULL, cases[i].text);
		if (strcmp(buf_text(&out), cases[i].json) != 0)
			fail_msg(
			    "case %zu: got %s, want %s", i, buf_text(&out), cases[i].json);
		buf_fini(&out);
	}
}

static void
escapes_keys(void **state)
{
	struct buf out = BUF_INIT(100);
	struct json json;

	(void)state;
	json_begin(&json, &out);
	json_object(&json, NULL);
	json_null(&json, "a\"b");
	json_end(&json);
	assert_string_equal(buf_text(&out), "{\"a\\\"b\":null}");
	buf_fini(&out);
}

static void
go_deep(struct json *json, int levels)
{
	for (int i = 0; i < levels; i++)
		json_array(json, NULL);
	for (int i = 0; i < levels; i++)
		json_end(json);
}

static void
deepest(struct json *json)
{
	go_deep(json, 15);
}

static void
too_deep(struct json *json)
{
	go_deep(json, 16);
}

static void
key_in_array(struct json *json)
{
	json_array(json, NULL);
	json_null(json, "key");
}

static void
no_key_in_object(struct json *json)
{
	json_object(json, NULL);
	json_null(json, NULL);
}

static void
end_too_often(struct json *json)
{
	json_end(json);
}

static void
two_outermost(struct json *json)
{
	json_null(json, NULL);
	json_null(json, NULL);
}

static void
refuses_misuse(void **state)
{
	static const struct {
		void (*what)(struct json *);
		bool is_bug;
	} cases[] = {
	    {deepest, false},
	    {too_deep, true},
	    {key_in_array, true},
	    {no_key_in_object, true},
	    {end_too_often, true},
	    {two_outermost, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			struct buf out = BUF_INIT(1000);
			struct json json;

			(void)close(STDERR_FILENO);
			json_begin(&json, &out);
			cases[i].what(&json);
			buf_fini(&out);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if ((status != 0) != cases[i].is_bug)
			fail_msg("case %zu: got status %d", i, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nests),
	    cmocka_unit_test(writes_strings),
	    cmocka_unit_test(escapes_keys),
	    cmocka_unit_test(refuses_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
