/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* A mailbox in pieces, and whose Message-ID is whose. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ctl/mbox.h"
#include "lib/buf.h"
#include "lib/bug.h"

static const struct {
	const char *what, *text, *want; /* each message in brackets */
} boxes[] = {
    {"empty", "", ""},
    {"none", "Subject: x\n\nbody\n", ""},
    {"one", "From a\nSubject: x\n\nbody\n", "[Subject: x\n\nbody\n]"},
    {"two", "From a\nA: 1\n\nx\n\nFrom b\nB: 2\n\ny\n\n", "[A: 1\n\nx\n\n][B: 2\n\ny\n\n]"},
    {"from its middle on", "x\n From a\n\nFrom b\nB: 2\n", "[B: 2\n]"},
    {"nothing in it", "From a\nFrom b\nB: 2\n", "[][B: 2\n]"},
    {"still being written", "From a\nA: 1\nFrom b", "[A: 1\n]"},
    {"no end", "From a\nA: 1", "[A: 1]"},
    {"quoted", "From a\n\n>From b\nFromage\n", "[\n>From b\nFromage\n]"},
};

static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		struct view rest = view_of(boxes[i].text), message;
		struct buf got = BUF_INIT(4096);

		while (mbox_next(&rest, &message))
			buf_addf(&got, "[%.*s]", VIEW_ARG(message));
		if (strcmp(buf_text(&got), boxes[i].want) != 0)
			fail_msg("%s: got %s", boxes[i].what, buf_text(&got));
		buf_fini(&got);
	}
}

static const struct {
	const char *message;
	bool has;
} ids[] = {
    {"", false},
    {"Message-ID: <id@x>\n\n", true},
    {"A: 1\r\nMESSAGE-id:<id@x>\r\n\r\n", true},
    {"Message-ID:\n <id@x>\n\n", true},
    {"Message-ID:\r\n\t<id@x>\r\n\r\n", true},
    {"References: <id@x>\nMessage-ID: <other@x>\n\n", false},
    {"Message-ID: <other@x>\nReferences:\n <id@x>\n\n", false},
    {"A: 1\n\nMessage-ID: <id@x>\n", false},
    {"A: 1\n \nMessage-ID: <id@x>\n", false},
};

static void
test_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (mbox_has_id(view_of(ids[i].message), VIEW("id@x")) != ids[i].has)
			fail_msg("%s", ids[i].message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("mbox", tests, NULL, NULL);
}
