/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Incidents in state.db: what goes in comes out, and no number is given twice. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/db.h"
#include "journal/state.h"
#include "journal/state_incidents.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "tests/unit/journal_lab.h"

enum { ROWS_MAX = 8 };

struct rows {
	struct state_incident *rows;
	size_t n;
};

static void
keep(void *context, const struct state_incident *row)
{
	struct rows *rows = context;

	assert_true(rows->n < ROWS_MAX);
	rows->rows[rows->n++] = *row;
}

static int
read_all(const char *dir, struct rows *rows, struct state_incidents_seen *seen)
{
	struct err err = ERR_INIT;

	free(rows->rows);
	rows->rows = mem_zeroed(ROWS_MAX, sizeof(rows->rows[0]));
	rows->n = 0;
	return state_incidents_read(dir, keep, rows, seen, &err);
}

static void
count_set(struct incident_count *count, const char *name, uint64_t n)
{
	snprintf(count->name, sizeof(count->name), "%s", name);
	count->n = n;
}

static struct state_incident *
incident(uint64_t number)
{
	struct state_incident *row = mem_zeroed(1, sizeof(*row));

	*row = (struct state_incident){.number = number,
	    .label = "account takeover?",
	    .key = "alice@example.org",
	    .meter = "sent",
	    .place = "frank.conf:41",
	    .queue_id = "4cXyZ71kq",
	    .client = "192.0.2.99",
	    .client_is_new = true,
	    .reading = 64,
	    .usual = 0,
	    .has_usual = true,
	    .began = LAB_TIME,
	    .last = LAB_TIME + LAB_SECOND,
	    .messages = 12,
	    .rcpts = INT64_MAX,
	    .n_origins = 2,
	    .n_domains = 1,
	    .notify = true,
	    .told = {{LAB_TIME, 5, true}, {LAB_TIME + 1, 6, false}},
	    .closed = LAB_TIME + 2,
	    .closed_by = "kim (uid 1000)",
	    .reason = "a \"newsletter\""};
	count_set(&row->origins[0], "alice@example.org", 11);
	count_set(&row->origins[1], "with a blank", 1);
	count_set(&row->domains[0], "example.com", 400);
	return row;
}

static void
write_one(const char *dir, const struct state_incident *row)
{
	const struct state_incidents_changes changes = {.rows = row, .n = 1};
	struct err err = ERR_INIT;
	bool is_damaged;

	if (state_incidents_write(dir, &changes, &is_damaged, &err) != 0)
		fail_msg("%s", err.text);
}

static void
forget(const char *dir, uint64_t number)
{
	const struct state_incidents_changes changes = {.gone = &number, .n_gone = 1};
	struct err err = ERR_INIT;
	bool is_damaged;

	assert_int_equal(state_incidents_write(dir, &changes, &is_damaged, &err), 0);
}

static void
test_round(void **state)
{
	const char *dir = lab_dir();
	struct state_incident *one = incident(1), *two = incident(7);
	struct state_incidents_seen seen;
	struct rows rows = {0};

	(void)state;
	assert_int_equal(read_all(dir, &rows, &seen), 0);
	write_one(dir, two);
	write_one(dir, one);
	one->messages = 24;
	one->has_usual = false;
	one->client_is_new = false;
	one->n_domains = 0;
	memset(one->domains, 0, sizeof(one->domains));
	write_one(dir, one);
	assert_int_equal(read_all(dir, &rows, &seen), 1);
	assert_int_equal(rows.n, 2);
	assert_int_equal(seen.last, 7);
	/* Padding is zero on both sides. */
	assert_memory_equal(&rows.rows[0], one, sizeof(*one));
	assert_memory_equal(&rows.rows[1], two, sizeof(*two));
	free(one);
	free(two);
	free(rows.rows);
}

static void
test_number_stays_given(void **state)
{
	const char *dir = lab_dir();
	struct state_incident *row = incident(9);
	struct state_incidents_seen seen;
	struct rows rows = {0};

	(void)state;
	write_one(dir, row);
	forget(dir, 9);
	assert_int_equal(read_all(dir, &rows, &seen), 1);
	assert_int_equal(rows.n, 0);
	assert_int_equal(seen.last, 9);
	free(row);
	free(rows.rows);
}

/* It is the file of keys as well: neither is in the other's way. */
static void
test_beside_keys(void **state)
{
	const char *dir = lab_dir();
	struct state_key key = {.domain = VIEW("example.org"), .selector = VIEW("s2026")};
	struct state_incident *row = incident(1);
	struct state_incidents_seen seen;
	struct err err = ERR_INIT;
	struct rows rows = {0};
	bool is_damaged;

	(void)state;
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);
	write_one(dir, row);
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);
	assert_int_equal(read_all(dir, &rows, &seen), 1);
	assert_int_equal(rows.n, 1);
	free(row);
	free(rows.rows);
}

static void
test_damage(void **state)
{
	static char noise[8192];
	const char *dir = lab_dir();
	struct state_incident *row = incident(1);
	const struct state_incidents_changes changes = {.rows = row, .n = 1};
	struct state_incidents_seen seen;
	struct err err = ERR_INIT;
	struct rows rows = {0};
	bool is_damaged;

	(void)state;
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(file_create(lab_path("state.db"), 0640,
			     (struct view){noise, sizeof(noise)}, &err),
	    0);
	assert_int_equal(read_all(dir, &rows, &seen), -1);
	assert_true(seen.is_damaged);
	assert_int_equal(file_create(lab_path("state.db"), 0640,
			     (struct view){noise, sizeof(noise)}, &err),
	    0);
	assert_int_equal(state_incidents_write(dir, &changes, &is_damaged, &err), -1);
	assert_true(is_damaged);
	write_one(dir, row);
	assert_int_equal(read_all(dir, &rows, &seen), 1);
	assert_int_equal(rows.n, 1);
	free(row);
	free(rows.rows);
}

/* Rows that somebody wrote by hand. */
static void
test_nonsense(void **state)
{
	const char *dir = lab_dir();
	struct state_incident *row = incident(1);
	struct state_incidents_seen seen;
	struct err err = ERR_INIT;
	struct rows rows = {0};
	sqlite3 *db;

	(void)state;
	write_one(dir, row);
	assert_int_equal(db_open_write(lab_path("state.db"), &db, &err), 0);
	assert_int_equal(
	    db_run(db,
		"INSERT INTO incident(label) VALUES('nothing else');"
		"INSERT INTO incident(number, began, messages) VALUES(-4, 1, 1);"
		"INSERT INTO incident(number, label, origins, domains, began, messages,"
		" rcpts) VALUES(20, printf('%2000c', 'x'),"
		" replace('x,1,-1 a,1 b,1 c', ',', char(10)), x'ff00ff', 5, 6, -7)",
		&err),
	    0);
	sqlite3_close(db);
	assert_int_equal(read_all(dir, &rows, &seen), 1);
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.rows[1].number, 20);
	assert_int_equal(strlen(rows.rows[1].label), INCIDENT_LABEL);
	assert_int_equal(rows.rows[1].n_origins, 2);
	assert_string_equal(rows.rows[1].origins[1].name, "c");
	assert_int_equal(rows.rows[1].rcpts, 0);
	free(row);
	free(rows.rows);
}

static int
remove_dir(void **state)
{
	(void)state;
	lab_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_round, remove_dir),
	    cmocka_unit_test_teardown(test_number_stays_given, remove_dir),
	    cmocka_unit_test_teardown(test_beside_keys, remove_dir),
	    cmocka_unit_test_teardown(test_damage, remove_dir),
	    cmocka_unit_test_teardown(test_nonsense, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
