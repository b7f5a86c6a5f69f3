/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What frankd sees of mail that left without it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "milter/coverage_watch.h"
#include "tests/unit/journal_lab.h"
#include "tests/unit/policy_lab.h"

static const struct follow_status followed = {.is_there = true, .log = "journald"};

static void
put_outcome(struct journal *journal, const struct outcome *outcome)
{
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);

	assert_int_equal(outcome_add(&batch, outcome), 0);
	assert_int_equal(
	    journal_outcomes(journal, outcome->time, buf_view(&batch), VIEW("x")), 0);
	buf_fini(&batch);
}

static void
put(struct journal *journal, const char *what, const char *id, int64_t seconds)
{
	struct outcome outcome = {.time = LAB_TIME + seconds * LAB_SECOND,
	    .what = view_of(what),
	    .queue_id = view_of(id),
	    .program = VIEW("smtp")};

	if (view_is(outcome.what, VIEW("sent"))) {
		outcome.rcpt = VIEW("bob@rcpt.test");
		outcome.relay = VIEW("mx.rcpt.test[192.0.2.1]:25");
	} else {
		outcome.program = VIEW("submission/smtpd");
		outcome.client = VIEW("laptop[192.0.2.99]");
		outcome.user = VIEW("alice");
	}
	put_outcome(journal, &outcome);
}

static void
sees_what_had_no_decision(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct policy *policy = lab_policy("accept\n", "", ""),
		      *excused =
			  lab_policy("set coverage-ignore service\naccept\n", "", "");
	struct coverage_status status;
	const int64_t now = LAB_TIME + 1800 * LAB_SECOND;

	(void)state;
	/* The log is followed since before. */
	put(journal, "arrived", "4jX000000000000", -7200);
	put(journal, "arrived", "lab-1", 0);
	lab_append_id(journal, "lab-1", LAB_TIME);
	put(journal, "sent", "lab-1", 1);
	put(journal, "arrived", "4jX3hQ6zJrz1bY0D", 100);
	put(journal, "sent", "4jX3hQ6zJrz1bY0D", 101);
	/* Only just. */
	put(journal, "arrived", "4jX3hQ6zJrz1bY0E", 1790);
	put(journal, "sent", "4jX3hQ6zJrz1bY0E", 1791);
	journal_close(journal);

	coverage_watch_look(dir, policy, &followed, now, &status);
	assert_string_equal(status.trouble, "");
	assert_int_equal(status.time, now);
	assert_int_equal(status.left, 2);
	assert_int_equal(status.missed, 1);
	coverage_watch_look(dir, excused, &followed, now, &status);
	assert_int_equal(status.missed, 0);
	/* Over an hour later it is not news any more. */
	coverage_watch_look(dir, policy, &followed, now + 7200 * LAB_SECOND, &status);
	assert_int_equal(status.left, 0);
	assert_int_equal(status.missed, 0);
	coverage_watch_look("/nowhere/at/all", policy, &followed, now, &status);
	assert_string_not_equal(status.trouble, "");
	policy_free(policy);
	policy_free(excused);
}

static void
put_late(struct journal *journal, const char *id, int64_t seconds, uint32_t waited)
{
	const struct outcome outcome = {.time = LAB_TIME + seconds * LAB_SECOND,
	    .delay_ms = waited * 1000,
	    .what = VIEW("sent"),
	    .queue_id = view_of(id),
	    .rcpt = VIEW("bob@rcpt.test"),
	    .relay = VIEW("mx.rcpt.test[192.0.2.1]:25"),
	    .program = VIEW("smtp")};

	put_outcome(journal, &outcome);
}

/* Neither counted as seen nor as missed. */
static void
does_not_look_for_what_waited_for_days(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct policy *policy = lab_policy("accept\n", "", "");
	struct coverage_status status;

	(void)state;
	put(journal, "arrived", "4jX000000000000", -4 * 86400);
	put(journal, "arrived", "4jX3hQ6zJrz1bY0D", -3 * 86400);
	put(journal, "arrived", "4jX3hQ6zJrz1bY0E", -80000);
	put_late(journal, "4jX3hQ6zJrz1bY0D", 0, 3 * 86400);
	put_late(journal, "4jX3hQ6zJrz1bY0E", 0, 80000);
	journal_close(journal);
	coverage_watch_look(dir, policy, &followed, LAB_TIME + 1800 * LAB_SECOND, &status);
	assert_string_equal(status.trouble, "");
	assert_int_equal(status.left, 2);
	assert_int_equal(status.missed, 1);
	policy_free(policy);
}

/* That nothing is seen is no word that all is well. */
static void
knows_nothing_without_the_log(void **state)
{
	static const struct follow_status others[] = {
	    {.is_there = false, .log = "journald"},
	    {.is_there = true, .log = "/var/log/mail.log", .trouble = "no such file"},
	    {.is_there = true},
	};
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct policy *policy = lab_policy("accept\n", "", "");
	struct coverage_status status;

	(void)state;
	lab_append_id(journal, "lab-1", LAB_TIME);
	journal_close(journal);
	coverage_watch_look(dir, policy, &followed, LAB_TIME + LAB_SECOND, &status);
	assert_string_equal(status.trouble, "the journal has nothing of Postfix's log yet");

	journal = lab_open(dir, &settings);
	put(journal, "arrived", "lab-1", 0);
	journal_close(journal);
	coverage_watch_look(dir, policy, &followed, LAB_TIME + LAB_SECOND, &status);
	assert_string_equal(status.trouble, "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		coverage_watch_look(
		    dir, policy, &others[i], LAB_TIME + LAB_SECOND, &status);
		assert_true(
		    strncmp(status.trouble, "Postfix's log is not followed", 29) == 0);
	}
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sees_what_had_no_decision),
	    cmocka_unit_test(knows_nothing_without_the_log),
	    cmocka_unit_test(does_not_look_for_what_waited_for_days),
	};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
