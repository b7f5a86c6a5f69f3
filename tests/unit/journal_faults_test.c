/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "lib/bug.h"

#include "tests/unit/journal_lab.h"
#include "tests/unit/journal_vfs.h"

#define DAY_FILE "journal-2026-03-02.db"

enum { PATIENCE = 1000 }; /* times 10 ms */

/* What the journal said aloud. */
struct said {
	atomic_int count;
	char last[512];
};

static void
hear(void *context, struct view text)
{
	struct said *said = context;

	snprintf(said->last, sizeof(said->last), "%.*s", VIEW_ARG(text));
	atomic_fetch_add(&said->count, 1);
}

static struct journal *
open_heard(const char *dir, enum journal_mode mode, struct said *said)
{
	struct journal_settings settings = lab_settings(mode);
	struct journal *journal = NULL;
	struct err err = ERR_INIT;

	*said = (struct said){.last = ""};
	if (journal_open(dir, &settings, hear, said, &journal, &err) == -1)
		fail_msg("journal_open: %s", err.text);
	return journal;
}

static struct journal_status
status_of(struct journal *journal)
{
	struct journal_status status;

	journal_status(journal, &status);
	return status;
}

static void
wait_for_trouble(struct journal *journal, const char *what)
{
	struct journal_status status = status_of(journal);

	for (int i = 0; i < PATIENCE && strstr(status.trouble, what) == NULL; i++) {
		usleep(10000);
		status = status_of(journal);
	}
	if (strstr(status.trouble, what) == NULL)
		fail_msg("trouble: got '%s', want '%s'", status.trouble, what);
}

static void
wait_until_written(struct journal *journal, uint64_t rows)
{
	struct journal_status status = status_of(journal);

	for (int i = 0; i < PATIENCE && status.written < rows; i++) {
		usleep(10000);
		status = status_of(journal);
	}
	if (status.written < rows)
		fail_msg("written: got %d, want %d; trouble '%s'", (int)status.written,
		    (int)rows, status.trouble);
	assert_string_equal(status.trouble, "");
}

/* 0 or -1, with the reason in WHY. */
static int
try_append(struct journal *journal, const char *id, struct err *why)
{
	struct lab_record lab;

	lab_record_init(&lab, id, LAB_TIME);
	*why = (struct err)ERR_INIT;
	return journal_append(journal, &lab.record, why);
}

static sqlite3 *
open_outside(void)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(lab_path(DAY_FILE), &db), SQLITE_OK);
	return db;
}

static void
run_sql(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static int
count_sql(const char *sql)
{
	sqlite3 *db = open_outside();
	sqlite3_stmt *stmt = NULL;
	int number;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

static int
count_files(const char *dir, const char *part)
{
	DIR *listing = opendir(dir);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)) != NULL)
		n += strstr(entry->d_name, part) != NULL;
	closedir(listing);
	return n;
}

static void
assert_sound(void)
{
	assert_int_equal(
	    count_sql(
		"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
	    1);
}

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

/* ---- damage ---- */

static void
damage(long at)
{
	char garbage[4096];
	int fd = open(lab_path(DAY_FILE), O_WRONLY);

	memset(garbage, 0x5a, sizeof(garbage));
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, garbage, sizeof(garbage), at), sizeof(garbage));
	close(fd);
}

static void
damaged_file_is_set_aside(void **state)
{
	/* The header, and the page with the first rows. */
	static const long places[] = {0, 4096, 2 * 4096};
	struct said said;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *dir = lab_dir();

		lab_write(dir, LAB_TIME, 5);
		damage(places[i]);
		struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
		if (try_append(journal, "after", &err) == -1)
			fail_msg("damage at %ld: %s", places[i], err.text);
		assert_int_equal(said.count, 2);
		journal_close(journal);
		assert_int_equal(count_files(dir, DAY_FILE ".corrupt-20"), 1);
		assert_int_equal(lab_find(dir, "after").count, 1);
		assert_sound();
	}
}

static void
reader_passes_over_damage(void **state)
{
	const struct journal_filter all = {.since = 0};
	const char *dir = lab_dir();
	struct lab_rows rows = {.count = 0};
	struct err err = ERR_INIT;

	(void)state;
	lab_write(dir, LAB_TIME, 2);
	lab_write(dir, LAB_TIME + LAB_DAY, 2);
	damage(0);
	struct journal_reader *reader = lab_reader(dir);
	assert_int_equal(journal_scan(reader, &all, lab_keep, &rows, &err), -1);
	assert_int_equal(rows.count, 2);
	assert_non_null(strstr(err.text, DAY_FILE ": damaged"));
	assert_int_equal(journal_find(reader, VIEW("lab-1"), lab_keep, &rows, &err), -1);
	assert_int_equal(rows.count, 3);
	journal_reader_close(reader);
}

static void
removed_file_is_begun_anew(void **state)
{
	const char *dir = lab_dir();
	struct said said;
	struct journal *journal = open_heard(dir, JOURNAL_MODE_REQUIRED, &said);
	struct err err;

	(void)state;
	assert_int_equal(try_append(journal, "before", &err), 0);
	assert_int_equal(unlink(lab_path(DAY_FILE)), 0);
	unlink(lab_path(DAY_FILE "-wal"));
	unlink(lab_path(DAY_FILE "-shm"));
	assert_int_equal(try_append(journal, "after", &err), 0);
	journal_close(journal);
	assert_int_equal(lab_find(dir, "after").count, 1);
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

/* ---- kill -9 ---- */

/* In a child: append for ever, say the number of each record that is promised. */
_Noreturn static void
append_for_ever(const char *dir, enum journal_mode mode, int fd)
{
	struct said said;
	struct journal *journal = open_heard(dir, mode, &said);
	struct err err;
	char id[20];

	for (uint32_t i = 1;; i++) {
		snprintf(id, sizeof(id), "kill-%u", i);
		if (try_append(journal, id, &err) == -1 ||
		    write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
		if (mode == JOURNAL_MODE_BEST_EFFORT && i % 16 == 0)
			usleep(500);
	}
}

/* The number that was promised last before the child was killed. */
static uint32_t
kill_while_appending(const char *dir, enum journal_mode mode, useconds_t after)
{
	uint32_t number, last = 0;
	int pipes[2], status;

	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pipes[0]);
		append_for_ever(dir, mode, pipes[1]);
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &last, sizeof(last)), sizeof(last));
	/* The pipe is read on, lest the child stands still. */
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	for (useconds_t t = 0; t < after; t += 1000) {
		usleep(1000);
		while (read(pipes[0], &number, sizeof(number)) == sizeof(number))
			last = number;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(pipes[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	close(pipes[0]);
	return last;
}

static void
killed_writer_leaves_sound_files(void **state)
{
	(void)state;
	for (int round = 0; round < 6; round++) {
		enum journal_mode mode =
		    round % 2 == 0 ? JOURNAL_MODE_REQUIRED : JOURNAL_MODE_BEST_EFFORT;
		const char *dir = lab_dir();
		uint32_t promised =
		    kill_while_appending(dir, mode, 100000 + 37000 * (useconds_t)round);
		struct said said;
		char last[20];

		/* The next writer takes the file over, and finds what the dead one had
		 * indexed or not. */
		struct journal *journal = open_heard(dir, JOURNAL_MODE_BEST_EFFORT, &said);
		lab_append_id(journal, "next", LAB_TIME);
		journal_close(journal);
		assert_sound();
		int rows = count_sql("SELECT count(*) FROM decision") - 1;
		/* No gap: only what came last is missing, and nothing that was promised. */
		assert_int_equal(
		    count_sql(
			"SELECT max(CAST(substr(queue_id, 6) AS INTEGER)) FROM decision"),
		    rows);
		if (mode == JOURNAL_MODE_REQUIRED && rows < (int)promised)
			fail_msg("%d rows, %u promised", rows, promised);
		if (rows > 0) {
			snprintf(last, sizeof(last), "kill-%d", rows);
			assert_int_equal(lab_find(dir, last).count, 1);
		}
		assert_int_equal(lab_find(dir, "next").count, 1);
	}
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
	    cmocka_unit_test(damaged_file_is_set_aside),
	    cmocka_unit_test(reader_passes_over_damage),
	    cmocka_unit_test(removed_file_is_begun_anew),
	    cmocka_unit_test(failed_sync_is_not_trusted),
	    cmocka_unit_test(any_write_may_fail),
	    cmocka_unit_test(any_sync_may_fail),
	    cmocka_unit_test(directory_may_be_unusable),
	    cmocka_unit_test(killed_writer_leaves_sound_files),
	};

	vfs_install();
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
