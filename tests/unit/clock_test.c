/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#define SECONDS(n) ((int64_t)(n)*1000000)

static void
tells_the_time(void **state)
{
	struct clock a = clock_now(), b = clock_now();

	(void)state;
	assert_true(a.wall > SECONDS(1700000000));
	assert_true(b.mono >= a.mono && clock_mono() >= b.mono);
}

static void
writes_times(void **state)
{
	static const struct {
		int64_t wall;
		const char *text, *rfc3339, *day;
	} cases[] = {
	    {0, "1970-01-01 00:00:00Z", "1970-01-01T00:00:00.000Z", "1970-01-01"},
	    {SECONDS(1772442180) + 123999, "2026-03-02 09:03:00Z",
		"2026-03-02T09:03:00.123Z", "2026-03-02"},
	    {-1, "1969-12-31 23:59:59Z", "1969-12-31T23:59:59.999Z", "1969-12-31"},
	    {-SECONDS(1), "1969-12-31 23:59:59Z", "1969-12-31T23:59:59.000Z", "1969-12-31"},
	    {INT64_MAX, "294247-01-10 04:00:54Z", "294247-01-10T04:00:54.775Z",
		"294247-01-10"},
	    {INT64_MIN, "-290308-12-21 19:59:05Z", "-290308-12-21T19:59:05.224Z",
		"-290308-12-21"},
	};
	char into[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(clock_text(cases[i].wall, into), cases[i].text);
		assert_string_equal(clock_rfc3339(cases[i].wall, into), cases[i].rfc3339);
		assert_string_equal(clock_day(cases[i].wall, into), cases[i].day);
	}
}

static void
writes_date_fields(void **state)
{
	static const struct {
		int64_t wall;
		const char *text;
	} cases[] = {
	    {0, "Thu, 01 Jan 1970 00:00:00 +0000"},
	    {SECONDS(1772442180) + 999999, "Mon, 02 Mar 2026 09:03:00 +0000"},
	    {SECONDS(1798761599), "Thu, 31 Dec 2026 23:59:59 +0000"},
	};
	char into[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(clock_rfc5322(cases[i].wall, into), cases[i].text);
}

/* In one test, because the zone belongs to the process. */
static void
knows_zones(void **state)
{
	static const char *const bad[] = {"Europe/Berln", "/Europe/Berlin", "leapseconds",
	    "../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin", ":UTC",
	    "Europe", "CET-1CEST", "tzdata.zi", "a b"};
	struct clock_local local;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(clock_set_zone("Europe/Berlin", &err), 0);
	local = clock_local(SECONDS(1772442180)); /* Monday, 10:03 there */
	assert_int_equal(local.date, 20260302);
	assert_int_equal(local.minute, 10 * 60 + 3);
	assert_int_equal(local.weekday, 1);
	/* Summer time, and a day that is Sunday there and Saturday in UTC. */
	local = clock_local(SECONDS(1782597600)); /* 2026-06-27 22:00Z */
	assert_int_equal(local.date, 20260628);
	assert_int_equal(local.minute, 0);
	assert_int_equal(local.weekday, 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (clock_set_zone(bad[i], &err) == 0)
			fail_msg("the zone \"%s\" was accepted", bad[i]);
		assert_int_equal(err.code, ERR_CONFIG);
	}
	/* A refused name changes nothing, and nor does the empty one. */
	assert_int_equal(clock_set_zone("", &err), 0);
	assert_int_equal(clock_local(SECONDS(1772442180)).minute, 10 * 60 + 3);
	assert_int_equal(clock_set_zone("UTC", &err), 0);
	assert_int_equal(clock_local(-1).date, 19691231);
	assert_int_equal(clock_local(-1).minute, 1439);
}

/* Dates of syslog, in Berlin. */
static void
finds_the_year_and_the_hour(void **state)
{
	static const struct {
		struct clock_date date;
		const char *now, *want;
	} cases[] = {
	    {{3, 2, 10, 3}, "2026-03-02 09:03:30", "2026-03-02 09:03:00Z"},
	    {{7, 2, 10, 3}, "2026-07-02 09:03:30", "2026-07-02 08:03:00Z"},
	    /* Around New Year; another clock may be ahead. */
	    {{12, 31, 23, 59}, "2026-01-01 00:00:30", "2025-12-31 22:59:00Z"},
	    {{1, 1, 0, 0}, "2025-12-31 22:59:59", "2025-12-31 23:00:00Z"},
	    {{1, 1, 12, 0}, "2025-12-31 22:59:59", "2026-01-01 11:00:00Z"},
	    {{1, 3, 12, 0}, "2025-12-31 22:59:59", "2025-01-03 11:00:00Z"},
	    {{2, 29, 12, 0}, "2028-03-01 00:00:00", "2028-02-29 11:00:00Z"},
	    {{2, 29, 12, 0}, "2029-01-15 00:00:00", "2028-02-29 11:00:00Z"},
	    /* 2026-10-25: 02:30 comes at 00:30Z, and again at 01:30Z. */
	    {{10, 25, 2, 30}, "2026-10-25 00:30:20", "2026-10-25 00:30:00Z"},
	    {{10, 25, 2, 30}, "2026-10-25 01:30:20", "2026-10-25 01:30:00Z"},
	    {{10, 25, 1, 59}, "2026-10-25 01:30:20", "2026-10-24 23:59:00Z"},
	    {{10, 25, 3, 0}, "2026-10-25 02:00:20", "2026-10-25 02:00:00Z"},
	};
	char into[CLOCK_TEXT];

	(void)state;
	assert_int_equal(clock_set_zone("Europe/Berlin", NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t now;

		assert_int_equal(
		    clock_parse_since(view_of(cases[i].now), 0, &now, NULL), 0);
		assert_string_equal(
		    clock_text(clock_of_date(&cases[i].date, now), into), cases[i].want);
	}
	assert_int_equal(clock_set_zone("UTC", NULL), 0);
}

static void
reads_since(void **state)
{
	static const int64_t now = SECONDS(1772442180);
	static const struct {
		const char *text;
		int64_t wall; /* -1: refused */
	} cases[] = {
	    {"2h", now - SECONDS(7200)},
	    {"7d", now - SECONDS(7 * 86400)},
	    {"90s", now - SECONDS(90)},
	    {"5m", now - SECONDS(300)},
	    {"1w", now - SECONDS(7 * 86400)},
	    {"0d", now},
	    {"9999999w", 0},
	    {"2026-03-02", SECONDS(1772409600)},
	    {"2026-03-02 09:03", now},
	    {"2026-03-02 09:03:01", now + SECONDS(1)},
	    {"2026-03-02T09:03:01Z", now + SECONDS(1)},
	    {"2024-02-29", SECONDS(1709164800)},
	    {"1970-01-01", 0},
	    {"2026-02-29", -1},
	    {"2026-13-01", -1},
	    {"2026-00-01", -1},
	    {"2026-03-00", -1},
	    {"2026-03-02 24:00", -1},
	    {"2026-03-02 09:60", -1},
	    {"2026-03-02 09", -1},
	    {"2026-03-02 09:03:", -1},
	    {"2026-03-02 09:03:00.5", -1},
	    {"2026-03-02x", -1},
	    {"2026-3-2", -1},
	    {"1969-12-31", -1},
	    {"10000000w", -1},
	    {"99999999999999999999d", -1},
	    {"-2h", -1},
	    {"2", -1},
	    {"h", -1},
	    {"2y", -1},
	    {"", -1},
	    {"yesterday", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int64_t wall = -1;
		int result = clock_parse_since(view_of(cases[i].text), now, &wall, &err);

		if (wall != cases[i].wall || (result < 0) != (err.code == ERR_BAD_INPUT))
			fail_msg("\"%s\": got %d %lld, want %lld", cases[i].text, result,
			    (long long)wall, (long long)cases[i].wall);
	}
}

static void
shares_time(void **state)
{
	(void)state;
	assert_int_equal(clock_share(100, 400, 3), 200);
	assert_int_equal(clock_share(110, 400, 2), 255);
	assert_int_equal(clock_share(255, 400, 1), 400);
	assert_int_equal(clock_share(255, 400, 0), 400);
	assert_int_equal(clock_share(500, 400, 2), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_the_time),
	    cmocka_unit_test(writes_times),
	    cmocka_unit_test(writes_date_fields),
	    cmocka_unit_test(knows_zones),
	    cmocka_unit_test(finds_the_year_and_the_hour),
	    cmocka_unit_test(reads_since),
	    cmocka_unit_test(shares_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
