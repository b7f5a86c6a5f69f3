/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What the meters keep in state.db: what goes in comes out, and all or nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/db.h"
#include "journal/state_meters.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "tests/unit/journal_lab.h"

static int
add(void *context, const struct state_row *row, struct err *err)
{
	if (row->kind == 9)
		return err_set(err, ERR_BAD_INPUT, "not one of ours");
	buf_addf(context, "%u '%.*s' %016llx '%.*s' %u %u %zu;", row->kind,
	    VIEW_ARG(row->meter), (unsigned long long)row->key, VIEW_ARG(row->name),
	    row->seen, row->first, row->data.n);
	return 0;
}

static void
expect_rows(const char *dir, int want, const char *text)
{
	struct buf out = BUF_INIT(65536);
	struct err err = ERR_INIT;
	bool is_damaged;

	assert_int_equal(state_rows_read(dir, add, &out, &is_damaged, &err), want);
	assert_string_equal(buf_text(&out), text);
	assert_false(is_damaged);
	buf_fini(&out);
}

static const struct state_row usual = {.kind = 2,
    .meter = {"it", 2},
    .key = UINT64_C(0xfedcba9876543210),
    .name = {"alice", 5},
    .seen = 70,
    .first = 3,
    .data = {"\0\1\2", 3}};
static const struct state_row recipient = {.kind = 3, .key = 5, .seen = 60};

static void
write_rows(const char *dir, const struct state_row *rows, size_t n, bool is_good)
{
	struct err err = ERR_INIT;
	struct state_rows *to;
	bool is_damaged;

	assert_int_equal(state_rows_begin(dir, &to, &is_damaged, &err), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(state_rows_put(to, &rows[i], &err), 0);
	assert_int_equal(state_rows_end(to, is_good, &is_damaged, &err), 0);
	assert_false(is_damaged);
}

#define USUAL "2 'it' fedcba9876543210 'alice' 70 3 3;"

static void
keeps_rows(void **state)
{
	const struct state_row rows[] = {recipient, usual};
	struct state_row again = recipient;
	struct err err = ERR_INIT;
	struct state_rows *to;
	bool is_damaged;
	const char *dir = lab_dir();

	(void)state;
	expect_rows(dir, 0, "");
	write_rows(dir, rows, 2, true);
	expect_rows(dir, 1, USUAL "3 '' 0000000000000005 '' 60 0 0;");
	again.seen = 80;
	write_rows(dir, &again, 1, true);
	expect_rows(dir, 1, USUAL "3 '' 0000000000000005 '' 80 0 0;");
	again.key = 6;
	write_rows(dir, &again, 1, false);
	expect_rows(dir, 1, USUAL "3 '' 0000000000000005 '' 80 0 0;");

	/* Only of the kinds that are named. */
	assert_int_equal(state_rows_begin(dir, &to, &is_damaged, &err), 0);
	assert_int_equal(state_rows_forget(to, 1U << 3, 81, &err), 0);
	assert_int_equal(state_rows_end(to, true, &is_damaged, &err), 0);
	expect_rows(dir, 1, USUAL);
}

static void
says_what_its_reader_did_not_take(void **state)
{
	const struct state_row row = {.kind = 9};
	struct buf out = BUF_INIT(65536);
	struct err err = ERR_INIT;
	bool is_damaged;
	const char *dir = lab_dir();

	(void)state;
	write_rows(dir, &row, 1, true);
	assert_int_equal(state_rows_read(dir, add, &out, &is_damaged, &err), -1);
	assert_string_equal(err.text, "not one of ours");
	assert_false(is_damaged);
	buf_fini(&out);
}

static void
sets_a_damaged_file_aside(void **state)
{
	static char noise[8192];
	struct buf out = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct state_rows *to;
	bool is_damaged;
	const char *dir = lab_dir();

	(void)state;
	memset(noise, 'x', sizeof(noise));
	for (int round = 0; round < 2; round++) {
		unlink(lab_path("state.db"));
		assert_int_equal(file_create(lab_path("state.db"), 0640,
				     (struct view){noise, sizeof(noise)}, &err),
		    0);
		assert_int_equal(round == 0
				     ? state_rows_read(dir, add, &out, &is_damaged, &err)
				     : state_rows_begin(dir, &to, &is_damaged, &err),
		    -1);
		assert_true(is_damaged);
		assert_int_equal(access(lab_path("state.db"), F_OK), -1);
		write_rows(dir, &usual, 1, true);
		expect_rows(dir, 1, USUAL);
	}
	buf_fini(&out);
}

static void
add_exemption(void *context, const struct state_exemption *exemption)
{
	buf_addf(
	    context, "%.*s %lld;", VIEW_ARG(exemption->name), (long long)exemption->until);
}

static void
keeps_exemptions(void **state)
{
	const struct state_exemption list[] = {
	    {VIEW("alice@example.org"), 2}, {VIEW("192.0.2.0/24"), INT64_C(1) << 50}};
	struct buf out = BUF_INIT(65536);
	struct err err = ERR_INIT;
	bool is_damaged;
	const char *dir = lab_dir();

	(void)state;
	assert_int_equal(
	    state_exemptions_read(dir, add_exemption, &out, &is_damaged, &err), 0);
	assert_int_equal(state_exemptions_write(dir, list, 2, &is_damaged, &err), 0);
	assert_int_equal(
	    state_exemptions_read(dir, add_exemption, &out, &is_damaged, &err), 1);
	assert_string_equal(
	    buf_text(&out), "alice@example.org 2;192.0.2.0/24 1125899906842624;");
	assert_int_equal(state_exemptions_write(dir, list, 0, &is_damaged, &err), 0);
	buf_reset(&out);
	assert_int_equal(
	    state_exemptions_read(dir, add_exemption, &out, &is_damaged, &err), 1);
	assert_string_equal(buf_text(&out), "");
	buf_fini(&out);
}

/* The same at each start, or what was kept would be of no use; and another's is another. */
static void
has_one_seed(void **state)
{
	struct map_seed first, second;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(state_meters_seed(lab_dir(), &first, &err), 0);
	lab_remove();
	const char *dir = lab_dir();
	assert_int_equal(state_meters_seed(dir, &second, &err), 0);
	assert_true(first.k0 != second.k0 && first.k1 != second.k1);
	assert_int_equal(state_meters_seed(dir, &first, &err), 0);
	assert_true(first.k0 == second.k0 && first.k1 == second.k1);
}

static int
clean(void **state)
{
	(void)state;
	lab_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(keeps_rows, clean),
	    cmocka_unit_test_teardown(says_what_its_reader_did_not_take, clean),
	    cmocka_unit_test_teardown(sets_a_damaged_file_aside, clean),
	    cmocka_unit_test_teardown(keeps_exemptions, clean),
	    cmocka_unit_test_teardown(has_one_seed, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
