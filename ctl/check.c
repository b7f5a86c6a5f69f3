/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>

#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/check_tables.h"
#include "ctl/ctl.h"
#include "ctl/load.h"

enum { POLICY_TEXT_MAX = 256 << 20 };

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static size_t
errors(const struct load *load)
{
	return load->diag.errors + load->key_errors;
}

static void
print_json(const struct load *load, const char *path)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX), text = BUF_INIT(CTL_OUTPUT_MAX);
	struct json json;

	buf_add(&text, buf_view(&load->diag.out));
	buf_add(&text, buf_view(&load->key_notes));
	json_begin(&json, &out);
	json_object(&json, NULL);
	json_string(&json, "file.path", view_of(path));
	json_number(&json, "errors", (int64_t)errors(load));
	json_number(&json, "warnings", load->diag.warnings);
	json_string(&json, "message", buf_view(&text));
	json_end(&json);
	buf_add_char(&out, '\n');
	ctl_print(&out);
	buf_fini(&text);
	buf_fini(&out);
}

static void
print_summary(const struct load *load, const char *path)
{
	size_t n_keys = 0, bad = errors(load);

	if (load->policy != NULL)
		policy_keys(load->policy, &n_keys);
	if (bad > 0)
		printf("%s: %zu error%s", path, bad, plural(bad));
	else
		printf("%s: fine", path);
	if (load->diag.warnings > 0)
		printf(", %u warning%s", load->diag.warnings, plural(load->diag.warnings));
	if (load->has_keys)
		printf(", %zu key%s", n_keys, plural(n_keys));
	printf("\n");
}

static void
print_notes(const struct load *load)
{
	struct view rest = buf_view(&load->key_notes), line;
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);

	while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
		escape_add(&out, line, line.n);
		buf_add_char(&out, '\n');
	}
	fprintf(stderr, "%s%s", buf_text(&load->diag.out), buf_text(&out));
	buf_fini(&out);
}

static int
print(const struct ctl *ctl, const struct load *load, const char *path, bool is_verbose)
{
	struct buf text = BUF_INIT(POLICY_TEXT_MAX);
	int code = CTL_FINE;

	if (ctl->json) {
		print_json(load, path);
		return CTL_FINE;
	}
	print_notes(load);
	if (!is_verbose) {
		print_summary(load, path);
	} else if (load->policy != NULL) {
		policy_print(load->policy, &text);
		code = ctl_print(&text);
	}
	buf_fini(&text);
	return code;
}

int
command_check(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	const char *path = ctl->config;
	struct err err = ERR_INIT;
	bool is_verbose = false;
	struct load load;
	int option;

	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		if (option == 'v')
			is_verbose = true;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (argc - optind > 1)
		return ctl_usage("check", "one file at a time");
	if (optind < argc)
		path = argv[optind];
	if (load_policy(&load, path, LOAD_KEYS, &err) == -1)
		return ctl_fail(&err);
	if (load.policy != NULL) {
		load.diag.errors +=
		    policy_unsupplied(load.policy, POLICY_SUPPLIED, &load.diag.out);
		load.diag.warnings += check_tables(load.policy, &load.diag.out);
	}
	int code = print(ctl, &load, path, is_verbose);
	if (code == CTL_FINE && errors(&load) > 0)
		code = CTL_FINDINGS;
	load_fini(&load);
	return code;
}
