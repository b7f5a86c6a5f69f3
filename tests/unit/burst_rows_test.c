/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/unit/burst_lab.h"

/* What lasts, given to a database and taken from it again: the database is a list. */

enum { ROWS_MAX = 4000 };

struct list {
	struct burst_row rows[ROWS_MAX];
	char *texts[ROWS_MAX][3];
	size_t n, n_given, fail_at;
	bool is_made_safe;
};

static struct view
copy(struct view text, char **ret_copy)
{
	*ret_copy = malloc(text.n + 1);
	assert_non_null(*ret_copy);
	if (text.n != 0)
		memcpy(*ret_copy, text.p, text.n);
	return (struct view){*ret_copy, text.n};
}

static int
put(void *context, const struct burst_row *row, struct err *err)
{
	struct list *list = context;
	size_t i = 0;

	if (++list->n_given == list->fail_at)
		return err_set(err, ERR_IO, "the disk is full");
	list->is_made_safe = row == NULL;
	if (row == NULL)
		return 0;
	while (i < list->n &&
	       (list->rows[i].kind != row->kind || list->rows[i].key != row->key ||
		   !view_is(list->rows[i].meter, row->meter)))
		i++;
	assert_true(i < ROWS_MAX);
	for (size_t t = 0; t < 3 && i < list->n; t++)
		free(list->texts[i][t]);
	list->n += i == list->n;
	list->rows[i] = *row;
	list->rows[i].meter = copy(row->meter, &list->texts[i][0]);
	list->rows[i].name = copy(row->name, &list->texts[i][1]);
	list->rows[i].data = copy(row->data, &list->texts[i][2]);
	return 0;
}

static struct list *
list_new(void)
{
	return mem_zeroed(1, sizeof(struct list));
}

static void
list_free(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t t = 0; t < 3; t++)
			free(list->texts[i][t]);
	free(list);
}

/* How many rows were given. */
static size_t
give(struct lab *lab, struct list *list)
{
	struct err err = ERR_INIT;

	list->n_given = 0;
	if (burst_give(lab->burst, &lab->now, put, list, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(list->is_made_safe);
	return list->n_given - 1;
}

static void
take(struct lab *lab, const struct list *list)
{
	for (int kind = BURST_ROW_CALENDAR; kind <= BURST_ROW_LOGIN; kind++)
		for (size_t i = 0; i < list->n; i++) {
			struct err err = ERR_INIT;

			if ((int)list->rows[i].kind == kind &&
			    burst_take(lab->burst, &list->rows[i], &err) != 1)
				fail_msg("row %zu: %s", i, err.text);
		}
}

static void
restart(struct lab *lab, const struct list *list)
{
	const struct burst_settings settings = {
	    .seed = {1, 2}, .keys = 16000, .learn = 14 * 86400, .remember = 180 * 86400};
	const struct burst_meter_kind kind = {.id = VIEW("it"), .within = 3600};

	lab_close(lab);
	lab->burst = burst_new(&settings, lab->wall, &lab->now);
	lab->meter = burst_meter_get(lab->burst, &kind, &lab->now);
	take(lab, list);
}

static void
knows_again_what_is_usual(void **state)
{
	struct list *list = list_new();
	struct lab lab;
	uint64_t pair;

	(void)state;
	lab_open(&lab, 3600, false);
	pair = burst_pair(lab.burst, lab_key(&lab, "alice"), VIEW("bob@example.net"));
	burst_remember(lab.burst, &pair, 1, &lab.now);
	burst_see_user(lab.burst, lab_key(&lab, "alice"), &lab.now);
	lab_days(&lab, "alice", 21, 25);
	lab_pass(&lab, 10 * LAB_HOUR);
	lab_want("before", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 30);
	assert_int_equal(give(&lab, list), 5);
	restart(&lab, list);
	/* The medians are taken at the next tick. */
	lab_want("after", lab_read(&lab, "alice", 0), 0, BURST_USUAL_OWN, 30);
	lab_pass(&lab, 0);
	lab_want("the site", lab_read(&lab, "bob", 0), 0, BURST_USUAL_SITE, 30);
	assert_int_equal(burst_learn_left(lab.burst), 0);
	assert_int_equal(burst_meter_learn_left(lab.meter), 0);
	assert_int_equal(burst_new_recipients(lab.burst, &pair, 1, &lab.now), 0);
	assert_int_equal(
	    burst_age(lab.burst, lab_key(&lab, "alice"), &lab.now), (21 * 24 + 10) * 3600);
	lab_close(&lab);
	list_free(list);
}

/* A meter that came with the new policy knows nothing, however long the site has been
 * watched.
 */
static void
a_new_meter_begins_now(void **state)
{
	const struct burst_meter_kind kind = {.id = VIEW("new"), .within = 3600};
	struct list *list = list_new();
	struct burst_meter *meter;
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	lab_days(&lab, "alice", 21, 25);
	give(&lab, list);
	lab_close(&lab);
	lab_open(&lab, 3600, false);
	meter = burst_meter_get(lab.burst, &kind, &lab.now);
	take(&lab, list);
	assert_int_equal(burst_learn_left(lab.burst), 0);
	assert_int_equal(burst_meter_learn_left(lab.meter), 0);
	assert_int_equal(burst_meter_learn_left(meter), 14 * 86400);
	assert_int_equal(
	    burst_read(meter, 1, NULL, &lab.now).usual_of, BURST_USUAL_UNKNOWN);
	burst_meter_put(lab.burst, meter);
	lab_close(&lab);
	list_free(list);
}

static void
gives_what_has_changed(void **state)
{
	struct list *list = list_new();
	struct lab lab;
	char name[20];

	(void)state;
	lab_open(&lab, 3600, false);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		lab_charge(&lab, name, 1);
	}
	assert_int_equal(give(&lab, list), 2); /* the calendar and the meter */
	lab_pass(&lab, LAB_HOUR);
	assert_int_equal(give(&lab, list), 2); /* nobody has looked at them */
	lab_pass(&lab, 0);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		lab_read(&lab, name, 1);
	}
	assert_int_equal(give(&lab, list), 502);
	assert_int_equal(give(&lab, list), 2);
	lab_pass(&lab, LAB_HOUR);
	lab_charge(&lab, "login-7", 1);
	assert_int_equal(give(&lab, list), 3);
	lab_close(&lab);
	list_free(list);
}

/* Also within one hour, which is how fine times are. */
static void
gives_a_recipient_once_an_hour(void **state)
{
	struct list *list = list_new();
	struct lab lab;
	uint64_t pair;

	(void)state;
	lab_open(&lab, 3600, false);
	pair = burst_pair(lab.burst, lab_key(&lab, "alice"), VIEW("bob@example.net"));
	for (unsigned hour = 0; hour < 3; hour++) {
		burst_remember(lab.burst, &pair, 1, &lab.now);
		burst_see_user(lab.burst, lab_key(&lab, "alice"), &lab.now);
		assert_int_equal(give(&lab, list), 4);
		burst_remember(lab.burst, &pair, 1, &lab.now);
		burst_see_user(lab.burst, lab_key(&lab, "alice"), &lab.now);
		assert_int_equal(give(&lab, list), 2);
		lab_pass(&lab, LAB_HOUR);
	}
	burst_give_all(lab.burst);
	assert_int_equal(give(&lab, list), 4);
	lab_close(&lab);
	list_free(list);
}

static void
gives_again_what_was_not_made_safe(void **state)
{
	static const size_t fail_at[] = {1, 2, 3, 70, 140, 207, 208};
	struct list *list = list_new();
	struct err err = ERR_INIT;
	struct lab lab;
	char name[20];

	(void)state;
	lab_open(&lab, 3600, false);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		lab_charge(&lab, name, 1);
	}
	for (unsigned i = 0; i < 5; i++)
		burst_see_user(lab.burst, i, &lab.now);
	lab_pass(&lab, LAB_HOUR);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "login-%u", i);
		lab_read(&lab, name, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(fail_at); i++) {
		list->n_given = 0;
		list->fail_at = fail_at[i];
		assert_int_equal(burst_give(lab.burst, &lab.now, put, list, &err), -1);
		assert_string_equal(err.text, "the disk is full");
	}
	list->fail_at = 0;
	assert_int_equal(give(&lab, list), 207);
	assert_int_equal(give(&lab, list), 2);
	lab_close(&lab);
	list_free(list);
}

static void
takes_no_row_that_is_none(void **state)
{
	static const char zeros[4378];
	static const struct {
		struct burst_row row;
		int want;
	} cases[] = {
	    {{.kind = BURST_ROW_CALENDAR}, -1},
	    {{.kind = BURST_ROW_CALENDAR, .data = {zeros, sizeof(zeros)}}, -1},
	    {{.kind = BURST_ROW_METER, .meter = {"it", 2}}, 1},
	    {{.kind = BURST_ROW_METER, .meter = {"was", 3}}, 0},
	    {{.kind = BURST_ROW_USUAL, .meter = {"was", 3}}, 0},
	    {{.kind = BURST_ROW_USUAL, .meter = {"it", 2}}, -1},
	    {{.kind = BURST_ROW_USUAL, .meter = {"it", 2}, .data = {zeros, 149}}, -1},
	    {{.kind = BURST_ROW_USUAL, .meter = {"it", 2}, .data = {zeros, 150}}, -1},
	    {{.kind = BURST_ROW_RECIPIENT, .seen = 5}, -1},
	    {{.kind = BURST_ROW_RECIPIENT, .key = 5}, -1},
	    {{.kind = BURST_ROW_RECIPIENT, .key = 5, .seen = 5}, 1},
	    {{.kind = (enum burst_row_kind)77}, -1},
	};
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int got = burst_take(lab.burst, &cases[i].row, &err);

		if (got != cases[i].want || (got == -1) != (err.text[0] != '\0'))
			fail_msg("case %zu: got %d, want %d", i, got, cases[i].want);
	}
	assert_int_equal(burst_meter_keys(lab.meter), 0);
	lab_close(&lab);
}

/* A profile full of bytes that frankd never wrote does no harm. */
static void
takes_any_means(void **state)
{
	unsigned char bytes[149];
	struct burst_row row = {.kind = BURST_ROW_USUAL,
	    .meter = VIEW("it"),
	    .first = UINT32_MAX,
	    .data = {(const char *)bytes, sizeof(bytes)}};
	struct lab lab;

	(void)state;
	lab_open(&lab, 3600, false);
	for (unsigned fill = 0; fill < 256; fill++) {
		memset(bytes, (int)fill, sizeof(bytes));
		bytes[0] = 1;
		row.key = fill;
		assert_int_equal(burst_take(lab.burst, &row, NULL), 1);
		burst_read(lab.meter, fill, NULL, &lab.now);
	}
	lab_pass(&lab, 15 * 24 * LAB_HOUR);
	for (unsigned fill = 0; fill < 256; fill++)
		assert_true(
		    burst_read(lab.meter, fill, NULL, &lab.now).usual < UINT64_MAX / 2);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_again_what_is_usual),
	    cmocka_unit_test(a_new_meter_begins_now),
	    cmocka_unit_test(gives_what_has_changed),
	    cmocka_unit_test(gives_a_recipient_once_an_hour),
	    cmocka_unit_test(gives_again_what_was_not_made_safe),
	    cmocka_unit_test(takes_no_row_that_is_none),
	    cmocka_unit_test(takes_any_means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
