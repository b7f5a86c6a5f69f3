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
#include "lib/ipc.h"
#include "milter/tables_client_private.h"

enum { PATIENCE = 20, SHORT_MS = 50, SECOND = 1000000 };

struct lab {
	struct tables_client *client;
	int process; /* the other end; -1: none */
	int pings;   /* that came */
	atomic_llong now;
	atomic_int hung;
};

static int64_t
lab_now(void *context)
{
	struct lab *lab = context;

	return atomic_load(&lab->now);
}

static void
lab_hung(void *context)
{
	struct lab *lab = context;

	atomic_fetch_add(&lab->hung, 1);
}

static void
lab_process(struct lab *lab)
{
	int pair[2];

	must(ipc_pair(pair, NULL) == 0);
	if (lab->process >= 0)
		close(lab->process);
	lab->process = pair[1];
	must(tables_client_attach(lab->client, pair[0], NULL) == 0);
}

static int
set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	must(lab != NULL);
	atomic_store(&lab->now, 1000 * (long long)SECOND);
	const struct tables_calls calls = {lab, lab_hung, lab_now};
	lab->process = -1;
	lab->client = tables_client_new(&calls, (struct map_seed){1, 2});
	lab_process(lab);
	*state = lab;
	return 0;
}

static int
tear_down(void **state)
{
	struct lab *lab = *state;

	if (lab->process >= 0)
		close(lab->process);
	tables_client_free(lab->client);
	free(lab);
	return 0;
}

static void
advance(struct lab *lab, double seconds)
{
	atomic_fetch_add(&lab->now, (long long)(seconds * SECOND));
}

static struct tables_status
status_of(struct lab *lab)
{
	struct tables_status status;

	tables_client_status(lab->client, &status);
	return status;
}

static struct tables_question
question(const char *key)
{
	return (struct tables_question){VIEW("hash:/x"), view_of(key)};
}

static void
start(struct lab *lab, const char *key)
{
	const struct tables_question asked = question(key);

	tables_client_start(lab->client, &asked);
}

/* "?", "-" or the values, waiting for so long. */
static const char *
get(struct lab *lab, const char *key, double seconds)
{
	static char text[TABLES_VALUES_MAX + 1];
	const struct tables_question asked = question(key);
	struct tables_reply reply;
	int64_t deadline = atomic_load(&lab->now) + (int64_t)(seconds * SECOND);

	tables_client_get(lab->client, &asked, seconds > 0 ? deadline : 0, &reply);
	if (reply.answer != ANSWER_FOUND)
		return reply.answer == ANSWER_NONE ? "-" : "?";
	snprintf(text, sizeof(text), "%.*s", (int)reply.n, reply.values);
	return text;
}

/* The next question that comes within MILLISECONDS; pings are counted. */
static bool
question_recv(struct lab *lab, int milliseconds, struct tables_question_frame *frame)
{
	struct err err = ERR_INIT;
	size_t n;

	memset(frame, 0, sizeof(*frame));
	while (ipc_recv(lab->process, frame, sizeof(*frame), &n, milliseconds, &err) == 1) {
		assert_true(n >= sizeof(frame->head));
		if (frame->head.kind == TABLES_PING) {
			lab->pings++;
			continue;
		}
		assert_int_equal(frame->head.kind, TABLES_ASK);
		assert_int_equal(
		    n, sizeof(frame->head) + frame->head.n_table + frame->head.n_key);
		return true;
	}
	return false;
}

/* It is for KEY. Its id. */
static uint64_t
next(struct lab *lab, const char *key)
{
	struct tables_question_frame frame;

	if (!question_recv(lab, PATIENCE * 1000, &frame))
		fail_msg("no question came");
	assert_int_equal(frame.head.n_table, 7);
	assert_memory_equal(frame.payload, "hash:/x", 7);
	assert_int_equal(frame.head.n_key, strlen(key));
	assert_memory_equal(frame.payload + 7, key, strlen(key));
	return frame.head.id;
}

/* Whoever asks sends before the call returns, so there is nothing to wait for. */
static void
silent(struct lab *lab, const char *when)
{
	struct tables_question_frame frame;

	if (question_recv(lab, 0, &frame))
		fail_msg("%s: a question came for %s", when, frame.payload + 7);
}

static void
send_frame(struct lab *lab, struct tables_answer_head head, const char *payload)
{
	struct tables_answer_frame frame = {.head = head};
	size_t n = head.n_values + head.n_words;

	memcpy(frame.payload, payload, n);
	assert_int_equal(send(lab->process, &frame, sizeof(head) + n, MSG_NOSIGNAL),
	    (ssize_t)(sizeof(head) + n));
}

static void
reply(struct lab *lab, uint64_t id, enum fact_answer answer, const char *text)
{
	uint32_t n = (uint32_t)strlen(text);
	struct tables_answer_head head = {.kind = TABLES_ASK, .answer = answer, .id = id};

	*(answer == ANSWER_FOUND ? &head.n_values : &head.n_words) = n;
	send_frame(lab, head, text);
}

/* When this returns, all that was sent has been taken. */
static void
settle(struct lab *lab)
{
	static int number;
	char key[32];

	snprintf(key, sizeof(key), "settle%d", number++);
	start(lab, key);
	reply(lab, next(lab, key), ANSWER_NONE, "");
	assert_string_equal(get(lab, key, PATIENCE), "-");
}

static void
answered(struct lab *lab, const char *key, enum fact_answer answer, const char *text)
{
	start(lab, key);
	reply(lab, next(lab, key), answer, text);
	settle(lab);
}

/* ---- questions and answers ---- */

static void
test_answers(void **state)
{
	struct lab *lab = *state;

	answered(lab, "alice@example.org", ANSWER_FOUND, "alice,bob");
	answered(lab, "@example.org", ANSWER_NONE, "");
	answered(lab, "sick", ANSWER_UNKNOWN, "fatal: no");
	assert_string_equal(get(lab, "alice@example.org", 0), "alice,bob");
	assert_string_equal(get(lab, "@example.org", 0), "-");
	assert_string_equal(get(lab, "sick", PATIENCE), "?");
	silent(lab, "all is known, trouble too");
	struct tables_status status = status_of(lab);
	assert_true(status.is_there);
	assert_int_equal(status.failed, 1);
	assert_string_equal(status.trouble, "hash:/x: fatal: no");
	/* The same key of another table is another question. */
	const struct tables_question other = {VIEW("hash:/y"), VIEW("@example.org")};
	struct tables_question_frame frame;
	tables_client_start(lab->client, &other);
	assert_true(question_recv(lab, PATIENCE * 1000, &frame));
	assert_memory_equal(frame.payload, "hash:/y", 7);
}

static void
test_not_asked(void **state)
{
	struct lab *lab = *state;
	char long_name[TABLES_NAME_MAX + 2];
	struct tables_reply got;

	memset(long_name, 'a', sizeof(long_name));
	const struct tables_question questions[] = {
	    {VIEW("hash:/x"), VIEW("")},
	    {VIEW("hash:/x"), VIEW("a\nb")},
	    {VIEW("hash:/x"), VIEW("a\0b")},
	    {VIEW("hash:/x"), VIEW("\xff")},
	    {VIEW("hash:/x"), {long_name, TABLES_KEY_MAX + 1}},
	    {VIEW(""), VIEW("a")},
	    {{long_name, TABLES_NAME_MAX + 1}, VIEW("a")},
	};
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		tables_client_start(lab->client, &questions[i]);
		got.answer = ANSWER_NONE;
		tables_client_get(lab->client, &questions[i], INT64_MAX, &got);
		assert_int_equal(got.answer, ANSWER_UNKNOWN);
		silent(lab, "a question that cannot be asked");
	}
}

static void
test_nonsense(void **state)
{
	struct lab *lab = *state;
	struct tables_answer_head head = {.kind = TABLES_ASK, .answer = ANSWER_FOUND};
	static const char junk[sizeof(struct tables_answer_frame) + 1];

	start(lab, "a");
	uint64_t id = next(lab, "a");
	assert_int_equal(send(lab->process, junk, 1, 0), 1);
	assert_int_equal(send(lab->process, junk, sizeof(junk), 0), sizeof(junk));
	reply(lab, id + 1, ANSWER_FOUND, "mallory");
	reply(lab, id + TABLES_OPEN_MAX, ANSWER_FOUND, "mallory");
	head.id = id;
	head.n_values = 3;
	head.answer = ANSWER_FOUND + 1;
	send_frame(lab, head, "abc");
	head.answer = ANSWER_FOUND;
	head.kind = 9;
	send_frame(lab, head, "abc");
	head.kind = TABLES_ASK;
	head.n_values = UINT32_MAX;
	assert_int_equal(send(lab->process, &head, sizeof(head), 0), sizeof(head));
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "?");
	reply(lab, id, ANSWER_FOUND, "alice");
	/* A second answer to the same question is none. */
	reply(lab, id, ANSWER_FOUND, "mallory");
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "alice");
}

/* ---- how long ---- */

static void
test_expiry(void **state)
{
	struct lab *lab = *state;
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
		answered(lab, "a", cases[i].answer, cases[i].text);
		advance(lab, cases[i].seconds - 0.1);
		assert_string_equal(get(lab, "a", 0), cases[i].want);
		silent(lab, "it is known");
		advance(lab, 0.2);
		assert_string_equal(get(lab, "a", 0), "?");
		reply(lab, next(lab, "a"), ANSWER_NONE, "");
		settle(lab);
		advance(lab, 100);
	}
}

static void
test_forget(void **state)
{
	struct lab *lab = *state;

	answered(lab, "a", ANSWER_FOUND, "alice");
	start(lab, "b");
	uint64_t b = next(lab, "b");
	tables_client_forget(lab->client);
	start(lab, "a");
	reply(lab, next(lab, "a"), ANSWER_FOUND, "bob");
	/* What was under way is from before: it is asked once more. */
	reply(lab, b, ANSWER_FOUND, "alice");
	reply(lab, next(lab, "b"), ANSWER_FOUND, "carol");
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "bob");
	assert_string_equal(get(lab, "b", 0), "carol");
}

/* ---- who waits ---- */

struct waiter {
	struct lab *lab;
	pthread_t thread;
	enum fact_answer answer;
};

static void *
wait_run(void *argument)
{
	struct waiter *waiter = argument;
	const struct tables_question asked = question("shared");
	struct tables_reply got;

	tables_client_get(waiter->lab->client, &asked,
	    atomic_load(&waiter->lab->now) + PATIENCE * (int64_t)SECOND, &got);
	waiter->answer = got.answer;
	return NULL;
}

static unsigned
waiters_of(struct lab *lab)
{
	pthread_mutex_lock(&lab->client->helper.lock);
	unsigned n = lab->client->helper.waiters;
	pthread_mutex_unlock(&lab->client->helper.lock);
	return n;
}

static void
test_single_flight(void **state)
{
	static struct waiter waiters[TABLES_WAITERS_MAX];
	struct lab *lab = *state;
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (unsigned i = 0; i < ARRAY_LEN(waiters); i++) {
		waiters[i].lab = lab;
		must(
		    pthread_create(&waiters[i].thread, &small, wait_run, &waiters[i]) == 0);
	}
	pthread_attr_destroy(&small);
	for (int i = 0; waiters_of(lab) < ARRAY_LEN(waiters) && i < PATIENCE * 1000; i++)
		usleep(1000);
	/* One more goes on without. */
	int64_t began = clock_mono();
	assert_string_equal(get(lab, "other", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	reply(lab, next(lab, "shared"), ANSWER_FOUND, "alice");
	for (unsigned i = 0; i < ARRAY_LEN(waiters); i++) {
		must(pthread_join(waiters[i].thread, NULL) == 0);
		assert_int_equal(waiters[i].answer, ANSWER_FOUND);
	}
	next(lab, "other");
	silent(lab, "so many threads and one question");
}

static void
test_deadline(void **state)
{
	struct lab *lab = *state;
	int64_t began = clock_mono();

	assert_string_equal(get(lab, "a", SHORT_MS / 1000.0), "?");
	int64_t took = clock_mono() - began;
	assert_true(took >= SHORT_MS * 1000 && took < PATIENCE * (int64_t)SECOND / 2);
	/* What one has waited for in vain nobody waits for again. */
	began = clock_mono();
	assert_string_equal(get(lab, "a", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	assert_int_equal(status_of(lab).late, 2);
	uint64_t id = next(lab, "a");
	silent(lab, "asked once");
	/* Late, but not for the next one. */
	reply(lab, id, ANSWER_FOUND, "alice");
	settle(lab);
	assert_string_equal(get(lab, "a", PATIENCE), "alice");
}

static void
test_gone(void **state)
{
	struct lab *lab = *state;
	int64_t began;

	start(lab, "a");
	next(lab, "a");
	close(lab->process);
	lab->process = -1;
	for (int i = 0; status_of(lab).is_there && i < PATIENCE * 1000; i++)
		usleep(1000);
	assert_false(status_of(lab).is_there);
	/* For a while somebody waits, and then nobody. */
	began = clock_mono();
	assert_string_equal(get(lab, "b", PATIENCE), "?");
	assert_true(clock_mono() - began >= HELPER_AWAY_MS * 1000);
	advance(lab, HELPER_AWAY_MS / 1000.0);
	began = clock_mono();
	assert_string_equal(get(lab, "c", PATIENCE), "?");
	assert_true(clock_mono() - began < HELPER_AWAY_MS * 1000);
	/* The successor is asked what was open. */
	lab_process(lab);
	uint64_t a = next(lab, "a"), b = next(lab, "b");
	next(lab, "c");
	reply(lab, b, ANSWER_FOUND, "bob");
	reply(lab, a, ANSWER_FOUND, "alice");
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "alice");
	assert_string_equal(get(lab, "b", 0), "bob");
	/* What two of them have died with is not put to a third. */
	lab_process(lab);
	next(lab, "c");
	lab_process(lab);
	settle(lab);
}

/* ---- one that does not answer ---- */

static void
test_hung(void **state)
{
	struct lab *lab = *state;

	tables_client_tick(lab->client);
	silent(lab, "nothing is open");
	assert_int_equal(lab->pings, 0);
	start(lab, "a");
	uint64_t id = next(lab, "a");
	tables_client_tick(lab->client);
	silent(lab, "a ping is no question");
	assert_true(lab->pings == 1);
	/* A pong, and the table may take its time. */
	send_frame(lab, (struct tables_answer_head){.kind = TABLES_PING}, "");
	settle(lab);
	tables_client_tick(lab->client);
	silent(lab, "no question");
	assert_int_equal(lab->pings, 1);
	advance(lab, TABLES_HUNG_MS / 1000.0 + 1);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 0);
	assert_true(status_of(lab).is_there);
	/* None to the next one. */
	advance(lab, TABLES_HUNG_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	assert_false(status_of(lab).is_there);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 1);
	advance(lab, HELPER_HUNG_AGAIN_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(atomic_load(&lab->hung), 2);
	int64_t began = clock_mono();
	assert_string_equal(get(lab, "b", PATIENCE), "?");
	assert_true(clock_mono() - began < PATIENCE * (int64_t)SECOND / 2);
	/* It was only slow. */
	reply(lab, id, ANSWER_FOUND, "alice");
	for (int i = 0; !status_of(lab).is_there && i < PATIENCE * 1000; i++)
		usleep(1000);
	assert_string_equal(get(lab, "a", 0), "alice");
	tables_client_tick(lab->client);
	next(lab, "b");
}

static void
test_given_up(void **state)
{
	struct lab *lab = *state;

	start(lab, "a");
	uint64_t first = next(lab, "a");
	advance(lab, TABLES_GIVEN_UP_MS / 1000.0);
	tables_client_tick(lab->client);
	assert_int_equal(status_of(lab).open, 0);
	start(lab, "a");
	uint64_t second = next(lab, "a");
	reply(lab, first, ANSWER_FOUND, "old");
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "?");
	reply(lab, second, ANSWER_FOUND, "new");
	settle(lab);
	assert_string_equal(get(lab, "a", 0), "new");
}

/* More than may be open at once; and more than is kept. */
static void
test_full(void **state)
{
	struct lab *lab = *state;
	struct tables_question_frame frame;
	char key[32];

	for (int i = 0; i < TABLES_OPEN_MAX + 5; i++) {
		snprintf(key, sizeof(key), "open%d", i);
		start(lab, key);
	}
	assert_int_equal(status_of(lab).open, TABLES_OPEN_MAX);
	assert_string_equal(get(lab, "more", PATIENCE), "?");
	for (int i = 0; i < TABLES_OPEN_MAX; i++) {
		if (!question_recv(lab, PATIENCE * 1000, &frame))
			fail_msg("question %d is missing", i);
		reply(lab, frame.head.id, ANSWER_NONE, "");
	}
	while (status_of(lab).open > 0)
		usleep(1000);
	for (int i = 0; i < TABLES_CACHE_MAX; i++) {
		snprintf(key, sizeof(key), "kept%d", i);
		start(lab, key);
		assert_true(question_recv(lab, PATIENCE * 1000, &frame));
		reply(lab, frame.head.id, ANSWER_NONE, "");
		if (i % 256 == 0)
			settle(lab);
	}
	settle(lab);
	assert_true(status_of(lab).kept <= TABLES_CACHE_MAX);
	assert_string_equal(get(lab, "open1", 0), "?");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_answers),
	    TEST(test_not_asked),
	    TEST(test_nonsense),
	    TEST(test_expiry),
	    TEST(test_forget),
	    TEST(test_single_flight),
	    TEST(test_deadline),
	    TEST(test_gone),
	    TEST(test_hung),
	    TEST(test_given_up),
	    TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
