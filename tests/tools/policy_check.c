/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * policy_check [-d DATE] FILE: load a policy the way 'frank check -v' does; FILE.keys, when
 * it is there, is the list of usable keys. The canonical form goes to stdout, and must give
 * itself when it is loaded again; diagnostics go to stderr. Exit 0: loaded, 1: errors, 2:
 * the canonical form is none.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bundle.h"
#include "lib/file.h"
#include "policy/policy.h"

enum { NAME_MAX_BYTES = 4096, KEYS_MAX = 1 << 20, CANONICAL_MAX = 64 << 20 };

static void
put_keys(struct bundle *bundle, const char *file)
{
	struct buf keys = BUF_INIT(KEYS_MAX);
	char name[NAME_MAX_BYTES];

	snprintf(name, sizeof(name), "%s.keys", file);
	if (access(name, R_OK) == 0 && file_read(name, &keys, NULL) == 0)
		bundle_put(bundle, VIEW(POLICY_KEYS_FILE), buf_view(&keys), NULL);
	buf_fini(&keys);
}

static struct policy *
load(struct bundle *bundle, const char *name, int date, FILE *shown, struct buf *canonical)
{
	struct map_seed seed = {.k0 = 1, .k1 = 2};
	struct diag diag;
	struct policy *policy;

	diag_init(&diag);
	policy = policy_load(bundle, name, seed, date, &diag);
	fputs(buf_text(&diag.out), shown);
	diag_fini(&diag);
	if (policy != NULL)
		policy_print(policy, canonical);
	return policy;
}

/* Does the canonical form, in place of the file, print as itself? */
static bool
prints_as_itself(struct bundle *bundle, const char *name, const struct buf *canonical)
{
	struct buf again = BUF_INIT(CANONICAL_MAX);
	struct policy *policy;
	bool is_same;

	bundle_put(bundle, view_of(name), buf_view(canonical), NULL);
	policy = load(bundle, name, 0, stdout, &again);
	is_same = policy != NULL && view_is(buf_view(canonical), buf_view(&again));
	if (!is_same)
		fprintf(
		    stderr, "the canonical form gives another one:\n%s", buf_text(&again));
	policy_free(policy);
	buf_fini(&again);
	return is_same;
}

static int
check(const char *file, int date)
{
	char dir[NAME_MAX_BYTES];
	const char *slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file;
	struct buf canonical = BUF_INIT(CANONICAL_MAX);
	struct bundle *bundle;
	struct policy *policy;
	int status = 1;

	snprintf(dir, sizeof(dir), "%.*s", slash != NULL ? (int)(slash - file) : 1,
	    slash != NULL ? file : ".");
	bundle = bundle_new(dir);
	put_keys(bundle, file);
	policy = load(bundle, name, date, stderr, &canonical);
	if (policy != NULL) {
		fputs(buf_text(&canonical), stdout);
		/* Warnings were shown: those of the second time are the same. */
		if (freopen("/dev/null", "w", stdout) == NULL)
			return 2;
		status = prints_as_itself(bundle, name, &canonical) ? 0 : 2;
	}
	policy_free(policy);
	bundle_free(bundle);
	buf_fini(&canonical);
	return status;
}

int
main(int argc, char **argv)
{
	int option, date = 0;

	while ((option = getopt(argc, argv, "d:")) == 'd')
		date = atoi(optarg);
	if (option != -1 || optind + 1 != argc) {
		fputs("usage: policy_check [-d DATE] FILE\n", stderr);
		return 64;
	}
	return check(argv[optind], date);
}
