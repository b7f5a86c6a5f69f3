/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

static char dir[64];
static int dir_fd;

/* A key tree and everything that may be wrong with one. Names say what it is. */
static int
make_tree(void **state)
{
	static const char script[] =
	    "set -e; umask 022; mkdir good group sticky deep deep/er; chmod 0775 group;"
	    "chmod 1777 sticky; for d in good group sticky deep/er; do echo k > $d/key.pem;"
	    "chmod 0600 $d/key.pem; done; echo k > good/open.pem; echo k > good/grp.pem;"
	    "chmod 0640 good/grp.pem; echo k > good/wide.pem; chmod 0666 good/wide.pem;"
	    "ln -s key.pem good/link.pem; ln -s good linkdir; mkfifo -m 600 good/fifo;"
	    "mkdir -m 700 good/dir.pem; ln -s \"$PWD/good\" abs; ln -s "
	    "group/../good/key.pem via;"
	    "ln -s loop loop; ln -s none dangling";

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", "/tmp/trust_test.XXXXXX");
	if (mkdtemp(dir) == NULL || chdir(dir) != 0 || system(script) != 0)
		return -1;
	dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd >= 0 ? 0 : -1;
}

static int
remove_tree(void **state)
{
	char command[100];

	(void)state;
	(void)close(dir_fd);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void
opens_only_what_can_be_trusted(void **state)
{
	static const struct {
		const char *path;
		mode_t max_mode;
		const char *why; /* NULL: fine. @ stands for the tree. */
	} cases[] = {
	    {"good/key.pem", 0600, NULL},
	    {"deep/er/key.pem", 0600, NULL},
	    {"good/grp.pem", 0640, NULL},
	    {"good/open.pem", 0600,
		"@/good/open.pem is readable by others (mode 0644): chmod 0600 "
		"@/good/open.pem"},
	    {"good/grp.pem", 0600,
		"@/good/grp.pem is readable by its group (mode 0640): chmod 0600 "
		"@/good/grp.pem"},
	    {"good/wide.pem", 0644,
		"@/good/wide.pem can be written by others (mode 0666): chmod 0644 "
		"@/good/wide.pem"},
	    {"group/key.pem", 0600,
		"@/group can be written by its group (mode 0775): chmod go-w @/group"},
	    {"good/link.pem", 0600,
		"@/good/link.pem is a symbolic link: put the file itself there"},
	    {"linkdir/key.pem", 0600,
		"@/linkdir is a symbolic link: put the directory itself there"},
	    {"good/fifo", 0600, "@/good/fifo is no regular file"},
	    {"good/dir.pem", 0700, "@/good/dir.pem is no regular file"},
	    {"good/none.pem", 0600, "@/good/none.pem: No such file or directory"},
	    {"none/key.pem", 0600, "@/none: No such file or directory"},
	    {"good/key.pem/x", 0600, "@/good/key.pem: Not a directory"},
	    {"../x", 0600, "../x: not a plain path below @"},
	    {"good/../good/key.pem", 0600,
		"good/../good/key.pem: not a plain path below @"},
	    {"./good/key.pem", 0600, "./good/key.pem: not a plain path below @"},
	    {"good//key.pem", 0600, "good//key.pem: not a plain path below @"},
	    {"/etc/passwd", 0644, "/etc/passwd: not a plain path below @"},
	    {"good/", 0700, "good/: not a plain path below @"},
	    {"", 0600, ": not a plain path below @"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct file_trust trust = {geteuid(), cases[i].max_mode};
		struct err err = ERR_INIT;
		int fd = -1, result = file_open_beneath(
				 dir_fd, "@", cases[i].path, &trust, &fd, &err);

		if (cases[i].why == NULL ? result != 0 || fd < 0
					 : fd != -1 || strcmp(err.text, cases[i].why) != 0)
			fail_msg("%s: got %d \"%s\", want \"%s\"", cases[i].path, result,
			    err.text, cases[i].why != NULL ? cases[i].why : "(opened)");
		if (fd >= 0)
			(void)close(fd);
	}
}

/* Where root runs the tests, files can be given away; elsewhere root's own are there to
 * look at. */
static void
looks_at_owners(void **state)
{
	struct file_trust trust = {geteuid() + 1, 0600};
	struct err err = ERR_INIT;
	char want[200];
	int fd = -1;

	(void)state;
	if (geteuid() == 0) {
		assert_int_equal(chown("deep/er/key.pem", 12345, (gid_t)-1), 0);
		trust.owner = 0;
		assert_int_equal(
		    file_open_beneath(dir_fd, "@", "deep/er/key.pem", &trust, &fd, &err),
		    -1);
		assert_string_equal(err.text, "@/deep/er/key.pem belongs to uid 12345: "
					      "chown root @/deep/er/key.pem");
		assert_int_equal(chown("deep/er", 12345, (gid_t)-1), 0);
		assert_int_equal(
		    file_open_beneath(dir_fd, "@", "deep/er/key.pem", &trust, &fd, &err),
		    -1);
		assert_string_equal(
		    err.text, "@/deep/er belongs to uid 12345: chown root @/deep/er");
		trust.owner = 12345;
		assert_int_equal(
		    file_open_beneath(dir_fd, "@", "deep/er/key.pem", &trust, &fd, &err),
		    0);
		(void)close(fd);
		assert_int_equal(file_check_dirs("deep/er/key.pem", 0, &err), -1);
		(void)snprintf(want, sizeof(want),
		    "%s/deep/er belongs to uid 12345: chown root %s/deep/er", dir, dir);
		assert_string_equal(err.text, want);
		assert_int_equal(file_check_dirs("deep/er/key.pem", 12345, &err), 0);
		/* Who owns a link decides where it leads. */
		assert_int_equal(lchown("linkdir", 12345, (gid_t)-1), 0);
		assert_int_equal(file_check_dirs("linkdir/key.pem", 0, &err), -1);
		assert_non_null(
		    strstr(err.text, "/linkdir belongs to uid 12345: chown -h root"));
		return;
	}
	assert_int_equal(
	    file_open_beneath(dir_fd, "@", "good/key.pem", &trust, &fd, &err), -1);
	(void)snprintf(want, sizeof(want), "@/good belongs to uid %u: chown %u @/good",
	    (unsigned)geteuid(), (unsigned)geteuid() + 1);
	assert_string_equal(err.text, want);
}

static void
checks_directories_above(void **state)
{
	static const struct {
		const char *path;
		enum err_code code;
		const char *why; /* NULL: fine */
	} cases[] = {
	    {"good/key.pem", ERR_NONE, NULL},
	    {"good/not-yet", ERR_NONE, NULL},
	    {"good/.", ERR_NONE, NULL},
	    {"./good/../deep//er/key.pem", ERR_NONE, NULL},
	    {"/etc/passwd", ERR_NONE, NULL},
	    {"/", ERR_NONE, NULL},
	    {"/tmp/not-yet", ERR_NONE, NULL}, /* sticky, root's */
	    {"group/key.pem", ERR_DENIED,
		"/group can be written by its group (mode 0775): chmod go-w "},
	    {"group/.", ERR_DENIED, "/group can be written by its group"},
	    {"group", ERR_NONE, NULL}, /* above it all is well */
	    {"linkdir/key.pem", ERR_NONE, NULL},
	    {"abs/link.pem", ERR_NONE, NULL},
	    {"via", ERR_DENIED,
		"/group can be written by its group"}, /* a link through it */
	    {"good/../group/key.pem", ERR_DENIED, "/group can be written"},
	    {"none/key.pem", ERR_MISSING, "there is no 'none' in "},
	    {"good/key.pem/x", ERR_CONFIG, "/good/key.pem is no directory"},
	    {"loop", ERR_CONFIG, "too many symbolic links"},
	    {"dangling", ERR_NONE, NULL}, /* not there yet */
	    {"dangling/x", ERR_MISSING, "there is no 'none' in "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		int result = file_check_dirs(cases[i].path, geteuid(), &err);

		if (err.code != cases[i].code || (result == 0) != (cases[i].why == NULL) ||
		    (cases[i].why != NULL && strstr(err.text, cases[i].why) == NULL))
			fail_msg("%s: got %d \"%s\", want \"%s\"", cases[i].path, result,
			    err.text, cases[i].why != NULL ? cases[i].why : "(trusted)");
	}
}

/* A sticky directory is fine when it is root's; another user's is not. */
static void
knows_whose_sticky(void **state)
{
	struct err err = ERR_INIT;
	int result = file_check_dirs("sticky/key.pem", geteuid(), &err);

	(void)state;
	if (geteuid() == 0)
		assert_int_equal(result, 0);
	else
		assert_non_null(
		    strstr(err.text, "/sticky can be written by others (mode 1777)"));
}

static void
refuses_long_paths(void **state)
{
	static char path[10000];
	struct file_trust trust = {geteuid(), 0600};
	struct err err = ERR_INIT;
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 == 0 ? 'a' : '/';
	path[sizeof(path) - 2] = 'a';
	assert_int_equal(file_check_dirs(path, geteuid(), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(file_open_beneath(dir_fd, "@", path, &trust, &fd, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	memset(path, 'a', 300);
	path[300] = '\0';
	assert_int_equal(file_check_dirs(path, geteuid(), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(opens_only_what_can_be_trusted),
	    cmocka_unit_test(checks_directories_above),
	    cmocka_unit_test(knows_whose_sticky), cmocka_unit_test(refuses_long_paths),
	    cmocka_unit_test(looks_at_owners), /* last: changes the tree */
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
