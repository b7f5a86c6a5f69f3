/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

static char dir[64];

static int
enter_dir(void **state)
{
	(void)state;
	(void)umask(022);
	(void)snprintf(dir, sizeof(dir), "%s", "/tmp/file_test.XXXXXX");
	return mkdtemp(dir) != NULL && chdir(dir) == 0 ? 0 : -1;
}

static int
leave_dir(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void
reads_files(void **state)
{
	static const struct {
		const char *name;
		size_t limit;
		enum err_code code;
		const char *text; /* content or message; NULL: any content */
	} cases[] = {
	    {"five", 100, ERR_NONE, "12345"},
	    {"five", 5, ERR_NONE, "12345"},
	    {"five", 4, ERR_LIMIT, "five: larger than 4 bytes"},
	    {"empty", 0, ERR_NONE, ""},
	    {"none", 100, ERR_MISSING, "none: No such file or directory"},
	    {".", 100, ERR_BAD_INPUT, ".: is a directory"},
	    {"fifo", 100, ERR_BAD_INPUT, "fifo: is a FIFO"},
	    {"/dev/null", 100, ERR_BAD_INPUT, "/dev/null: is a device"},
	    /* Says that it has no size. */
	    {"/proc/self/comm", 100, ERR_NONE, NULL},
	};

	(void)state;
	assert_int_equal(file_create("five", 0600, VIEW("12345"), NULL), 0);
	assert_int_equal(file_create("empty", 0600, VIEW_NONE, NULL), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(cases[i].limit);
		struct err err = ERR_INIT;
		int result = file_read(cases[i].name, &out, &err);
		const char *got = result == 0 ? buf_text(&out) : err.text;

		if (err.code != cases[i].code ||
		    (cases[i].text == NULL ? got[0] == '\0'
					   : strcmp(got, cases[i].text) != 0))
			fail_msg("%s: got %d \"%s\", want \"%s\"", cases[i].name, result,
			    got, cases[i].text != NULL ? cases[i].text : "(anything)");
		buf_fini(&out);
	}
}

static void
appends_or_leaves_alone(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	char *large = mem_zeroed(1, 300001);
	int pair[2];

	(void)state;
	memset(large, 'x', 300000);
	assert_int_equal(file_create("large", 0600, view_of(large), &err), 0);
	buf_add_text(&out, "before ");
	assert_int_equal(file_read("large", &out, &err), 0);
	assert_int_equal(out.n, 300007);
	buf_fini(&out);
	buf_init(&out, 299999);
	buf_add_text(&out, "before ");
	assert_int_equal(file_read("large", &out, &err), -1);
	assert_string_equal(buf_text(&out), "before ");
	buf_fini(&out);
	/* A pipe can be read through its descriptor, and ends only when it is closed. */
	buf_init(&out, 100);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(write(pair[1], "piped", 5), 5);
	(void)close(pair[1]);
	assert_int_equal(file_read_fd(pair[0], &out, &err), 0);
	assert_string_equal(buf_text(&out), "piped");
	(void)close(pair[0]);
	buf_fini(&out);
	free(large);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
creates_and_replaces(void **state)
{
	struct buf out = BUF_INIT(100);
	struct err err = ERR_INIT;

	(void)state;
	(void)umask(077);
	assert_int_equal(file_create("new", 0644, VIEW("one"), &err), 0);
	assert_int_equal(mode_of("new"), 0644);
	assert_int_equal(file_create("new", 0644, VIEW("two"), &err), -1);
	assert_string_equal(err.text, "new: File exists");
	assert_int_equal(file_replace("new", 0640, VIEW("three"), &err), 0);
	assert_int_equal(mode_of("new"), 0640);
	(void)umask(022);
	assert_int_equal(file_read("new", &out, &err), 0);
	assert_string_equal(buf_text(&out), "three");
	/* A link is no new file, and is replaced rather than followed. */
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(file_create("link", 0600, VIEW("x"), &err), -1);
	assert_int_equal(file_replace("link", 0600, VIEW("x"), &err), 0);
	assert_int_equal(access("target", F_OK), -1);
	/* What fails leaves nothing behind. */
	assert_int_equal(mkdir("place", 0700), 0);
	assert_int_equal(mkdir("place/taken", 0700), 0);
	assert_int_equal(file_replace("place/taken", 0600, VIEW("x"), &err), -1);
	assert_int_equal(rmdir("place/taken"), 0);
	assert_int_equal(rmdir("place"), 0);
	assert_int_equal(file_create("nowhere/x", 0600, VIEW("x"), &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	buf_fini(&out);
}

static void
makes_directories(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_make_dir("made", 0751, geteuid(), getegid(), &err), 0);
	assert_int_equal(mode_of("made"), 0751);
	assert_int_equal(file_make_dir("made", 0700, geteuid(), getegid(), &err), 0);
	assert_int_equal(mode_of("made"), 0751);
	assert_int_equal(file_create("plain", 0600, VIEW_NONE, &err), 0);
	assert_int_equal(file_make_dir("plain", 0700, geteuid(), getegid(), &err), -1);
	assert_string_equal(err.text, "plain: is no directory");
	assert_int_equal(file_make_dir("a/b", 0700, geteuid(), getegid(), &err), -1);
}

static void
joins(void **state)
{
	static const struct {
		const char *dir, *name, *path;
	} cases[] = {
	    {"/etc", "x", "/etc/x"},
	    {"/etc/", "x", "/etc/x"},
	    {"/", "x", "/x"},
	    {"/etc", "/x", "/x"},
	    {"", "x", "x"},
	    {"/etc", "12345", NULL},
	    {"/etc", "/12345678", "/12345678"},
	    {"/etc", "/123456789", NULL},
	};
	char path[10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int result = file_join(path, sizeof(path), cases[i].dir, cases[i].name);

		if (cases[i].path == NULL ? result != -1
					  : result != 0 || strcmp(path, cases[i].path) != 0)
			fail_msg("case %zu: got %d \"%s\"", i, result, path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_files),
	    cmocka_unit_test(appends_or_leaves_alone),
	    cmocka_unit_test(creates_and_replaces),
	    cmocka_unit_test(makes_directories),
	    cmocka_unit_test(joins),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
