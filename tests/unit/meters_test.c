/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Meters are taken up again after a restart, and what cannot be read or written is said and
 * stops nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/state_meters.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "milter/meters.h"
#include "tests/unit/journal_lab.h"
#include "tests/unit/policy_lab.h"

#define SECOND ((int64_t)1000000)

static const char policy_text[] = "meter sent count recipients per origin within 1h\n"
				  "meter fresh count new-recipients per origin within 1h\n"
				  "hold sent > 100 label \"much\"\n"
				  "hold fresh > 100 label \"strangers\"\n"
				  "accept\n";

struct lab {
	const char *dir;
	struct clock now;
	struct policy *policy;
	struct meters *meters;
	struct meters_calls calls;
	struct metering *metering;
	struct buf said;
};

static struct clock
lab_now(void *context)
{
	struct lab *lab = context;

	return lab->now;
}

static void
lab_say(void *context, bool is_bad, struct view text)
{
	struct lab *lab = context;

	buf_addf(&lab->said, "%s%.*s\n", is_bad ? "! " : "", VIEW_ARG(text));
}

static void
lab_start(struct lab *lab)
{
	lab->calls = (struct meters_calls){.context = lab, .now = lab_now, .say = lab_say};
	lab->meters = meters_new(&lab->calls, lab->dir);
	lab->metering = meters_bind(lab->meters, lab->policy);
	assert_non_null(lab->metering);
}

static void
lab_end(struct lab *lab)
{
	metering_free(lab->metering);
	meters_free(lab->meters);
}

static void
lab_begin(struct lab *lab)
{
	*lab =
	    (struct lab){.dir = lab_dir(), .now = {.wall = LAB_TIME, .mono = 7 * SECOND}};
	buf_init(&lab->said, 65536);
	lab->policy = lab_policy(policy_text, "", NULL);
	lab_start(lab);
}

static void
lab_fini(struct lab *lab)
{
	lab_end(lab);
	policy_free(lab->policy);
	buf_fini(&lab->said);
	lab_remove();
}

/* What was said since the last time: WANT may end in a star. */
static void
expect_said(struct lab *lab, const char *want)
{
	size_t n = strlen(want);

	if (n > 0 && want[n - 1] == '*'
		? !view_starts(buf_view(&lab->said), (struct view){want, n - 1})
		: strcmp(buf_text(&lab->said), want) != 0)
		fail_msg("said '%s', want '%s'", buf_text(&lab->said), want);
	buf_reset(&lab->said);
}

static void
pass(struct lab *lab, int seconds)
{
	for (int i = 0; i < seconds; i++) {
		lab->now.wall += SECOND;
		lab->now.mono += SECOND;
		meters_work(lab->meters, lab->now);
	}
}

/* What alice's messages come to with one more, of RCPTS recipients; charged or not. */
static uint64_t
message(struct lab *lab, unsigned rcpts, bool is_charged)
{
	struct burst_now now = meters_now(lab->now);
	struct metering_message message;
	struct arena *arena = arena_new(0);
	struct facts facts = lab_facts(PATH_SUBMISSION, "alice@example.org", "192.0.2.1");
	const struct fact_address rcpt = lab_address("bob@example.net");
	uint64_t reading;

	facts.time = lab->now.wall;
	facts.rcpts = rcpts;
	metering_message_init(&message);
	metering_begin(&message, lab->metering, &facts, arena, facts.time);
	metering_rcpt(&message, &rcpt);
	metering_read(&message, &facts, arena, &now);
	if (is_charged)
		metering_charge(&message, 0, &now);
	assert_true(facts.n_meters == 2 && facts.meters[0].state != READING_UNKNOWN);
	reading = facts.meters[0].reading;
	metering_message_fini(&message);
	arena_free(arena);
	return reading;
}

static void
writes_and_takes_up(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	expect_said(&lab, "meters begin empty\n");
	assert_int_equal(message(&lab, 40, true), 40);
	pass(&lab, 1);
	assert_int_equal(access(lab_path("meters.snap"), F_OK), 0);
	/* Not for each message, but soon. */
	assert_int_equal(message(&lab, 2, true), 42);
	pass(&lab, 1);
	lab_end(&lab);
	lab_start(&lab);
	expect_said(&lab, "meters taken up as they stood 1 s ago\n");
	assert_int_equal(message(&lab, 1, false), 41);
	assert_int_equal(message(&lab, 2, true), 42);
	pass(&lab, 6);
	lab_end(&lab);
	lab_start(&lab);
	assert_int_equal(message(&lab, 1, false), 43);
	/* Whoever ends well writes all of it. */
	message(&lab, 7, true);
	meters_write(lab.meters);
	lab_end(&lab);
	lab_start(&lab);
	assert_int_equal(message(&lab, 1, false), 50);
	lab_fini(&lab);
}

static void
says_what_is_broken(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	message(&lab, 40, true);
	pass(&lab, 1);
	lab_end(&lab);
	unlink(lab_path("meters.snap"));
	assert_int_equal(file_create(lab_path("meters.snap"), 0600,
			     VIEW("frank-meters 01\nnoise"), &err),
	    0);
	unlink(lab_path("state.db"));
	assert_int_equal(
	    file_create(lab_path("state.db"), 0640, VIEW("no database"), &err), 0);
	buf_reset(&lab.said);
	lab_start(&lab);
	expect_said(
	    &lab, "! meters: who is exempt could not be read: state.db: damaged: *");
	assert_int_equal(message(&lab, 1, true), 1);
	pass(&lab, 1);
	expect_said(&lab, "");
	lab_end(&lab);
	lab_start(&lab);
	expect_said(&lab, "meters taken up as they stood 0 s ago\n");
	assert_int_equal(message(&lab, 1, false), 2);
	lab_fini(&lab);
}

/* Windows alone would say that all has been learned, and know nobody. */
static void
begins_anew_without_what_is_usual(void **state)
{
	static const char *const lost[] = {"state.db", "secret"};
	static const char *const said[] = {"meters begin empty\n",
	    "! meters: what is usual was kept with another secret, and is learned "
	    "anew\nmeters begin empty\n"};
	struct lab lab;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lost); i++) {
		lab_begin(&lab);
		message(&lab, 40, true);
		meters_write(lab.meters);
		lab_end(&lab);
		buf_reset(&lab.said);
		assert_int_equal(unlink(lab_path(lost[i])), 0);
		lab_start(&lab);
		expect_said(&lab, said[i]);
		assert_int_equal(message(&lab, 1, true), 1);
		/* From then on it is kept as ever. */
		meters_write(lab.meters);
		lab_end(&lab);
		lab_start(&lab);
		expect_said(&lab, "meters taken up as they stood 0 s ago\n");
		assert_int_equal(message(&lab, 1, false), 2);
		lab_fini(&lab);
	}
}

/* A broken snapshot beside rows that are whole. */
static void
sets_a_broken_snapshot_aside(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	message(&lab, 40, true);
	meters_write(lab.meters);
	lab_end(&lab);
	unlink(lab_path("meters.snap"));
	assert_int_equal(file_create(lab_path("meters.snap"), 0600,
			     VIEW("frank-meters 01\nnoise"), &err),
	    0);
	buf_reset(&lab.said);
	lab_start(&lab);
	expect_said(&lab, "! meters begin empty: meters '*");
	assert_int_equal(access(lab_path("meters.snap.broken"), F_OK), 0);
	assert_int_equal(message(&lab, 1, false), 1);
	lab_fini(&lab);
}

static void
expect_trouble(struct lab *lab, bool is_wanted)
{
	struct meters_status status;

	meters_status(lab->meters, &status);
	assert_true((status.trouble[0] != '\0') == is_wanted);
}

/* Somebody else's directory is in the way: root may write anywhere else. */
static void
goes_on_while_it_cannot_write(void **state)
{
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	buf_reset(&lab.said);
	assert_int_equal(mkdir(lab_path("meters.snap.new"), 0700), 0);
	message(&lab, 40, true);
	pass(&lab, 1);
	expect_said(&lab, "! meters: meters '*");
	expect_trouble(&lab, true);
	message(&lab, 40, true);
	pass(&lab, 30);
	expect_said(&lab, "");
	assert_int_equal(rmdir(lab_path("meters.snap.new")), 0);
	pass(&lab, 6);
	expect_said(&lab, "the meters are written again\n");
	expect_trouble(&lab, false);
	assert_int_equal(message(&lab, 1, false), 81);
	lab_fini(&lab);
}

static int
count_recipient(void *context, const struct state_row *row, struct err *err)
{
	unsigned *n = context;

	(void)err;
	*n += row->kind == BURST_ROW_RECIPIENT;
	return 0;
}

static unsigned
recipients_in(const struct lab *lab)
{
	struct err err = ERR_INIT;
	unsigned n = 0;
	bool is_damaged;

	assert_int_equal(
	    state_rows_read(lab->dir, count_recipient, &n, &is_damaged, &err), 1);
	return n;
}

/* A recipient that was remembered before is remembered in the new file, too. */
static void
gives_all_rows_to_a_new_file(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	message(&lab, 1, true);
	pass(&lab, 11);
	assert_int_equal(recipients_in(&lab), 2); /* bob, and the client */
	unlink(lab_path("state.db"));
	assert_int_equal(
	    file_create(lab_path("state.db"), 0640, VIEW("no database"), &err), 0);
	buf_reset(&lab.said);
	message(&lab, 1, true);
	for (int i = 0; i < 20 && lab.said.n == 0; i++)
		pass(&lab, 1);
	expect_said(&lab, "! meters: state.db: damaged: *");
	expect_trouble(&lab, true);
	message(&lab, 1, true);
	pass(&lab, 11);
	expect_said(&lab, "what is usual is written again\n");
	assert_int_equal(recipients_in(&lab), 2);
	lab_fini(&lab);
}

static void
remembers_who_is_exempt(void **state)
{
	struct err err = ERR_INIT;
	struct meters_status status;
	struct lab lab;

	(void)state;
	lab_begin(&lab);
	assert_int_equal(metering_exempt(meters_site(lab.meters), VIEW("alice@example.org"),
			     lab.now.wall + 3600 * SECOND, lab.now.wall, &err),
	    0);
	assert_int_equal(metering_exempt(meters_site(lab.meters), VIEW("bob@example.org"),
			     lab.now.wall + 60 * SECOND, lab.now.wall, &err),
	    0);
	pass(&lab, 1);
	lab_end(&lab);
	lab_start(&lab);
	meters_status(lab.meters, &status);
	assert_int_equal(status.n_exempt, 2);
	assert_int_equal(message(&lab, 40, true), 0);
	pass(&lab, 61);
	meters_status(lab.meters, &status);
	assert_int_equal(status.n_exempt, 1);
	lab_fini(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_takes_up),
	    cmocka_unit_test(says_what_is_broken),
	    cmocka_unit_test(begins_anew_without_what_is_usual),
	    cmocka_unit_test(sets_a_broken_snapshot_aside),
	    cmocka_unit_test(goes_on_while_it_cannot_write),
	    cmocka_unit_test(gives_all_rows_to_a_new_file),
	    cmocka_unit_test(remembers_who_is_exempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
