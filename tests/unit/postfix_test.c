/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What may be said to postsuper(1) as a queue id, and what is read of postqueue(1)'s list.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/reply.h"
#include "postfix/queue.h"

/* reply.c can ask frankd as well; nobody does here. */
const char *
ctl_control(struct ctl *ctl)
{
	return ctl->control;
}

int
ctl_unreachable(const struct err *err)
{
	return (int)err->code;
}

static void
test_ids(void **state)
{
	static const struct {
		const char *text;
		bool is_id;
	} cases[] = {
	    {"80EF3A720C4", true},
	    {"4jX3kY1L6wz1bZ3M", true},
	    {"4cXyZ71kq", true},
	    {"123456", true},
	    {"12345678901234567890", true},
	    {"ALL", false},
	    {"all", false},
	    {"12345", false},
	    {"123456789012345678901", false},
	    {"", false},
	    {"-d", false},
	    {"4cXyZ7 1kq", false},
	    {"4cXyZ71kq\n", false},
	    {"../../4cXyZ71", false},
	    {"4cXyZ71k\xc3\xbc", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (postfix_is_id(view_of(cases[i].text)) != cases[i].is_id)
			fail_msg("%s", cases[i].text);
}

static void
test_members(void **state)
{
	struct arena *arena = arena_new(0);
	/* As postqueue(1) writes it, with a blank behind the colon; and as frankd does. */
	const struct view line =
	    VIEW("{\"queue_name\": \"deferred\", \"queue_id\": \"80EF3A720C4\", "
		 "\"arrival_time\": 1795293061, \"sender\": \"\\\"a\\u0007 "
		 "\\\\b\\\"@example.org\", \"recipients\": [{\"address\": \"x\"}],"
		 "\"names\":[\"one\",\"t\\\"w]o\",\"\"],\"none\":[],\"last\":[\"cut");
	struct view names[2];

	(void)state;
	assert_true(view_is(json_line_string(arena, line, "queue_name"), VIEW("deferred")));
	assert_int_equal(json_line_number(line, "arrival_time"), 1795293061);
	assert_true(view_is(
	    json_line_string(arena, line, "sender"), VIEW("\"a\x07 \\b\"@example.org")));
	assert_true(view_is(json_line_string(arena, line, "nothing"), VIEW("")));
	assert_int_equal(json_line_strings(arena, line, "names", names, 2), 3);
	assert_true(view_is(names[0], VIEW("one")));
	assert_true(view_is(names[1], VIEW("t\"w]o")));
	assert_int_equal(json_line_strings(arena, line, "none", names, 2), 0);
	assert_int_equal(json_line_strings(arena, line, "nothing", names, 2), 0);
	assert_int_equal(json_line_strings(arena, line, "last", names, 2), 1);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
