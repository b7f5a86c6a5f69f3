/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/doctor.h"
#include "doctor/world.h"

enum { TEXT_MAX = 16 << 10 };

const char *
doctor_answer_name(enum doctor_answer answer)
{
	static const char *const names[] = {
	    [DOCTOR_OK] = "ok", [DOCTOR_BAD] = "bad", [DOCTOR_UNKNOWN] = "could not tell"};

	must((size_t)answer < ARRAY_LEN(names));
	return names[answer];
}

bool
doctor_is_words(struct view line)
{
	return line.n > 0 && line.p[0] >= 'A' && line.p[0] <= 'Z';
}

static struct view text_keep(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static struct view
text_keep(struct arena *arena, const char *format, va_list args)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct view kept;

	buf_addv(&text, format, args);
	kept =
	    text.full ? VIEW("(too long to be shown)") : arena_view(arena, buf_view(&text));
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
	finding->evidence = text_keep(report->arena, format, args);
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
	finding->remedy = text_keep(report->arena, format, args);
	va_end(args);
}

bool
world_has_policy(const struct doctor_world *world, struct doctor_report *report)
{
	struct view rest = world->policy_fault, line = VIEW_NONE;

	if (world->policy != NULL)
		return true;
	(void)view_cut(&rest, '\n', &line);
	(void)doctor_say(report, DOCTOR_UNKNOWN, "%s cannot be used: %.*s",
	    world->config_path, VIEW_ARG(line));
	return false;
}
