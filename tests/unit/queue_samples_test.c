/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What was in the queue, through the journal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/queue.h"
#include "tests/unit/journal_lab.h"

enum { MINUTES = 6 };

static void
put(struct journal *journal, int64_t minutes, uint64_t deferred)
{
	struct journal_sample sample = {.time = LAB_TIME + minutes * 60 * LAB_SECOND};

	sample.queues[SAMPLE_DEFERRED].messages = deferred;
	sample.queues[SAMPLE_ACTIVE].messages = 1;
	sample.queues[SAMPLE_HOLD].messages = 1000;
	journal_sample(journal, &sample);
}

static int
count_samples(void *context, const struct journal_sample *sample)
{
	int *seen = context;

	(*seen)++;
	assert_int_equal(sample->queues[SAMPLE_HOLD].messages, 1000);
	assert_int_equal(sample->queues[SAMPLE_INCOMING].messages, 0);
	return 0;
}

static void
last_six_hours(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	const struct journal_past all = {.since = 0};
	struct queue_samples samples;
	int seen = 0;

	(void)state;
	queue_samples_read(dir, LAB_TIME, &samples);
	assert_int_equal(samples.n, 0);
	put(journal, 0, 7); /* too long ago */
	put(journal, 7 * 60, 10);
	put(journal, 7 * 60 + 5, 20); /* the last of its stretch */
	put(journal, 7 * 60 + 4 * MINUTES, 30);
	journal_close(journal);

	const int64_t now = LAB_TIME + (7 * 60 + 5 * MINUTES) * 60 * LAB_SECOND;
	queue_samples_read(dir, now, &samples);
	assert_int_equal(samples.every, MINUTES * 60);
	/* In between nobody counted. */
	assert_int_equal(samples.n, 5);
	assert_int_equal(samples.messages[0], 21);
	assert_int_equal(samples.messages[1], 21);
	assert_int_equal(samples.messages[3], 21);
	assert_int_equal(samples.messages[4], 31);
	queue_samples_read(dir, now + 5 * 3600 * LAB_SECOND, &samples);
	assert_int_equal(samples.n, 5);

	struct journal_reader *reader = lab_reader(dir);
	assert_int_equal(journal_past_samples(reader, &all, count_samples, &seen, NULL), 0);
	assert_int_equal(seen, 4);
	journal_reader_close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(last_six_hours)};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
