/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* How what waits on hold is shown: ages and sizes, the table, groups, what it comes to. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/hold.h"

enum { NOW = 1772442180 };

static void
test_ages(void **state)
{
	const struct {
		int64_t seconds;
		const char *want;
	} cases[] = {{-5, "0s"}, {0, "0s"}, {99, "99s"}, {100, "1m"}, {5999, "99m"},
	    {6000, "1h"}, {172799, "47h"}, {172800, "2d"}, {864000, "10d"}};
	char text[HOLD_SHORT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(hold_age(cases[i].seconds, text), cases[i].want);
}

static void
test_sizes(void **state)
{
	const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {{0, "0"}, {999, "999"}, {1000, "1.0k"}, {1024, "1.0k"}, {4198, "4.1k"},
	    {10180, "9.9k"}, {10189, "10k"}, {10240, "10k"}, {1023000, "999k"},
	    {1023900, "1.0M"}, {1048576, "1.0M"}, {60000000, "57M"},
	    {UINT64_C(5) << 40, "5.0T"}};
	char text[HOLD_SHORT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (strcmp(hold_size(cases[i].bytes, text), cases[i].want) != 0)
			fail_msg("%llu: %s", (unsigned long long)cases[i].bytes, text);
		assert_true(strlen(text) <= 5);
	}
}

static void
fill(struct held_message list[4])
{
	static const struct held_domain domains[] = {
	    {{"example.com", 11}, 10}, {{"example.net", 11}, 2}};

	list[0] = (struct held_message){.state = HELD_OURS,
	    .id = VIEW("4cXyZ71kqz1bZ3M"),
	    .sender = VIEW("alice@example.org"),
	    .rcpt = VIEW("bob@example.net"),
	    .rcpts = 12,
	    .domains = domains,
	    .n_domains = 2,
	    .size = 4198,
	    .arrival = NOW - 10800,
	    .decided = 1,
	    .origin = VIEW("alice@example.org"),
	    .user = VIEW("alice@example.org"),
	    .author = VIEW("Alice.Q@example.org"),
	    .label = VIEW("account takeover?"),
	    .place = VIEW("frank.conf:41"),
	    .incident = 7};
	list[1] = list[0];
	list[1].id = VIEW("4cXyZ71kqz1bZ3N");
	list[1].origin = VIEW("a.very.long.login.of.somebody@a.long.domain.example.org");
	list[1].rcpt = VIEW("\033[2Jsomebody.with.a.long.address@mail.example.com");
	list[1].rcpts = 50000;
	list[1].n_domains = 1;
	list[1].size = 60000000;
	list[1].arrival = NOW - 60;
	list[1].label = VIEW("a label that is quite a long one, and in quotes \"\" too");
	list[1].incident = 1234;
	list[2] = (struct held_message){.state = HELD_OTHERS,
	    .id = VIEW("80EF3A720C4"),
	    .rcpt = VIEW("x@example.net"),
	    .rcpts = 1,
	    .arrival = NOW - 30};
	list[3] = list[0];
	list[3].state = HELD_GONE;
	list[3].arrival = NOW - 20;
	list[3].incident = 0;
	list[3].label = VIEW("");
}

static size_t
longest(const char *text)
{
	size_t most = 0, n = 0;

	for (; *text != '\0'; text++) {
		n = *text == '\n' ? 0 : n + (((unsigned char)*text & 0xc0) != 0x80);
		most = n > most ? n : most;
	}
	return most;
}

static void
test_table(void **state)
{
	struct held_message list[4];
	struct held held = {
	    .arena = arena_new(0), .list = list, .n = 4, .others = 1, .gone = 1};
	struct buf out = BUF_INIT(65536);

	(void)state;
	fill(list);
	hold_table(&held, NOW, 80, false, &out);
	assert_string_equal(buf_text(&out),
	    "ID                age  origin      rcpts first rcpt   size  inc    label\n"
	    "4cXyZ71kqz1bZ3M    3h  alice@exa~     12 bob@examp~   4.1k  #7     account "
	    "take~\n"
	    "4cXyZ71kqz1bZ3N   60s  a.very.lo~  50000 \\x1b[2Jso~    57M  #1234  a label "
	    "that~\n"
	    "80EF3A720C4       30s  <>              1 x@example~      0         (by "
	    "others)\n"
	    "4cXyZ71kqz1bZ3M   20s  alice@exa~     12 bob@examp~   4.1k         (gone) "
	    "frank~\n");
	buf_fini(&out);
	held_fini(&held);
}

static void
test_widths(void **state)
{
	struct held_message list[4];
	struct held held = {.arena = arena_new(0), .list = list, .n = 4};
	struct buf out = BUF_INIT(65536);

	(void)state;
	fill(list);
	for (int width = 76; width < 300; width++) {
		buf_reset(&out);
		hold_table(&held, NOW, width, false, &out);
		if (longest(buf_text(&out)) > (size_t)width)
			fail_msg("%d columns:\n%s", width, buf_text(&out));
	}
	/* Where nothing need be cut. */
	buf_reset(&out);
	hold_table(&held, NOW, 0, true, &out);
	assert_non_null(strstr(buf_text(&out), " and in quotes \"\" too\n"));
	assert_non_null(
	    strstr(buf_text(&out), "somebody.with.a.long.address@mail.example.com"));
	assert_null(strchr(buf_text(&out), '\033'));
	assert_non_null(strstr(buf_text(&out),
	    "   sender alice@example.org  author Alice.Q@example.org  at frank.conf:41\n"));
	buf_fini(&out);
	held_fini(&held);
}

static void
test_groups(void **state)
{
	struct held_message list[4];
	struct held held = {.arena = arena_new(0), .list = list, .n = 3, .others = 1};
	struct buf out = BUF_INIT(65536);
	enum hold_kind kind;
	size_t n;

	(void)state;
	fill(list);
	assert_false(hold_kind_of("colour", &kind));
	assert_true(hold_kind_of("domain", &kind));
	struct hold_group *groups = hold_group(&held, kind, &n);
	hold_groups_text(groups, n, kind, NOW, 80, &out);
	assert_string_equal(buf_text(&out), "domain                          held    rcpts "
					    "  size  oldest  newest  example\n"
					    "example.com                        2       20 "
					    "   57M      3h     60s  4cXyZ71kqz1bZ3M\n"
					    "example.net                        1        2 "
					    "  4.1k      3h      3h  4cXyZ71kqz1bZ3M\n");
	buf_fini(&out);
	held_fini(&held);
}

static void
test_summary(void **state)
{
	struct held_message list[4], many[8];
	struct held held = {
	    .arena = arena_new(0), .list = list, .n = 4, .others = 1, .gone = 1};
	struct buf out = BUF_INIT(65536);
	const char *const labels[] = {"a", "b", "c", "d", "e", "f", "", "b"};

	(void)state;
	fill(list);
	hold_summary(&held, NOW, &out);
	held.list = &list[2];
	held.n = 1;
	held.gone = 0;
	hold_summary(&held, NOW, &out);
	held.list = &list[3];
	held.others = 0;
	held.gone = 1;
	hold_summary(&held, NOW, &out);
	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		many[i] = list[0];
		many[i].label = view_of(labels[i]);
	}
	held.list = many;
	held.n = ARRAY_LEN(many);
	held.gone = 0;
	hold_summary(&held, NOW, &out);
	assert_string_equal(buf_text(&out),
	    "3 held: 1 \"account takeover?\", 1 \"a label that is quite a long one, and in "
	    "quotes \"\" too\", 1 put there by somebody else; oldest 3h; 1 gone\n"
	    "1 held: 1 put there by somebody else; oldest 30s\n"
	    "0 held; 1 gone\n"
	    "8 held: 2 \"b\", 1 (held without a label), 1 \"a\", 1 \"c\", 3 under 3 more "
	    "labels; oldest 3h\n");
	buf_fini(&out);
	held_fini(&held);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ages),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_widths),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_summary),
	};

	return cmocka_run_group_tests_name("how it is shown", tests, NULL, NULL);
}
