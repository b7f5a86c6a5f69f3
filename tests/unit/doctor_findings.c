/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/doctor_lab.h"

#include <string.h>

#include "lib/bug.h"

#include "tests/doctor/pasted.h"

struct doctor_report *
lab_report(void)
{
	struct arena *arena = arena_new(0);
	struct doctor_report *report = arena_alloc(arena, sizeof(*report));

	report->arena = arena;
	report->deadline = INT64_MAX;
	report->end = &report->first;
	return report;
}

static void
show(const struct doctor_report *report, struct buf *out)
{
	for (const struct doctor_finding *finding = report->first; finding != NULL;
	     finding = finding->next) {
		struct view rest = finding->remedy, line;

		buf_addf(out, "%s %.*s\n", doctor_answer_name(finding->answer),
		    VIEW_ARG(finding->evidence));
		if (finding->answer == DOCTOR_BAD)
			assert_true(finding->remedy.n > 0);
		while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
			assert_true(line_is_as_it_says(line));
			buf_addf(out, "> %.*s\n", VIEW_ARG(line));
		}
	}
}

void
lab_report_end(struct doctor_report *report, const char *what, const char *want)
{
	struct buf out = BUF_INIT(1 << 20);

	show(report, &out);
	if (strcmp(buf_text(&out), want) != 0)
		fail_msg("%s\ngot:\n%swant:\n%s", what, buf_text(&out), want);
	buf_fini(&out);
	arena_free(report->arena);
}
