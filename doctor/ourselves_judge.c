/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "auth/suffixes.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/ourselves.h"

enum {
	DAY = 86400,
	SECOND = 1000000,
	/* What apt knows is of its last update; a day's timer does that where it is on. */
	LISTS_OLD = 14 * DAY,
	SUFFIXES_BAD = 5 * SUFFIXES_OLD,
};

/* "error: ..." and "frank.conf:3: error: ...". */
static bool
note_says(struct view line, const char *kind)
{
	struct view word = view_of(kind);
	char behind[32];

	snprintf(behind, sizeof(behind), ": %s", kind);
	return view_starts(line, word) || view_has(line, view_of(behind));
}

static void
say_notes(struct view notes, struct doctor_report *report)
{
	size_t n = 0;
	struct view line;

	while (view_cut(&notes, '\n', &line)) {
		if (!note_says(line, "error: ") && !note_says(line, "warning: "))
			continue;
		if (n++ >= OURSELVES_KEYS_SHOWN)
			continue;
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD, "%.*s", VIEW_ARG(line)),
		    "See what is meant, mend it, and then 'frank reload':\nfrank check");
	}
	if (n > OURSELVES_KEYS_SHOWN)
		doctor_remedy(report,
		    doctor_say(
			report, DOCTOR_BAD, "and %zu more", n - OURSELVES_KEYS_SHOWN),
		    "frank check");
}

void
ourselves_judge_keys(const struct doctor_world *world, struct doctor_report *report)
{
	struct view rest = world->key_notes, first = VIEW_NONE;
	size_t n_keys, n_sources;

	(void)policy_key_sources(world->policy, &n_sources);
	(void)policy_keys(world->policy, &n_keys);
	if (n_sources == 0) {
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"the policy names no keys: nothing is ever signed"),
		    "In %s, and then 'frank key new DOMAIN SELECTOR' and 'frank reload':\n"
		    "keys \"keys\"",
		    world->config_path);
		return;
	}
	say_notes(world->key_notes, report);
	if (world->has_keys && n_keys > 0)
		doctor_say(report, DOCTOR_OK, "%zu key%s can be used", n_keys,
		    n_keys == 1 ? "" : "s");
	else if (world->has_keys)
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"there is no key that can be used: nothing is signed"),
		    "frank key new DOMAIN SELECTOR\nfrank reload");
	else if (report->first == NULL) {
		(void)view_cut(&rest, '\n', &first);
		doctor_say(report, DOCTOR_UNKNOWN, "%.*s",
		    VIEW_ARG(first.n > 0 ? first : VIEW("the keys were not looked at")));
	}
}

/* Libraries that parse what strangers send, or hold keys; and Postfix. */
static bool
is_ours(struct view package)
{
	static const char *const heads[] = {"postfix", "frank", "libssl3", "libmilter",
	    "libunbound", "libspf2", "libopendkim", "libsqlite3", "libidn2", "libpsl",
	    "libgmime", "libc6", "publicsuffix"};

	if (view_ends(package, VIEW("-dev")) || view_ends(package, VIEW("-doc")) ||
	    view_ends(package, VIEW("-dbg")) || view_ends(package, VIEW("-dbgsym")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (view_starts(package, view_of(heads[i])))
			return true;
	return false;
}

/* "libssl3/stable-security 3.0.17-1 amd64 [upgradable from: 3.0.15-1]" */
static void
judge_package(struct view line, struct doctor_report *report)
{
	struct view package, suites, version = VIEW_NONE;

	if (!view_has_char(line, '/') || !view_cut(&line, '/', &package) ||
	    !is_ours(package) || !view_cut(&line, ' ', &suites))
		return;
	(void)view_cut(&line, ' ', &version);
	if (view_has(suites, VIEW("security")))
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"%.*s %.*s is there and not installed, and mends a known hole",
			VIEW_ARG(package), VIEW_ARG(version)),
		    "apt install --only-upgrade %.*s\nsystemctl restart postfix frankd",
		    VIEW_ARG(package));
	else
		doctor_say(report, DOCTOR_OK,
		    "%.*s %.*s is there and not installed; it mends no known hole",
		    VIEW_ARG(package), VIEW_ARG(version));
}

void
ourselves_judge_updates(struct view listed, int64_t age, struct doctor_report *report)
{
	struct view line;

	while (view_cut(&listed, '\n', &line))
		judge_package(line, report);
	if (age < 0)
		doctor_say(report, DOCTOR_UNKNOWN, "how old apt's lists are is not known");
	else if (age > LISTS_OLD)
		doctor_say(report, DOCTOR_UNKNOWN,
		    "apt's lists are %" PRId64
		    " days old: what came since is not known; apt "
		    "update mends that",
		    age / DAY);
	else if (report->first == NULL)
		doctor_say(report, DOCTOR_OK,
		    "of Postfix and the libraries of frankd apt has nothing newer");
}

/* A distribution that keeps its list for years is no fault of who runs it. */
static void
say_old_suffixes(
    const char *where, int64_t list_time, int64_t now, struct doctor_report *report)
{
	bool is_bad = now - list_time > SUFFIXES_BAD;
	char text[CLOCK_TEXT];
	struct doctor_finding *finding =
	    doctor_say(report, is_bad ? DOCTOR_BAD : DOCTOR_UNKNOWN, "%s is of %s%s", where,
		clock_day(list_time * SECOND, text),
		is_bad ? ", years old" : ": by newer suffixes domains may align otherwise");

	doctor_remedy(report, finding,
	    "Install a newer one (package publicsuffix); where there is none, with "
	    "psl-make-dafsa installed:\n"
	    "curl -o /root/suffixes https://publicsuffix.org/list/public_suffix_list.dat\n"
	    "psl-make-dafsa --output-format=binary /root/suffixes "
	    "/usr/share/publicsuffix/public_suffix_list.dafsa\n"
	    "systemctl restart frankd");
}

void
ourselves_judge_suffixes(
    int64_t list_time, const char *file, int64_t now, struct doctor_report *report)
{
	char text[CLOCK_TEXT];
	const char *where = file[0] != '\0' ? file : "the list built into libpsl";

	if (list_time <= 0)
		doctor_say(report, DOCTOR_UNKNOWN, "%s does not say how old it is", where);
	else if (now - list_time > SUFFIXES_OLD)
		say_old_suffixes(where, list_time, now, report);
	else
		doctor_say(report, DOCTOR_OK, "%s is of %s", where,
		    clock_day(list_time * SECOND, text));
}
