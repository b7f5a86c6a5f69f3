/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Incidents: what opens one and what joins it, when somebody is to hear of it, how they
 * end, and that there are never more than there is room for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "milter/incidents.h"

#define BEGAN  ((int64_t)1772442180 * 1000000) /* 2026-03-02 09:03:00Z */
#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)

static const struct policy_meter sent = {.name = {"sent", 4}, .index = 0};

/* One message at TIME, held under LABEL for KEY and ORIGIN, with N recipients of DOMAIN. */
static void
hold(struct incidents *incidents, const char *label, const char *key, const char *origin,
    uint32_t n, int64_t time)
{
	const struct fact_address rcpts[] = {
	    {.text = VIEW("x@example.com"), .domain = VIEW("example.com")},
	    {.text = VIEW("y@example.net"), .domain = VIEW("example.net")},
	    {.text = VIEW("z@example.com"), .domain = VIEW("example.com")}};
	const struct fact_meter read = {.name = VIEW("sent"),
	    .state = READING_KNOWN,
	    .reading = 64,
	    .usual_of = USUAL_OWN,
	    .usual = 5};
	const struct facts facts = {.time = time,
	    .queue_id = VIEW("4cXyZ71kq"),
	    .client = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 99}},
	    .rcpts = n,
	    .rcpt_sample = rcpts,
	    .n_rcpt_sample = n < 3 ? n : 3,
	    .meters = &read,
	    .n_meters = 1};
	const struct decision decision = {.verdict = VERDICT_HOLD,
	    .label = view_of(label),
	    .place = VIEW("frank.conf:41"),
	    .notify = label[0] != 'q',
	    .key = view_of(key),
	    .meter = &sent};
	const struct incident_held held = {.facts = &facts,
	    .decision = &decision,
	    .origin = view_of(origin),
	    .client_is_new = true};

	incidents_held(incidents, &held);
}

static struct state_incident *
get(struct incidents *incidents, uint64_t number)
{
	static struct state_incident row;

	if (!incidents_get(incidents, number, &row))
		fail_msg("there is no incident %u", (unsigned)number);
	return &row;
}

static void
test_opens_and_joins(void **state)
{
	struct incidents *incidents = incidents_new();
	struct state_incident row;

	(void)state;
	hold(incidents, "a", "alice", "alice", 2, BEGAN);
	hold(incidents, "b", "alice", "alice", 1, BEGAN + 1);
	hold(incidents, "a", "bob", "bob", 1, BEGAN + 2);
	hold(incidents, "a", "alice", "alice", 5, BEGAN + 3);
	hold(incidents, "a", "alice", "carol", 3, BEGAN + 4);
	const struct state_incident *one = get(incidents, 1);
	assert_string_equal(one->label, "a");
	assert_string_equal(one->key, "alice");
	assert_string_equal(one->place, "frank.conf:41");
	assert_string_equal(one->queue_id, "4cXyZ71kq");
	assert_string_equal(one->client, "192.0.2.99");
	assert_true(one->client_is_new);
	assert_string_equal(one->meter, "sent");
	assert_int_equal(one->reading, 64);
	assert_true(one->has_usual);
	assert_int_equal(one->usual, 5);
	assert_int_equal(one->began, BEGAN);
	assert_int_equal(one->last, BEGAN + 4);
	assert_int_equal(one->messages, 3);
	assert_int_equal(one->rcpts, 10);
	assert_int_equal(one->n_origins, 2);
	assert_string_equal(one->origins[1].name, "carol");
	assert_int_equal(one->origins[0].n, 2);
	assert_int_equal(one->n_domains, 2);
	assert_string_equal(one->domains[0].name, "example.com");
	assert_int_equal(one->domains[0].n, 5);
	assert_true(one->notify);
	assert_int_equal(get(incidents, 2)->messages, 1);
	assert_string_equal(get(incidents, 3)->key, "bob");
	assert_false(incidents_get(incidents, 4, &row));
	incidents_free(incidents);
}

static void
test_news(void **state)
{
	struct incidents *incidents = incidents_new();
	struct state_incident row;

	(void)state;
	hold(incidents, "a", "alice", "alice", 2, BEGAN);
	hold(incidents, "a", "alice", "alice", 2, BEGAN);
	assert_int_equal(incidents_take_news(incidents, &row), INCIDENT_OPENED);
	assert_int_equal(row.messages, 2);
	assert_int_equal(incidents_take_news(incidents, &row), INCIDENT_NO_NEWS);
	assert_int_equal(
	    incidents_close(incidents, 1, "kim", VIEW("known"), BEGAN + 9, NULL), 1);
	assert_int_equal(incidents_take_news(incidents, &row), INCIDENT_CLOSED);
	assert_string_equal(row.closed_by, "kim");
	assert_string_equal(row.reason, "known");
	assert_int_equal(incidents_take_news(incidents, &row), INCIDENT_NO_NEWS);
	incidents_free(incidents);
}

static void
test_closes(void **state)
{
	const int64_t day = (int64_t)INCIDENT_IDLE_SECONDS * SECOND;
	struct incidents *incidents = incidents_new();
	struct err err = ERR_INIT;

	(void)state;
	hold(incidents, "a", "alice", "alice", 1, BEGAN);
	hold(incidents, "a", "bob", "bob", 1, BEGAN);
	assert_int_equal(incidents_close(incidents, 9, "kim", VIEW(""), BEGAN, &err), 0);
	assert_int_equal(incidents_close(incidents, 1, "kim", VIEW(""), BEGAN, &err), 1);
	assert_int_equal(incidents_close(incidents, 1, "eve", VIEW(""), BEGAN, &err), -1);
	assert_string_equal(err.text, "incident 1 was closed 2026-03-02 09:03:00Z by kim");
	/* The same again is another one. */
	hold(incidents, "a", "alice", "alice", 1, BEGAN + 1);
	assert_int_equal(get(incidents, 3)->messages, 1);
	hold(incidents, "a", "bob", "bob", 1, BEGAN + MINUTE);
	incidents_close_idle(incidents, BEGAN + day);
	assert_int_equal(get(incidents, 2)->closed, 0);
	assert_int_equal(get(incidents, 3)->closed, 0);
	incidents_close_idle(incidents, BEGAN + day + 1);
	assert_int_equal(get(incidents, 2)->closed, 0);
	assert_int_equal(get(incidents, 3)->closed, BEGAN + day + 1);
	assert_string_equal(get(incidents, 3)->closed_by, "frankd");
	incidents_free(incidents);
}

/* What is due at TIME; it is told at once. */
static enum incident_news
tell(struct incidents *incidents, int64_t time)
{
	static struct state_incident row;
	enum incident_news news = incidents_due(incidents, INCIDENT_BY_MAIL, 0, time, &row);

	assert_int_equal(incidents_due_count(incidents, INCIDENT_BY_MAIL, time) > 0,
	    news != INCIDENT_NO_NEWS);
	if (news != INCIDENT_NO_NEWS)
		incidents_told(incidents, INCIDENT_BY_MAIL, news, &row, time);
	return news;
}

static void
test_notices(void **state)
{
	struct incidents *incidents = incidents_new();
	static struct state_incident row;

	(void)state;
	hold(incidents, "q", "quiet", "quiet", 1, BEGAN);
	assert_int_equal(tell(incidents, BEGAN + 10 * SECOND), INCIDENT_NO_NEWS);
	hold(incidents, "a", "alice", "alice", 1, BEGAN);
	assert_int_equal(tell(incidents, BEGAN + SECOND), INCIDENT_NO_NEWS);
	for (int i = 1; i < 10; i++)
		hold(incidents, "a", "alice", "alice", 1, BEGAN + SECOND);
	assert_int_equal(tell(incidents, BEGAN + 2 * SECOND), INCIDENT_OPENED);
	assert_int_equal(tell(incidents, BEGAN + 3 * SECOND), INCIDENT_NO_NEWS);
	/* By the other way nobody was told. */
	assert_int_equal(
	    incidents_due(incidents, INCIDENT_BY_COMMAND, 0, BEGAN + 3 * SECOND, &row),
	    INCIDENT_OPENED);
	/* Half an hour, and twice as many: both. */
	for (int i = 0; i < 9; i++)
		hold(incidents, "a", "alice", "alice", 1, BEGAN + 4 * SECOND);
	assert_int_equal(tell(incidents, BEGAN + 60 * MINUTE), INCIDENT_NO_NEWS);
	hold(incidents, "a", "alice", "alice", 1, BEGAN + 5 * SECOND);
	assert_int_equal(
	    tell(incidents, BEGAN + 2 * SECOND + 30 * MINUTE - 1), INCIDENT_NO_NEWS);
	assert_int_equal(
	    tell(incidents, BEGAN + 2 * SECOND + 30 * MINUTE), INCIDENT_DOUBLED);
	assert_int_equal(tell(incidents, BEGAN + 120 * MINUTE), INCIDENT_NO_NEWS);
	/* The clock was set back: nobody waits for it. */
	for (int i = 0; i < 20; i++)
		hold(incidents, "a", "alice", "alice", 1, BEGAN);
	assert_int_equal(tell(incidents, BEGAN - MINUTE), INCIDENT_DOUBLED);
	(void)incidents_close(incidents, 2, "kim", VIEW(""), BEGAN, NULL);
	assert_int_equal(tell(incidents, BEGAN), INCIDENT_CLOSED);
	assert_int_equal(tell(incidents, BEGAN + 60 * MINUTE), INCIDENT_NO_NEWS);
	/* One that cannot be told keeps none of the others. */
	hold(incidents, "a", "carol", "carol", 1, BEGAN);
	hold(incidents, "a", "dave", "dave", 1, BEGAN);
	for (uint64_t after = 0; after < 5; after++) {
		assert_int_equal(
		    incidents_due(incidents, INCIDENT_BY_MAIL, after, BEGAN + MINUTE, &row),
		    INCIDENT_OPENED);
		assert_int_equal(row.number, after == 3 ? 4 : 3);
	}
	assert_int_equal(tell(incidents, BEGAN + MINUTE), INCIDENT_OPENED);
	assert_int_equal(tell(incidents, BEGAN + MINUTE), INCIDENT_OPENED);
	/* Closed before anybody could be told. */
	hold(incidents, "a", "alice", "alice", 1, BEGAN);
	(void)incidents_close(incidents, 5, "kim", VIEW(""), BEGAN, NULL);
	assert_int_equal(tell(incidents, BEGAN), INCIDENT_CLOSED);
	incidents_free(incidents);
}

static void
test_bounds(void **state)
{
	struct incidents *incidents = incidents_new();
	struct incidents_status status;
	uint64_t gone[4];
	static struct state_incident row;
	char key[32];

	(void)state;
	for (int i = 1; i <= INCIDENTS_MAX; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		hold(incidents, i == 2 ? "a" : "q", key, key, 1, BEGAN + i);
	}
	hold(incidents, "q", "one more", "one more", 1, BEGAN);
	hold(incidents, "q", "k7", "k7", 1, BEGAN);
	incidents_status(incidents, &status);
	assert_int_equal(status.open, INCIDENTS_MAX);
	assert_int_equal(status.unkept, 1);
	assert_int_equal(get(incidents, 7)->messages, 2);
	/* The one that was closed first makes room, not the one that is oldest, nor one of
	 * which somebody is still to be told. */
	(void)incidents_close(incidents, 2, "kim", VIEW(""), BEGAN, NULL);
	(void)incidents_close(incidents, 5, "kim", VIEW(""), BEGAN + 1, NULL);
	(void)incidents_close(incidents, 3, "kim", VIEW(""), BEGAN + 2, NULL);
	hold(incidents, "a", "one more", "one more", 1, BEGAN);
	assert_false(incidents_get(incidents, 5, &row));
	assert_true(incidents_get(incidents, 3, &row));
	assert_string_equal(get(incidents, INCIDENTS_MAX + 1)->key, "one more");
	assert_int_equal(incidents_take_gone(incidents, gone, 4), 1);
	assert_int_equal(gone[0], 5);
	(void)incidents_close(
	    incidents, INCIDENTS_MAX + 1, "kim", VIEW(""), BEGAN + 1, NULL);
	hold(incidents, "q", "and one more", "x", 1, BEGAN);
	assert_true(incidents_get(incidents, INCIDENTS_MAX + 1, &row));
	assert_false(incidents_get(incidents, 3, &row));
	assert_true(incidents_get(incidents, 2, &row));
	/* Listing goes by number, whatever is missing. */
	assert_true(incidents_next(incidents, 2, false, &row));
	assert_int_equal(row.number, 4);
	assert_true(incidents_next(incidents, INCIDENTS_MAX, true, &row));
	assert_int_equal(row.number, INCIDENTS_MAX + 1);
	assert_true(incidents_next(incidents, INCIDENTS_MAX, false, &row));
	assert_int_equal(row.number, INCIDENTS_MAX + 2);
	assert_false(incidents_next(incidents, INCIDENTS_MAX + 2, true, &row));
	incidents_free(incidents);
}

/* More names than are counted: the frequent ones are there. */
static void
test_top(void **state)
{
	struct incidents *incidents = incidents_new();
	char origin[400];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(origin, sizeof(origin), "%s%d", i % 3 == 0 ? "often" : "seldom",
		    i % 3 == 0 ? i / 3 % 4 : i);
		hold(incidents, "a", "net", origin, 1, BEGAN);
	}
	const struct state_incident *row = get(incidents, 1);
	unsigned often = 0;
	assert_int_equal(row->n_origins, INCIDENT_TOP);
	for (uint32_t i = 0; i < INCIDENT_TOP; i++)
		often += view_starts(view_of(row->origins[i].name), VIEW("often"));
	assert_int_equal(often, 4);
	/* Text of any length is cut, and joins what was cut in the same place. */
	memset(origin, 'o', sizeof(origin) - 1);
	origin[sizeof(origin) - 1] = '\0';
	hold(incidents, "b", origin, origin, 1, BEGAN);
	hold(incidents, "b", origin, origin, 1, BEGAN);
	assert_int_equal(get(incidents, 2)->messages, 2);
	assert_int_equal(strlen(get(incidents, 2)->key), INCIDENT_NAME);
	incidents_free(incidents);
}

static void
test_restores(void **state)
{
	struct incidents *incidents = incidents_new(), *again = incidents_new();
	struct state_incident *rows = mem_zeroed(4, sizeof(*rows));
	static struct state_incident row;

	(void)state;
	hold(incidents, "a", "alice", "alice", 1, BEGAN);
	hold(incidents, "a", "bob", "bob", 1, BEGAN);
	assert_int_equal(incidents_take_changed(incidents, rows, 1), 1);
	assert_int_equal(incidents_take_changed(incidents, rows + 1, 3), 1);
	assert_int_equal(incidents_take_changed(incidents, rows + 2, 2), 0);
	/* What could not be written is there again, with what has come since. */
	const uint64_t gone[] = {77};
	const struct state_incidents_changes changes = {rows, 1, gone, 1};
	hold(incidents, "a", "alice", "alice", 1, BEGAN + 1);
	incidents_give_back(incidents, &changes);
	assert_int_equal(incidents_take_changed(incidents, rows, 4), 1);
	assert_int_equal(rows[0].messages, 2);
	assert_int_equal(incidents_take_gone(incidents, &row.number, 1), 1);
	assert_int_equal(row.number, 77);

	assert_true(incidents_get(incidents, 2, &rows[1]));
	incidents_restore(again, &rows[0]);
	incidents_restore(again, &rows[1]);
	incidents_restored(again, 12);
	assert_int_equal(incidents_take_news(again, &row), INCIDENT_NO_NEWS);
	assert_int_equal(incidents_take_changed(again, rows, 4), 0);
	hold(again, "a", "bob", "bob", 1, BEGAN + 2);
	assert_int_equal(get(again, 2)->messages, 2);
	hold(again, "a", "carol", "carol", 1, BEGAN + 2);
	assert_int_equal(get(again, 13)->messages, 1);
	free(rows);
	incidents_free(incidents);
	incidents_free(again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_opens_and_joins),
	    cmocka_unit_test(test_news),
	    cmocka_unit_test(test_closes),
	    cmocka_unit_test(test_notices),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_top),
	    cmocka_unit_test(test_restores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
