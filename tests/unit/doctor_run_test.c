/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/resource.h>

#include <dirent.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/run.h"
#include "doctor/world.h"
#include "lib/bug.h"
#include "lib/clock.h"

/* Checks that wait for one another, end late, or say this and that. */

enum { LONG = 60000000 /* microseconds: for what goes well */ };

static sem_t go, gone;

static void
say_ok(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)world;
	(void)doctor_say(report, DOCTOR_OK, "ok %.*s", VIEW_ARG(subject->domain));
}

/* All kinds, the worst in the middle. */
static void
say_all(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)subject;
	(void)doctor_say(report, DOCTOR_UNKNOWN, "unknown");
	doctor_remedy(report, doctor_say(report, DOCTOR_BAD, "bad"), "Helo is %.*s",
	    VIEW_ARG(world->helo));
	(void)doctor_say(report, DOCTOR_OK, "ok");
}

static void
say_unknown(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)world;
	(void)subject;
	(void)doctor_say(report, DOCTOR_OK, "ok");
	(void)doctor_say(report, DOCTOR_UNKNOWN, "unknown");
}

static void
wait_for_go(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	say_ok(world, subject, report);
	must(sem_wait(&go) == 0);
	say_ok(world, subject, report);
	must(sem_post(&gone) == 0);
}

static void
give_go(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	say_ok(world, subject, report);
	must(sem_post(&go) == 0);
}

enum { LARGE = 1 << 20, MANY = 1000, MOST_KB = 500 * 1024 };

static void
say_with_much(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	char *text = arena_alloc(report->arena, LARGE);

	memset(text, 'x', LARGE);
	say_ok(world, subject, report);
}

static const struct doctor_check first[] = {
    {"one-once", DOCTOR_ONCE, "why", say_unknown},
    {"one-egress", DOCTOR_EGRESS, "why", say_all},
    {"one-slow", DOCTOR_DOMAIN, "why", wait_for_go},
    {"one-fast", DOCTOR_DOMAIN, "why", give_go},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
static const struct doctor_check second[] = {
    {"two", DOCTOR_DOMAIN, "why", say_ok},
    {"twofold-thing", DOCTOR_DOMAIN, "why", say_ok},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
static const struct doctor_area areas[] = {
    {"one", "One", first}, {"two", "Two", second}, {NULL, NULL, NULL}};

static const struct view domains[] = {{"a.example", 9}, {"b.example", 9}};
static const struct addr egress[] = {
    {.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}}, {.family = ADDR_IPV6, .bytes = {32}}};
static const struct doctor_world world = {
    .egress = egress, .n_egress = 2, .helo = {"mail.example", 12}};

static struct doctor_wish
wish_all(void)
{
	return (struct doctor_wish){
	    .areas = areas, .domains = domains, .n_domains = 2, .patience = LONG};
}

/* "one-slow b.example ok; " for each. */
static void
show(const struct doctor_run *run, struct buf *out)
{
	for (size_t i = 0; i < doctor_run_count(run); i++) {
		struct doctor_result result = doctor_run_result(run, i);
		char addr[ADDR_TEXT];

		buf_add_text(out, result.check->name);
		if (result.subject.egress != NULL)
			buf_addf(out, " %s", addr_text(*result.subject.egress, addr));
		if (result.subject.domain.n > 0)
			buf_addf(out, " %.*s", VIEW_ARG(result.subject.domain));
		buf_addf(out, " %s; ", doctor_answer_name(result.answer));
	}
}

static void
count(void *context, size_t done)
{
	size_t *most = context;

	assert_true(done >= *most);
	*most = done;
}

/* The slow ones end after the fast ones: each waits for one. */
static void
keeps_an_order(void **state)
{
	struct doctor_wish wish = wish_all();
	struct doctor_run *run = doctor_run_new(&world, &wish);
	struct buf got = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t done = 0;

	(void)state;
	assert_int_equal(doctor_run_all(run, count, &done, &err), 0);
	assert_int_equal(done, 11);
	show(run, &got);
	assert_string_equal(buf_text(&got),
	    "one-once could not tell; one-egress 192.0.2.1 bad; one-egress 2000:: bad; "
	    "one-slow a.example ok; one-fast a.example ok; "
	    "one-slow b.example ok; one-fast b.example ok; "
	    "two a.example ok; twofold-thing a.example ok; "
	    "two b.example ok; twofold-thing b.example ok; ");
	buf_fini(&got);
	assert_true(doctor_run_free(run));
	assert_int_equal(sem_wait(&gone), 0);
	assert_int_equal(sem_wait(&gone), 0);
}

static void
keeps_what_was_said(void **state)
{
	const struct view only[] = {VIEW("one-egress")};
	struct doctor_wish wish = wish_all();
	struct err err = ERR_INIT;

	(void)state;
	wish.only = only;
	wish.n_only = 1;
	struct doctor_run *run = doctor_run_new(&world, &wish);
	assert_int_equal(doctor_run_all(run, NULL, NULL, &err), 0);
	const struct doctor_finding *at = doctor_run_result(run, 0).first;
	assert_true(view_is(at->evidence, VIEW("unknown")) && at->remedy.n == 0);
	at = at->next;
	assert_true(view_is(at->evidence, VIEW("bad")));
	assert_true(view_is(at->remedy, VIEW("Helo is mail.example")));
	at = at->next;
	assert_true(view_is(at->evidence, VIEW("ok")) && at->next == NULL);
	assert_true(doctor_run_free(run));
}

static void
chooses_by_name(void **state)
{
	const struct {
		struct view only, skip;
		const char *want;
	} cases[] = {
	    {VIEW("two"), VIEW_NONE, "two a.example ok; two b.example ok; "},
	    {VIEW("twofold"), VIEW_NONE,
		"twofold-thing a.example ok; twofold-thing b.example ok; "},
	    {VIEW("one"), VIEW("one-egress"), NULL},
	    {VIEW_NONE, VIEW("one"),
		"two a.example ok; twofold-thing a.example ok; "
		"two b.example ok; twofold-thing b.example ok; "},
	    {VIEW("one-once"), VIEW_NONE, "one-once could not tell; "},
	    {VIEW("one-once"), VIEW("one-once"), ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_wish wish = wish_all();
		struct buf got = BUF_INIT(4096);
		struct err err = ERR_INIT;

		wish.only = &cases[i].only;
		wish.n_only = cases[i].only.p != NULL;
		wish.skip = &cases[i].skip;
		wish.n_skip = cases[i].skip.p != NULL;
		struct doctor_run *run = doctor_run_new(&world, &wish);
		if (cases[i].want == NULL) {
			assert_int_equal(doctor_run_count(run), 5);
		} else {
			assert_int_equal(doctor_run_all(run, NULL, NULL, &err), 0);
			show(run, &got);
			assert_string_equal(buf_text(&got), cases[i].want);
		}
		buf_fini(&got);
		assert_true(doctor_run_free(run));
	}
	assert_true(doctor_has_name(areas, VIEW("one")));
	assert_true(doctor_has_name(areas, VIEW("twofold-thing")));
	assert_false(doctor_has_name(areas, VIEW("on")));
	assert_false(doctor_has_name(areas, VIEW("")));
	assert_false(doctor_has_name(areas, VIEW("two-")));
}

static size_t
count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	size_t n = 0;

	must(dir != NULL);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	must(closedir(dir) == 0);
	return n;
}

/* More than there are threads hang: the others run all the same. */
static void
leaves_late_ones_alone(void **state)
{
	static const struct view many[] = {{"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 1},
	    {"6", 1}, {"7", 1}, {"8", 1}, {"9", 1}};
	const struct view only[] = {VIEW("one-slow"), VIEW("two")};
	struct doctor_wish wish = wish_all();
	struct err err = ERR_INIT;

	(void)state;
	wish.domains = many;
	wish.n_domains = ARRAY_LEN(many);
	wish.only = only;
	wish.n_only = 2;
	wish.patience = wish.grace = 200000;
	struct doctor_run *run = doctor_run_new(&world, &wish);
	assert_int_equal(doctor_run_all(run, NULL, NULL, &err), 0);
	for (size_t i = 0; i < doctor_run_count(run); i++) {
		struct doctor_result result = doctor_run_result(run, i);
		bool is_slow = i < ARRAY_LEN(many);

		assert_int_equal(result.answer, is_slow ? DOCTOR_UNKNOWN : DOCTOR_OK);
		if (is_slow)
			assert_true(view_is(
			    result.first->evidence, VIEW("it did not end in time")));
	}
	assert_false(doctor_run_free(run));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		assert_int_equal(sem_post(&go), 0);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		assert_int_equal(sem_wait(&gone), 0);
	int64_t deadline = clock_mono() + LONG;
	while (count_threads() > 1 && clock_mono() < deadline)
		(void)sched_yield();
}

/* What a check worked with does not stay until all have ended. */
static void
keeps_only_what_was_said(void **state)
{
	static const struct doctor_check checks[] = {
	    {"large", DOCTOR_DOMAIN, "why", say_with_much},
	    {NULL, DOCTOR_ONCE, NULL, NULL},
	};
	static const struct doctor_area large[] = {
	    {"large", "Large", checks}, {NULL, NULL, NULL}};
	static struct view many[MANY];
	const struct doctor_wish wish = {
	    .areas = large, .domains = many, .n_domains = MANY, .patience = LONG};
	struct rusage before, after;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		many[i] = VIEW("a.example");
	must(getrusage(RUSAGE_SELF, &before) == 0);
	struct doctor_run *run = doctor_run_new(&world, &wish);
	assert_int_equal(doctor_run_all(run, NULL, NULL, &err), 0);
	must(getrusage(RUSAGE_SELF, &after) == 0);
	assert_true(after.ru_maxrss - before.ru_maxrss < MOST_KB);
	assert_true(view_is(
	    doctor_run_result(run, MANY - 1).first->evidence, VIEW("ok a.example")));
	assert_true(doctor_run_free(run));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_an_order),
	    cmocka_unit_test(keeps_what_was_said),
	    cmocka_unit_test(chooses_by_name),
	    cmocka_unit_test(leaves_late_ones_alone),
	    cmocka_unit_test(keeps_only_what_was_said),
	};

	must(sem_init(&go, 0, 0) == 0 && sem_init(&gone, 0, 0) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
