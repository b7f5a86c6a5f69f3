/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/bug.h"

static void
gives_cleared_aligned_memory(void **state)
{
	struct arena *arena = arena_new(0);
	size_t total = 0;

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (size_t size = 0; size < 3000; size += 7) {
			unsigned char *p = arena_alloc(arena, size);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xa5, size);
			total += size;
			/* Texts need no alignment and may not disturb it. */
			assert_string_equal(arena_text(arena, VIEW("odd")), "odd");
		}
		assert_true(arena_used(arena) >= total);
		total = 0;
		arena_reset(arena);
		assert_int_equal(arena_used(arena), 0);
	}
	arena_free(arena);
	arena_free(NULL);
}

/* Pieces of all sizes, among them such as need a chunk of their own, do not overlap. */
static void
keeps_pieces_apart(void **state)
{
	static const size_t sizes[] = {
	    1, 5000, 16, 100000, 3, 4096, 300000, 2, 2048, 2047, 1};
	struct arena *arena = arena_new(0);
	unsigned char *pieces[ARRAY_LEN(sizes) * 10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		pieces[i] = arena_alloc(arena, sizes[i % ARRAY_LEN(sizes)]);
		memset(pieces[i], (int)i, sizes[i % ARRAY_LEN(sizes)]);
	}
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		for (size_t k = 0; k < sizes[i % ARRAY_LEN(sizes)]; k++)
			if (pieces[i][k] != (unsigned char)i)
				fail_msg("piece %zu, byte %zu: got %d", i, k, pieces[i][k]);
	arena_free(arena);
}

static void
has_a_cap(void **state)
{
	struct arena *arena = arena_new(100);

	(void)state;
	assert_non_null(arena_alloc(arena, 60));
	assert_null(arena_alloc(arena, 41));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_array(arena, SIZE_MAX / 2, 4));
	assert_null(arena_view(arena, (struct view){"x", 40}).p);
	assert_non_null(arena_alloc(arena, 40));
	assert_null(arena_alloc(arena, 0));
	assert_null(arena_text(arena, VIEW("")));
	arena_reset(arena);
	assert_non_null(arena_alloc(arena, 100));
	arena_free(arena);
}

static void
copies_text(void **state)
{
	struct arena *arena = arena_new(0);
	struct view copy = arena_view(arena, (struct view){"a\0b", 3});
	struct view nothing = arena_view(arena, VIEW_NONE);

	(void)state;
	assert_int_equal(copy.n, 3);
	assert_memory_equal(copy.p, "a\0b", 4);
	assert_non_null(nothing.p);
	assert_int_equal(nothing.n, 0);
	assert_string_equal(arena_text(arena, view_head(VIEW("abcd"), 2)), "ab");
	arena_free(arena);
}

static size_t
memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* One large message does not keep its memory, a small one keeps enough to need no malloc.
 */
static void
keeps_one_bounded_chunk(void **state)
{
	struct arena *arena = arena_new(0);
	size_t before = memory_in_use();
	void *kept;

	(void)state;
	for (int round = 0; round < 2; round++) {
		(void)arena_alloc(arena, 10);
		if (round == 0)
			(void)arena_alloc(arena, 10 << 20);
		else
			for (int i = 0; i < 5000; i++)
				(void)arena_alloc(arena, 1000);
		arena_reset(arena);
		assert_in_range(memory_in_use(), 0, before + 80 * 1024);
	}
	kept = arena_alloc(arena, 10);
	before = memory_in_use();
	arena_reset(arena);
	assert_ptr_equal(arena_alloc(arena, 10), kept);
	assert_ptr_equal((char *)arena_alloc(arena, 60000), (char *)kept + 16);
	assert_int_equal(memory_in_use(), before);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_cleared_aligned_memory),
	    cmocka_unit_test(keeps_pieces_apart),
	    cmocka_unit_test(has_a_cap),
	    cmocka_unit_test(copies_text),
	    cmocka_unit_test(keeps_one_bounded_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
