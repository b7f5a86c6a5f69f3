/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* When somebody hears of the queue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "milter/alerts.h"

#define MINUTE ((int64_t)60)
#define BEGIN  ((int64_t)1772442180)

static struct alerts alerts;
static struct alert_news news[ALERT_KINDS];

static struct journal_sample
sample_of(int64_t minutes, enum sample_queue queue, uint64_t messages, int64_t oldest)
{
	struct journal_sample sample = {.time = (BEGIN + minutes * MINUTE) * 1000000};

	sample.queues[queue] = (struct sample_count){
	    .messages = messages, .oldest = messages > 0 ? BEGIN + oldest * MINUTE : 0};
	return sample;
}

static size_t
look(const struct alert_limits *limits, int64_t minutes, enum sample_queue queue,
    uint64_t messages, int64_t oldest)
{
	const struct journal_sample sample = sample_of(minutes, queue, messages, oldest);

	return alerts_look(&alerts, limits, &sample, news);
}

static void
mail_on_hold(void **state)
{
	const struct alert_limits limits = {.hold_age = 600}, none = {0};

	(void)state;
	alerts = (struct alerts){.n_samples = 0};
	assert_int_equal(look(&limits, 10, SAMPLE_HOLD, 3, 0), 0);
	assert_int_equal(look(&limits, 11, SAMPLE_HOLD, 3, 0), 1);
	assert_int_equal(news[0].kind, ALERT_HOLD);
	assert_false(news[0].is_over);
	assert_string_equal(news[0].text, "3 messages wait on hold, the oldest for 11m");
	/* Told once. */
	assert_int_equal(look(&limits, 12, SAMPLE_HOLD, 5, 0), 0);
	assert_string_equal(
	    alerts.text[ALERT_HOLD], "5 messages wait on hold, the oldest for 12m");
	assert_int_equal(look(&limits, 13, SAMPLE_HOLD, 1, 2), 0);
	assert_int_equal(look(&limits, 14, SAMPLE_HOLD, 0, 0), 1);
	assert_true(news[0].is_over);
	assert_int_equal(news[0].since, (BEGIN + 11 * MINUTE) * 1000000);
	assert_string_equal(news[0].text, "0 messages wait on hold");
	/* In round numbers. */
	struct journal_sample odd = sample_of(30, SAMPLE_HOLD, 1, 0);
	odd.queues[SAMPLE_HOLD].oldest -= 13;
	assert_int_equal(alerts_look(&alerts, &limits, &odd, news), 1);
	assert_string_equal(news[0].text, "1 message waits on hold, the oldest for 30m");
	odd.queues[SAMPLE_HOLD].oldest -= 3 * 86400;
	assert_int_equal(alerts_look(&alerts, &limits, &odd, news), 0);
	assert_string_equal(
	    alerts.text[ALERT_HOLD], "1 message waits on hold, the oldest for 3d");
	assert_int_equal(look(&limits, 31, SAMPLE_HOLD, 0, 0), 1);
	assert_int_equal(look(&none, 90, SAMPLE_HOLD, 3, 0), 0);
	/* What is deferred is no mail on hold. */
	assert_int_equal(look(&limits, 91, SAMPLE_DEFERRED, 3, 0), 0);
}

static void
age_and_count(void **state)
{
	const struct alert_limits limits = {.queue_age = 1800, .queue_count = 100};

	(void)state;
	alerts = (struct alerts){.n_samples = 0};
	assert_int_equal(look(&limits, 30, SAMPLE_DEFERRED, 100, 0), 0);
	assert_int_equal(look(&limits, 31, SAMPLE_ACTIVE, 101, 0), 2);
	assert_int_equal(news[0].kind, ALERT_QUEUE_AGE);
	assert_int_equal(news[1].kind, ALERT_QUEUE_COUNT);
	/* Up and down around the limit is no news. */
	assert_int_equal(look(&limits, 32, SAMPLE_INCOMING, 99, 1), 0);
	assert_int_equal(look(&limits, 33, SAMPLE_INCOMING, 81, 2), 0);
	assert_int_equal(look(&limits, 34, SAMPLE_INCOMING, 80, 3), 1);
	assert_int_equal(news[0].kind, ALERT_QUEUE_COUNT);
	assert_true(news[0].is_over);
	/* Nobody waits for what is on hold here. */
	assert_int_equal(look(&limits, 35, SAMPLE_HOLD, 500, 0), 1);
	assert_true(news[0].is_over && news[0].kind == ALERT_QUEUE_AGE);
}

static void
growth_within_an_hour(void **state)
{
	const struct alert_limits limits = {.queue_growth = 50};

	(void)state;
	alerts = (struct alerts){.n_samples = 0};
	assert_int_equal(look(&limits, 0, SAMPLE_DEFERRED, 1000, 0), 0);
	/* Too soon to say. */
	assert_int_equal(look(&limits, 5, SAMPLE_DEFERRED, 1200, 0), 0);
	assert_int_equal(look(&limits, 10, SAMPLE_DEFERRED, 1051, 0), 1);
	assert_string_equal(news[0].text,
	    "1051 messages wait in the queue, the oldest for 10m; 51 more than 10m ago");
	for (int64_t minute = 11; minute < 300; minute++)
		if (look(&limits, minute, SAMPLE_DEFERRED, 1051, 0) == 1)
			break;
	assert_true(news[0].is_over);
	/* Slowly, over many hours, is no growth. */
	for (int64_t minute = 300; minute < 3000; minute++)
		assert_int_equal(
		    look(&limits, minute, SAMPLE_DEFERRED, 1000 + (uint64_t)minute / 2, 0),
		    0);
}

static void
mail_without_us(void **state)
{
	struct alert_news one;

	(void)state;
	alerts = (struct alerts){.n_samples = 0};
	assert_false(alerts_coverage(&alerts, NULL, 5, &one));
	assert_true(alerts_coverage(&alerts, "2 messages left", 6, &one));
	assert_string_equal(one.text, "2 messages left");
	assert_false(alerts_coverage(&alerts, "3 messages left", 7, &one));
	assert_true(alerts_coverage(&alerts, NULL, 8, &one));
	assert_true(one.is_over && one.since == 6);
	assert_string_equal(alert_name(one.kind), "coverage");
}

static void
what_was_told_before_is_no_news(void **state)
{
	const struct alert_limits limits = {
	    .hold_age = 600, .queue_count = 100, .queue_growth = 50};
	struct buf text = BUF_INIT(512);
	struct alert_news one;

	(void)state;
	alerts = (struct alerts){.n_samples = 0};
	assert_int_equal(look(&limits, 11, SAMPLE_HOLD, 3, 0), 1);
	alert_say(&news[0], &text);
	assert_string_equal(
	    buf_text(&text), "hold-alert: 3 messages wait on hold, the oldest for 11m");
	alerts = (struct alerts){.n_samples = 0};
	alerts_restore(&alerts, news[0].time, buf_view(&text));
	assert_string_equal(
	    alerts.text[ALERT_HOLD], "3 messages wait on hold, the oldest for 11m");
	assert_int_equal(look(&limits, 12, SAMPLE_HOLD, 3, 0), 0);
	assert_int_equal(look(&limits, 13, SAMPLE_HOLD, 0, 0), 1);
	assert_true(news[0].is_over);
	assert_int_equal(news[0].since, (BEGIN + 11 * MINUTE) * 1000000);
	buf_reset(&text);
	alert_say(&news[0], &text);
	assert_string_equal(buf_text(&text), "over: hold-alert: 0 messages wait on hold");

	/* What began, was over and began again; and what is none of it. */
	alerts = (struct alerts){.n_samples = 0};
	alerts_restore(&alerts, 1, VIEW("queue-alert-count: many"));
	alerts_restore(&alerts, 2, VIEW("over: queue-alert-count: few"));
	assert_int_equal(alerts.since[ALERT_QUEUE_COUNT], 0);
	alerts_restore(&alerts, 3, VIEW("queue-alert-count: many: again"));
	assert_int_equal(alerts.since[ALERT_QUEUE_COUNT], 3);
	assert_string_equal(alerts.text[ALERT_QUEUE_COUNT], "many: again");
	alerts_restore(&alerts, 4, VIEW("queue-alert"));
	alerts_restore(&alerts, 4, VIEW("over: "));
	alerts_restore(&alerts, 4, VIEW("dance: 5"));
	alerts_restore(&alerts, 4, VIEW("coverage: 2 left"));
	assert_true(alerts_coverage(&alerts, NULL, 5, &one) && one.since == 4);

	/* Just started nobody knows whether it still grows. */
	alerts = (struct alerts){.n_samples = 0};
	alerts_restore(&alerts, 6, VIEW("queue-alert-growth: 51 more"));
	assert_int_equal(look(&limits, 20, SAMPLE_DEFERRED, 10, 0), 0);
	assert_int_equal(look(&limits, 29, SAMPLE_DEFERRED, 10, 0), 0);
	assert_int_equal(look(&limits, 30, SAMPLE_DEFERRED, 10, 0), 1);
	assert_true(news[0].is_over && news[0].kind == ALERT_QUEUE_GROWTH);
	/* Nobody wants to know it, either. */
	alerts = (struct alerts){.n_samples = 0};
	alerts_restore(&alerts, 6, VIEW("queue-alert-growth: 51 more"));
	assert_int_equal(look(&(struct alert_limits){0}, 31, SAMPLE_HOLD, 0, 0), 1);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mail_on_hold),
	    cmocka_unit_test(age_and_count),
	    cmocka_unit_test(growth_within_an_hour),
	    cmocka_unit_test(mail_without_us),
	    cmocka_unit_test(what_was_told_before_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
