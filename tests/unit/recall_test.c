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

#include "tests/unit/burst_lab.h"

/* Recipients that were written to, and logins that were seen. */

static uint64_t
pair(struct lab *lab, const char *login, const char *rcpt)
{
	return burst_pair(lab->burst, lab_key(lab, login), view_of(rcpt));
}

static size_t
new_of(struct lab *lab, const char *login, const char *rcpt)
{
	uint64_t one = pair(lab, login, rcpt);

	return burst_new_recipients(lab->burst, &one, 1, &lab->now);
}

static void
remember(struct lab *lab, const char *login, const char *rcpt)
{
	uint64_t one = pair(lab, login, rcpt);

	burst_remember(lab->burst, &one, 1, &lab->now);
}

static void
knows_each_one_for_himself(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	assert_int_equal(new_of(&lab, "alice", "bob@example.net"), 1);
	assert_int_equal(new_of(&lab, "alice", "bob@example.net"), 1);
	remember(&lab, "alice", "bob@example.net");
	assert_int_equal(new_of(&lab, "alice", "bob@example.net"), 0);
	assert_int_equal(new_of(&lab, "alice", "carol@example.net"), 1);
	assert_int_equal(new_of(&lab, "dave", "bob@example.net"), 1);
	assert_int_equal(new_of(&lab, "bob@example.net", "alice"), 1);
	lab_close(&lab);
}

static void
forgets_after_a_while(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	remember(&lab, "alice", "old@example.net");
	remember(&lab, "alice", "friend@example.net");
	lab_pass(&lab, 179 * 24 * LAB_HOUR);
	assert_int_equal(new_of(&lab, "alice", "old@example.net"), 0);
	remember(&lab, "alice", "friend@example.net");
	lab_pass(&lab, 24 * LAB_HOUR);
	assert_int_equal(new_of(&lab, "alice", "old@example.net"), 1);
	assert_int_equal(new_of(&lab, "alice", "friend@example.net"), 0);
	lab_close(&lab);
}

static void
one_origin_displaces_a_sixteenth_at_most(void **state)
{
	enum { LOGINS = 640, FLOOD = 300000 };
	struct lab lab;
	char name[40];
	unsigned forgotten = 0;

	(void)state;
	lab_open(&lab, 600, false); /* 160,000 recipients */
	for (unsigned i = 0; i < LOGINS; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		remember(&lab, name, "bob@example.net");
	}
	lab_pass(&lab, LAB_HOUR);
	for (unsigned i = 0; i < FLOOD; i++) {
		snprintf(name, sizeof(name), "victim-%u@example.net", i);
		remember(&lab, "mallory", name);
	}
	for (unsigned i = 0; i < LOGINS; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		forgotten += new_of(&lab, name, "bob@example.net") != 0;
	}
	/* 40 are expected to share his region; he did displace them. */
	assert_in_range(forgotten, 10, 80);
	lab_close(&lab);
}

/* Whom somebody keeps writing to stays, whatever else he does. */
static void
who_is_written_to_stays(void **state)
{
	struct lab lab;
	char name[40];

	(void)state;
	lab_open(&lab, 600, false); /* 10,000 recipients are in his region */
	for (unsigned hour = 0; hour < 30; hour++) {
		for (unsigned i = 0; i < 50; i++) {
			snprintf(name, sizeof(name), "friend-%u@example.net", i);
			if (hour > 0 && new_of(&lab, "alice", name) != 0)
				fail_msg("hour %u: %s is forgotten", hour, name);
			remember(&lab, "alice", name);
		}
		lab_pass(&lab, LAB_HOUR / 2);
		for (unsigned i = 0; i < 1000; i++) {
			snprintf(name, sizeof(name), "list-%u-%u@example.net", hour, i);
			remember(&lab, "alice", name);
		}
		lab_pass(&lab, LAB_HOUR / 2);
	}
	lab_close(&lab);
}

static void
leaves_each_hash_once(void **state)
{
	static const struct {
		uint64_t hashes[6];
		size_t n, want;
	} cases[] = {
	    {{0}, 0, 0},
	    {{7}, 1, 1},
	    {{7, 7, 7}, 3, 1},
	    {{3, 1, 3, UINT64_MAX, 1, 0}, 6, 4},
	    {{0, 0, 1}, 3, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t hashes[6];
		size_t got;

		memcpy(hashes, cases[i].hashes, sizeof(hashes));
		got = burst_unique(hashes, cases[i].n);
		if (got != cases[i].want)
			fail_msg("case %zu: got %zu, want %zu", i, got, cases[i].want);
		for (size_t j = 1; j < got; j++)
			assert_true(hashes[j - 1] < hashes[j]);
	}
}

static void
knows_since_when(void **state)
{
	struct lab lab;
	uint64_t alice;

	(void)state;
	lab_open(&lab, 600, false);
	alice = lab_key(&lab, "alice");
	assert_int_equal(burst_age(lab.burst, alice, &lab.now), 0);
	lab_pass(&lab, LAB_HOUR);
	burst_see_user(lab.burst, alice, &lab.now);
	assert_int_equal(burst_age(lab.burst, alice, &lab.now), 0);
	lab_pass(&lab, 30 * 24 * LAB_HOUR);
	burst_see_user(lab.burst, alice, &lab.now);
	assert_int_equal(burst_age(lab.burst, alice, &lab.now), 30 * 86400);
	/* Only 16000 logins are known; who was there last is among them. */
	for (uint64_t i = 0; i < 40000; i++) {
		burst_see_user(lab.burst, i * 0x9e3779b97f4a7c15, &lab.now);
		if (i % 10000 == 0)
			burst_see_user(lab.burst, alice, &lab.now);
	}
	assert_int_equal(burst_age(lab.burst, alice, &lab.now), 30 * 86400);
	assert_int_equal(burst_age(lab.burst, 0x9e3779b97f4a7c15, &lab.now), 0);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_each_one_for_himself),
	    cmocka_unit_test(forgets_after_a_while),
	    cmocka_unit_test(one_origin_displaces_a_sixteenth_at_most),
	    cmocka_unit_test(who_is_written_to_stays),
	    cmocka_unit_test(leaves_each_hash_once),
	    cmocka_unit_test(knows_since_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
