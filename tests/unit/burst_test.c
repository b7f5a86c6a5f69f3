/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/private.h"
#include "tests/unit/burst_lab.h"

/* Meters as frankd uses them, and what somebody who means harm would try. */

static void
reads_before_it_charges(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	assert_int_equal(lab_read(&lab, "alice", 12).reading, 12);
	assert_int_equal(lab_read(&lab, "alice", 12).reading, 12);
	assert_int_equal(burst_meter_keys(lab.meter), 0);
	lab_charge(&lab, "alice", 12);
	assert_int_equal(burst_charges(lab.burst), 1);
	assert_int_equal(lab_read(&lab, "alice", 5).reading, 17);
	assert_int_equal(
	    burst_read(lab.meter, lab_key(&lab, "alice"), NULL, &lab.now).reading, 12);
	assert_int_equal(lab_read(&lab, "bob", 5).reading, 5);
	lab_pass(&lab, 5 * LAB_MINUTE);
	lab_charge(&lab, "alice", 100);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 112);
	lab_pass(&lab, 6 * LAB_MINUTE);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 100);
	assert_int_equal(burst_meter_keys(lab.meter), 1);
	lab_close(&lab);
}

static void
counts_bytes_by_sixteen(void **state)
{
	const struct burst_meter_kind kind = {
	    .id = VIEW("b"), .within = 60, .is_bytes = true};
	const struct burst_amount amounts[] = {{.count = 1}, {.count = 100000000001}};
	struct burst_meter *bytes;
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	bytes = burst_meter_get(lab.burst, &kind, &lab.now);
	assert_int_equal(burst_read(bytes, 1, &amounts[0], &lab.now).reading, 1);
	burst_charge(bytes, 1, VIEW("a"), &amounts[0], &lab.now, false);
	assert_int_equal(burst_read(bytes, 1, NULL, &lab.now).reading, 16);
	burst_charge(bytes, 1, VIEW("a"), &amounts[1], &lab.now, false);
	/* A slot holds 64 GB, and is full. */
	assert_int_equal(burst_read(bytes, 1, NULL, &lab.now).reading, UINT32_MAX * 16ULL);
	burst_meter_put(lab.burst, bytes);
	lab_close(&lab);
}

static void
is_the_same_meter_by_its_id(void **state)
{
	const struct burst_meter_kind same = {.id = VIEW("it"), .within = 600};
	const struct burst_meter_kind other = {.id = VIEW("other"), .within = 600};
	struct burst_meter *again, *another;
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	lab_charge(&lab, "alice", 9);
	again = burst_meter_get(lab.burst, &same, &lab.now);
	another = burst_meter_get(lab.burst, &other, &lab.now);
	assert_ptr_equal(again, lab.meter);
	assert_int_equal(
	    burst_read(another, lab_key(&lab, "alice"), NULL, &lab.now).reading, 0);
	burst_meter_put(lab.burst, another);
	burst_meter_put(lab.burst, lab.meter);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 9);
	lab_close(&lab);
}

static void
has_room_for_no_more_than_it_may(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 86400, false);
	lab_charge(&lab, "first", 1);
	for (unsigned i = 0; i < 100000; i++) {
		char name[20];

		snprintf(name, sizeof(name), "made-up-%u", i);
		lab_charge(&lab, name, 1);
		/* No fewer than keys - 16 sqrt(keys) others: 13976 of 16000. */
		if (i == 13976 && lab_read(&lab, "first", 0).reading != 1)
			fail_msg("gone after %u others", i);
	}
	assert_int_equal(burst_meter_keys(lab.meter), 16000);
	assert_int_equal(lab_read(&lab, "first", 0).reading, 0);
	/* Who comes into another's place begins with nothing. */
	assert_int_equal(lab_read(&lab, "made-up-99999", 0).reading, 1);
	lab_close(&lab);
}

/* What was usual for those who had to go does not take up room for ever. */
static void
profiles_go_with_their_keys(void **state)
{
	struct lab lab;
	char name[40];
	uint32_t profiles = 0;

	(void)state;
	lab_open(&lab, 600, false);
	for (unsigned hour = 0; hour < 12; hour++) {
		for (unsigned i = 0; i < 10000; i++) {
			snprintf(name, sizeof(name), "wave-%u-%u", hour / 2, i);
			lab_charge(&lab, name, 1);
		}
		lab_pass(&lab, LAB_HOUR);
	}
	for (unsigned i = 0; i < 16; i++)
		profiles += lab.meter->shards[i].n_profiles;
	assert_in_range(profiles, 1, 16000);
	lab_close(&lab);
}

/* While made-up keys pour in, whoever sends now and then keeps what he has. */
static void
a_flood_moves_nobody_who_is_active(void **state)
{
	enum { LOGINS = 100 };
	struct lab lab;
	char name[40];

	(void)state;
	lab_open(&lab, 86400, false);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < LOGINS; i++) {
			snprintf(name, sizeof(name), "login-%u", i);
			lab_charge(&lab, name, 1);
		}
		for (unsigned i = 0; i < 13000; i++) {
			snprintf(name, sizeof(name), "made-up-%u-%u", round, i);
			lab_charge(&lab, name, 1000);
			lab_read(&lab, "nobody", 1); /* and reading moves nothing */
		}
	}
	for (unsigned i = 0; i < LOGINS; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		if (lab_read(&lab, name, 0).reading != 20)
			fail_msg("%s: got %llu, want 20", name,
			    (unsigned long long)lab_read(&lab, name, 0).reading);
	}
	lab_close(&lab);
}

static void
has_no_number_that_breaks_it(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	lab_charge(&lab, "a", UINT64_MAX);
	lab_charge(&lab, "a", UINT64_MAX);
	assert_int_equal(lab_read(&lab, "a", 0).reading, UINT32_MAX);
	assert_int_equal(lab_read(&lab, "a", UINT64_MAX).reading, UINT64_MAX);
	assert_int_equal(lab_read(&lab, "b", UINT64_MAX).reading, UINT64_MAX);
	lab_days(&lab, "a", 15, UINT64_MAX);
	lab_pass(&lab, 10 * LAB_HOUR);
	assert_in_range(lab_read(&lab, "a", 0).usual, UINT32_MAX / 6, UINT32_MAX / 5);
	lab_charge(&lab, "", 3);
	assert_int_equal(lab_read(&lab, "", 0).reading, 3);
	lab_close(&lab);
}

/* The monotonic clock as a broken one would be, and the wall clock as anybody may set it.
 */
static void
a_clock_that_is_set_changes_nothing(void **state)
{
	struct burst_now before, year;
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	lab_charge(&lab, "alice", 50);
	year = before = lab.now;
	year.minute += 366 * 1440;
	assert_int_equal(
	    burst_read(lab.meter, lab_key(&lab, "alice"), NULL, &year).reading, 50);
	year.minute = 5;
	assert_int_equal(
	    burst_read(lab.meter, lab_key(&lab, "alice"), NULL, &year).reading, 50);
	before.mono -= LAB_HOUR;
	assert_int_equal(
	    burst_read(lab.meter, lab_key(&lab, "alice"), NULL, &before).reading, 50);
	lab_pass(&lab, 5 * LAB_MINUTE);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 50);
	lab_pass(&lab, 6 * LAB_MINUTE);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 0);
	lab_close(&lab);
}

static void
is_reset_by_hand(void **state)
{
	uint64_t hashes[100];
	const struct burst_amount amount = {.hashes = hashes, .n_hashes = 100};
	struct lab lab;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		hashes[i] = i << 55 | i;
	for (int is_distinct = 0; is_distinct < 2; is_distinct++) {
		lab_open(&lab, 600, is_distinct);
		assert_false(burst_reset(lab.meter, lab_key(&lab, "alice"), &lab.now));
		if (is_distinct)
			burst_charge(lab.meter, lab_key(&lab, "alice"), VIEW("alice"),
			    &amount, &lab.now, false);
		else
			lab_charge(&lab, "alice", 100);
		assert_in_range(lab_read(&lab, "alice", 0).reading, 85, 115);
		assert_true(burst_reset(lab.meter, lab_key(&lab, "alice"), &lab.now));
		assert_int_equal(lab_read(&lab, "alice", 0).reading, 0);
		lab_close(&lab);
	}
}

static void
shows_who_sends_most(void **state)
{
	struct burst_seen top[3];
	double hours[BURST_HOURS];
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	assert_int_equal(burst_top(lab.meter, &lab.now, top, 3), 0);
	lab_charge(&lab, "a", 5);
	lab_charge(&lab, "somebody.with.a.very.long.name.indeed@example.org", 50);
	assert_int_equal(burst_top(lab.meter, &lab.now, top, 3), 2);
	lab_charge(&lab, "c", 7);
	lab_charge(&lab, "d", 9);
	lab_pass(&lab, LAB_MINUTE);
	lab_charge(&lab, "c", 1);
	assert_int_equal(burst_top(lab.meter, &lab.now, top, 3), 3);
	assert_string_equal(top[0].name, "somebody.with.a.very.long.name.indeed@~");
	assert_string_equal(top[1].name, "d");
	assert_string_equal(top[2].name, "c");
	assert_int_equal(top[2].reading.reading, 8);
	assert_int_equal(top[2].slots[8], 7);
	assert_int_equal(top[2].slots[9], 1);
	assert_int_equal(top[2].key, lab_key(&lab, "c"));
	assert_false(burst_look(lab.meter, lab_key(&lab, "x"), &lab.now, &top[0], hours));
	lab_pass(&lab, 59 * LAB_MINUTE);
	assert_int_equal(burst_top(lab.meter, &lab.now, top, 3), 0);
	assert_true(burst_look(lab.meter, lab_key(&lab, "c"), &lab.now, &top[0], hours));
	assert_int_equal((int)hours[0], 8);
	assert_int_equal((int)hours[1], 0);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_before_it_charges),
	    cmocka_unit_test(counts_bytes_by_sixteen),
	    cmocka_unit_test(is_the_same_meter_by_its_id),
	    cmocka_unit_test(has_room_for_no_more_than_it_may),
	    cmocka_unit_test(profiles_go_with_their_keys),
	    cmocka_unit_test(a_flood_moves_nobody_who_is_active),
	    cmocka_unit_test(has_no_number_that_breaks_it),
	    cmocka_unit_test(a_clock_that_is_set_changes_nothing),
	    cmocka_unit_test(is_reset_by_hand),
	    cmocka_unit_test(shows_who_sends_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
