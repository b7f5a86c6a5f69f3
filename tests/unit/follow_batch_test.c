/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Lines of the log on their way to the journal: what is in a frame, and what is counted. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "follow/batch.h"
#include "lib/bug.h"

#define HOUR (INT64_C(3600) * 1000000)
#define NOW  ((int64_t)1772442180 * 1000000) /* 2026-03-02 09:03:00Z */

#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static const struct source_entry sent = {.time = NOW,
    .program = TEXT("postfix/smtp"),
    .message = TEXT("4jX3hQ6zJrz1bY0D: to=<bob@rcpt.test>, relay=none, delay=1, "
		    "delays=0/0/0/1, dsn=2.0.0, status=sent (fine)")};

static int
set_up(void **state)
{
	struct batch *batch = mem_zeroed(1, sizeof(*batch));

	batch_init(batch);
	*state = batch;
	return 0;
}

static int
tear_down(void **state)
{
	batch_fini(*state);
	free(*state);
	return 0;
}

static void
add(struct batch *batch, struct source_entry entry)
{
	assert_true(batch_add(batch, &entry, NOW));
}

/* Sends the batch. How many outcomes it had; the time of the last. */
static unsigned
take(struct batch *batch, int64_t *ret_time)
{
	static struct follow_frame frame;
	size_t n = batch_take(batch, VIEW("here"), NOW, &frame);
	struct view rest = {frame.payload + 4, n - sizeof(frame.head) - 4};
	struct outcome outcome;
	unsigned number = 0;
	int got;

	assert_int_equal(frame.head.kind, FOLLOW_OUTCOMES);
	assert_int_equal(frame.head.n_place, 4);
	assert_memory_equal(frame.payload, "here", 4);
	assert_int_equal(frame.head.lines, batch->lines);
	while ((got = outcome_take(&rest, &outcome)) == 1) {
		number++;
		*ret_time = outcome.time;
	}
	assert_int_equal(got, 0);
	return number;
}

static void
test_counts(void **state)
{
	struct batch *batch = *state;
	int64_t time = 0;

	add(batch, sent);
	add(batch, (struct source_entry){NOW, VIEW("dovecot"), VIEW("imap-login: Login")});
	add(batch,
	    (struct source_entry){NOW, VIEW("postfix/qmgr"), VIEW("A1B2C3D4E: removed")});
	assert_int_equal(batch->lines, 3);
	assert_int_equal(batch->unknown, 0);
	add(batch, (struct source_entry){
		       NOW, VIEW("postfix/smtp"), VIEW("A1B2C3D4E: to=<\"never")});
	add(batch, (struct source_entry){NOW, VIEW(""), VIEW("")});
	assert_int_equal(batch->lines, 5);
	assert_int_equal(batch->unknown, 2);
	assert_int_equal(take(batch, &time), 1);
	assert_true(time == NOW);
	assert_int_equal(take(batch, &time), 0);
}

/* One frame has one day's. */
static void
test_days(void **state)
{
	struct batch *batch = *state;
	struct source_entry entry = sent;
	int64_t time = 0;

	add(batch, sent);
	entry.time = NOW - 10 * HOUR;
	assert_false(batch_add(batch, &entry, NOW));
	assert_int_equal(take(batch, &time), 1);
	add(batch, entry);
	assert_int_equal(take(batch, &time), 1);
	assert_true(time == NOW - 10 * HOUR);
}

/* A clock that is far off is not believed. */
static void
test_clocks(void **state)
{
	static const struct {
		int64_t time, want;
	} cases[] = {
	    {NOW + 23 * HOUR, NOW + 23 * HOUR},
	    {NOW + 25 * HOUR, NOW},
	    {NOW - 59 * 24 * HOUR, NOW - 59 * 24 * HOUR},
	    {NOW - 61 * 24 * HOUR, NOW},
	    {INT64_MAX, NOW},
	    {INT64_MIN / 2, NOW},
	};
	struct source_entry entry = sent;
	int64_t time = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		entry.time = cases[i].time;
		add(*state, entry);
		assert_int_equal(take(*state, &time), 1);
		assert_true(time == cases[i].want);
	}
}

static void
test_full(void **state)
{
	struct batch *batch = *state;
	unsigned n = 0;
	int64_t time;

	while (batch_add(batch, &sent, NOW))
		n++;
	assert_in_range(n, 100, OUTCOME_BATCH_MAX);
	assert_int_equal(batch->lines, n);
	assert_int_equal(take(batch, &time), n);
	add(batch, sent);
}

static const char *opened;

static int
open_log(void *context, const char *suffix, struct err *err)
{
	int fd = open(opened, O_RDONLY | O_CLOEXEC);

	(void)context;
	assert_string_equal(suffix, "");
	return fd >= 0 ? fd : err_sys(err, "%s", opened);
}

static void
no_gap(void *context, const char *text)
{
	(void)context;
	fail_msg("%s", text);
}

/* A log of lines of the form LINE, and then GOOD of one as syslog writes them. */
static bool
is_foreign(struct batch *batch, const char *line, int n, int n_good)
{
	static char path[] = "/tmp/follow-batch-XXXXXX";
	const struct source_calls calls = {NULL, open_log, no_gap};
	int fd = mkstemp(path);
	FILE *log = fdopen(fd, "w");
	struct source_entry entry;
	struct source source;

	must(log != NULL);
	opened = path;
	source_of_file(path, &calls, &source);
	assert_int_equal(source.begin(source.self, VIEW(""), NULL), 0);
	for (int i = 0; i < n + n_good; i++)
		fprintf(log, "%s\n",
		    i < n ? line
			  : "Mar  2 09:03:00 mx postfix/qmgr[17]: A1B2C3D4E: removed");
	must(fclose(log) == 0);
	while (source.next(source.self, NOW, &entry, NULL) == 1)
		add(batch, entry);
	source.free(source.self);
	must(unlink(path) == 0);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	return batch_is_foreign(batch);
}

static void
test_foreign(void **state)
{
	static const char other[] =
	    "<22>1 2026-03-02T09:03:00Z mx postfix/smtp 17 - - 4jX3h: x";
	struct batch *batch = *state;

	assert_false(is_foreign(batch, other, 99, 0));
	assert_int_equal(batch->lines, 99);
	assert_int_equal(batch->unknown, 99);
	assert_true(is_foreign(batch, other, 1, 0));
	assert_true(is_foreign(batch, "", 50, 0));
	assert_false(is_foreign(batch, other, 1000, 1));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_counts),
	    TEST(test_days),
	    TEST(test_clocks),
	    TEST(test_full),
	    TEST(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
