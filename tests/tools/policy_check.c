/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * policy_check [-v] [-d DATE] FILE: load a policy the way 'frank check' does, without keys
 * unless FILE.keys holds their list. Diagnostics on stdout, with -v the canonical form
 * behind them. Exit 0: loaded, 1: errors.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bundle.h"
#include "lib/file.h"
#include "policy/policy.h"

enum { NAME_MAX_BYTES = 4096, KEYS_MAX = 1 << 20 };

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

static int
check(const char *file, int date, int is_verbose)
{
	char dir[NAME_MAX_BYTES];
	const char *slash = strrchr(file, '/');
	struct bundle *bundle;
	struct diag diag;
	struct policy *policy;
	struct buf canonical = BUF_INIT(64 << 20);

	snprintf(dir, sizeof(dir), "%.*s", slash != NULL ? (int)(slash - file) : 1,
	    slash != NULL ? file : ".");
	bundle = bundle_new(dir);
	put_keys(bundle, file);
	diag_init(&diag);
	policy = policy_load(bundle, slash != NULL ? slash + 1 : file,
	    (struct map_seed){.k0 = 1, .k1 = 2}, date, &diag);
	bundle_free(bundle);
	fputs(buf_text(&diag.out), stdout);
	if (policy != NULL && is_verbose) {
		policy_print(policy, &canonical);
		fputs(buf_text(&canonical), stdout);
	}
	buf_fini(&canonical);
	diag_fini(&diag);
	policy_free(policy);
	return policy == NULL;
}

int
main(int argc, char **argv)
{
	int option, date = 0, is_verbose = 0;

	while ((option = getopt(argc, argv, "vd:")) != -1)
		if (option == 'v')
			is_verbose = 1;
		else if (option == 'd')
			date = atoi(optarg);
		else
			return 64;
	if (optind + 1 != argc) {
		fputs("usage: policy_check [-v] [-d DATE] FILE\n", stderr);
		return 64;
	}
	return check(argv[optind], date, is_verbose);
}
