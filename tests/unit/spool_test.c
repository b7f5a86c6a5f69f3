/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "lib/spool.h"

/* Actions that are kept come back once, oldest first; what is none stays away. */

static char dir[] = "spool-XXXXXX";

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	if (tmp != NULL && chdir(tmp) != 0)
		return -1;
	memcpy(dir + strlen("spool-"), "XXXXXX", 6);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static void
add(int64_t time, const char *what, const char *who, const char *text)
{
	const struct spool_action action = {.time = time,
	    .what = view_of(what),
	    .who = view_of(who),
	    .text = view_of(text)};

	assert_int_equal(spool_add(dir, &action, NULL), 0);
}

static void
on_action(void *context, const struct spool_action *action)
{
	buf_addf(context, "%lld|%.*s|%.*s|%.*s\n", (long long)action->time,
	    VIEW_ARG(action->what), VIEW_ARG(action->who), VIEW_ARG(action->text));
}

static void
expect(int count, const char *want)
{
	struct buf got = BUF_INIT(65536);

	assert_int_equal(spool_take(dir, on_action, &got, NULL), count);
	assert_string_equal(buf_text(&got), want);
	buf_fini(&got);
}

static void
gives_back_once(void **state)
{
	(void)state;
	expect(0, "");
	add(1772442000000000, "release", "root (uid 0) for kim",
	    "1 message: 4cXyZ71kq; a\nb");
	add(7, "delete", "", "");
	expect(2,
	    "7|delete||\n"
	    "1772442000000000|release|root (uid 0) for kim|1 message: 4cXyZ71kq; a\nb\n");
	expect(0, "");
}

static void
leaves_what_is_none(void **state)
{
	const struct {
		const char *name;
		struct view content;
	} files[] = {
	    {"action-0", VIEW("")},
	    {"action-1", VIEW("1\0what\0who\0text")},
	    {"action-2", VIEW("1\0what\0who\0")},
	    {"action-3", VIEW("1\0what\0who\0text\0more\0")},
	    {"action-4", VIEW("-1\0what\0who\0text\0")},
	    {"action-5", VIEW("99999999999999999999\0what\0who\0text\0")},
	    {".action-6", VIEW("1\0what\0who\0text\0")},
	    {"state.db", VIEW("1\0what\0who\0text\0")},
	};
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		assert_int_equal(file_create(path, 0600, files[i].content, NULL), 0);
	}
	snprintf(path, sizeof(path), "%s/action-7", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/action-8", dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	add(9, "sweep", "kim", "x");
	expect(1, "9|sweep|kim|x\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		assert_int_equal(access(path, F_OK), 0);
	}
}

static void
has_limits(void **state)
{
	struct err err = ERR_INIT;
	char *text = mem_zeroed(SPOOL_TEXT_MAX + 1, 1);
	struct spool_action action = {.time = 1};

	(void)state;
	memset(text, 'x', SPOOL_TEXT_MAX);
	action.text = view_of(text);
	assert_int_equal(spool_add(dir, &action, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	action.text = VIEW("x");
	assert_int_equal(spool_add("nowhere", &action, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(spool_take("nowhere", on_action, NULL, &err), -1);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(gives_back_once, setup),
	    cmocka_unit_test_setup(leaves_what_is_none, setup),
	    cmocka_unit_test_setup(has_limits, setup),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
