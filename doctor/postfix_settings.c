/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"
#include "policy/words.h"

#include "doctor/postfix_private.h"

/* Single parameters, each of which is as it should be or is not. */

static void
judge_bounces(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "internal_mail_filter_classes";
	struct buf list = BUF_INIT(POSTFIX_VALUE_MAX);
	struct view classes;

	if (!look_value(look, service, name, &classes))
		return;
	if (postfix_list_has(classes, VIEW("bounce"))) {
		(void)look_say(
		    look, DOCTOR_OK, "%s has bounce", look_place(look, service, name));
		return;
	}
	struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
	    "%s lacks bounce: the bounces that this server makes ask no milter and leave "
	    "unsigned",
	    look_place(look, service, name));
	buf_addf(&list, "%.*s%sbounce", VIEW_ARG(classes), classes.n > 0 ? ", " : "");
	if (finding != NULL)
		look_set(look, finding, service, name, buf_view(&list));
	buf_fini(&list);
}

LOOK_CHECK(doctor_check_bounces)
{
	(void)subject;
	look_each(world, report, "bounce", judge_bounces);
}

static void
judge_bare_newline(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtpd_forbid_bare_newline";
	const char *place = look_place(look, service, name);
	struct view value, code;

	if (!look_value(look, service, name, &value))
		return;
	if (view_is(value, VIEW("yes")) || view_is(value, VIEW("normalize")) ||
	    view_is(value, VIEW("reject"))) {
		(void)look_say(look, DOCTOR_OK, "%s is %.*s", place, VIEW_ARG(value));
		return;
	}
	if (!view_is(value, VIEW("no")) && !view_is(value, VIEW("note"))) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s is '%.*s', which is not known here", place, VIEW_ARG(value));
		return;
	}
	/* What came first only knew "yes". */
	bool has_words = postfix_conf_written(look->conf, NULL,
			     VIEW("smtpd_forbid_bare_newline_reject_code"), &code) == 1;
	struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
	    "%s is %.*s: a client can hide a second message in its mail (SMTP smuggling)",
	    place, VIEW_ARG(value));
	if (finding != NULL)
		look_set(look, finding, service, name,
		    has_words ? VIEW("normalize") : VIEW("yes"));
}

LOOK_CHECK(doctor_check_bare_newline)
{
	(void)subject;
	look_each(world, report, "smtpd", judge_bare_newline);
}

LOOK_CHECK(doctor_check_queue_ids)
{
	static const char name[] = "enable_long_queue_ids";
	struct look look;
	bool is_long;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_truth(&look, NULL, name, &is_long))
		return;
	if (is_long)
		doctor_say(report, DOCTOR_OK, "%s is yes", name);
	else
		look_set(&look,
		    doctor_say(report, DOCTOR_BAD,
			"%s is no: queue ids are used again within hours, and one in the "
			"log or the journal may be of several messages",
			name),
		    NULL, name, VIEW("yes"));
}

/* The defaults that matter here changed with 1 and 2; later ones are about TLS. */
enum { LEVEL_LEAST = 2, LEVEL_MAX = 1000 };

LOOK_CHECK(doctor_check_compatibility)
{
	static const char name[] = "compatibility_level";
	struct view value, rest, head = VIEW_NONE;
	unsigned long long level;
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_value(&look, NULL, name, &value))
		return;
	rest = value;
	(void)view_cut(&rest, '.', &head);
	if (!view_number(head, LEVEL_MAX, &level))
		doctor_say(report, DOCTOR_UNKNOWN, "%s is '%.*s', which is no level", name,
		    VIEW_ARG(value));
	else if (level >= LEVEL_LEAST)
		doctor_say(report, DOCTOR_OK, "%s is %.*s", name, VIEW_ARG(value));
	else
		look_set(&look,
		    doctor_say(report, DOCTOR_BAD,
			"%s is %.*s: Postfix keeps its defaults from before 3.0, such as "
			"relaying for the whole subnet where mynetworks is not set",
			name, VIEW_ARG(value)),
		    NULL, name, VIEW("2"));
}

/* The parameter that was perhaps meant. */
static bool
guess_parameter(const struct look *look, struct view name, struct view *ret_meant)
{
	size_t at = 0;
	struct view candidate;
	struct guess guess;

	guess_begin(&guess, name);
	while (postfix_conf_next(look->conf, &at, &candidate))
		if (!view_is(candidate, name) && !postfix_conf_sets(look->conf, candidate))
			guess_try(&guess, candidate);
	*ret_meant = guess.best;
	return guess_is_good(&guess);
}

/* "/etc/postfix/main.cf: unused parameter: smtpd_milter=x" */
static void
judge_unused(const struct look *look, struct view file, struct view what)
{
	struct view rest = what, name, meant;

	(void)view_cut(&rest, '=', &name);
	if (!guess_parameter(look, name, &meant)) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%.*s: nothing uses '%.*s': a leftover, or a mistyped name",
		    VIEW_ARG(file), VIEW_ARG(what));
		return;
	}
	struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
	    "%.*s: nothing uses '%.*s': %.*s is meant, and is not set", VIEW_ARG(file),
	    VIEW_ARG(what), VIEW_ARG(meant));
	if (finding == NULL)
		return;
	if (view_ends(file, VIEW("main.cf")))
		look_set(look, finding, NULL, arena_text(look->report->arena, meant),
		    view_trim(rest));
	else
		doctor_remedy(look->report, finding, "In %.*s, write -o %.*s=%.*s",
		    VIEW_ARG(file), VIEW_ARG(meant), VIEW_ARG(rest));
}

/* Behind the program's name. */
static struct view
after(struct view line, struct view mark)
{
	for (size_t i = 0; i + mark.n <= line.n; i++)
		if (view_is(view_head(view_from(line, i), mark.n), mark))
			return view_from(line, i + mark.n);
	return VIEW_NONE;
}

static void
judge_warning(const struct look *look, struct view line)
{
	static const struct view unused = {": unused parameter: ", 20};
	struct view text = after(line, VIEW("warning: ")), what = after(line, unused);

	if (what.n > 0 && text.n > what.n + unused.n)
		judge_unused(look, view_head(text, text.n - what.n - unused.n), what);
	else if (text.n > 0)
		(void)look_say(
		    look, DOCTOR_UNKNOWN, "postconf warns: %.*s", VIEW_ARG(text));
	else
		(void)look_say(look, DOCTOR_UNKNOWN, "postconf says: %.*s", VIEW_ARG(line));
}

LOOK_CHECK(doctor_check_unused)
{
	struct view rest, line;
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report))
		return;
	rest = postfix_conf_warnings(look.conf);
	while (view_cut(&rest, '\n', &line))
		if (line.n > 0)
			judge_warning(&look, line);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK, "postconf has nothing to say against it");
}
