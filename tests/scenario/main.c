/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * scenario [-v] [-d core|wire] FILE...: run scenarios, print TAP. -v: a transcript, too.
 * scenario -r FILE...: none of these must be readable; each begins with the message that it
 * must be refused with.
 */

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "tests/scenario/run.h"

enum { FILE_MAX = 4 << 20 };

static const char usage_text[] = "usage: scenario [-v] [-b build] [-d core|wire] file ...\n"
				 "       scenario -r file ...\n";

static int
usage(void)
{
	fputs(usage_text, stderr);
	return 64;
}

/* "tests/scenario/b_accept.scn" -> "b_accept" */
static void
name_of(const char *path, char *into, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	snprintf(into, size, "%.*s", (int)strcspn(name, "."), name);
}

/* The file's name behind its folders, as errors show it. */
static int
load(const char *path, struct scenario *ret_scenario, struct err *err)
{
	struct buf text = BUF_INIT(FILE_MAX);
	const char *slash = strrchr(path, '/');
	int result = file_read(path, &text, err);

	if (result == 0)
		result = scenario_read(
		    slash != NULL ? slash + 1 : path, buf_view(&text), ret_scenario, err);
	buf_fini(&text);
	return result;
}

static void
print_notes(const struct buf *notes)
{
	struct view rest = buf_view(notes), line;

	while (rest.n > 0 && view_cut(&rest, '\n', &line))
		printf("# %.*s\n", VIEW_ARG(line));
}

static bool
run_one(struct run *run, const char *path)
{
	struct buf notes = BUF_INIT(FILE_MAX);
	struct scenario scenario;
	struct err err = ERR_INIT;
	char name[256];
	bool is_fine;

	name_of(path, name, sizeof(name));
	if (load(path, &scenario, &err) != 0) {
		printf("not ok %u - %s\n# %s\n", ++run->count, name, err.text);
		return false;
	}
	is_fine = true;
	if (run->driver != &driver_wire || !scenario.needs_core) {
		is_fine = run_scenario(run, &scenario, name, &notes);
		printf("%s %u - %s: %.*s\n", is_fine ? "ok" : "not ok", ++run->count, name,
		    VIEW_ARG(scenario.title));
		print_notes(&notes);
		(void)fflush(stdout);
	}
	scenario_fini(&scenario);
	buf_fini(&notes);
	return is_fine;
}

/* "# bad.scn:3: unknown word 'expcet'", in the first line, is what it must be refused with.
 */
static bool
refuse_one(unsigned number, const char *path)
{
	struct buf text = BUF_INIT(FILE_MAX);
	struct err err = ERR_INIT;
	struct scenario scenario;
	struct view rest, want = VIEW("");

	if (file_read(path, &text, &err) == 0) {
		rest = buf_view(&text);
		(void)view_cut(&rest, '\n', &want);
		want = view_trim(view_from(want, 1));
		if (load(path, &scenario, &err) == 0)
			scenario_fini(&scenario);
	}
	bool is_fine = view_is(want, view_of(err.text));
	printf(
	    "%s %u - refused: %.*s\n", is_fine ? "ok" : "not ok", number, VIEW_ARG(want));
	if (!is_fine)
		printf("# got: %s\n", err.text[0] != '\0' ? err.text : "it was read");
	buf_fini(&text);
	return is_fine;
}

static int
refuse_all(int argc, char **argv)
{
	unsigned failed = 0;

	printf("1..%d\n", argc);
	for (int i = 0; i < argc; i++)
		failed += !refuse_one((unsigned)i + 1, argv[i]);
	return failed > 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
run_all(struct run *run, int argc, char **argv)
{
	const char *base = getenv("TMPDIR");
	struct buf said = BUF_INIT(FILE_MAX);
	unsigned failed = 0;

	snprintf(run->dir, sizeof(run->dir), "%s/scn.XXXXXX", base != NULL ? base : "/tmp");
	must(mkdtemp(run->dir) != NULL && chmod(run->dir, 0755) == 0);
	for (int i = 0; i < argc; i++)
		failed += !run_one(run, argv[i]);
	bool is_fine = run->driver->finish(&said) == 0;
	failed += !is_fine;
	printf("%s %u - what was started has ended\n", is_fine ? "ok" : "not ok",
	    ++run->count);
	print_notes(&said);
	buf_fini(&said);
	printf("1..%u\n", run->count);
	pool_fini(&run->pool);
	(void)nftw(run->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return failed > 0;
}

int
main(int argc, char **argv)
{
	const char *build = getenv("FRANK_BUILD");
	struct run run = {.driver = &driver_core};
	bool is_refusing = false;
	int option;

	while ((option = getopt(argc, argv, "b:d:rv")) != -1) {
		if (option == 'b')
			build = optarg;
		else if (option == 'd' && strcmp(optarg, "wire") == 0)
			run.driver = &driver_wire;
		else if (option == 'r')
			is_refusing = true;
		else if (option == 'v')
			run.is_verbose = true;
		else if (option != 'd' || strcmp(optarg, "core") != 0)
			return usage();
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		return usage();
	char *real = realpath(build != NULL ? build : ".", NULL);
	must(real != NULL);
	run.build = real;
	int code = is_refusing ? refuse_all(argc, argv) : run_all(&run, argc, argv);
	free(real);
	return code;
}
