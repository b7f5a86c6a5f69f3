/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/file.h"

static const char packed[] = "frank bundle 1 3\n"
			     "1 4\nB\na\0b\n\n"
			     "1 0\na\n\n"
			     "10 3\ntables/vip\nxyz\n";

#define PACKED ((struct view){packed, sizeof(packed) - 1})

static void
packs_in_order(void **state)
{
	static const char *const orders[] = {"Bat", "taB", "atB"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct bundle *bundle = bundle_new(NULL);
		struct buf out = BUF_INIT(1000);

		for (const char *p = orders[i]; *p != '\0'; p++)
			if (*p == 'B')
				(void)bundle_put(
				    bundle, VIEW("B"), (struct view){"a\0b\n", 4}, NULL);
			else if (*p == 'a')
				(void)bundle_put(bundle, VIEW("a"), VIEW_NONE, NULL);
			else
				(void)bundle_put(
				    bundle, VIEW("tables/vip"), VIEW("xyz"), NULL);
		bundle_pack(bundle, &out);
		if (!view_is(buf_view(&out), PACKED))
			fail_msg("order %s: got %s", orders[i], buf_text(&out));
		buf_fini(&out);
		bundle_free(bundle);
	}
	bundle_free(NULL);
}

static void
unpacks_what_it_packed(void **state)
{
	struct bundle *bundle = NULL;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(1000);
	struct view name, content;
	size_t i = 0;

	(void)state;
	assert_int_equal(bundle_unpack(PACKED, &bundle, &err), 0);
	bundle_pack(bundle, &out);
	assert_true(view_is(buf_view(&out), PACKED));
	assert_int_equal(bundle_read(bundle, VIEW("tables/vip"), &content, &err), 0);
	assert_true(view_is(content, VIEW("xyz")));
	assert_int_equal(bundle_read(bundle, VIEW("/etc/passwd"), &content, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_string_equal(err.text, "/etc/passwd: not among the recorded files");
	while (bundle_at(bundle, i, &name, &content))
		i++;
	assert_int_equal(i, 3);
	buf_fini(&out);
	bundle_free(bundle);
}

static void
refuses_what_is_damaged(void **state)
{
	static const char *const bad[] = {
	    "",
	    "frank bundle 2 0\n",
	    "frank bundle 1 0",
	    "frank bundle 1 \n",
	    "frank bundle 1 00\n",
	    "frank bundle 1 -1\n",
	    "frank bundle 1 4097\n",
	    "frank bundle 1 99999999999999999999\n",
	    "frank bundle 1 0\nx",
	    "frank bundle 1 1\n",
	    "frank bundle 1 1\n1 1\na\nb",
	    "frank bundle 1 1\n1 1\na\nbc",
	    "frank bundle 1 1\n1 1\nab\nb\n",
	    "frank bundle 1 1\n1 01\na\nb\n",
	    "frank bundle 1 1\n0 1\n\nb\n",
	    "frank bundle 1 1\n1025 1\na\nb\n",
	    "frank bundle 1 1\n1 67108865\na\nb\n",
	    "frank bundle 1 1\n1 67108864\na\nb\n",
	    "frank bundle 1 1\n1 18446744073709551615\na\nb\n",
	    "frank bundle 1 1\n1\n1\na\nb\n",
	    "frank bundle 1 2\n1 1\nb\nx\n1 1\na\nx\n",
	    "frank bundle 1 2\n1 1\na\nx\n1 1\na\nx\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct bundle *bundle = NULL;
		struct err err = ERR_INIT;

		if (bundle_unpack(view_of(bad[i]), &bundle, &err) != -1 || bundle != NULL ||
		    err.code == ERR_NONE)
			fail_msg("accepted: %s", bad[i]);
	}
	/* A name with NUL, and every text that is cut off. */
	assert_int_equal(bundle_unpack((struct view){"frank bundle 1 1\n1 0\n\0\n\n", 24},
			     &(struct bundle *){NULL}, NULL),
	    -1);
	for (size_t n = 0; n < PACKED.n; n++) {
		struct bundle *bundle = NULL;

		if (bundle_unpack(view_head(PACKED, n), &bundle, NULL) != -1)
			fail_msg("accepted %zu bytes of %zu", n, PACKED.n);
	}
}

static void
replaces_and_keeps(void **state)
{
	struct bundle *bundle = bundle_new(NULL);
	struct view old, new;

	(void)state;
	assert_int_equal(bundle_put(bundle, VIEW("a"), VIEW("old"), NULL), 0);
	assert_int_equal(bundle_read(bundle, VIEW("a"), &old, NULL), 0);
	assert_int_equal(bundle_put(bundle, VIEW("a"), VIEW("new"), NULL), 0);
	assert_int_equal(bundle_read(bundle, VIEW("a"), &new, NULL), 0);
	assert_true(view_is(old, VIEW("old")));
	assert_true(view_is(new, VIEW("new")));
	bundle_free(bundle);
}

static void
has_limits(void **state)
{
	struct bundle *bundle = bundle_new(NULL);
	struct err err = ERR_INIT;
	char name[1026];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(bundle_put(bundle, (struct view){name, 1025}, VIEW(""), &err), -1);
	assert_int_equal(bundle_put(bundle, (struct view){name, 1024}, VIEW(""), &err), 0);
	assert_int_equal(bundle_put(bundle, VIEW_NONE, VIEW(""), &err), -1);
	assert_int_equal(bundle_put(bundle, (struct view){"a\0b", 3}, VIEW(""), &err), -1);
	for (int i = 1; i < BUNDLE_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(bundle_put(bundle, view_of(name), VIEW("x"), &err), 0);
	}
	assert_int_equal(bundle_put(bundle, VIEW("more"), VIEW("x"), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(bundle_put(bundle, VIEW("1"), VIEW("y"), &err), 0);
	bundle_free(bundle);
}

static void
reads_from_disk_once(void **state)
{
	char dir[] = "/tmp/bundle_test.XXXXXX", path[64];
	struct err err = ERR_INIT;
	struct view content;
	struct bundle *bundle;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/vip", dir);
	assert_int_equal(file_create(path, 0600, VIEW("first"), &err), 0);
	bundle = bundle_new(dir);
	assert_int_equal(bundle_read(bundle, VIEW("vip"), &content, &err), 0);
	assert_true(view_is(content, VIEW("first")));
	assert_int_equal(file_replace(path, 0600, VIEW("second"), &err), 0);
	assert_int_equal(bundle_read(bundle, VIEW("vip"), &content, &err), 0);
	assert_true(view_is(content, VIEW("first")));
	assert_int_equal(bundle_read(bundle, view_of(path), &content, &err), 0);
	assert_true(view_is(content, VIEW("second")));
	assert_int_equal(bundle_read(bundle, VIEW("none"), &content, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_string_equal(err.text, "none: No such file or directory");
	assert_int_equal(bundle_read(bundle, VIEW("."), &content, &err), -1);
	assert_string_equal(err.text, ".: is a directory");
	bundle_free(bundle);
	(void)unlink(path);
	(void)rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packs_in_order),
	    cmocka_unit_test(unpacks_what_it_packed),
	    cmocka_unit_test(refuses_what_is_damaged),
	    cmocka_unit_test(replaces_and_keeps),
	    cmocka_unit_test(has_limits),
	    cmocka_unit_test(reads_from_disk_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
