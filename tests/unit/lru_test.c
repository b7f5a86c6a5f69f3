/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/map.h"

#include "burst/lru.h"

enum { ROOM = 37, KEYS = 120, STEPS = 200000 };

/* What the table should hold: a list, the newest first. */
static uint64_t model[ROOM];
static size_t n_model;

static uint64_t
hash_of(uint64_t number)
{
	uint64_t hash = siphash((struct map_seed){5, 6}, &number, sizeof(number));

	/* Few homes, so that runs grow long and wrap around; some differ in the tag only.
	 */
	return number % 3 == 0 ? hash | (uint64_t)0xfff << 52 : hash;
}

static size_t
model_find(uint64_t hash)
{
	size_t i = 0;

	while (i < n_model && model[i] != hash)
		i++;
	return i;
}

static void
model_touch(uint64_t hash)
{
	size_t i = model_find(hash);

	if (i == n_model && n_model == ROOM)
		i--;
	else if (i == n_model)
		n_model++;
	memmove(&model[1], &model[0], i * sizeof(model[0]));
	model[0] = hash;
}

static void
compare(const struct lru *lru, size_t step)
{
	uint32_t number = lru->newest;

	for (size_t i = 0; i < n_model; i++) {
		const struct lru_head *head;

		if (number == LRU_NONE)
			fail_msg("step %zu: got %zu records, want %zu", step, i, n_model);
		head = lru_at(lru, number);
		if (head->hash != model[i])
			fail_msg("step %zu, place %zu: got %llx, want %llx", step, i,
			    (unsigned long long)head->hash, (unsigned long long)model[i]);
		if (lru_find(lru, model[i]) != number)
			fail_msg("step %zu: %llx is there and not found", step,
			    (unsigned long long)model[i]);
		number = head->older;
	}
	assert_int_equal(number, LRU_NONE);
	for (uint64_t key = 0; key < KEYS; key++)
		if ((lru_find(lru, hash_of(key)) != LRU_NONE) !=
		    (model_find(hash_of(key)) < n_model))
			fail_msg("step %zu: key %llu, found or not, is wrong", step,
			    (unsigned long long)key);
}

static void
is_what_a_list_is(void **state)
{
	struct lru lru;
	uint64_t random = 88172645463325252;
	int was_used;

	(void)state;
	lru_init(&lru, ROOM, sizeof(struct lru_head));
	for (size_t step = 0; step < STEPS; step++) {
		uint64_t hash;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		hash = hash_of(random % KEYS);
		if (lru_touch(&lru, hash) == LRU_NONE) {
			size_t before = n_model;

			lru_add(&lru, hash, &was_used);
			assert_int_equal(was_used, before == ROOM);
		}
		model_touch(hash);
		if (step % 101 == 0 || step < 200)
			compare(&lru, step);
	}
	assert_int_equal(lru.used, ROOM);
	lru_fini(&lru);
}

static void
works_with_one(void **state)
{
	struct lru lru;
	int was_used;

	(void)state;
	lru_init(&lru, 1, sizeof(struct lru_head));
	assert_int_equal(lru_find(&lru, 7), LRU_NONE);
	for (uint64_t hash = 0; hash < 100; hash++) {
		assert_int_equal(lru_add(&lru, hash << 57 | hash, &was_used), 1);
		assert_int_equal(was_used, hash > 0);
		assert_int_equal(lru_find(&lru, hash << 57 | hash), 1);
		assert_int_equal(lru.newest, lru.oldest);
	}
	lru_fini(&lru);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_what_a_list_is),
	    cmocka_unit_test(works_with_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
