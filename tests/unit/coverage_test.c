/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What left without a decision: the edges that lines of a log alone do not reach. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "journal/coverage.h"
#include "journal/outcome.h"
#include "lib/bug.h"

#include "tests/unit/journal_lab.h"

#define ID     "4jX3hQ6zJrz1bY0D"
#define HOUR   (3600 * LAB_SECOND)
#define LAPTOP VIEW("laptop.example.org[192.0.2.99]")

static void
put(const char *dir, const char *host, const struct outcome *outcomes, size_t n)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);
	struct journal *journal;

	settings.host = view_of(host);
	journal = lab_open(dir, &settings);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(outcome_add(&batch, &outcomes[i]), 0);
	assert_int_equal(
	    journal_outcomes(journal, outcomes[0].time, buf_view(&batch), VIEW("x")), 0);
	journal_close(journal);
	buf_fini(&batch);
}

/* A message that a login brought at TIME and that left a second later. */
static void
put_message(const char *dir, const char *host, int64_t time)
{
	const struct outcome way[] = {{.time = time,
					  .what = VIEW("arrived"),
					  .queue_id = VIEW(ID),
					  .user = VIEW("alice"),
					  .client = LAPTOP,
					  .program = VIEW("submission/smtpd")},
	    {.time = time + LAB_SECOND,
		.delay_ms = 1000,
		.what = VIEW("sent"),
		.queue_id = VIEW(ID),
		.rcpt = VIEW("bob@far.test"),
		.relay = VIEW("mx.far.test[198.51.100.7]:25"),
		.program = VIEW("smtp")}};

	put(dir, host, way, ARRAY_LEN(way));
}

static void
decide(const char *dir, const char *host, int64_t time)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal;

	settings.host = view_of(host);
	journal = lab_open(dir, &settings);
	lab_append_id(journal, ID, time);
	journal_close(journal);
}

static struct coverage
cover(const char *dir, int64_t since, int64_t until)
{
	const struct coverage_range range = {.since = since, .until = until};
	struct journal_reader *reader = lab_reader(dir);
	struct coverage coverage;
	struct err err = ERR_INIT;

	assert_int_equal(coverage_read(reader, &range, NULL, &coverage, &err), 0);
	journal_reader_close(reader);
	return coverage;
}

static void
a_decision_is_that_of_its_time_and_host(void **state)
{
	static const struct {
		const char *host;
		int64_t after; /* seconds after it arrived */
		uint64_t judged;
	} cases[] = {{"mail.example.org", 0, 1}, {"mail.example.org", 1, 1},
	    {"mail.example.org", -60, 0}, {"mail.example.org", 60, 0},
	    {"mx2.example.org", 1, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *dir = lab_dir();

		put_message(dir, "mail.example.org", LAB_TIME);
		decide(dir, cases[i].host, LAB_TIME + cases[i].after * LAB_SECOND);
		struct coverage coverage = cover(dir, LAB_TIME, 0);
		assert_int_equal(coverage.left, 1);
		assert_int_equal(coverage.judged, cases[i].judged);
		assert_int_equal(coverage.parts[COVERAGE_SERVICE].n, 1 - cases[i].judged);
	}
}

static void
only_what_left_in_time_counts(void **state)
{
	const char *dir = lab_dir();

	(void)state;
	put_message(dir, "mail", LAB_TIME);
	put_message(dir, "mail", LAB_TIME + HOUR);
	assert_int_equal(cover(dir, LAB_TIME, 0).left, 2);
	assert_int_equal(cover(dir, LAB_TIME + 60 * LAB_SECOND, 0).left, 1);
	assert_int_equal(cover(dir, LAB_TIME, LAB_TIME + HOUR).left, 1);
	assert_int_equal(cover(dir, LAB_TIME + 2 * HOUR, 0).left, 0);
}

/* The decision may be in the file of the day before. */
static void
a_message_may_wait_for_days(void **state)
{
	const struct outcome late = {.time = LAB_TIME + 3 * LAB_DAY,
	    .delay_ms = 3 * 86400 * 1000,
	    .what = VIEW("sent"),
	    .queue_id = VIEW(ID),
	    .rcpt = VIEW("bob@far.test"),
	    .program = VIEW("smtp")};
	const char *dir = lab_dir();

	(void)state;
	put_message(dir, "mail", LAB_TIME);
	decide(dir, "mail", LAB_TIME);
	put(dir, "mail", &late, 1);
	struct coverage coverage = cover(dir, LAB_TIME + 2 * LAB_DAY, 0);
	assert_int_equal(coverage.left, 1);
	assert_int_equal(coverage.judged, 1);
}

static void
lose_at(int64_t time)
{
	char sql[100];
	sqlite3 *db;

	snprintf(sql, sizeof(sql),
	    "INSERT INTO dropped(time, count, why) VALUES(%lld, 3, 'disk full')",
	    (long long)time);
	assert_int_equal(sqlite3_open(lab_path("journal-2026-03-02.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Decisions that the journal has lost are not mail that nobody judged. */
static void
a_loss_makes_it_unknown(void **state)
{
	static const struct {
		int64_t after;
		enum coverage_reason reason;
	} cases[] = {{HOUR, COVERAGE_UNKNOWN}, {-HOUR, COVERAGE_SERVICE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *dir = lab_dir();

		put_message(dir, "mail", LAB_TIME);
		lose_at(LAB_TIME + cases[i].after);
		struct coverage coverage = cover(dir, LAB_TIME, 0);
		assert_int_equal(coverage.parts[cases[i].reason].n, 1);
		assert_string_equal(coverage.parts[cases[i].reason].ids[0], ID);
		assert_int_equal(coverage_missed(&coverage, 0),
		    cases[i].reason == COVERAGE_UNKNOWN ? 0 : 1);
	}
}

static void
an_empty_journal_says_nothing(void **state)
{
	struct coverage coverage;

	(void)state;
	coverage = cover(lab_dir(), LAB_TIME, 0);
	assert_int_equal(coverage.left, 0);
	assert_int_equal(coverage.begin, 0);
}

static void
what_is_ignored_is_not_missed(void **state)
{
	struct coverage coverage = {.left = 100};
	unsigned ignored = 0;

	(void)state;
	for (unsigned reason = 0; reason < COVERAGE_REASONS; reason++)
		coverage.parts[reason].n = UINT64_C(1) << reason;
	assert_int_equal(coverage_missed(&coverage, 0), (1U << COVERAGE_UNKNOWN) - 1);
	for (unsigned reason = 0; reason < COVERAGE_UNKNOWN; reason++) {
		ignored |= 1U << reason;
		assert_int_equal(coverage_missed(&coverage, ignored),
		    ((1U << COVERAGE_UNKNOWN) - 1) & ~ignored);
		assert_non_null(policy_coverage_word((enum coverage_reason)reason));
	}
	assert_null(policy_coverage_word(COVERAGE_UNKNOWN));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_decision_is_that_of_its_time_and_host),
	    cmocka_unit_test(only_what_left_in_time_counts),
	    cmocka_unit_test(a_message_may_wait_for_days),
	    cmocka_unit_test(a_loss_makes_it_unknown),
	    cmocka_unit_test(an_empty_journal_says_nothing),
	    cmocka_unit_test(what_is_ignored_is_not_missed),
	};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
