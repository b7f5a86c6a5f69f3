/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/bug.h"

#include "burst/keep.h"
#include "tests/unit/burst_lab.h"

/* All that threads may do at once: nothing is lost, and under -fsanitize=thread nothing is
 * said. */

enum { THREADS = 4, ROUNDS = 4000, NAMES = 50 };

struct worker {
	struct lab *lab;
	unsigned number;
	struct burst_meter *different;
};

static void *
work(void *argument)
{
	const struct worker *worker = argument;
	struct lab *lab = worker->lab;
	struct burst_meter *meter = lab->meter;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct burst_now now = lab->now;
		const uint64_t hash = (uint64_t)i * THREADS + worker->number;
		uint64_t pair = hash * 0x9e3779b97f4a7c15 | 1;
		const struct burst_amount amount = {1, &pair, 1};
		char name[20];
		uint64_t key;

		/* Each has an hour of its own now and then, as around its beginning. */
		now.mono += (int64_t)i * 10 * LAB_SECOND;
		now.minute += i / 6;
		snprintf(name, sizeof(name), "login-%u", i % NAMES);
		key = lab_key(lab, name);
		burst_read(meter, key, &amount, &now);
		burst_charge(meter, key, view_of(name), &amount, &now, i % 97 == 0);
		burst_read(worker->different, key, &amount, &now);
		burst_charge(worker->different, key, view_of(name), &amount, &now, false);
		burst_new_recipients(lab->burst, &pair, 1, &now);
		burst_remember(lab->burst, &pair, 1, &now);
		burst_see_user(lab->burst, key, &now);
		burst_age(lab->burst, key, &now);
		if (i % 500 == 0)
			burst_flag(worker->different, key, &now);
	}
	return NULL;
}

static int
ignore(void *context, const struct burst_row *row, struct err *err)
{
	(void)context;
	(void)row;
	(void)err;
	return 0;
}

/* What frankd does beside mail. */
static void
look_around(struct lab *lab, struct burst_meter *different, const char *path, unsigned i)
{
	struct burst_now now = lab->now;
	struct keep_now keep;
	struct burst_seen top[5];
	double hours[BURST_HOURS];
	struct err err = ERR_INIT;

	now.mono += (int64_t)i * 400 * LAB_SECOND;
	now.minute += i * 20 / 3;
	keep = (struct keep_now){{lab->wall, now.mono}, now.minute, 1};
	burst_tick(lab->burst, &now);
	burst_top(lab->meter, &now, top, ARRAY_LEN(top));
	burst_look(different, lab_key(lab, "login-1"), &now, &top[0], hours);
	if (keep_save(lab->burst, path, &keep, &err) != 0 ||
	    burst_give(lab->burst, &now, ignore, NULL, &err) != 0)
		fail_msg("%s", err.text);
	burst_meter_keys(lab->meter);
	burst_learn_left(lab->burst);
}

static void
threads_lose_nothing(void **state)
{
	const struct burst_meter_kind kind = {
	    .id = VIEW("different"), .within = 600, .is_distinct = true};
	pthread_t threads[THREADS];
	struct worker workers[THREADS];
	struct lab lab;
	struct burst_meter *different;
	const char *dir = getenv("TMPDIR");
	char path[4096];
	uint64_t sum = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/burst_threads.%d", dir != NULL ? dir : "/tmp",
	    (int)getpid());
	lab_open(&lab, 31 * 86400, false);
	different = burst_meter_get(lab.burst, &kind, &lab.now);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){&lab, i, different};
		must(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
	}
	for (unsigned i = 0; i < 100; i++)
		look_around(&lab, different, path, i);
	for (unsigned i = 0; i < THREADS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	for (unsigned i = 0; i < NAMES; i++) {
		char name[20];

		snprintf(name, sizeof(name), "login-%u", i);
		sum += lab_read(&lab, name, 0).reading;
	}
	assert_int_equal(sum, THREADS * ROUNDS);
	assert_int_equal(burst_charges(lab.burst), 2 * THREADS * ROUNDS);
	unlink(path);
	burst_meter_put(lab.burst, different);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(threads_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
