/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* doctor/report.c for programs of tests. */

#include <stdarg.h>

#include "doctor/doctor.h"
#include "lib/buf.h"
#include "lib/bug.h"

enum { TEXT_MAX = 128 << 10 };

const char *
doctor_answer_name(enum doctor_answer answer)
{
	static const char *const names[] = {"ok", "bad", "could not tell"};

	return names[answer];
}

static struct view
format_text(struct doctor_report *report, const char *format, va_list args)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct view kept;

	buf_addv(&text, format, args);
	must(!text.full);
	kept = arena_view(report->arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

struct doctor_finding *
doctor_say(struct doctor_report *report, enum doctor_answer answer, const char *format, ...)
{
	struct doctor_finding *finding = arena_alloc(report->arena, sizeof(*finding));
	va_list args;

	va_start(args, format);
	finding->answer = answer;
	finding->evidence = format_text(report, format, args);
	va_end(args);
	*report->end = finding;
	report->end = &finding->next;
	return finding;
}

void
doctor_remedy(
    struct doctor_report *report, struct doctor_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding->remedy = format_text(report, format, args);
	va_end(args);
}
