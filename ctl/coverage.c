/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/clock.h"

#include "ctl/coverage.h"
#include "ctl/ctl.h"
#include "ctl/load.h"

#define DAY_US (86400 * INT64_C(1000000))

/* NULL: which clients are trusted and what is excused is not known then. */
static const struct policy *
policy_of(const struct ctl *ctl, struct load *load)
{
	struct err err = ERR_INIT;

	*load = (struct load){.policy = NULL};
	if (load_policy(load, ctl->config, LOAD_NO_KEYS, &err) == 0 && load->policy != NULL)
		return load->policy;
	ctl_say("%s cannot be used, so 'set trusted' and 'set coverage-ignore' are not "
		"known: 'frank check' shows why",
	    ctl->config);
	return NULL;
}

static int
read_coverage(struct ctl *ctl, const struct coverage_range *range,
    const struct policy *policy, struct coverage *ret_coverage, struct err *err)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1;
	struct journal_reader *reader;
	int result;

	if (journal_reader_open(ctl_state(ctl), &reader, err) == -1)
		return -1;
	if (is_terminal)
		fputs("looking through the journal ...", stderr);
	result = coverage_read(reader, range, policy, ret_coverage, err);
	if (is_terminal)
		fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	if (journal_reader_is_stale(reader))
		ctl_say("the newest outcomes may be missing: frankd is not running, and "
			"this user may not write to %s",
		    ctl_state(ctl));
	journal_reader_close(reader);
	return result;
}

static int
show(const struct ctl *ctl, const struct coverage *coverage,
    const struct coverage_view *view)
{
	struct buf out = BUF_INIT(1 << 20);
	int code;

	if (ctl->json)
		coverage_json(coverage, view, &out);
	else
		coverage_text(coverage, view, &out);
	code = ctl_print(&out);
	buf_fini(&out);
	if (code == CTL_FINE && coverage_missed(coverage, view->ignored) > 0)
		code = CTL_FINDINGS;
	return code;
}

static int
run(struct ctl *ctl, struct coverage_view *view)
{
	const struct coverage_range range = {.since = view->since};
	struct coverage coverage;
	struct err err = ERR_INIT;
	struct load load;
	const struct policy *policy = policy_of(ctl, &load);
	int code;

	signal(SIGPIPE, SIG_IGN);
	if (policy != NULL)
		view->ignored = policy_settings(policy)->coverage_ignore;
	if (read_coverage(ctl, &range, policy, &coverage, &err) == -1) {
		code = ctl_fail(&err);
	} else if (coverage.begin == 0) {
		ctl_say("the journal has nothing of Postfix's log, so nobody can tell: see "
			"'set maillog' in frank.conf(5)");
		code = EX_UNAVAILABLE;
	} else {
		code = show(ctl, &coverage, view);
	}
	load_fini(&load);
	return code;
}

int
command_coverage(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"since", required_argument, NULL, 'S'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	int64_t now = clock_now().wall;
	struct coverage_view view = {.since = now - DAY_US};
	struct err err = ERR_INIT;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'J') {
			ctl->json = true;
		} else if (option != 'S') {
			return ctl_bad_option(argc, argv);
		} else if (clock_parse_since(view_of(optarg), now, &view.since, &err) ==
			   -1) {
			ctl_say("%s", err.text);
			return EX_USAGE;
		}
	}
	if (optind < argc)
		return ctl_usage("coverage", "'frank explain ID' is for one message");
	return run(ctl, &view);
}
