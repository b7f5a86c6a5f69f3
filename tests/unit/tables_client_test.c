/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of the tables process: what is asked, once; how long it is kept;
 * and that nobody waits longer than the deadline whatever the tables process does. That
 * process is a socket in our hand, and the clock moves when it is told to.
 */

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "tests/unit/tables_lab.h"

enum { SHORT_MS = 50 };

/* ---- questions and answers ---- */

static void
test_answers(void **state)
{
	struct tables_lab *lab = *state;

	tables_lab_answered(lab, "alice@example.org", ANSWER_FOUND, "alice,bob");
	tables_lab_answered(lab, "@example.org", ANSWER_NONE, "");
	tables_lab_answered(lab, "sick", ANSWER_UNKNOWN, "fatal: no");
	assert_string_equal(tables_lab_get(lab, "alice@example.org", 0), "alice,bob");
	assert_string_equal(tables_lab_get(lab, "@example.org", 0), "-");
	assert_string_equal(tables_lab_get(lab, "sick", PATIENCE), "?");
	tables_lab_silent(lab, "all is known, trouble too");
	struct tables_status status = tables_lab_status(lab);
	assert_true(status.is_there);
	assert_int_equal(status.failed, 1);
	assert_string_equal(status.trouble, "hash:/x: fatal: no");
	/* The same key of another table is another question. */
	const struct tables_question other = {VIEW("hash:/y"), VIEW("@example.org"), 0};
	struct tables_question_frame frame;
	tables_client_start(lab->client, &other);
	assert_true(tables_lab_recv(lab, PATIENCE * 1000, &frame));
	assert_memory_equal(frame.payload, "hash:/y", 7);
}

static void
test_not_asked(void **state)
{
	struct tables_lab *lab = *state;
	char long_name[TABLES_NAME_MAX + 2];
	struct tables_reply got;

	memset(long_name, 'a', sizeof(long_name));
	const struct tables_question questions[] = {
	    {VIEW("hash:/x"), VIEW(""), 0},
	    {VIEW("hash:/x"), VIEW("a\nb"), 0},
	    {VIEW("hash:/x"), VIEW("a\0b"), 0},
	    {VIEW("hash:/x"), VIEW("\xff"), 0},
	    {VIEW("hash:/x"), {long_name, TABLES_KEY_MAX + 1}, 0},
	    {VIEW(""), VIEW("a"), 0},
	    {{long_name, TABLES_NAME_MAX + 1}, VIEW("a"), 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		tables_client_start(lab->client, &questions[i]);
		got.answer = ANSWER_NONE;
		tables_client_get(lab->client, &questions[i], INT64_MAX, &got);
		assert_int_equal(got.answer, ANSWER_UNKNOWN);
		tables_lab_silent(lab, "a question that cannot be asked");
	}
}

static void
test_nonsense(void **state)
{
	struct tables_lab *lab = *state;
	struct tables_answer_head head = {.kind = TABLES_ASK, .answer = ANSWER_FOUND};
	static const char junk[sizeof(struct tables_answer_frame) + 1];

	tables_lab_start(lab, "a");
	uint64_t id = tables_lab_next(lab, "a");
	assert_int_equal(send(lab->process, junk, 1, 0), 1);
	assert_int_equal(send(lab->process, junk, sizeof(junk), 0), sizeof(junk));
	tables_lab_reply(lab, id + 1, ANSWER_FOUND, "mallory");
	tables_lab_reply(lab, id + TABLES_OPEN_MAX, ANSWER_FOUND, "mallory");
	head.id = id;
	head.n_values = 3;
	head.answer = ANSWER_FOUND + 1;
	tables_lab_send(lab, head, "abc");
	head.answer = ANSWER_FOUND;
	head.kind = 9;
	tables_lab_send(lab, head, "abc");
	head.kind = TABLES_ASK;
	head.n_values = UINT32_MAX;
	assert_int_equal(send(lab->process, &head, sizeof(head), 0), sizeof(head));
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "?");
	tables_lab_reply(lab, id, ANSWER_FOUND, "alice");
	/* A second answer to the same question is none. */
	tables_lab_reply(lab, id, ANSWER_FOUND, "mallory");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "alice");
}

/* ---- how long ---- */

static void
test_expiry(void **state)
{
	struct tables_lab *lab = *state;
	static const struct {
		enum fact_answer answer;
		const char *text, *want;
		int seconds;
	} cases[] = {
	    {ANSWER_FOUND, "alice", "alice", TABLES_TTL_FOUND},
	    {ANSWER_NONE, "", "-", TABLES_TTL_NONE},
	    {ANSWER_UNKNOWN, "fatal: no", "?", TABLES_TTL_FAILED},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		tables_lab_answered(lab, "a", cases[i].answer, cases[i].text);
		tables_lab_advance(lab, cases[i].seconds - 0.1);
		assert_string_equal(tables_lab_get(lab, "a", 0), cases[i].want);
		tables_lab_silent(lab, "it is known");
		tables_lab_advance(lab, 0.2);
		assert_string_equal(tables_lab_get(lab, "a", 0), "?");
		tables_lab_reply(lab, tables_lab_next(lab, "a"), ANSWER_NONE, "");
		tables_lab_settle(lab);
		tables_lab_advance(lab, 100);
	}
}

static void
test_forget(void **state)
{
	struct tables_lab *lab = *state;

	tables_lab_answered(lab, "a", ANSWER_FOUND, "alice");
	tables_lab_start(lab, "b");
	uint64_t b = tables_lab_next(lab, "b");
	tables_client_forget(lab->client);
	tables_lab_start(lab, "a");
	tables_lab_reply(lab, tables_lab_next(lab, "a"), ANSWER_FOUND, "bob");
	/* What was under way is from before: it is asked once more. */
	tables_lab_reply(lab, b, ANSWER_FOUND, "alice");
	tables_lab_reply(lab, tables_lab_next(lab, "b"), ANSWER_FOUND, "carol");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "bob");
	assert_string_equal(tables_lab_get(lab, "b", 0), "carol");
}

/* ---- who waits ---- */

static void
test_deadline(void **state)
{
	struct tables_lab *lab = *state;
	int64_t began = clock_mono();

	assert_string_equal(tables_lab_get(lab, "a", SHORT_MS / 1000.0), "?");
	int64_t took = clock_mono() - began;
	assert_true(took >= SHORT_MS * 1000 && took < PATIENCE * (int64_t)SECOND / 2);
	/* What one has waited for in vain nobody waits for again. */
	began = clock_mono();
	assert_string_equal(tables_lab_get(lab, "a", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	assert_int_equal(tables_lab_status(lab).late, 2);
	uint64_t id = tables_lab_next(lab, "a");
	tables_lab_silent(lab, "asked once");
	/* Late, but not for the next one. */
	tables_lab_reply(lab, id, ANSWER_FOUND, "alice");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", PATIENCE), "alice");
}

static void
test_gone(void **state)
{
	struct tables_lab *lab = *state;
	int64_t began;

	tables_lab_start(lab, "a");
	tables_lab_next(lab, "a");
	close(lab->process);
	lab->process = -1;
	for (int i = 0; tables_lab_status(lab).is_there && i < PATIENCE * 1000; i++)
		usleep(1000);
	assert_false(tables_lab_status(lab).is_there);
	/* For a while somebody waits, and then nobody. */
	began = clock_mono();
	assert_string_equal(tables_lab_get(lab, "b", PATIENCE), "?");
	assert_true(clock_mono() - began >= HELPER_AWAY_MS * 1000);
	tables_lab_advance(lab, HELPER_AWAY_MS / 1000.0);
	began = clock_mono();
	assert_string_equal(tables_lab_get(lab, "c", PATIENCE), "?");
	assert_true(clock_mono() - began < HELPER_AWAY_MS * 1000);
	/* The successor is asked what was open. */
	tables_lab_process(lab);
	uint64_t a = tables_lab_next(lab, "a"), b = tables_lab_next(lab, "b");
	tables_lab_next(lab, "c");
	tables_lab_reply(lab, b, ANSWER_FOUND, "bob");
	tables_lab_reply(lab, a, ANSWER_FOUND, "alice");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "alice");
	assert_string_equal(tables_lab_get(lab, "b", 0), "bob");
	/* What two of them have died with is not put to a third. */
	tables_lab_process(lab);
	tables_lab_next(lab, "c");
	tables_lab_process(lab);
	tables_lab_settle(lab);
	/* Nor by whoever needs it now, but later. */
	assert_string_equal(tables_lab_get(lab, "c", 1), "?");
	tables_lab_silent(lab, "what two of them have died with");
	tables_lab_advance(lab, TABLES_TTL_FAILED);
	tables_lab_start(lab, "c");
	tables_lab_next(lab, "c");
}

/* ---- one that does not answer ---- */

static void
test_hung(void **state)
{
	struct tables_lab *lab = *state;

	tables_client_tick(lab->client);
	tables_lab_silent(lab, "nothing is open");
	assert_int_equal(lab->pings, 0);
	tables_lab_start(lab, "a");
	uint64_t id = tables_lab_next(lab, "a");
	tables_client_tick(lab->client);
	tables_lab_silent(lab, "a ping is no question");
	assert_true(lab->pings == 1);
	/* A pong, and the table may take its time. */
	tables_lab_send(lab, (struct tables_answer_head){.kind = TABLES_PING}, "");
	tables_lab_settle(lab);
	tables_client_tick(lab->client);
	tables_lab_silent(lab, "no question");
	assert_int_equal(lab->pings, 1);
	tables_lab_advance(lab, TABLES_HUNG_MS / 1000.0 + 1);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	assert_true(tables_lab_status(lab).is_there);
	/* None to the next one. */
	tables_lab_advance(lab, TABLES_HUNG_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	assert_false(tables_lab_status(lab).is_there);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	tables_lab_advance(lab, HELPER_HUNG_AGAIN_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);
	int64_t began = clock_mono();
	assert_string_equal(tables_lab_get(lab, "b", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	/* It was only slow. */
	tables_lab_reply(lab, id, ANSWER_FOUND, "alice");
	for (int i = 0; !tables_lab_status(lab).is_there && i < PATIENCE * 1000; i++)
		usleep(1000);
	assert_string_equal(tables_lab_get(lab, "a", 0), "alice");
	tables_client_tick(lab->client);
	tables_lab_next(lab, "b");
}

static void
test_given_up(void **state)
{
	struct tables_lab *lab = *state;

	tables_lab_start(lab, "a");
	uint64_t first = tables_lab_next(lab, "a");
	tables_lab_advance(lab, TABLES_GIVEN_UP_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(tables_lab_status(lab).open, 0);
	tables_lab_start(lab, "a");
	uint64_t second = tables_lab_next(lab, "a");
	tables_lab_reply(lab, first, ANSWER_FOUND, "old");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "?");
	tables_lab_reply(lab, second, ANSWER_FOUND, "new");
	tables_lab_settle(lab);
	assert_string_equal(tables_lab_get(lab, "a", 0), "new");
}

int
main(void)
{
#define TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, tables_lab_set_up, tables_lab_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_answers),
	    TEST(test_not_asked),
	    TEST(test_nonsense),
	    TEST(test_expiry),
	    TEST(test_forget),
	    TEST(test_deadline),
	    TEST(test_gone),
	    TEST(test_hung),
	    TEST(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
