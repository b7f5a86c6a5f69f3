/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Many who ask the tables process at once: one question however many wait for it, and
 * bounds, of which nobody has more than is left for the others.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "tests/unit/tables_lab.h"

struct waiter {
	struct tables_lab *lab;
	uint64_t origin;
	pthread_t thread;
	enum fact_answer answer;
};

static void *
wait_run(void *argument)
{
	struct waiter *waiter = argument;
	const struct tables_question asked = {
	    VIEW("hash:/x"), VIEW("shared"), waiter->origin};
	struct tables_reply got;

	tables_client_get(waiter->lab->client, &asked,
	    atomic_load(&waiter->lab->now) + PATIENCE * (int64_t)SECOND, &got);
	waiter->answer = got.answer;
	return NULL;
}

static unsigned
waiters_of(struct tables_lab *lab)
{
	pthread_mutex_lock(&lab->client->helper.lock);
	unsigned n = lab->client->helper.waiters;
	pthread_mutex_unlock(&lab->client->helper.lock);
	return n;
}

/* As many threads as there are WAITERS, each of an origin of its own or all of one, that
 * wait for one answer. */
static void
waiters_start(struct tables_lab *lab, struct waiter *waiters, size_t n, bool is_one)
{
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (size_t i = 0; i < n; i++) {
		waiters[i] = (struct waiter){.lab = lab, .origin = is_one ? 1 : i + 2};
		must(
		    pthread_create(&waiters[i].thread, &small, wait_run, &waiters[i]) == 0);
	}
	pthread_attr_destroy(&small);
}

/* How many of them got the answer. */
static size_t
waiters_end(struct waiter *waiters, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		must(pthread_join(waiters[i].thread, NULL) == 0);
		found += waiters[i].answer == ANSWER_FOUND;
	}
	return found;
}

static void
waiters_expect(struct tables_lab *lab, unsigned n)
{
	for (int i = 0; waiters_of(lab) < n && i < PATIENCE * 1000; i++)
		usleep(1000);
	assert_int_equal(waiters_of(lab), n);
}

static void
test_single_flight(void **state)
{
	static struct waiter waiters[TABLES_WAITERS_MAX];
	struct tables_lab *lab = *state;

	waiters_start(lab, waiters, ARRAY_LEN(waiters), false);
	waiters_expect(lab, TABLES_WAITERS_MAX);
	/* One more goes on without. */
	int64_t began = clock_mono();
	assert_string_equal(tables_lab_get(lab, "other", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	tables_lab_reply(lab, tables_lab_next(lab, "shared"), ANSWER_FOUND, "alice");
	assert_int_equal(waiters_end(waiters, ARRAY_LEN(waiters)), TABLES_WAITERS_MAX);
	tables_lab_next(lab, "other");
	tables_lab_silent(lab, "so many threads and one question");
}

/* Threads of one origin that wait leave room for as many others. */
static void
test_waiters_of_one(void **state)
{
	static struct waiter waiters[TABLES_WAITERS_MAX], others[TABLES_WAITERS_MAX / 4];
	struct tables_lab *lab = *state;

	waiters_start(lab, waiters, ARRAY_LEN(waiters), true);
	waiters_expect(lab, TABLES_WAITERS_MAX / 2);
	waiters_start(lab, others, ARRAY_LEN(others), false);
	waiters_expect(lab, TABLES_WAITERS_MAX / 2 + TABLES_WAITERS_MAX / 4);
	tables_lab_reply(lab, tables_lab_next(lab, "shared"), ANSWER_FOUND, "alice");
	assert_in_range(
	    waiters_end(waiters, ARRAY_LEN(waiters)), TABLES_WAITERS_MAX / 2, SIZE_MAX);
	assert_int_equal(waiters_end(others, ARRAY_LEN(others)), ARRAY_LEN(others));
	/* All that was noted of them is gone: as many may wait again. */
	tables_lab_advance(lab, TABLES_TTL_FOUND + 1);
	waiters_start(lab, waiters, ARRAY_LEN(waiters), true);
	waiters_expect(lab, TABLES_WAITERS_MAX / 2);
	tables_lab_reply(lab, tables_lab_next(lab, "shared"), ANSWER_FOUND, "alice");
	(void)waiters_end(waiters, ARRAY_LEN(waiters));
}

/* Who waits already stays, however many have come since, when he is woken for others. */
static void
test_woken(void **state)
{
	static struct waiter waiters[TABLES_WAITERS_MAX * 2 / 5],
	    others[TABLES_WAITERS_MAX / 2];
	struct tables_lab *lab = *state;

	waiters_start(lab, waiters, ARRAY_LEN(waiters), true);
	waiters_expect(lab, ARRAY_LEN(waiters));
	waiters_start(lab, others, ARRAY_LEN(others), false);
	waiters_expect(lab, ARRAY_LEN(waiters) + ARRAY_LEN(others));
	tables_lab_process(lab);
	uint64_t id = tables_lab_next(lab, "shared");
	/* Meanwhile some of them have looked again. */
	for (int i = 0; i < 20; i++)
		tables_lab_settle(lab);
	tables_lab_reply(lab, id, ANSWER_FOUND, "alice");
	assert_int_equal(waiters_end(waiters, ARRAY_LEN(waiters)), ARRAY_LEN(waiters));
	assert_int_equal(waiters_end(others, ARRAY_LEN(others)), ARRAY_LEN(others));
}

/* Questions under way are as many, at most, as there is room for still. */
static void
test_open_of_one(void **state)
{
	struct tables_lab *lab = *state;
	char key[32];
	unsigned open = 0;

	for (uint64_t origin = 1; origin <= 3; origin++) {
		lab->origin = origin;
		for (int i = 0; i < TABLES_OPEN_MAX; i++) {
			snprintf(key, sizeof(key), "open%d-%d", (int)origin, i);
			tables_lab_start(lab, key);
		}
		open += (TABLES_OPEN_MAX - open) / 2;
		assert_int_equal(tables_lab_status(lab).open, open);
		assert_string_equal(tables_lab_get(lab, "one more", PATIENCE), "?");
	}
	lab->origin = 4;
	tables_lab_start(lab, "mine");
	assert_int_equal(tables_lab_status(lab).open, open + 1);
}

/* More than may be open at once; and more than is kept. */
static void
test_full(void **state)
{
	struct tables_lab *lab = *state;
	struct tables_question_frame frame;
	char key[32];

	for (int i = 0; i < TABLES_OPEN_MAX + 5; i++) {
		snprintf(key, sizeof(key), "open%d", i);
		lab->origin = (uint64_t)i;
		tables_lab_start(lab, key);
	}
	assert_int_equal(tables_lab_status(lab).open, TABLES_OPEN_MAX);
	assert_string_equal(tables_lab_get(lab, "more", PATIENCE), "?");
	for (int i = 0; i < TABLES_OPEN_MAX; i++) {
		if (!tables_lab_recv(lab, PATIENCE * 1000, &frame))
			fail_msg("question %d is missing", i);
		tables_lab_reply(lab, frame.head.id, ANSWER_NONE, "");
	}
	while (tables_lab_status(lab).open > 0)
		usleep(1000);
	for (int i = 0; i < TABLES_CACHE_MAX; i++) {
		snprintf(key, sizeof(key), "kept%d", i);
		tables_lab_start(lab, key);
		assert_true(tables_lab_recv(lab, PATIENCE * 1000, &frame));
		tables_lab_reply(lab, frame.head.id, ANSWER_NONE, "");
		if (i % 128 == 0)
			tables_lab_settle(lab);
	}
	tables_lab_settle(lab);
	assert_true(tables_lab_status(lab).kept <= TABLES_CACHE_MAX);
	assert_string_equal(tables_lab_get(lab, "open1", 0), "?");
}

int
main(void)
{
#define TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, tables_lab_set_up, tables_lab_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_single_flight),
	    TEST(test_waiters_of_one),
	    TEST(test_woken),
	    TEST(test_open_of_one),
	    TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
