/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* A day's mail against Postfix's limits: each as it should be, not so, and not to be known.
 */

#include "tests/unit/doctor_lab.h"

#include <stdio.h>

#include "doctor/traffic.h"
#include "lib/bug.h"

static const struct traffic_limits usual = {.has_size = true,
    .has_lifetime = true,
    .has_concurrency = true,
    .size = 10240000,
    .lifetime = 5 * 86400,
    .concurrency = 20};

#define DEFERRED(words)                                                                    \
	{                                                                                  \
		.what = VIEW("deferred"), .rcpt = VIEW("bob@busy.example"),                \
		.dsn = VIEW("4.7.0"), .program = VIEW("smtp"), .text = VIEW(words)         \
	}

static void
add(struct traffic *traffic, struct outcome outcome, int n)
{
	for (int i = 0; i < n; i++)
		assert_true(traffic_add(traffic, &outcome));
}

static struct traffic *
begin(struct doctor_report *report)
{
	struct traffic *traffic = arena_alloc(report->arena, sizeof(*traffic));

	traffic_begin(traffic, report->arena, (struct map_seed){1, 2});
	return traffic;
}

/* N of OUTCOME, N_SENT more to the same domain, under LIMITS. */
static void
expect(const struct traffic_limits *limits, struct outcome outcome, int n, int n_sent,
    const char *want)
{
	struct outcome sent = {.what = VIEW("sent"),
	    .rcpt = VIEW("@busy.example"),
	    .dsn = VIEW("2.0.0"),
	    .program = VIEW("smtp")};
	struct doctor_report *report = lab_report();
	struct traffic *traffic = begin(report);

	add(traffic, outcome, n);
	add(traffic, sent, n_sent);
	traffic_judge(traffic, limits, report);
	traffic_end(traffic);
	lab_report_end(report, outcome.text.p, want);
}

#define FINE(n)                                                                            \
	"ok the limits are no obstacle to the mail of the last day (" n " outcomes)\n"

static void
test_size(void **state)
{
	struct outcome large = {.what = VIEW("rejected"),
	    .program = VIEW("submission/smtpd"),
	    .text = VIEW("552 5.3.4 Message size exceeds fixed limit")};
	struct outcome other = {.what = VIEW("rejected"), .text = VIEW("554 5.7.1 No")};
	struct traffic_limits limits = usual;

	(void)state;
	expect(&usual, large, 3, 0,
	    "bad within a day Postfix refused 3 messages of our own users for their size: "
	    "message_size_limit is 10240000, and large receivers take 25 MB\n"
	    "> postconf -e 'message_size_limit = 26214400'\n> postfix reload\n");
	expect(&usual, large, 2, 1, FINE("3"));
	expect(&usual, other, 9, 0, FINE("9"));
	limits.size = 26214400;
	expect(&limits, large, 9, 0, FINE("9"));
	limits.size = 0;
	expect(&limits, large, 9, 0, FINE("9"));
	limits = (struct traffic_limits){.size = 1};
	expect(&limits, large, 9, 0, FINE("9"));
}

static void
test_lifetime(void **state)
{
	struct outcome given_up = {.what = VIEW("given-up"), .text = VIEW("given up")};
	struct traffic_limits limits = usual;

	(void)state;
	expect(&usual, given_up, 99, 0, FINE("99"));
	limits.lifetime = 6 * 3600;
	expect(&limits, given_up, 5, 0,
	    "bad within a day Postfix gave 5 messages up: maximal_queue_lifetime is 6 "
	    "hours, and a receiver may be away for longer\n"
	    "> postconf -e 'maximal_queue_lifetime = 5d'\n> postfix reload\n");
	expect(&limits, given_up, 4, 0, FINE("4"));
	limits.has_lifetime = false;
	expect(&limits, given_up, 5, 0, FINE("5"));
}

#define BUSY(counts, at_once)                                                              \
	"bad within a day busy.example put " counts                                        \
	" tries off because we send too fast; smtp makes " at_once                         \
	" connections to it at once\n"                                                     \
	"> Give it a transport of its own that waits between deliveries, and name it in "  \
	"transport_maps (busy.example slow:):\n"                                           \
	"> postconf -M 'slow/unix=slow unix - - y - - smtp'\n"                             \
	"> postconf -e 'slow_destination_concurrency_limit = 2' "                          \
	"'slow_destination_rate_delay = 1s'\n> postfix reload\n"

static void
test_throttled(void **state)
{
	struct outcome busy = DEFERRED("421 4.7.0 Too many connections from your host");
	struct outcome grey = DEFERRED("450 4.7.0 Greylisted, come back later");
	struct outcome refused = busy, elsewhere = busy;
	struct traffic_limits limits = usual;

	(void)state;
	refused.dsn = VIEW("5.7.0");
	elsewhere.program = VIEW("slow/smtp");
	expect(&usual, busy, 50, 200, BUSY("50 of 250", "up to 20"));
	expect(&usual, busy, 49, 0, FINE("49"));
	expect(&usual, busy, 50, 205, FINE("255"));
	expect(&usual, grey, 500, 0, FINE("500"));
	expect(&usual, refused, 500, 0, FINE("500"));
	expect(&usual, elsewhere, 500, 0, FINE("500"));
	limits.concurrency = 0;
	expect(&limits, busy, 50, 0, BUSY("50 of 50", "as many as it likes"));
	limits.concurrency = 2;
	expect(&limits, busy, 500, 0, FINE("500"));
	limits.concurrency = 20;
	limits.is_slowed = true;
	expect(&limits, busy, 500, 0, FINE("500"));
	limits = (struct traffic_limits){.has_size = false};
	expect(&limits, busy, 500, 0, FINE("500"));
}

static void
test_bounds(void **state)
{
	struct outcome busy = DEFERRED("421 4.7.0 throttled");
	struct doctor_report *report = lab_report();
	struct traffic *traffic = begin(report);

	(void)state;
	for (int i = 0; i <= TRAFFIC_DOMAINS_MAX; i++) {
		char rcpt[64];

		snprintf(rcpt, sizeof(rcpt), "x@d%d.example", i);
		busy.rcpt = view_of(rcpt);
		add(traffic, busy, 1);
	}
	while (traffic->n < TRAFFIC_ROWS_MAX)
		assert_true(traffic_add(traffic, &busy));
	assert_false(traffic_add(traffic, &busy));
	traffic_judge(traffic, &usual, report);
	traffic_end(traffic);
	lab_report_end(report, "bounds",
	    "could not tell only the first 500000 outcomes of the last day were looked at\n"
	    "could not tell only the first 1000 domains of the last day were looked at\n");
	expect(&usual, busy, 0, 0,
	    "could not tell the journal has nothing of what became of mail within the last "
	    "day\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_lifetime),
	    cmocka_unit_test(test_throttled),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
