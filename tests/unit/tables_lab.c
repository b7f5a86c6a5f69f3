/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/ipc.h"

#include "tests/unit/tables_lab.h"

static int64_t
lab_now(void *context)
{
	struct tables_lab *lab = context;

	return atomic_load(&lab->now);
}

static void
lab_hung(void *context)
{
	struct tables_lab *lab = context;

	atomic_fetch_add(&lab->hung, 1);
}

void
tables_lab_process(struct tables_lab *lab)
{
	int pair[2];

	must(ipc_pair(pair, NULL) == 0);
	if (lab->process >= 0)
		close(lab->process);
	lab->process = pair[1];
	must(tables_client_attach(lab->client, pair[0], NULL) == 0);
}

int
tables_lab_set_up(void **state)
{
	struct tables_lab *lab = calloc(1, sizeof(*lab));

	must(lab != NULL);
	atomic_store(&lab->now, 1000 * (long long)SECOND);
	const struct tables_calls calls = {lab, lab_hung, lab_now};
	lab->process = -1;
	lab->client = tables_client_new(&calls, (struct map_seed){1, 2});
	tables_lab_process(lab);
	*state = lab;
	return 0;
}

int
tables_lab_tear_down(void **state)
{
	struct tables_lab *lab = *state;

	if (lab->process >= 0)
		close(lab->process);
	tables_client_free(lab->client);
	free(lab);
	return 0;
}

void
tables_lab_advance(struct tables_lab *lab, double seconds)
{
	atomic_fetch_add(&lab->now, (long long)(seconds * SECOND));
}

struct tables_status
tables_lab_status(struct tables_lab *lab)
{
	struct tables_status status;

	tables_client_status(lab->client, &status);
	return status;
}

struct tables_question
tables_lab_question(const struct tables_lab *lab, const char *key)
{
	return (struct tables_question){VIEW("hash:/x"), view_of(key), lab->origin};
}

void
tables_lab_start(struct tables_lab *lab, const char *key)
{
	const struct tables_question asked = tables_lab_question(lab, key);

	tables_client_start(lab->client, &asked);
}

/* "?", "-" or the values, waiting for so long. */
const char *
tables_lab_get(struct tables_lab *lab, const char *key, double seconds)
{
	static char text[TABLES_VALUES_MAX + 1];
	const struct tables_question asked = tables_lab_question(lab, key);
	struct tables_reply reply;
	int64_t deadline = atomic_load(&lab->now) + (int64_t)(seconds * SECOND);

	tables_client_get(lab->client, &asked, seconds > 0 ? deadline : 0, &reply);
	if (reply.answer != ANSWER_FOUND)
		return reply.answer == ANSWER_NONE ? "-" : "?";
	snprintf(text, sizeof(text), "%.*s", (int)reply.n, reply.values);
	return text;
}

/* The next question that comes within MILLISECONDS; pings are counted. */
bool
tables_lab_recv(
    struct tables_lab *lab, int milliseconds, struct tables_question_frame *frame)
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
uint64_t
tables_lab_next(struct tables_lab *lab, const char *key)
{
	struct tables_question_frame frame;

	if (!tables_lab_recv(lab, PATIENCE * 1000, &frame))
		fail_msg("no question came");
	assert_int_equal(frame.head.n_table, 7);
	assert_memory_equal(frame.payload, "hash:/x", 7);
	assert_int_equal(frame.head.n_key, strlen(key));
	assert_memory_equal(frame.payload + 7, key, strlen(key));
	return frame.head.id;
}

/* Whoever asks sends before the call returns, so there is nothing to wait for. */
void
tables_lab_silent(struct tables_lab *lab, const char *when)
{
	struct tables_question_frame frame;

	if (tables_lab_recv(lab, 0, &frame))
		fail_msg("%s: a question came for %s", when, frame.payload + 7);
}

void
tables_lab_send(struct tables_lab *lab, struct tables_answer_head head, const char *payload)
{
	struct tables_answer_frame frame = {.head = head};
	size_t n = head.n_values + head.n_words;

	memcpy(frame.payload, payload, n);
	assert_int_equal(send(lab->process, &frame, sizeof(head) + n, MSG_NOSIGNAL),
	    (ssize_t)(sizeof(head) + n));
}

void
tables_lab_reply(
    struct tables_lab *lab, uint64_t id, enum fact_answer answer, const char *text)
{
	uint32_t n = (uint32_t)strlen(text);
	struct tables_answer_head head = {.kind = TABLES_ASK, .answer = answer, .id = id};

	*(answer == ANSWER_FOUND ? &head.n_values : &head.n_words) = n;
	tables_lab_send(lab, head, text);
}

/* When this returns, all that was sent has been taken. */
void
tables_lab_settle(struct tables_lab *lab)
{
	static int number;
	char key[32];

	snprintf(key, sizeof(key), "settle%d", number++);
	tables_lab_start(lab, key);
	tables_lab_reply(lab, tables_lab_next(lab, key), ANSWER_NONE, "");
	assert_string_equal(tables_lab_get(lab, key, PATIENCE), "-");
}

void
tables_lab_answered(
    struct tables_lab *lab, const char *key, enum fact_answer answer, const char *text)
{
	tables_lab_start(lab, key);
	tables_lab_reply(lab, tables_lab_next(lab, key), answer, text);
	tables_lab_settle(lab);
}
