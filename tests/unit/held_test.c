/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What is in the hold queue, joined with the journal: by id, time and sender; and with the
 * incidents, by label, key and time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/held_join.h"

enum { NOW = 1772442180, SECOND = 1000000 };

/* As postqueue(1) of Postfix 3.7 prints them. */
static const char queue_text[] =
    "{\"queue_name\": \"hold\", \"queue_id\": \"4cXyZ71kqz1\", \"arrival_time\": "
    "1772442000, "
    "\"message_size\": 4321, \"forced_expire\": false, \"sender\": \"alice@example.org\", "
    "\"recipients\": [{\"address\": \"bob@example.net\"}, {\"address\": "
    "\"carol@Example.COM\", \"delay_reason\": \"said \\\"address\\\": "
    "\\\"x@no.test\\\"\"}]}\n"
    "{\"queue_name\": \"hold\", \"queue_id\": \"80EF3A720C4\", \"arrival_time\": "
    "1772441000, "
    "\"message_size\": 303, \"forced_expire\": false, \"sender\": \"eve@example.org\", "
    "\"recipients\": [{\"address\": \"\\\"odd \\\\\\\"one\\\"@odd.test\"}]}\n"
    "{\"queue_name\": \"deferred\", \"queue_id\": \"80EF3A720C5\", \"arrival_time\": "
    "1772441000, \"message_size\": 303, \"forced_expire\": false, \"sender\": "
    "\"eve@example.org\", \"recipients\": [{\"address\": \"x@later.test\"}]}\n"
    "{\"queue_name\": \"hold\", \"queue_id\": \"80EF3A720C6\", \"arrival_time\": "
    "1772441500, "
    "\"message_size\": 99, \"forced_expire\": false, \"sender\": \"MAILER-DAEMON\", "
    "\"recipients\": [{\"address\": \"dave@example.net\"}]}\n";

struct lab {
	struct arena *arena;
	struct held_filter filter;
	struct held_join join;
	struct held held;
};

static void
lab_begin(struct lab *lab, struct held_filter filter)
{
	lab->arena = arena_new(0);
	lab->filter = filter;
	held_join_init(&lab->join, lab->arena, &lab->filter);
	lab->join.takes_gone = true;
	postfix_queue_read(view_of(queue_text), held_join_entry, &lab->join);
}

static void
lab_row(
    struct lab *lab, const char *id, int64_t time, const char *sender, const char *verdict)
{
	const struct fact_address rcpts[] = {
	    {.text = VIEW("z@gone.test"), .domain = VIEW("gone.test")}};
	const struct journal_row row = {.verdict = view_of(verdict),
	    .label = VIEW("too much"),
	    .place = VIEW("frank.conf:9"),
	    .key = VIEW("alice"),
	    .facts = {.time = time * SECOND,
		.queue_id = view_of(id),
		.user = VIEW("Alice"),
		.client = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 99}},
		.sender = {.text = view_of(sender)},
		.author = {.text = VIEW("a.b@example.org")},
		.rcpt_sample = rcpts,
		.n_rcpt_sample = 1,
		.rcpts = 7}};

	assert_int_equal(held_join_row(&lab->join, &row), 0);
}

/* "id state label" of each, oldest first. */
static const char *
lab_end(struct lab *lab)
{
	static char text[1024];
	size_t used = 0;

	held_join_finish(&lab->join, NOW, &lab->held);
	text[0] = '\0';
	for (size_t i = 0; i < lab->held.n; i++) {
		const struct held_message *one = &lab->held.list[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%.*s %s '%.*s' %u\n", VIEW_ARG(one->id), held_state_name(one->state),
		    VIEW_ARG(one->label), one->incident);
	}
	return text;
}

static void
lab_free(struct lab *lab)
{
	held_join_fini(&lab->join);
	held_fini(&lab->held);
}

static void
test_queue_is_read(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab, (struct held_filter){.older = 0});
	assert_string_equal(lab_end(&lab),
	    "80EF3A720C4 others '' 0\n80EF3A720C6 others '' 0\n"
	    "4cXyZ71kqz1 others '' 0\n");
	const struct held_message *list = lab.held.list;
	assert_true(view_is(list[0].rcpt, VIEW("\"odd \\\"one\"@odd.test")));
	assert_true(view_is(list[1].sender, VIEW("")));
	assert_int_equal(list[2].rcpts, 2);
	assert_int_equal(list[2].size, 4321);
	assert_int_equal(list[2].arrival, 1772442000);
	assert_int_equal(lab.held.others, 3);
	lab_free(&lab);
}

static void
test_recipients_are_matched(void **state)
{
	const struct {
		const char *to;
		size_t want;
	} cases[] = {{"example.net", 2}, {"@EXAMPLE.net", 2}, {"example.com", 1},
	    {"carol@example.com", 1}, {"bob@example.com", 0}, {"ample.net", 0},
	    {"no.test", 0}, {"x@no.test", 0}, {"odd.test", 1}, {"later.test", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab lab;

		lab_begin(&lab, (struct held_filter){.to = view_of(cases[i].to)});
		(void)lab_end(&lab);
		if (lab.held.n != cases[i].want)
			fail_msg("%s: %zu", cases[i].to, lab.held.n);
		lab_free(&lab);
	}
}

static void
test_joins_by_id_time_and_sender(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab, (struct held_filter){.older = 0});
	lab_row(&lab, "4cXyZ71kqz1", 1772442003, "Alice@example.org", "hold");
	/* Ids used again: too early, too late, another sender. */
	lab_row(&lab, "80EF3A720C4", 1772440997, "eve@example.org", "hold");
	lab_row(
	    &lab, "80EF3A720C4", 1772441000 + HELD_SLACK + 1, "eve@example.org", "hold");
	lab_row(&lab, "80EF3A720C4", 1772441001, "mallory@example.org", "hold");
	/* Accepted, and put on hold by somebody. */
	lab_row(&lab, "80EF3A720C6", 1772441500 + 3000, "", "accept");
	/* What was not taken is no message. */
	lab_row(&lab, "4cXyZ71kqz1", 1772442004, "alice@example.org", "reject");
	assert_string_equal(lab_end(&lab),
	    "80EF3A720C4 gone 'too much' 0\n80EF3A720C4 others '' 0\n"
	    "80EF3A720C4 gone 'too much' 0\n80EF3A720C6 others '' 0\n"
	    "4cXyZ71kqz1 held 'too much' 0\n80EF3A720C4 gone 'too much' 0\n");
	assert_int_equal(lab.held.gone, 3);
	assert_int_equal(lab.held.others, 2);
	const struct held_message *list = lab.held.list;
	assert_true(view_is(list[0].rcpt, VIEW("z@gone.test")));
	assert_int_equal(list[0].rcpts, 7);
	assert_int_equal(list[1].origin.n, 0);
	assert_true(view_is(list[3].origin, VIEW("Alice")));
	assert_true(view_is(list[4].author, VIEW("a.b@example.org")));
	assert_int_equal(list[4].rcpts, 2);
	lab_free(&lab);
}

static void
test_filters(void **state)
{
	static const char *const ids[] = {"80EF3A720C6", "4cXyZ71kqz1"};
	static const struct prefix near = {{ADDR_IPV4, {192, 0, 2, 0}}, 24};
	static const struct prefix far = {{ADDR_IPV4, {203, 0, 113, 0}}, 24};
	const struct {
		const char *name;
		struct held_filter filter;
		size_t want;
	} cases[] = {{"any", {.older = 0}, 4}, {"user", {.user = VIEW("alice")}, 2},
	    {"no user", {.user = VIEW("ali")}, 0},
	    {"label", {.label = VIEW("TOO much")}, 2}, {"older", {.older = 600}, 3},
	    {"exactly as old", {.older = 180}, 4}, {"client", {.client = &near}, 2},
	    {"other client", {.client = &far}, 0}, {"state", {.state = VIEW("gone")}, 1},
	    {"others", {.state = VIEW("others")}, 2}, {"to", {.to = VIEW("gone.test")}, 1},
	    {"incident", {.incident = 3}, 1}, {"no incident", {.incident = 4}, 0},
	    {"ids", {.ids = ids, .n_ids = 2}, 2}};
	const struct incident incident = {.number = 3,
	    .label = VIEW("too much"),
	    .key = VIEW("alice"),
	    .began = INT64_C(1772442003) * SECOND,
	    .last = INT64_C(1772442003) * SECOND};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab lab;

		lab_begin(&lab, cases[i].filter);
		lab_row(&lab, "4cXyZ71kqz1", 1772442003, "alice@example.org", "hold");
		lab_row(&lab, "80EF3A720C4", 1772440007, "eve@example.org", "hold");
		held_join_incident(&lab.join, &incident);
		(void)lab_end(&lab);
		if (lab.held.n != cases[i].want)
			fail_msg("%s: %zu", cases[i].name, lab.held.n);
		lab_free(&lab);
	}
}

static void
test_incidents(void **state)
{
	/* When it was decided, and to which of three it belongs. */
	const struct {
		int64_t time;
		uint32_t want;
	} cases[] = {{100, 1}, {150, 1}, {99, 1}, {94, 0}, {151, 0}, {200, 2}, {210, 2},
	    {300, 5}, {297, 5}, {401, 0}};
	const struct {
		uint32_t number;
		const char *label, *key;
		int64_t began, last;
	} incidents[] = {{1, "too much", "alice", 100, 150},
	    {2, "too much", "alice", 200, 210}, {3, "other", "alice", 0, 1000},
	    {4, "too much", "bob", 0, 1000}, {5, "too much", "alice", 300, 400}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab lab;

		lab_begin(&lab, (struct held_filter){.state = VIEW("gone")});
		lab_row(&lab, "gone12", cases[i].time, "alice@example.org", "hold");
		for (size_t k = 0; k < ARRAY_LEN(incidents); k++) {
			const struct incident one = {.number = incidents[k].number,
			    .label = view_of(incidents[k].label),
			    .key = view_of(incidents[k].key),
			    .began = incidents[k].began * SECOND,
			    .last = incidents[k].last * SECOND};
			held_join_incident(&lab.join, &one);
		}
		(void)lab_end(&lab);
		assert_int_equal(lab.held.n, 1);
		if (lab.held.list[0].incident != cases[i].want)
			fail_msg("%d: %u", (int)cases[i].time, lab.held.list[0].incident);
		lab_free(&lab);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queue_is_read),
	    cmocka_unit_test(test_recipients_are_matched),
	    cmocka_unit_test(test_joins_by_id_time_and_sender),
	    cmocka_unit_test(test_filters),
	    cmocka_unit_test(test_incidents),
	};

	return cmocka_run_group_tests_name("what is on hold", tests, NULL, NULL);
}
