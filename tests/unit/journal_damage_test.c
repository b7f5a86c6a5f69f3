/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/journal_outside.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bug.h"

/* Files that are not as the journal left them, or that it left when it was killed. */

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
		/* Without a header nobody knows how far the log was read, either. */
		assert_int_equal(said.count, places[i] == 0 ? 3 : 2);
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

struct damaged {
	int count;
	char text[200]; /* the queue ids of damaged rows */
};

static int
count_damaged(void *context, const struct journal_row *row)
{
	struct damaged *damaged = context;
	size_t n = strlen(damaged->text);

	damaged->count++;
	snprintf(damaged->text + n, sizeof(damaged->text) - n, "%.*s ",
	    VIEW_ARG(row->is_damaged ? row->facts.queue_id : VIEW("sound")));
	assert_true(row->facts.queue_id.n > 0 && row->facts.sender.text.n > 0);
	return 0;
}

/* What has no column of its own is JSON; a row where it is none hides no other. */
static void
damaged_row_hides_no_other(void **state)
{
	const struct journal_filter all = {.since = 0};
	const char *dir = lab_dir();
	struct journal_reader *reader;
	struct damaged damaged = {.count = 0};
	struct err err = ERR_INIT;
	sqlite3 *db;

	(void)state;
	lab_write(dir, LAB_TIME, 5);
	db = open_outside();
	run_sql(db, "UPDATE decision SET more = substr(more, 2) WHERE queue_id = 'lab-2'");
	run_sql(db, "UPDATE decision SET more = NULL WHERE queue_id = 'lab-3'");
	run_sql(db, "UPDATE decision SET more = x'00ff' WHERE queue_id = 'lab-4'");
	sqlite3_close(db);
	reader = lab_reader(dir);
	if (journal_scan(reader, &all, count_damaged, &damaged, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(damaged.count, 5);
	assert_string_equal(damaged.text, "sound lab-2 lab-3 lab-4 sound ");
	journal_reader_close(reader);
	assert_int_equal(lab_find(dir, "lab-2").count, 1);
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
	    cmocka_unit_test(damaged_file_is_set_aside),
	    cmocka_unit_test(reader_passes_over_damage),
	    cmocka_unit_test(removed_file_is_begun_anew),
	    cmocka_unit_test(damaged_row_hides_no_other),
	    cmocka_unit_test(killed_writer_leaves_sound_files),
	};

	return cmocka_run_group_tests_name("journal and damage", tests, NULL, tear_down);
}
