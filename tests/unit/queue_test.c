/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What is in the queue, counted by queue, destination, cause and login. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/queue.h"

enum { SECOND = 1000000 };

static const char table[] =
    "reply refused\nmatch \"connection refused\"\nclass connection\nmeans m\ndo d\n"
    "source s\ntest connection refused\n"
    "reply later\nmatch 4.x.x\nclass receiver\nmeans m\ndo d\nsource s\ntest 450 no\n";

/* As postqueue(1) of Postfix 3.7 prints them. */
static const char list_text[] =
    "{\"queue_name\": \"deferred\", \"queue_id\": \"4cXyZ71kqz1\", \"arrival_time\": 1000, "
    "\"message_size\": 100, \"forced_expire\": false, \"sender\": \"alice@example.org\", "
    "\"recipients\": [{\"address\": \"a@Example.net\", \"delay_reason\": \"connect to x: "
    "Connection refused\"}, {\"address\": \"c@example.com\"}, {\"address\": "
    "\"b@example.net\", \"delay_reason\": \"connect to x: Connection refused\"}]}\n"
    "{\"queue_name\": \"deferred\", \"queue_id\": \"4cXyZ71kqz2\", \"arrival_time\": 900, "
    "\"message_size\": 10, \"forced_expire\": false, \"sender\": \"bob@example.org\", "
    "\"recipients\": [{\"address\": \"c@example.com\", \"delay_reason\": \"said "
    "\\\"address\\\": "
    "\\\"x@no.test\\\"\"}]}\n"
    "{\"queue_name\": \"active\", \"queue_id\": \"4cXyZ71kqz3\", \"arrival_time\": 2000, "
    "\"message_size\": 1, \"forced_expire\": false, \"sender\": \"MAILER-DAEMON\", "
    "\"recipients\": [{\"address\": \"root\"}]}\n"
    "{\"queue_name\": \"hold\", \"queue_id\": \"4cXyZ71kqz4\", \"arrival_time\": 2000, "
    "\"message_size\": 1, \"forced_expire\": false, \"sender\": \"alice@example.org\", "
    "\"recipients\": [{\"address\": \"d@example.com\"}]}\n";

struct lab {
	struct replies *replies;
	struct queue_count count;
};

static void
lab_begin(struct lab *lab, const char *list, bool with_logins)
{
	lab->replies = replies_new();
	assert_int_equal(replies_read(lab->replies, "t", view_of(table), NULL), 0);
	queue_count_init(&lab->count, lab->replies, with_logins);
	postfix_queue_read(view_of(list), queue_count_entry, &lab->count);
}

static void
lab_end(struct lab *lab)
{
	queue_count_fini(&lab->count);
	replies_free(lab->replies);
}

/* "name messages/rcpts/bytes@oldest" of each, the first of them first. */
static void
expect(struct lab *lab, enum queue_kind kind, const char *want)
{
	struct buf got = BUF_INIT(4096);
	size_t n;
	const struct queue_group *groups = queue_groups(&lab->count, kind, &n);

	for (size_t i = 0; i < n; i++)
		buf_addf(&got, "%.*s %llu/%llu/%llu@%lld %.*s\n", VIEW_ARG(groups[i].name),
		    (unsigned long long)groups[i].messages,
		    (unsigned long long)groups[i].rcpts,
		    (unsigned long long)groups[i].bytes, (long long)groups[i].oldest,
		    VIEW_ARG(groups[i].oldest_id));
	assert_string_equal(buf_text(&got), want);
	buf_fini(&got);
}

static void
test_counts(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab, list_text, false);
	assert_int_equal(lab.count.total.messages, 4);
	assert_int_equal(lab.count.total.rcpts, 6);
	assert_int_equal(lab.count.total.bytes, 112);
	assert_int_equal(lab.count.total.oldest, 900);
	expect(&lab, QUEUE_BY_QUEUE,
	    "deferred 2/4/110@900 4cXyZ71kqz2\nactive 1/1/1@2000 4cXyZ71kqz3\n"
	    "hold 1/1/1@2000 4cXyZ71kqz4\n");
	/* A message to two at one place is one message there. */
	expect(&lab, QUEUE_BY_DESTINATION,
	    "example.com 3/3/111@900 4cXyZ71kqz2\nexample.net 1/2/100@1000 4cXyZ71kqz1\n"
	    "(no domain) 1/1/1@2000 4cXyZ71kqz3\n");
	expect(&lab, QUEUE_BY_CAUSE,
	    "later 1/1/10@900 4cXyZ71kqz2\n"
	    "(Postfix kept no reason) 1/1/100@1000 4cXyZ71kqz1\n"
	    "refused 1/2/100@1000 4cXyZ71kqz1\n"
	    "(not tried yet) 1/1/1@2000 4cXyZ71kqz3\n(on hold) 1/1/1@2000 4cXyZ71kqz4\n");
	lab_end(&lab);
}

/* The reason of one recipient is not that of the next, and what looks like a member is
 * none. */
static void
test_reasons(void **state)
{
	struct lab lab;
	size_t n;

	(void)state;
	lab_begin(&lab, list_text, false);
	const struct queue_group *groups = queue_groups(&lab.count, QUEUE_BY_CAUSE, &n);
	assert_true(view_is(groups[0].reason, VIEW("said \"address\": \"x@no.test\"")));
	assert_true(view_is(groups[2].reason, VIEW("connect to x: Connection refused")));
	assert_int_equal(groups[1].reason.n, 0);
	assert_non_null(groups[0].cause);
	assert_null(groups[1].cause);
	lab_end(&lab);
}

static void
test_places(void **state)
{
	struct queue_group places[2];
	struct buf list = BUF_INIT(1 << 20);
	struct lab lab;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_addf(&list,
		    "{\"queue_name\": \"deferred\", \"queue_id\": \"4cXyZ71kq%02d\", "
		    "\"arrival_time\": 7, \"message_size\": 1, \"sender\": \"a\", "
		    "\"recipients\": [{\"address\": \"x@d%d.test\", \"delay_reason\": "
		    "\"Connection refused\"}]}\n",
		    i,
		    i < 30   ? 1
		    : i < 50 ? 2
			     : i);
	lab_begin(&lab, buf_text(&list), false);
	const struct replies_entry *cause = replies_at(lab.replies, 0);
	assert_int_equal(queue_places(&lab.count, cause, places, 2), 12);
	assert_true(view_is(places[0].name, VIEW("d1.test")));
	assert_int_equal(places[0].messages, 30);
	assert_true(view_is(places[1].name, VIEW("d2.test")));
	assert_int_equal(places[1].messages, 20);
	assert_int_equal(
	    queue_places(&lab.count, replies_at(lab.replies, 1), places, 2), 0);
	buf_fini(&list);
	lab_end(&lab);
}

/* However many names somebody thinks of, memory has an end, and nothing is lost. */
static void
test_many_names(void **state)
{
	enum { MORE = 5 };
	struct buf list = BUF_INIT(64 << 20);
	struct lab lab;
	size_t n;

	(void)state;
	for (int i = 0; i < QUEUE_NAMES_MAX + MORE; i++)
		buf_addf(&list,
		    "{\"queue_name\": \"active\", \"queue_id\": \"4cXyZ%06d\", "
		    "\"arrival_time\": 7, \"message_size\": 1, \"sender\": \"a\", "
		    "\"recipients\": [{\"address\": \"x@d%d.test\"}]}\n",
		    i, i);
	lab_begin(&lab, buf_text(&list), false);
	const struct queue_group *groups =
	    queue_groups(&lab.count, QUEUE_BY_DESTINATION, &n);
	assert_int_equal(n, QUEUE_NAMES_MAX + 1);
	assert_true(view_is(groups[0].name, VIEW("(others)")));
	assert_int_equal(groups[0].messages, MORE);
	assert_int_equal(lab.count.total.messages, QUEUE_NAMES_MAX + MORE);
	buf_fini(&list);
	lab_end(&lab);
}

static void
row(struct lab *lab, const char *id, const char *sender, const char *user, int64_t time)
{
	const struct journal_row one = {.verdict = VIEW("accept"),
	    .facts = {.time = time * SECOND,
		.queue_id = view_of(id),
		.user = view_of(user),
		.sender = {.text = view_of(sender)}}};

	assert_int_equal(queue_count_row(&lab->count, &one), 0);
}

static void
test_logins(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab, list_text, true);
	assert_int_equal(lab.count.n_waiting, 4);
	row(&lab, "4cXyZ71kqz1", "alice@example.org", "alice", 1001);
	/* Another one's id, and another time. */
	row(&lab, "4cXyZ71kqz2", "eve@example.org", "eve", 901);
	row(&lab, "4cXyZ71kqz2", "bob@example.org", "eve", 9000);
	row(&lab, "4cXyZ71kqz3", "", "", 2000);
	row(&lab, "4cXyZ71kqz4", "alice@example.org", "alice", 2001);
	row(&lab, "4cXyZ71kqz5", "alice@example.org", "nobody", 2001);
	queue_count_logins(&lab.count);
	expect(&lab, QUEUE_BY_LOGIN,
	    "alice 2/4/101@1000 4cXyZ71kqz1\n(not in the journal) 1/1/10@900 4cXyZ71kqz2\n"
	    "(no login) 1/1/1@2000 4cXyZ71kqz3\n");
	lab_end(&lab);
}

/* Nothing is drawn of nothing, and of one number neither. */
static void
test_growth(void **state)
{
	struct queue_view view = {.is_by = true, .kind = QUEUE_BY_QUEUE, .n = 1};
	struct queue_samples samples = {.n = 1, .every = 300, .messages = {4, 8, 16}};
	struct buf plain = BUF_INIT(4096), one = BUF_INIT(4096), three = BUF_INIT(4096);
	struct lab lab;

	(void)state;
	lab_begin(&lab, list_text, false);
	queue_text(&lab.count, &view, &(struct queue_samples){.n = 0}, &plain);
	queue_text(&lab.count, &view, &samples, &one);
	assert_string_equal(buf_text(&one), buf_text(&plain));
	samples.n = 3;
	queue_text(&lab.count, &view, &samples, &three);
	assert_true(view_starts(buf_view(&three), buf_view(&plain)));
	assert_string_equal(buf_text(&three) + plain.n, "4 -+@ 16, one every 5m\n");
	buf_fini(&plain);
	buf_fini(&one);
	buf_fini(&three);
	lab_end(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_many_names),
	    cmocka_unit_test(test_logins),
	    cmocka_unit_test(test_growth),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
