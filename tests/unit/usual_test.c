/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/calendar.h"
#include "burst/profile.h"
#include "tests/unit/burst_lab.h"

/* What is usual: the hours that count, the means, and who is measured by whose. */

/* Monday 2026-03-02 00:00, in local minutes. */
#define MONDAY burst_minute(20260302, 0)

static void
counts_minutes(void **state)
{
	static const struct {
		int date, minute;
		uint32_t want;
	} cases[] = {
	    {19700101, 0, 0},
	    {19700102, 61, 1501},
	    {20000229, 0, 11016 * 1440},
	    {20000301, 0, 11017 * 1440},
	    {20260302, 543, 20514 * 1440 + 543},
	    {20261231, 1439, 20818 * 1440 + 1439},
	    {19690101, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (burst_minute(cases[i].date, cases[i].minute) != cases[i].want)
			fail_msg("%d: got %u, want %u", cases[i].date,
			    burst_minute(cases[i].date, cases[i].minute), cases[i].want);
	/* Monday 09:00, Saturday 00:00, Sunday 23:00 */
	assert_int_equal(calendar_hour_kind(20514 * 24 + 9), 9);
	assert_int_equal(calendar_hour_kind(20519 * 24), 24);
	assert_int_equal(calendar_hour_kind(20520 * 24 + 23), 47);
	assert_int_equal(calendar_hour_kind(20521 * 24), 0);
}

struct look {
	int64_t mono;   /* minutes that have passed */
	int32_t minute; /* what the clock says then, from Monday 00:00 on */
};

struct calendar_case {
	const char *title;
	struct look looks[8];
	const char *want; /* kinds of the hours that are over; -: not whole */
};

static const struct calendar_case calendar_cases[] = {
    {"from hour to hour", {{0, 0}, {60, 60}, {120, 120}, {185, 185}}, "0 1 2"},
    {"begun in the middle", {{0, 30}, {30, 60}, {90, 120}}, "- 1"},
    {"nobody looked for five hours", {{0, 0}, {330, 330}, {360, 360}}, "0 1 2 3 4 5"},
    {"put forward by ten hours", {{0, 0}, {90, 90}, {91, 691}, {120, 720}, {180, 780}},
	"0 - - 12"},
    {"put forward by a year",
	{{0, 0}, {90, 90}, {91, 525691}, {121, 525720}, {181, 525780}}, "0 - - 2"},
    {"put forward by twenty minutes", {{0, 0}, {50, 70}, {100, 120}}, "- -"},
    {"put back by twenty minutes", {{0, 0}, {90, 70}, {140, 120}}, "- -"},
    {"put back by a minute, over the hour",
	{{0, 0}, {60, 60}, {61, 59}, {62, 60}, {122, 120}}, "0 1"},
    {"put back by a year", {{0, 600000}, {90, 600090}, {91, 1}, {150, 60}, {210, 120}},
	"16 - 0 1"},
    {"the hour that comes twice", {{0, 120}, {60, 120}, {120, 180}, {180, 240}}, "2 2 3"},
    {"the hour that never comes", {{0, 60}, {60, 180}, {120, 240}}, "1 3"},
};

static void
knows_which_hours_were_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calendar_cases); i++) {
		const struct calendar_case *this = &calendar_cases[i];
		struct calendar calendar = {.number = 0};
		char got[80] = "";
		size_t n = 0;

		for (size_t l = 0; l < 8 && (l == 0 || this->looks[l].mono != 0); l++)
			calendar_see(&calendar, MONDAY + (uint32_t)this->looks[l].minute,
			    LAB_HOUR + this->looks[l].mono * LAB_MINUTE);
		for (uint32_t h = 1; h < calendar.number; h++) {
			unsigned kind = calendar_kind(&calendar, h);
			const char *space = h > 1 ? " " : "";

			if (kind == HOUR_NOT_WHOLE)
				n += (size_t)snprintf(
				    got + n, sizeof(got) - n, "%s-", space);
			else
				n += (size_t)snprintf(
				    got + n, sizeof(got) - n, "%s%u", space, kind % 24);
		}
		if (strcmp(got, this->want) != 0)
			fail_msg("%s: got %s, want %s", this->title, got, this->want);
	}
}

static void
means_by_hand(void **state)
{
	struct profile profile = {.first = 1};
	static const double amounts[] = {84, 96, 90};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(amounts); i++)
		profile_learn(&profile, 10, amounts[i]);
	assert_int_equal((int)(profile_mean(&profile, 10) * 100 + 0.5), 9000);
	/* The example in burst.h. */
	assert_int_equal(profile_usual(profile_window(&profile, 10 + 24 * 4, 600)), 19);
	/* 90 in an hour, 15 in the ten minutes of it, 90 and half of the hour before. */
	assert_int_equal((int)(profile_window(&profile, 10 + 24 * 4, 3600) + 0.5), 90);
	profile_learn(&profile, 9, 20);
	assert_int_equal((int)(profile_window(&profile, 10 + 24 * 4, 5400) + 0.5), 100);
	assert_int_equal((int)(profile_window(&profile, 12 + 24 * 4, 86400) + 0.5), 110);
	/* After twenty, each new one weighs a twentieth, and on weekends an eighth. */
	for (unsigned i = 0; i < 40; i++) {
		profile_learn(&profile, 3, 100);
		profile_learn(&profile, 24 + 3, 100);
	}
	profile_learn(&profile, 3, 200);
	profile_learn(&profile, 24 + 3, 200);
	assert_in_range((int)(profile_mean(&profile, 3) * 10), 1048, 1052);
	assert_in_range((int)(profile_mean(&profile, 27) * 10), 1123, 1127);
	/* Large and small ones keep their three digits. */
	profile_learn(&profile, 5, 4e9);
	assert_in_range((int)(profile_mean(&profile, 5) / 1e6), 3999, 4001);
	for (unsigned i = 0; i < 400; i++)
		profile_learn(&profile, 5, 0);
	assert_in_range((int)profile_mean(&profile, 5), 0, 6);
}

static void
takes_its_time_to_learn(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	lab_want("nothing yet", lab_read(&lab, "alice", 7), 7, BURST_USUAL_UNKNOWN, 0);
	assert_int_equal(burst_learn_left(lab.burst), 14 * 86400);
	lab_days(&lab, "alice", 13, 25);
	lab_pass(&lab, 23 * LAB_HOUR);
	lab_want(
	    "an hour too early", lab_read(&lab, "alice", 0), 0, BURST_USUAL_UNKNOWN, 0);
	assert_int_equal(burst_learn_left(lab.burst), 3600);
	lab_pass(&lab, 10 * LAB_HOUR + LAB_MINUTE);
	/* Monday 09:01 */
	assert_int_equal(burst_learn_left(lab.burst), 0);
	lab_want("knows its own", lab_read(&lab, "alice", 3), 3, BURST_USUAL_OWN, 30);
	lab_want("nobody yet", lab_read(&lab, "bob", 3), 3, BURST_USUAL_SITE, 30);
	lab_charge(&lab, "bob", 10);
	lab_want("new", lab_read(&lab, "bob", 1), 11, BURST_USUAL_SITE, 30);
	lab_pass(&lab, 9 * LAB_HOUR);
	lab_want("in the evening", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 0);
	lab_want("all sleep", lab_read(&lab, "carol", 0), 0, BURST_USUAL_SITE, 0);
	lab_close(&lab);
}

static void
keeps_weekends_apart(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	for (unsigned week = 0; week < 3; week++) {
		lab_days(&lab, "alice", 5, 96);
		lab_days(&lab, "alice", 2, 24);
	}
	lab_pass(&lab, 10 * LAB_HOUR);
	lab_want("Monday", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 20);
	lab_pass(&lab, 5 * 24 * LAB_HOUR);
	lab_want("Saturday", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 6);
	lab_close(&lab);
}

static void
learns_nothing_from_what_was_flagged(void **state)
{
	const struct burst_amount much = {.count = 5000};
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	lab_days(&lab, "alice", 21, 25);
	lab_pass(&lab, 10 * LAB_HOUR);
	burst_charge(
	    lab.meter, lab_key(&lab, "alice"), VIEW("alice"), &much, &lab.now, true);
	lab_charge(&lab, "alice", 3000); /* the same hour, and not flagged itself */
	lab_pass(&lab, LAB_HOUR);
	lab_charge(
	    &lab, "alice", 2000); /* refused later in this hour, and so not charged */
	burst_flag(lab.meter, lab_key(&lab, "alice"), &lab.now);
	burst_flag(lab.meter, lab_key(&lab, "nobody"), &lab.now);
	lab_pass(&lab, 23 * LAB_HOUR);
	lab_want("10h", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 30);
	lab_pass(&lab, LAB_HOUR);
	lab_want("11h", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 30);
	lab_charge(&lab, "alice", 225);
	lab_pass(&lab, 24 * LAB_HOUR);
	/* 15 hours of 25 each so far; the sixteenth had 225: 37.5 + 6.1 */
	lab_want("unflagged", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 44);
	lab_close(&lab);
}

static void
takes_the_median_of_the_site(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	static const uint64_t amounts[] = {1, 9, 16, 100, 10000};
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	for (unsigned hour = 0; hour < 21 * 24; hour++) {
		for (size_t i = 0; i < ARRAY_LEN(names) && hour % 24 == 10; i++)
			lab_charge(&lab, names[i], amounts[i]);
		if (hour % 24 == 11)
			lab_charge(&lab, "e", 4);
		lab_pass(&lab, LAB_HOUR);
	}
	lab_pass(&lab, 10 * LAB_HOUR);
	lab_want("of five", lab_read(&lab, "new", 0), 0, BURST_USUAL_SITE, 20);
	lab_pass(&lab, LAB_HOUR);
	lab_want("of the one that sends", lab_read(&lab, "new", 0), 0, BURST_USUAL_SITE, 6);
	lab_close(&lab);
}

static void
forgets_who_is_silent(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	lab_days(&lab, "alice", 21, 100);
	lab_pass(&lab, 10 * LAB_HOUR);
	lab_want("at work", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 110);
	/* 20 weekdays of nothing: 100 x 15/20 x 0.95^15 = 34.7 */
	lab_pass(&lab, 28 * 24 * LAB_HOUR);
	lab_want("four weeks away", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 41);
	lab_pass(&lab, 3 * 365 * 24 * LAB_HOUR);
	lab_want("years away", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 0);
	lab_close(&lab);
}

/* Hours without mail count, also those that nobody asked about meanwhile. */
static void
counts_the_hours_of_silence(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	lab_pass(&lab, 10 * LAB_HOUR);
	lab_charge(&lab, "alice", 100);
	lab_pass(&lab, 14 * 24 * LAB_HOUR + 23 * LAB_HOUR);
	lab_want("an hour of Tuesday", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 0);
	lab_pass(&lab, LAB_HOUR);
	/* One Monday's 100 in eleven weekdays: 9.1 + 3.0 */
	lab_want("10h", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 12);
	lab_close(&lab);
}

/* Different ones: the highest reading of the hour counts, and its mean counts whole. */
static void
learns_different_ones(void **state)
{
	uint64_t hashes[30];
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, true);
	for (uint64_t i = 0; i < ARRAY_LEN(hashes); i++)
		hashes[i] = i * 0x9e3779b97f4a7c15;
	for (unsigned hour = 0; hour < 14 * 24 + 10; hour++) {
		const struct burst_amount amount = {.hashes = hashes, .n_hashes = 16};
		const struct burst_amount one = {.hashes = hashes + 20, .n_hashes = 1};

		if (hour % 24 == 10)
			burst_charge(lab.meter, 1, VIEW("net"), &amount, &lab.now, false);
		lab_pass(&lab, LAB_HOUR / 2);
		if (hour % 24 == 10)
			burst_charge(lab.meter, 1, VIEW("net"), &one, &lab.now, false);
		lab_pass(&lab, LAB_HOUR / 2);
	}
	lab_want("10h", burst_read(lab.meter, 1, NULL, &lab.now), 0, BURST_USUAL_OWN, 20);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_minutes),
	    cmocka_unit_test(knows_which_hours_were_whole),
	    cmocka_unit_test(means_by_hand),
	    cmocka_unit_test(takes_its_time_to_learn),
	    cmocka_unit_test(keeps_weekends_apart),
	    cmocka_unit_test(learns_nothing_from_what_was_flagged),
	    cmocka_unit_test(takes_the_median_of_the_site),
	    cmocka_unit_test(forgets_who_is_silent),
	    cmocka_unit_test(counts_the_hours_of_silence),
	    cmocka_unit_test(learns_different_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
