/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/map.h"

/* Appendix A of the paper, and the first entries of the reference vectors: key 00 01 .. 0f,
 * text 00 01 .. */
static void
hashes_as_the_reference(void **state)
{
	static const uint64_t vectors[] = {
	    0x726fdb47dd0e0e31,
	    0x74f839c593dc67fd,
	    0x0d6c8009d9a94f5a,
	    0x85676696d7fb7e2d,
	    0xcf2794e0277187b7,
	    0x18765564cd99a68d,
	    0xcbc9466e58fee3ce,
	    0xab0200f58b01d137,
	    0x93f5f5799a932462,
	    0x9e0082df0ba9e4b0,
	    0x7a5dbbc594ddb9f3,
	    0xf4b32f46226bada7,
	    0x751e8fbc860ee5fb,
	    0x14ea5627c0843d90,
	    0xf723ca908e7af2ee,
	    0xa129ca6149be45e5,
	};
	struct map_seed seed = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	unsigned char text[ARRAY_LEN(vectors)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		text[i] = (unsigned char)i;
		if (siphash(seed, text, i) != vectors[i])
			fail_msg("%zu bytes: got %016llx, want %016llx", i,
			    (unsigned long long)siphash(seed, text, i),
			    (unsigned long long)vectors[i]);
	}
	assert_int_equal(siphash(seed, NULL, 0), vectors[0]);
}

static void
finds_what_was_added(void **state)
{
	enum { COUNT = 10000 };
	static char keys[COUNT][12];
	static int values[COUNT];
	struct map map;
	size_t at = 0, walked = 0;
	struct view key;
	void *value;

	(void)state;
	map_init(&map, (struct map_seed){1, 2});
	assert_null(map_get(&map, VIEW("x")));
	assert_null(map_next(&map, &at, &key));
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "key %d", i);
		assert_null(map_get(&map, view_of(keys[i])));
		assert_null(map_add(&map, view_of(keys[i]), &values[i]));
	}
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(map_get(&map, view_of(keys[i])), &values[i]);
	assert_null(map_get(&map, VIEW("key 10000")));
	assert_int_equal(map.count, COUNT);
	for (at = 0; (value = map_next(&map, &at, &key)) != NULL; walked++) {
		int *number = value;

		assert_true(view_is(key, view_of(keys[number - values])));
		assert_int_equal((*number)++, 0);
	}
	assert_int_equal(walked, COUNT);
	map_fini(&map);
	assert_null(map_get(&map, VIEW("key 1")));
	map_fini(&map);
}

static void
replaces_nothing(void **state)
{
	struct map map;
	int first, second;

	(void)state;
	map_init(&map, (struct map_seed){1, 2});
	assert_null(map_add(&map, VIEW("a"), &first));
	assert_ptr_equal(map_add(&map, VIEW("a"), &second), &first);
	assert_ptr_equal(map_get(&map, VIEW("a")), &first);
	assert_int_equal(map.count, 1);
	assert_null(map_add(&map, VIEW(""), &second));
	assert_ptr_equal(map_get(&map, VIEW_NONE), &second);
	assert_null(map_add(&map, (struct view){"a\0", 2}, &second));
	assert_null(map_get(&map, VIEW("A")));
	map_fini(&map);
}

static void
has_a_random_seed(void **state)
{
	struct map_seed a = map_seed_random(), b = map_seed_random();

	(void)state;
	assert_true(a.k0 != b.k0 && a.k1 != b.k1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes_as_the_reference),
	    cmocka_unit_test(finds_what_was_added),
	    cmocka_unit_test(replaces_nothing),
	    cmocka_unit_test(has_a_random_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
