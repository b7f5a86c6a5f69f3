/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"

#include "burst/keep.h"
#include "tests/unit/burst_lab.h"

/* The windows in a file, and what is left of them when frankd comes back. */

static char path[4096], broken[4096 + 8];

static int
make_paths(void **state)
{
	const char *dir = getenv("TMPDIR");

	(void)state;
	snprintf(path, sizeof(path), "%s/keep_test.%d", dir != NULL ? dir : "/tmp",
	    (int)getpid());
	snprintf(broken, sizeof(broken), "%s.broken", path);
	return 0;
}

static int
remove_paths(void **state)
{
	(void)state;
	unlink(path);
	unlink(broken);
	return 0;
}

static struct keep_now
keep_now(const struct lab *lab, uint64_t boot)
{
	return (struct keep_now){{lab->wall, lab->now.mono}, lab->now.minute, boot};
}

static void
save(struct lab *lab)
{
	struct keep_now now = keep_now(lab, 1);
	struct err err = ERR_INIT;

	if (keep_save(lab->burst, path, &now, &err) != 0)
		fail_msg("%s", err.text);
}

/* A new frankd: WALL and MONO have passed by their clocks, on the boot BOOT. */
static int
restart(struct lab *lab, int64_t wall, int64_t mono, uint64_t boot, struct err *err)
{
	const struct burst_settings settings = {
	    .seed = {1, 2}, .keys = 16000, .learn = 14 * 86400, .remember = 180 * 86400};
	const struct burst_meter_kind kind = {.id = VIEW("it"), .within = 600};
	struct keep_now now;
	int64_t age = -1;
	int result;

	if (lab->burst != NULL)
		lab_close(lab);
	lab->wall += wall;
	lab->now.mono = mono < 0 ? -mono : lab->now.mono + mono;
	lab->now.minute = (uint32_t)(lab->wall / LAB_MINUTE);
	lab->burst = burst_new(&settings, lab->wall, &lab->now);
	lab->meter = burst_meter_get(lab->burst, &kind, &lab->now);
	now = keep_now(lab, boot);
	result = keep_restore(lab->burst, path, &now, &age, err);
	assert_true(result != 1 || age >= 0);
	return result;
}

static void
tells_how_long_it_was_away(void **state)
{
	static const struct {
		const char *title;
		int64_t wall, mono; /* seconds; mono negative: what the new boot's says */
		uint64_t boot;
		uint64_t want; /* of 100 charged, with 660 s until all are gone */
	} cases[] = {
	    {"at once", 1, 1, 1, 100},
	    {"half of the oldest slot is gone", 630, 630, 1, 50},
	    {"gone", 660, 660, 1, 0},
	    {"the clock put forward by a day", 86400, 5, 1, 100},
	    {"the clock put back by a day", -86400, 630, 1, 50},
	    {"another boot", 630, -3, 2, 50},
	    {"another boot, long after", 86400, -3, 2, 0},
	    {"another boot without a clock", -1700000000, -3, 2, 100},
	    {"a boot nobody knows", 630, 10, 0, 50},
	    {"no boot known, and none before", 630, -3, 0, 50},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct lab lab;
		uint64_t got;

		lab_open(&lab, 600, false);
		lab_pass(&lab, LAB_HOUR);
		lab_charge(&lab, "alice", 100);
		save(&lab);
		if (restart(&lab, cases[i].wall * LAB_SECOND, cases[i].mono * LAB_SECOND,
			cases[i].boot, &err) != 1)
			fail_msg("%s: %s", cases[i].title, err.text);
		got = lab_read(&lab, "alice", 0).reading;
		if (got != cases[i].want)
			fail_msg("%s: got %llu, want %llu", cases[i].title,
			    (unsigned long long)got, (unsigned long long)cases[i].want);
		lab_close(&lab);
	}
}

/* What was charged goes on leaving as if nothing had happened. */
static void
goes_on_as_it_was(void **state)
{
	struct err err = ERR_INIT;
	struct stat status;
	struct lab lab, other;

	(void)state;
	lab_open(&lab, 600, false);
	lab_open(&other, 600, false);
	for (unsigned i = 0; i < 4000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "login-%u@%.*s", i % 700, (int)(i % 40),
		    "a-domain-that-is-long-enough-to-be-cut.example");
		lab_charge(&lab, name, i);
		lab_charge(&other, name, i);
		lab_pass(&lab, LAB_SECOND);
		lab_pass(&other, LAB_SECOND);
		if (i % 500 == 499) {
			save(&lab);
			if (restart(&lab, 0, 0, 1, &err) != 1)
				fail_msg("%s", err.text);
		}
		if (lab_read(&lab, name, 1).reading != lab_read(&other, name, 1).reading)
			fail_msg("charge %u: got %llu, want %llu", i,
			    (unsigned long long)lab_read(&lab, name, 1).reading,
			    (unsigned long long)lab_read(&other, name, 1).reading);
	}
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	lab_close(&lab);
	lab_close(&other);
}

/* Learning goes on in the hour that a quick restart falls into. */
static void
learns_on(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	for (unsigned i = 0; i < 2; i++) {
		lab_charge(&lab, "alice", 50);
		lab_pass(&lab, 10 * LAB_MINUTE);
		save(&lab);
		assert_int_equal(restart(&lab, LAB_SECOND, LAB_SECOND, 1, &err), 1);
	}
	assert_int_equal(burst_learn_left(lab.burst), 14 * 86400);
	lab_pass(&lab, 60 * LAB_MINUTE);
	assert_int_equal(burst_learn_left(lab.burst), 14 * 86400 - 3600);
	{
		struct burst_seen seen;
		double hours[BURST_HOURS];

		assert_true(
		    burst_look(lab.meter, lab_key(&lab, "alice"), &lab.now, &seen, hours));
		assert_int_equal((int)hours[0], 100);
		assert_string_equal(seen.name, "alice");
	}
	/* Away for two hours: they count for nobody, nor do those they began and ended in.
	 */
	save(&lab);
	assert_int_equal(restart(&lab, 2 * LAB_HOUR, 2 * LAB_HOUR, 1, &err), 1);
	assert_int_equal(burst_learn_left(lab.burst), 14 * 86400 - 2 * 3600);
	lab_close(&lab);
}

static void
keeps_different_ones(void **state)
{
	const struct burst_meter_kind kind = {
	    .id = VIEW("it"), .within = 600, .is_distinct = true};
	uint64_t hashes[200];
	struct err err = ERR_INIT;
	struct keep_now now;
	struct lab lab;
	int64_t age;

	(void)state;
	for (uint64_t i = 0; i < 200; i++)
		hashes[i] = (i + 1) * 0x9e3779b97f4a7c15;
	lab_open(&lab, 600, true);
	for (size_t n = 1; n <= 200; n += 33) {
		const struct burst_amount amount = {.hashes = hashes, .n_hashes = n};

		burst_charge(lab.meter, n, VIEW("x"), &amount, &lab.now, false);
	}
	now = keep_now(&lab, 1);
	save(&lab);
	struct burst_settings settings = {
	    .seed = {1, 2}, .keys = 16000, .learn = 86400, .remember = 86400};
	struct burst *again = burst_new(&settings, lab.wall, &lab.now);
	struct burst_meter *meter = burst_meter_get(again, &kind, &lab.now);

	assert_int_equal(keep_restore(again, path, &now, &age, &err), 1);
	for (size_t n = 1; n <= 200; n += 33) {
		uint64_t got = burst_read(meter, n, NULL, &lab.now).reading;
		uint64_t want = burst_read(lab.meter, n, NULL, &lab.now).reading;

		if (got != want || got == 0)
			fail_msg("%zu: got %llu, want %llu", n, (unsigned long long)got,
			    (unsigned long long)want);
	}
	burst_meter_put(again, meter);
	burst_free(again);
	lab_close(&lab);
}

static void
sets_aside_what_is_damaged(void **state)
{
	struct buf whole = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	lab_open(&lab, 600, false);
	lab_charge(&lab, "alice", 100);
	save(&lab);
	assert_int_equal(file_read(path, &whole, &err), 0);
	/* Each byte turned, and each length cut; the calendar's many bytes now and then. */
	for (size_t i = 0;
	     i<2 * whole.n; i += i % whole.n> 60 && i % whole.n < 4400 ? 97 : 1) {
		size_t at = i % whole.n;
		struct view part = {whole.p, i < whole.n ? whole.n : at};

		whole.p[at] = (char)(whole.p[at] ^ (i < whole.n ? 4 : 0));
		assert_int_equal(file_replace(path, 0600, part, &err), 0);
		whole.p[at] = (char)(whole.p[at] ^ (i < whole.n ? 4 : 0));
		err = (struct err)ERR_INIT;
		if (restart(&lab, 0, 0, 1, &err) != -1)
			fail_msg("byte %zu %s: taken", at, i < whole.n ? "turned" : "cut");
		if (strstr(err.text, "set aside as '") == NULL)
			fail_msg("byte %zu: got '%s'", at, err.text);
		assert_int_equal(lab_read(&lab, "alice", 0).reading, 0);
		assert_int_equal(burst_meter_keys(lab.meter), 0);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(access(broken, F_OK), 0);
	}
	assert_int_equal(file_replace(path, 0600, buf_view(&whole), &err), 0);
	assert_int_equal(restart(&lab, 0, 0, 1, &err), 1);
	assert_int_equal(lab_read(&lab, "alice", 0).reading, 100);
	unlink(path);
	assert_int_equal(restart(&lab, 0, 0, 1, &err), 0);
	buf_fini(&whole);
	lab_close(&lab);
}

static void
says_what_it_cannot_write(void **state)
{
	struct err err = ERR_INIT;
	struct keep_now now;
	struct lab lab;
	int64_t age;

	(void)state;
	lab_open(&lab, 600, false);
	now = keep_now(&lab, 1);
	assert_int_equal(keep_save(lab.burst, "/nonexistent/meters.snap", &now, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/meters.snap"));
	assert_int_equal(keep_restore(lab.burst, "/", &now, &age, &err), -1);
	assert_int_equal(keep_boot(), keep_boot());
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_how_long_it_was_away),
	    cmocka_unit_test(goes_on_as_it_was),
	    cmocka_unit_test(learns_on),
	    cmocka_unit_test(keeps_different_ones),
	    cmocka_unit_test(sets_aside_what_is_damaged),
	    cmocka_unit_test(says_what_it_cannot_write),
	};

	return cmocka_run_group_tests(tests, make_paths, remove_paths);
}
