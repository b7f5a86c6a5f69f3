/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/keyset_tree.h"

char tree_top[64];

int
tree_set_up(void **state)
{
	(void)state;
	snprintf(tree_top, sizeof(tree_top), "/tmp/keyset_test.XXXXXX");
	return mkdtemp(tree_top) != NULL ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int
tree_tear_down(void **state)
{
	(void)state;
	return nftw(tree_top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
tree_path(const char *name)
{
	static char paths[2][512];
	static int which;

	which = !which;
	snprintf(paths[which], sizeof(paths[which]), "%s/%s", tree_top, name);
	return paths[which];
}

void
tree_make_dir(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(tree_path(name), 0700), 0);
	assert_int_equal(chmod(tree_path(name), mode), 0);
}

void
tree_make_file(const char *name, mode_t mode, const char *content)
{
	int fd = open(tree_path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

void
tree_expect(const struct keyset *set, bool warning, const char *one, const char *two)
{
	bool is_warning;

	for (size_t i = 0; i < keyset_faults(set); i++) {
		const char *text = keyset_fault_at(set, i, &is_warning);

		if (strstr(text, one) != NULL && strstr(text, two) != NULL &&
		    is_warning == warning)
			return;
	}
	for (size_t i = 0; i < keyset_faults(set); i++)
		print_error("fault: %s\n", keyset_fault_at(set, i, &is_warning));
	fail_msg("no fault with '%s' and '%s'", one, two);
}

void
tree_expect_fault(const struct keyset *set, const char *one, const char *two)
{
	tree_expect(set, false, one, two);
}

struct keyset *
tree_load(void)
{
	struct keyset *set = keyset_new(geteuid());
	struct err err = ERR_INIT;

	if (keyset_add_dir(set, tree_top, &err) < 0)
		fail_msg("%s", err.text);
	keyset_parse(set);
	return set;
}
