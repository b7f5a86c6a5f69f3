/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* doctor_here CONF POSTFIX_CONFIG [NAME ...]: what the checks of Postfix, the machine and
 * ourselves say here, one finding a line, its remedy below it. Status 1: something is bad.
 */

#include <stdio.h>
#include <string.h>

#include "auth/suffixes.h"
#include "ctl/load.h"
#include "doctor/doctor.h"
#include "doctor/postfix.h"
#include "doctor/world.h"
#include "lib/bug.h"
#include "lib/clock.h"

static bool
is_wanted(const char *name, int n, char **names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

static bool
show(const char *name, const struct doctor_report *report)
{
	bool is_bad = false;

	if (report->first == NULL)
		printf("%s: nothing was said\n", name);
	for (const struct doctor_finding *finding = report->first; finding != NULL;
	     finding = finding->next) {
		struct view rest = finding->remedy, line;

		printf("%s: %s: %.*s\n", name, doctor_answer_name(finding->answer),
		    VIEW_ARG(finding->evidence));
		while (rest.n > 0 && view_cut(&rest, '\n', &line))
			printf("> %.*s\n", VIEW_ARG(line));
		is_bad |= finding->answer == DOCTOR_BAD;
	}
	return is_bad;
}

static bool
run_area(const struct doctor_check *checks, const struct doctor_world *world, int n,
    char **names)
{
	const struct doctor_subject nothing = {.domain = VIEW_NONE};
	bool is_bad = false;

	for (; checks->name != NULL; checks++) {
		struct arena *arena = arena_new(0);
		struct doctor_report report = {.arena = arena, .deadline = INT64_MAX};

		report.end = &report.first;
		if (is_wanted(checks->name, n, names)) {
			checks->run(world, &nothing, &report);
			is_bad |= show(checks->name, &report);
		}
		arena_free(arena);
	}
	return is_bad;
}

static bool
run_all(const struct doctor_world *world, int n, char **names)
{
	static const struct doctor_check *const areas[] = {
	    doctor_postfix, doctor_machine, doctor_ourselves};
	bool is_bad = false;

	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		is_bad |= run_area(areas[i], world, n, names);
	return is_bad;
}

static const char *
text_of(const struct load *load, struct view text, struct arena *arena)
{
	return load->policy != NULL ? arena_text(arena, text) : "/nonexistent";
}

int
main(int argc, char **argv)
{
	struct arena *arena = arena_new(0);
	struct doctor_postfix *postfix = NULL;
	struct err err = ERR_INIT;
	struct load load;

	must(argc >= 3);
	suffixes_choose();
	must(load_policy(&load, argv[1], LOAD_KEYS, &err) == 0);
	const struct policy_settings none = {.helo = VIEW_NONE};
	const struct policy_settings *settings =
	    load.policy != NULL ? policy_settings(load.policy) : &none;
	struct doctor_world world = {
	    .policy = load.policy,
	    .config_path = argv[1],
	    .state_dir = text_of(&load, settings->state, arena),
	    .control = text_of(&load, settings->control, arena),
	    .now = clock_now().wall,
	    .has_keys = load.has_keys,
	    .key_notes = buf_view(&load.key_notes),
	    .postfix_config = argv[2],
	};
	if (load.policy != NULL)
		world.policy_warnings = buf_view(&load.diag.out);
	else
		world.policy_fault = buf_view(&load.diag.out);
	if (doctor_postfix_read(argv[2], arena, &postfix, &err) == 0)
		world.postfix = postfix;
	else
		world.postfix_fault = view_of(err.text);
	bool is_bad = run_all(&world, argc - 3, argv + 3);
	load_fini(&load);
	arena_free(arena);
	return is_bad;
}
