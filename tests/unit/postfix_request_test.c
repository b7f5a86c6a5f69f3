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
#include "postfix/request.h"

static void
knows_ids(void **state)
{
	static const struct {
		const char *id;
		bool is_one;
	} cases[] = {
	    {"4cXyZ71kq", true},
	    {"80EF3A720C4", true},
	    {"4jX3kY1L6wz1bZ3M", true},
	    {"123456", true},
	    {"12345678901234567890", true},
	    {"123456789012345678901", false},
	    {"12345", false},
	    {"", false},
	    {"ALL", false},
	    {"all", false},
	    {"aLl", false},
	    {"ALLALL", true},
	    {"-d4cXyZ71kq", false},
	    {"4cXyZ71kq\n", false},
	    {"4cXyZ71kq ALL", false},
	    {"4cXyZ/71kq", false},
	    {"4cXyZ.71kq", false},
	    {"4cXyZ71k\xc3\xa9", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (postfix_is_id(view_of(cases[i].id)) != cases[i].is_one)
			fail_msg("'%s'", cases[i].id);
	assert_false(postfix_is_id((struct view){"4cXyZ7\0kq", 9}));
}

static void
reads_requests(void **state)
{
	static const struct {
		const char *words[4];
		size_t n; /* ids; 0: refused */
	} cases[] = {
	    {{"release", "4cXyZ71kq"}, 1},
	    {{"bounce", "4cXyZ71kq 4cXyZ72kq", "why"}, 2},
	    {{"delete", "4cXyZ71kq", ""}, 1},
	    {{"sweep", "4cXyZ71kq"}, 1},
	    {{"hold", "4cXyZ71kq"}, 0},
	    {{"Release", "4cXyZ71kq"}, 0},
	    {{"", "4cXyZ71kq"}, 0},
	    {{"release"}, 0},
	    {{"release", ""}, 0},
	    {{"release", " 4cXyZ71kq"}, 0},
	    {{"release", "4cXyZ71kq "}, 0},
	    {{"release", "4cXyZ71kq  4cXyZ72kq"}, 0},
	    {{"release", "4cXyZ71kq\t4cXyZ72kq"}, 0},
	    {{"release", "4cXyZ71kq ALL"}, 0},
	    {{"release", "-d 4cXyZ71kq"}, 0},
	    {{"release", "4cXyZ71kq", "why", "more"}, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct postfix_request request = {.n = 77};
		struct err err = ERR_INIT;
		size_t n_words = 0;

		while (n_words < 4 && cases[i].words[n_words] != NULL)
			n_words++;
		int result = postfix_request_read(cases[i].words, n_words, &request, &err);
		if ((result == 0) != (cases[i].n > 0))
			fail_msg("case %zu: %d, %s", i, result, err.text);
		assert_int_equal(request.n, cases[i].n > 0 ? cases[i].n : 77);
		assert_true(result == 0 || (err.text[0] != '\0' && err.code != ERR_NONE));
	}
}

static void
has_limits(void **state)
{
	struct view ids[POSTFIX_BATCH + 1];
	struct buf text = BUF_INIT(CONTROL_REQUEST_MAX);
	struct postfix_request request;
	char reason[POSTFIX_REASON_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i] = VIEW("12345678901234567890");
	memset(reason, 'x', sizeof(reason));
	reason[POSTFIX_REASON_MAX] = '\0';
	postfix_request_ids(ids, POSTFIX_BATCH, &text);
	const char *const words[] = {"release", buf_text(&text), reason};
	assert_int_equal(postfix_request_read(words, 3, &request, NULL), 0);
	assert_int_equal(request.n, POSTFIX_BATCH);
	/* The largest one is a request of lib/control.h. */
	assert_true(
	    strlen("release") + text.n + POSTFIX_REASON_MAX + 3 <= CONTROL_REQUEST_MAX);
	reason[POSTFIX_REASON_MAX] = 'x';
	reason[POSTFIX_REASON_MAX + 1] = '\0';
	assert_int_equal(postfix_request_read(words, 3, &request, NULL), -1);
	buf_reset(&text);
	postfix_request_ids(ids, POSTFIX_BATCH + 1, &text);
	const char *const more[] = {"release", buf_text(&text)};
	assert_int_equal(postfix_request_read(more, 2, &request, NULL), -1);
	buf_fini(&text);
}

static void
add_id(void *context, struct view id)
{
	buf_addf(context, "<%.*s>", VIEW_ARG(id));
}

static void
reads_postfix_words(void **state)
{
	static const struct {
		enum postfix_verb verb;
		const char *text, *want;
	} cases[] = {
	    {POSTFIX_RELEASE,
		"postsuper: 4cXyZ71kq: released from hold\n"
		"postsuper: Released from hold: 1 message\n",
		"<4cXyZ71kq>"},
	    {POSTFIX_BOUNCE,
		"postsuper: 4cXyZ71kq: expired\npostsuper: 4cXyZ71kq: released from hold\n"
		"postsuper: 4cXyZ72kq: expired\npostsuper: Force-expired: 2 messages\n",
		"<4cXyZ71kq>"},
	    {POSTFIX_DELETE, "postsuper: 4cXyZ71kq: removed\npostsuper: 4cXyZ72kq: remove",
		"<4cXyZ71kq>"},
	    {POSTFIX_SWEEP, "postsuper: 4cXyZ71kq: placed on hold", "<4cXyZ71kq>"},
	    {POSTFIX_RELEASE, "postsuper: 4cXyZ71kq: removed\n", ""},
	    {POSTFIX_RELEASE, "postsuper: Released from hold: 0 messages\n", ""},
	    {POSTFIX_RELEASE, "4cXyZ71kq: released from hold\n", ""},
	    {POSTFIX_RELEASE, "postsuper: ../../x: released from hold\n", ""},
	    {POSTFIX_RELEASE,
		"postsuper: warning: invalid mail queue id: 4cXyZ71kq: released from "
		"hold\n",
		""},
	    {POSTFIX_RELEASE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf got = BUF_INIT(1024), again = BUF_INIT(1024);
		const struct postfix_change change = {
		    .verb = cases[i].verb, .done = add_id, .context = &got};

		postfix_words_read(&change, view_of(cases[i].text));
		assert_string_equal(buf_text(&got), cases[i].want);
		postfix_words_add(cases[i].verb, VIEW("4cXyZ71kq"), &again);
		buf_reset(&got);
		postfix_words_read(&change, buf_view(&again));
		assert_string_equal(buf_text(&got), "<4cXyZ71kq>");
		buf_fini(&got);
		buf_fini(&again);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_ids),
	    cmocka_unit_test(reads_requests),
	    cmocka_unit_test(has_limits),
	    cmocka_unit_test(reads_postfix_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
