/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/suffixes.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/run.h"

#include "doctor/machine.h"
#include "doctor/ourselves.h"

/* Reading what the checks of ourselves judge by. */

enum {
	SECOND = 1000000,
	STATUS_MAX = 1 << 20,
	APT_MAX = 4 << 20,
	APT_PATIENCE_MS = 20000,
	WARNINGS_SHOWN = 20,
};

static struct view
first_line(struct view text)
{
	struct view line = VIEW_NONE;

	(void)view_cut(&text, '\n', &line);
	return line;
}

/* Each "frank.conf:3: warning: ..."; the lines below it show where. */
static void
say_warnings(const struct doctor_world *world, struct doctor_report *report)
{
	static const struct view mark = {": warning: ", 11};
	struct view rest = world->policy_warnings, line;
	size_t shown = 0;

	while (view_cut(&rest, '\n', &line)) {
		bool is_warning = false;

		for (size_t i = 0; i + mark.n <= line.n && !is_warning; i++)
			is_warning = view_is(view_head(view_from(line, i), mark.n), mark);
		if (is_warning && shown++ < WARNINGS_SHOWN)
			doctor_remedy(report,
			    doctor_say(report, DOCTOR_BAD, "%.*s", VIEW_ARG(line)),
			    "See where, and how it is meant:\nfrank check");
	}
}

static void
check_policy(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)subject;
	if (world->policy == NULL && access(world->config_path, R_OK) == -1 &&
	    errno == EACCES) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "%s: %s", world->config_path, strerror(EACCES));
		return;
	}
	if (world->policy == NULL) {
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD, "%s cannot be used: %.*s",
			world->config_path, VIEW_ARG(first_line(world->policy_fault))),
		    "frank check");
		return;
	}
	say_warnings(world, report);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK, "%s has no errors, and nothing to warn of",
		    world->config_path);
}

static void
check_keys(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)subject;
	if (world_has_policy(world, report))
		ourselves_judge_keys(world, report);
}

static void
check_journal(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct buf status = BUF_INIT(STATUS_MAX);
	struct ourselves_journal journal;
	struct err err = ERR_INIT;

	(void)subject;
	if (machine_ask_frankd(world, &status, &err) == 0)
		ourselves_judge_status(buf_view(&status), report);
	else
		doctor_say(report, DOCTOR_UNKNOWN, "frankd does not say how it fares: %s",
		    err.text);
	buf_fini(&status);
	if (world->state_dir == NULL) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "the directory of the journal is not known");
		return;
	}
	if (!ourselves_read_journal(world->state_dir, world->now, &journal, report) ||
	    !world_has_policy(world, report))
		return;
	journal.keep_days = policy_settings(world->policy)->keep_days;
	ourselves_judge_room(&journal, report);
	ourselves_judge_owner(
	    world->state_dir, policy_settings(world->policy)->user, report);
}

/* When apt has last looked for news; -1: not known. */
static int64_t
lists_age(int64_t now)
{
	static const char *const places[] = {
	    "/var/lib/apt/lists", "/var/lib/apt/lists/partial"};
	int64_t newest = -1;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (stat(places[i], &st) == 0 && st.st_mtime > newest)
			newest = st.st_mtime;
	return newest == -1 ? -1 : now / SECOND > newest ? now / SECOND - newest : 0;
}

/* apt's time: what is left of ours. */
static int
patience_ms(const struct doctor_report *report)
{
	int64_t left = (report->deadline - clock_mono()) / 1000;

	if (left < 0)
		left = 0;
	return left < APT_PATIENCE_MS ? (int)left : APT_PATIENCE_MS;
}

static void
check_updates(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	static const char *const argv[] = {"/usr/bin/apt", "list", "--upgradable", NULL};
	struct buf listed = BUF_INIT(APT_MAX);
	struct err err = ERR_INIT;
	int status = 0;

	(void)subject;
	if (access(argv[0], X_OK) == -1)
		doctor_say(report, DOCTOR_UNKNOWN,
		    "there is no apt here: whether something newer is there is not known");
	else if (run(argv, VIEW(""), &listed, NULL, patience_ms(report), &status, &err) ==
		 -1)
		doctor_say(report, DOCTOR_UNKNOWN, "apt list: %s", err.text);
	else if (status != 0 || listed.full)
		doctor_say(report, DOCTOR_UNKNOWN, "apt list ended with %d", status);
	else
		ourselves_judge_updates(buf_view(&listed), lists_age(world->now), report);
	buf_fini(&listed);
}

static void
check_suffixes(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	(void)subject;
	ourselves_judge_suffixes(
	    suffixes_time(), suffixes_file(), world->now / SECOND, report);
}

const struct doctor_check doctor_ourselves[] = {
    {"ourselves-policy", DOCTOR_ONCE,
	"with errors in it frankd does not start, and goes by the old one till then",
	check_policy},
    {"ourselves-keys", DOCTOR_ONCE, "without its key a domain's mail leaves unsigned",
	check_keys},
    {"ourselves-journal", DOCTOR_ONCE, "what is not in the journal nobody can explain",
	check_journal},
    {"ourselves-versions", DOCTOR_ONCE,
	"what reads mail of strangers should have no holes that everybody knows",
	check_updates},
    {"ourselves-suffixes", DOCTOR_ONCE,
	"by an old list of public suffixes domains align, or not, as they did then",
	check_suffixes},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
