/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/journal_outside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/bug.h"
#include "tests/unit/journal_vfs.h"

/* A journal that cannot write: a full disk, a lock, calls that fail, no directory. */

/* ---- a full disk ---- */

static void
full_disk_keeps_mail_flowing(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_BEST_EFFORT, &said);
	char id[20];

	(void)state;
	lab_append_id(journal, "before", LAB_TIME);
	wait_until_written(journal, 1);
	vfs_fail_write(1, true);
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "full-%d", i);
		lab_append_id(journal, id, LAB_TIME);
	}
	wait_for_trouble(journal, "disk full");
	assert_int_equal(said.count, 1);
	assert_non_null(strstr(said.last, DAY_FILE ": disk full; 0 records lost"));
	usleep(1200000); /* another attempt: not said again within the minute */
	assert_int_equal(said.count, 1);

	vfs_fail_write(0, false);
	wait_until_written(journal, 101);
	assert_int_equal(status_of(journal).lost, 0);
	assert_non_null(strstr(said.last, "written again"));
	journal_close(journal);
	assert_int_equal(count_sql("SELECT count(*) FROM decision"), 101);
	assert_sound();
}

static void
full_disk_refuses_mail_when_required(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
	struct err err;

	(void)state;
	assert_int_equal(try_append(journal, "one", &err), 0);
	vfs_fail_write(1, true);
	assert_int_equal(try_append(journal, "two", &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_non_null(strstr(err.text, "disk full"));
	journal_action(
	    journal, LAB_TIME, VIEW("reload"), VIEW("kim (uid 1000)"), VIEW("kept"));
	assert_int_equal(try_append(journal, "three", &err), -1);
	vfs_fail_write(0, false);
	assert_int_equal(try_append(journal, "four", &err), 0);
	assert_int_equal(status_of(journal).lost, 2);
	journal_close(journal);

	/* What was refused must not appear later; what an admin did must. */
	assert_int_equal(lab_count(dir), 2);
	assert_int_equal(lab_find(dir, "two").count, 0);
	assert_int_equal(count_sql("SELECT count(*) FROM action WHERE text = 'kept'"), 1);
	assert_sound();
}

/* ---- locked by somebody else ---- */

static void
lock_is_waited_out(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_BEST_EFFORT, &said);
	sqlite3 *db;

	(void)state;
	lab_append_id(journal, "before", LAB_TIME);
	wait_until_written(journal, 1);
	db = open_outside();
	run_sql(db, "BEGIN EXCLUSIVE");
	lab_append_id(journal, "while", LAB_TIME);
	wait_for_trouble(journal, "locked by another process");
	lab_append_id(journal, "while too", LAB_TIME);
	run_sql(db, "COMMIT");
	sqlite3_close(db);
	wait_until_written(journal, 3);
	journal_close(journal);
	assert_int_equal(lab_count(dir), 3);
}

static void
lock_refuses_mail_when_required(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
	struct err err;
	sqlite3 *db;

	(void)state;
	assert_int_equal(try_append(journal, "before", &err), 0);
	db = open_outside();
	run_sql(db, "BEGIN EXCLUSIVE");
	assert_int_equal(try_append(journal, "while", &err), -1);
	assert_non_null(strstr(err.text, "locked by another process"));
	run_sql(db, "COMMIT");
	sqlite3_close(db);
	assert_int_equal(try_append(journal, "after", &err), 0);
	journal_close(journal);
	assert_int_equal(lab_find(dir, "while").count, 0);
	assert_int_equal(lab_count(dir), 2);
}

/* More than the queue holds while nothing can be written: counted, noted, never waited for.
 */
static void
queue_has_an_end(void **state)
{
	static char text[8000];
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_BEST_EFFORT, &said);
	struct lab_record lab;
	const int n = 2 * JOURNAL_QUEUE_MAX / (int)sizeof(text);

	(void)state;
	memset(text, 'x', sizeof(text));
	lab_append_id(journal, "before", LAB_TIME);
	wait_until_written(journal, 1);
	vfs_fail_write(1, true);
	for (int i = 0; i < n; i++) {
		lab_record_init(&lab, "many", LAB_TIME);
		lab.facts.helo = (struct view){text, sizeof(text)};
		lab_append(journal, &lab);
	}
	struct journal_status status = status_of(journal);
	assert_true(status.lost > 0);
	assert_true(status.queued_bytes <= JOURNAL_QUEUE_MAX + 2 * sizeof(text));
	vfs_fail_write(0, false);
	wait_until_written(journal, 1 + (uint64_t)n - status.lost);
	journal_close(journal);
	assert_int_equal(
	    count_sql("SELECT count(*) FROM decision"), 1 + n - (int)status.lost);
	assert_int_equal(count_sql("SELECT sum(count) FROM dropped"), (int)status.lost);
}

/* ---- the disk fails in the middle of it ---- */

static void
failed_sync_is_not_trusted(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
	struct err err;

	(void)state;
	assert_int_equal(try_append(journal, "one", &err), 0);
	vfs_fail_sync(1, false);
	assert_int_equal(try_append(journal, "two", &err), -1);
	assert_true(vfs_has_failed());
	assert_int_equal(try_append(journal, "three", &err), 0);
	journal_close(journal);
	assert_int_equal(lab_count(dir), 2);
	assert_sound();
}

/* Whichever call fails: what was promised is there, and the file is sound. */
static void
sweep(void (*fail_at)(unsigned, bool))
{
	bool has_failed = true;

	for (unsigned n = 1; has_failed && n < 200; n++) {
		const char *dir = lab_dir();
		unsigned promised = 0;
		struct said said;
		struct err err;

		fail_at(n, false);
		struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
		for (int i = 0; i < 4; i++)
			promised += try_append(journal, "swept", &err) == 0;
		has_failed = vfs_has_failed();
		fail_at(0, false);
		promised += try_append(journal, "swept", &err) == 0;
		journal_close(journal);
		if (lab_find(dir, "swept").count < promised || promised < 4)
			fail_msg("call %u fails: %zu rows, %u promised", n,
			    lab_find(dir, "swept").count, promised);
		assert_sound();
	}
	assert_false(has_failed);
}

static void
any_write_may_fail(void **state)
{
	(void)state;
	sweep(vfs_fail_write);
}

static void
any_sync_may_fail(void **state)
{
	(void)state;
	sweep(vfs_fail_sync);
}

/* ---- no directory ---- */

static void
directory_may_be_unusable(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_REQUIRED);
	struct journal *journal = NULL;
	char below[256];
	struct err err = ERR_INIT;
	struct said said;

	(void)state;
	close(open(lab_path("file"), O_CREAT | O_WRONLY, 0600));
	snprintf(below, sizeof(below), "%s/file/state", dir);
	assert_int_equal(journal_open(below, &settings, NULL, NULL, &journal, &err), -1);
	assert_true(err.text[0] != '\0');

	snprintf(below, sizeof(below), "%s/file", dir);
	journal = open_heard(below, JOURNAL_MODE_BEST_EFFORT, &said);
	assert_int_equal(said.count, 1);
	lab_append_id(journal, "waits", LAB_TIME);
	wait_for_trouble(journal, "irectory");
	unlink(below);
	assert_int_equal(mkdir(below, 0700), 0);
	wait_until_written(journal, 1);
	journal_close(journal);
	assert_int_equal(lab_find(below, "waits").count, 1);
	snprintf(below, sizeof(below), "rm -r '%s/file'", dir);
	assert_int_equal(system(below), 0);
}

static int
tear_down(void **state)
{
	(void)state;
	lab_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(full_disk_keeps_mail_flowing),
	    cmocka_unit_test(full_disk_refuses_mail_when_required),
	    cmocka_unit_test(lock_is_waited_out),
	    cmocka_unit_test(lock_refuses_mail_when_required),
	    cmocka_unit_test(queue_has_an_end),
	    cmocka_unit_test(failed_sync_is_not_trusted),
	    cmocka_unit_test(any_write_may_fail),
	    cmocka_unit_test(any_sync_may_fail),
	    cmocka_unit_test(directory_may_be_unusable),
	};

	vfs_install();
	return cmocka_run_group_tests_name("journal and faults", tests, NULL, tear_down);
}
