/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Deliveries that waited, counted from lines of which each has as many as recipients. */

#include "tests/unit/doctor_lab.h"

#include <stdio.h>

#include "doctor/traffic.h"
#include "lib/bug.h"
#include "tests/unit/journal_lab.h"

enum { WAITED_MS = 360000 };

static const struct traffic_limits limits = {
    .has_concurrency = true, .has_agents = true, .agents = 20, .concurrency = 20};

static void
begin(struct traffic *traffic, struct doctor_report *report)
{
	traffic_begin(traffic, LAB_TIME, report->arena, (struct map_seed){1, 2});
}

static void
end(struct traffic *traffic, struct doctor_report *report, const char *what,
    const char *want)
{
	traffic_judge(traffic, &limits, report);
	traffic_end(traffic);
	lab_report_end(report, what, want);
}

/* A line of delivery ID that is written SECONDS into the day. */
static void
line(struct traffic *traffic, const char *what, int id, int seconds, uint32_t send_ms)
{
	char text[32];
	struct outcome outcome = {.what = view_of(what),
	    .time = LAB_TIME + seconds * (int64_t)LAB_SECOND,
	    .dsn = VIEW("2.0.0"),
	    .program = VIEW("smtp"),
	    .rcpt = VIEW("bob@busy.example"),
	    .delays_ms = {0, WAITED_MS, 100, send_ms}};

	snprintf(text, sizeof(text), "%d", id);
	outcome.queue_id = view_of(text);
	assert_true(traffic_add(traffic, &outcome));
}

#define FINE(n)                                                                            \
	"ok the limits are no obstacle to the mail of the last day (" n " outcomes)\n"

/* A receiver that refuses one recipient a second has one connection, not one for each. */
static void
test_one_by_one(void **state)
{
	struct doctor_report *report = lab_report();
	struct traffic traffic;

	(void)state;
	begin(&traffic, report);
	for (int rcpt = 1; rcpt <= 60; rcpt++) {
		line(&traffic, "deferred", 1, 361 + rcpt, (uint32_t)rcpt * 1000);
		/* Meanwhile many others come and go. */
		for (int other = 0; other < 100; other++)
			line(&traffic, "sent", 1000 * rcpt + other, 3600 + 2 * rcpt, 10);
	}
	line(&traffic, "sent", 1, 422, 61000);
	end(&traffic, report, "one by one", FINE("6061"));
}

/* Those that end at once write their lines between each other's. */
static void
test_mixed(void **state)
{
	struct doctor_report *report = lab_report();
	struct traffic traffic;

	(void)state;
	begin(&traffic, report);
	for (int rcpt = 0; rcpt < 10; rcpt++)
		for (int id = 0; id < 100; id++)
			line(&traffic, "sent", id, 415, 6000);
	end(&traffic, report, "mixed", FINE("1000"));
}

/* One that began 5 seconds after the other is another one; and how long one waited for
 * something else is not said of these. */
static void
test_others(void **state)
{
	struct doctor_report *report = lab_report();
	struct traffic traffic;
	struct outcome once = {.what = VIEW("sent"),
	    .time = LAB_TIME + 7200 * (int64_t)LAB_SECOND,
	    .program = VIEW("smtp"),
	    .rcpt = VIEW("bob@busy.example"),
	    .queue_id = VIEW("once"),
	    .delays_ms = {0, 10 * WAITED_MS, 0, 1000}};

	(void)state;
	begin(&traffic, report);
	assert_true(traffic_add(&traffic, &once));
	for (int id = 0; id < 20; id++)
		for (int at = 0; at < 60; at += 5)
			line(&traffic, "deferred", id, 365 + at, 4900);
	end(&traffic, report, "others",
	    "bad within a day 240 deliveries waited for more than 5 minutes in the active "
	    "queue, up to 6 minutes and most of them until 2026-03-02 09:09:00Z, while 20 "
	    "smtp processes were busy\n"
	    "> postconf -F 'smtp/unix/process_limit = 40'\n> postfix reload\n"
	    "bad within a day 240 deliveries waited for more than 5 minutes in the active "
	    "queue, up to 6 minutes and most of them until 2026-03-02 09:09:00Z, while 20 "
	    "connections that smtp makes to busy.example were in use\n"
	    "> Make more, and look the next day whether it puts mail off for that\n"
	    "> postconf -e 'smtp_destination_concurrency_limit = 40'\n> postfix reload\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_by_one),
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
