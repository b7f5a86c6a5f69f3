/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/map.h"

#include "burst/distinct.h"

#define SECOND ((int64_t)1000000)
#define WINDOW (600 * SECOND)

static uint64_t
hash_of(uint64_t number)
{
	return siphash((struct map_seed){3, 4}, &number, sizeof(number));
}

static void
add(struct distinct *distinct, int64_t seconds, uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n; i++) {
		uint64_t hash = hash_of(i);

		distinct_add(distinct, seconds * SECOND, WINDOW, &hash, 1);
	}
}

static void
want(const struct distinct *distinct, const char *what, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		fail_msg("%s: got %llu, want %llu (%u kept)", what, (unsigned long long)got,
		    (unsigned long long)wanted, distinct->n);
}

static uint64_t
at(struct distinct *distinct, int64_t seconds)
{
	return distinct_read(distinct, seconds * SECOND, WINDOW, NULL, 0);
}

static void
is_exact_to_64(void **state)
{
	struct distinct distinct = {.slot = 0};

	(void)state;
	want(&distinct, "nothing", at(&distinct, 600), 0);
	for (uint64_t n = 1; n <= DISTINCT_EXACT; n++) {
		add(&distinct, 600, 0, n); /* again and again the same */
		want(&distinct, "one more", at(&distinct, 600), n);
		assert_false(distinct.is_sketched);
	}
	add(&distinct, 1140, 0, 10); /* ten are seen again, the others leave */
	want(&distinct, "all", at(&distinct, 1199), 64);
	want(&distinct, "half of 54 have left", at(&distinct, 1230), 10 + 27);
	want(&distinct, "the ten", at(&distinct, 1260), 10);
	want(&distinct, "half of the ten", at(&distinct, 1770), 5);
	want(&distinct, "none", at(&distinct, 1800), 0);
	assert_null(distinct.block);
	distinct_clear(&distinct);
}

static void
reads_what_is_not_kept(void **state)
{
	struct distinct distinct = {.slot = 0};
	const uint64_t hashes[] = {hash_of(1), hash_of(2), hash_of(2), hash_of(9)};

	(void)state;
	want(&distinct, "of nobody",
	    distinct_read(&distinct, 600 * SECOND, WINDOW, hashes, 4), 3);
	assert_null(distinct.block);
	add(&distinct, 600, 0, 5);
	want(&distinct, "one is new",
	    distinct_read(&distinct, 610 * SECOND, WINDOW, hashes, 4), 6);
	want(&distinct, "and was not kept", at(&distinct, 610), 5);
	/* What is about to leave and is in the message counts whole. */
	want(&distinct, "half have left", at(&distinct, 1230), 3);
	want(&distinct, "two of them are here again",
	    distinct_read(&distinct, 1230 * SECOND, WINDOW, hashes, 4), 3 + 2);
	distinct_clear(&distinct);
}

static void
takes_time_as_it_comes(void **state)
{
	struct distinct distinct = {.slot = 0};

	(void)state;
	add(&distinct, 60000, 0, 3);
	add(&distinct, 100, 3, 1); /* older than what is there */
	want(&distinct, "backwards", at(&distinct, 100), 4);
	want(&distinct, "forwards again", at(&distinct, 60000), 4);
	add(&distinct, 60000, 0, 100);
	assert_true(distinct.is_sketched);
	assert_true(at(&distinct, 50000) > 80);
	want(&distinct, "years later", at(&distinct, 3000000000), 0);
	assert_false(distinct.is_sketched);
	add(&distinct, 3000000000, 0, 2);
	want(&distinct, "begins again", at(&distinct, 3000000000), 2);
	distinct_clear(&distinct);
}

/* The root of the mean square of the errors over many sets of N, in per cent. */
static double
error_of(uint64_t n)
{
	enum { SETS = 200 };
	double sum = 0;

	for (uint64_t set = 0; set < SETS; set++) {
		uint8_t sketch[SKETCH_BYTES] = {0};
		double off;

		for (uint64_t i = 0; i < n; i++)
			sketch_add(sketch, hash_of(set << 32 | i));
		off = ((double)sketch_count(sketch) - (double)n) / (double)n;
		sum += off * off;
	}
	return 100 * sqrt(sum / SETS);
}

static void
sketches_are_as_good_as_they_say(void **state)
{
	static const uint64_t sizes[] = {65, 100, 300, 1000, 3000, 10000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		double error = error_of(sizes[i]);

		print_message("%5llu different ones: standard error %.1f %%\n",
		    (unsigned long long)sizes[i], error);
		/* 4.6 %, and 200 sets know it to a twentieth. */
		if (error > 4.6 * 1.2)
			fail_msg("%llu: standard error %.2f %%, want 4.6 %%",
			    (unsigned long long)sizes[i], error);
	}
}

static void
sketches_at_their_ends(void **state)
{
	uint8_t sketch[SKETCH_BYTES] = {0}, other[SKETCH_BYTES] = {0};

	(void)state;
	assert_int_equal(sketch_count(sketch), 0);
	sketch_add(sketch, 0);
	assert_int_equal(sketch_count(sketch), 1);
	for (uint64_t i = 0; i < 500; i++)
		sketch_add(i < 250 ? sketch : other, hash_of(i));
	sketch_merge(sketch, other);
	memset(other, 0, sizeof(other));
	for (uint64_t i = 0; i < 500; i++)
		sketch_add(other, hash_of(i));
	sketch_add(other, 0);
	assert_memory_equal(sketch, other, sizeof(sketch));
	memset(sketch, 0xff, sizeof(sketch));
	assert_int_equal(sketch_count(sketch), UINT32_MAX);
}

/* 30 new ones in each minute, so that 300 are within any ten. */
static void
sketches_leave_too(void **state)
{
	struct distinct distinct = {.slot = 0};
	uint64_t next = 0;

	(void)state;
	for (int64_t minute = 10; minute < 60; minute++) {
		uint64_t got;

		add(&distinct, minute * 60, next, 30);
		next += 30;
		got = at(&distinct, minute * 60 + 59);
		if (minute >= 20 && (got < 240 || got > 360))
			fail_msg("minute %lld: got %llu, want 300 or so", (long long)minute,
			    (unsigned long long)got);
	}
	assert_true(distinct.is_sketched);
	assert_int_equal(distinct_size(&distinct), 1280);
	/* A quarter of the window later a quarter of them has left. */
	assert_in_range(at(&distinct, 3600 + 150), 175, 290);
	assert_int_equal(at(&distinct, 3600 + 750), 0);
	assert_null(distinct.block);
	distinct_clear(&distinct);
}

static void
takes_no_bytes_that_are_none(void **state)
{
	static const struct {
		struct distinct like;
		size_t size;
		int want;
	} cases[] = {
	    {{.n = 0}, 0, 0},
	    {{.n = 3, .room = 4}, 36, 0},
	    {{.n = 5, .room = 4}, 36, -1},
	    {{.n = 3, .room = 4}, 35, -1},
	    {{.n = 3, .room = 5}, 45, -1},
	    {{.n = 64, .room = 64}, 576, 0},
	    {{.is_sketched = true}, 1280, 0},
	    {{.is_sketched = true}, 1279, -1},
	    {{.is_sketched = true, .room = 4}, 1280, -1},
	    {{.is_sketched = true, .n = 1}, 1280, -1},
	};
	static const uint8_t bytes[1280];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct distinct distinct = {.slot = 0};
		int got = distinct_set(&distinct, &cases[i].like, bytes, cases[i].size);

		if (got != cases[i].want)
			fail_msg("case %zu: got %d, want %d", i, got, cases[i].want);
		distinct_clear(&distinct);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_exact_to_64),
	    cmocka_unit_test(reads_what_is_not_kept),
	    cmocka_unit_test(takes_time_as_it_comes),
	    cmocka_unit_test(sketches_are_as_good_as_they_say),
	    cmocka_unit_test(sketches_at_their_ends),
	    cmocka_unit_test(sketches_leave_too),
	    cmocka_unit_test(takes_no_bytes_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
