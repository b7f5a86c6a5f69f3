/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* A day's mail against Postfix's limits: each as it should be, not so, and not to be known.
 */

#include "tests/unit/doctor_lab.h"

#include <stdio.h>

#include "doctor/postfix.h"
#include "doctor/traffic.h"
#include "doctor/world.h"
#include "lib/bug.h"
#include "tests/unit/journal_lab.h"

static const struct traffic_limits usual = {.has_size = true,
    .has_lifetime = true,
    .has_concurrency = true,
    .has_agents = true,
    .agents = 100,
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

	traffic_begin(traffic, LAB_TIME, report->arena, (struct map_seed){1, 2});
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
	    .text = VIEW("MAIL from a.example[192.0.2.1]: 552 5.3.4 Message size exceeds "
			 "fixed limit; proto=ESMTP helo=<a.example>")};
	struct outcome other = {.what = VIEW("rejected"),
	    .text = VIEW("RCPT from a.example[192.0.2.1]: 554 5.7.1 No; helo=<5.3.4>")};
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

/* Who makes mail end is not the limit: of each postsuper speaks, and then qmgr. */
static void
test_forced(void **state)
{
	struct outcome forced = {.what = VIEW("given-up"), .program = VIEW("postsuper")};
	struct outcome given_up = {.what = VIEW("given-up"), .program = VIEW("qmgr")};
	struct traffic_limits limits = usual;
	struct doctor_report *report = lab_report();
	struct traffic *traffic = begin(report);

	(void)state;
	limits.lifetime = 3600;
	add(traffic, forced, 9);
	add(traffic, given_up, 13);
	traffic_judge(traffic, &limits, report);
	traffic_end(traffic);
	lab_report_end(report, "forced", FINE("22"));
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

/* AGENTS that deliver mail to RCPT in the minutes of an hour, one every SECONDS, which had
 * waited for WAITED seconds; each with a line for every one of RCPTS. */
struct rush {
	const char *rcpt;
	int agents, seconds, waited, rcpts, minutes;
};

static void
add_rush(struct traffic *traffic, const struct rush *rush)
{
	struct outcome sent = {.what = VIEW("sent"),
	    .dsn = VIEW("2.0.0"),
	    .program = VIEW("smtp"),
	    .rcpt = view_of(rush->rcpt)};
	char id[32];

	sent.delays_ms[OUTCOME_ACTIVE] = (uint32_t)rush->waited * 1000;
	sent.delays_ms[OUTCOME_SEND] = (uint32_t)rush->seconds * 1000;
	for (int at = rush->seconds; at <= rush->minutes * 60; at += rush->seconds)
		for (int agent = 0; agent < rush->agents; agent++) {
			snprintf(id, sizeof(id), "%d-%d", at, agent);
			sent.queue_id = view_of(id);
			sent.time = LAB_TIME + at * LAB_SECOND;
			for (int rcpt = 0; rcpt < rush->rcpts; rcpt++) {
				assert_true(traffic_add(traffic, &sent));
				sent.time += 1000;
			}
		}
}

static void
expect_rush(const struct traffic_limits *limits, const struct rush *rush,
    struct outcome other, int n_other, const char *want)
{
	struct doctor_report *report = lab_report();
	struct traffic *traffic = begin(report);

	add_rush(traffic, rush);
	add(traffic, other, n_other);
	traffic_judge(traffic, limits, report);
	traffic_end(traffic);
	lab_report_end(report, rush->rcpt, want);
}

#define WAITED(n, why)                                                                     \
	"bad within a day " n " deliveries waited for more than 5 minutes in the active "  \
	"queue, up to 6 minutes and most of them until 2026-03-02 09:03:00Z, while " why   \
	"\n"
#define MORE(n)                                                                            \
	"> Make more, and look the next day whether it puts mail off for that\n"           \
	"> postconf -e 'smtp_destination_concurrency_limit = " n "'\n> postfix reload\n"

static void
test_waits(void **state)
{
	const struct rush full = {"bob@busy.example", 20, 10, 360, 1, 5};
	struct rush rush = full;
	struct traffic_limits limits = usual;
	struct outcome busy = DEFERRED("421 4.7.0 Too many connections from your host");

	(void)state;
	expect_rush(&usual, &full, busy, 0,
	    WAITED("600", "20 connections that smtp makes to busy.example were in use")
		MORE("40"));
	/* A receiver that wants less does not get more. */
	expect_rush(&usual, &full, busy, 32, FINE("632"));
	rush.agents = 15;
	expect_rush(&usual, &rush, busy, 0, FINE("450"));
	/* Who has two recipients is one delivery. */
	rush.agents = 10;
	rush.rcpts = 2;
	expect_rush(&usual, &rush, busy, 0, FINE("600"));
	rush = full;
	rush.waited = 299;
	expect_rush(&usual, &rush, busy, 0, FINE("600"));
	rush = full;
	rush.minutes = 1;
	rush.seconds = 30;
	expect_rush(&usual, &rush, busy, 0, FINE("40"));
	/* What takes five minutes keeps one agent for five, not five for one. */
	rush = (struct rush){"bob@busy.example", 5, 300, 360, 1, 60};
	expect_rush(&usual, &rush, busy, 0, FINE("60"));
	limits.concurrency = 0;
	expect_rush(&limits, &full, busy, 0, FINE("600"));
	limits.concurrency = 20;
	limits.is_slowed = true;
	expect_rush(&limits, &full, busy, 0, FINE("600"));
}

static void
test_waits_for_all(void **state)
{
	const struct rush full = {"bob@busy.example", 20, 10, 360, 1, 5};
	struct traffic_limits limits = usual;
	struct outcome nothing = DEFERRED("");

	(void)state;
	limits.is_one_host = true;
	expect_rush(&limits, &full, nothing, 0,
	    WAITED("600", "20 connections that smtp makes to the relay host were in use")
		MORE("40"));
	limits = (struct traffic_limits){.has_agents = true, .agents = 20};
	expect_rush(&limits, &full, nothing, 0,
	    WAITED("600",
		"20 smtp processes were busy") "> postconf -F 'smtp/unix/process_limit = "
					       "40'\n> postfix reload\n");
	limits.agents = 30;
	expect_rush(&limits, &full, nothing, 0, FINE("600"));
	limits.agents = 0;
	expect_rush(&limits, &full, nothing, 0, FINE("600"));
	limits = (struct traffic_limits){.agents = 20};
	expect_rush(&limits, &full, nothing, 0, FINE("600"));
}

static void
test_bounds(void **state)
{
	struct outcome busy = DEFERRED("421 4.7.0 throttled");
	struct doctor_report *report = lab_report();
	struct traffic *traffic = begin(report);
	char rcpt[64];

	(void)state;
	for (int i = 0; i <= TRAFFIC_DOMAINS_MAX; i++) {
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

static void
put(const char *dir, const struct outcome *outcome, int n)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);

	for (int i = 0; i < n; i++)
		assert_int_equal(outcome_add(&batch, outcome), 0);
	assert_int_equal(
	    journal_outcomes(journal, outcome->time, buf_view(&batch), VIEW("place")), 0);
	buf_fini(&batch);
	journal_close(journal);
}

static void
expect_run(const struct doctor_world *world, const char *what, const char *want)
{
	static const struct doctor_subject nothing;
	const struct doctor_check *check = doctor_machine;
	struct doctor_report *report = lab_report();

	while (
	    check->name != NULL && !view_is(view_of(check->name), VIEW("machine-traffic")))
		check++;
	must(check->name != NULL);
	check->run(world, &nothing, report);
	lab_report_end(report, what, want);
}

static const struct doctor_postfix *
postfix_with(struct arena *arena, struct view values)
{
	const struct postfix_conf_texts texts = {
	    .values = values, .set = VIEW("smtp_destination_concurrency_limit = 4\n")};
	struct doctor_postfix *postfix = arena_alloc(arena, sizeof(*postfix));

	*postfix = (struct doctor_postfix){.conf = postfix_conf_new(&texts, arena)};
	return postfix;
}

#define MAIN_CF                                                                            \
	"message_size_limit = 10240000\nmaximal_queue_lifetime = 5d\n"                     \
	"default_destination_concurrency_limit = 20\ndefault_destination_rate_delay = "    \
	"0s\nsmtp_destination_concurrency_limit = 4\n"

/* What had to wait for one of two agents, as journal and master.cf have it. */
static void
test_read_waits(void **state)
{
	const struct postfix_conf_texts texts = {.values = VIEW(MAIN_CF),
	    .services =
		VIEW("smtp       unix  -       -       y       -       2       smtp\n")};
	struct arena *arena = arena_new(0);
	struct doctor_postfix postfix = {.conf = postfix_conf_new(&texts, arena)};
	struct doctor_world world = {.postfix = &postfix,
	    .state_dir = lab_dir(),
	    .now = LAB_TIME + 3600 * LAB_SECOND};
	struct outcome bounced = {.time = LAB_TIME + 2 * LAB_SECOND,
	    .what = VIEW("bounced"),
	    .program = VIEW("smtp"),
	    .delays_ms = {0, 400000, 500, 1500}};
	char id[32];

	(void)state;
	for (int i = 0; i < 60; i++) {
		snprintf(id, sizeof(id), "%d", i);
		bounced.queue_id = view_of(id);
		bounced.time += 2 * LAB_SECOND * (i % 2);
		put(world.state_dir, &bounced, 1);
	}
	expect_run(&world, "waits",
	    "bad within a day 60 deliveries waited for more than 5 minutes in the active "
	    "queue, up to 6 minutes and most of them until 2026-03-02 09:03:00Z, while 2 "
	    "smtp processes were busy\n"
	    "> postconf -F 'smtp/unix/process_limit = 4'\n> postfix reload\n");
	lab_remove();
	arena_free(arena);
}

/* The journal's last day, and main.cf, are what is judged. */
static void
test_read(void **state)
{
	struct arena *arena = arena_new(0);
	struct outcome busy = DEFERRED("421 4.7.0 Too many connections from your host");
	struct doctor_world world = {.postfix = postfix_with(arena, VIEW(MAIN_CF)),
	    .state_dir = lab_dir(),
	    .now = LAB_TIME + 3600 * LAB_SECOND};

	(void)state;
	busy.time = LAB_TIME;
	busy.queue_id = VIEW("4jX3hQ6zJrz1bY0D");
	put(world.state_dir, &busy, 60);
	expect_run(&world, "read", BUSY("60 of 60", "up to 4"));
	world.postfix = postfix_with(arena, VIEW(MAIN_CF "relayhost = [relay.example]\n"));
	expect_run(&world, "all goes to one host", FINE("60"));
	world.now = LAB_TIME + LAB_DAY + LAB_SECOND;
	expect_run(&world, "older than a day",
	    "could not tell the journal has nothing of what became of mail within the last "
	    "day\n");
	world.state_dir = NULL;
	expect_run(&world, "no journal",
	    "could not tell the directory of the journal is not known\n");
	world.postfix = NULL;
	world.postfix_fault = VIEW("there is no postconf");
	expect_run(&world, "no Postfix",
	    "could not tell Postfix cannot be looked at: there is no postconf\n");
	lab_remove();
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_lifetime),
	    cmocka_unit_test(test_forced),
	    cmocka_unit_test(test_throttled),
	    cmocka_unit_test(test_waits),
	    cmocka_unit_test(test_waits_for_all),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
