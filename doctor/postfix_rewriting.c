/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/sign.h"
#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"

#include "doctor/postfix_private.h"

/* Tables that change a message behind the signature: which of their lines touch what it
 * covers? Files are read where they are text; other tables are not known here. */

enum { TABLE_MAX = 1 << 20, NAME_MAX_BYTES = 78 };

enum effect { EFFECT_NONE, EFFECT_BREAKS, EFFECT_UNKNOWN };

/* What a line of a table does to signatures; FIELD is empty where its pattern is not
 * simple. */
typedef enum effect judge_line(struct view action, struct view field, struct view text);

/* The rest of LINE behind its first word, which goes to *ret_word. */
static struct view
take_word(struct view line, struct view *ret_word)
{
	size_t n = 0;

	line = view_trim(line);
	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	*ret_word = view_head(line, n);
	return view_trim(view_from(line, n));
}

/* "Name:" or "Name\s*:" at the start of what is behind "/^". Empty: not so simple. */
static struct view
field_of(struct view pattern)
{
	size_t n = 0;

	if (!view_starts(pattern, VIEW("^")))
		return VIEW_NONE;
	pattern = view_from(pattern, 1);
	while (n < pattern.n && n < NAME_MAX_BYTES &&
	       (pattern.p[n] == '-' || (pattern.p[n] >= 'a' && pattern.p[n] <= 'z') ||
		   (pattern.p[n] >= 'A' && pattern.p[n] <= 'Z')))
		n++;
	return view_starts(view_from(pattern, n), VIEW(":")) ? view_head(pattern, n)
							     : VIEW_NONE;
}

static bool
is_harmless(struct view action)
{
	static const char *const words[] = {"DUNNO", "OK", "WARN", "INFO"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_is_nocase(action, view_of(words[i])))
			return true;
	return false;
}

/* smtp_header_checks and its like. */
static enum effect
judge_header_line(struct view action, struct view field, struct view text)
{
	struct view rest = text, name = VIEW_NONE;
	bool over;

	if (is_harmless(action))
		return EFFECT_NONE;
	if (view_is_nocase(action, VIEW("PREPEND"))) {
		(void)view_cut(&rest, ':', &name);
		return sign_covers(view_trim(name), &over) && over ? EFFECT_BREAKS
								   : EFFECT_NONE;
	}
	if (!view_is_nocase(action, VIEW("REPLACE")) &&
	    !view_is_nocase(action, VIEW("IGNORE")) &&
	    !view_is_nocase(action, VIEW("STRIP")))
		return EFFECT_UNKNOWN;
	if (field.n == 0)
		return EFFECT_UNKNOWN;
	return sign_covers(field, &over) || view_is_nocase(field, VIEW("DKIM-Signature"))
		   ? EFFECT_BREAKS
		   : EFFECT_NONE;
}

static enum effect
judge_body_line(struct view action, struct view field, struct view text)
{
	(void)field;
	(void)text;
	if (is_harmless(action))
		return EFFECT_NONE;
	return view_is_nocase(action, VIEW("REPLACE")) ||
		       view_is_nocase(action, VIEW("IGNORE")) ||
		       view_is_nocase(action, VIEW("STRIP")) ||
		       view_is_nocase(action, VIEW("PREPEND"))
		   ? EFFECT_BREAKS
		   : EFFECT_UNKNOWN;
}

/* milter_header_checks see only what milters add: frankd adds the signature and tags. */
static enum effect
judge_milter_line(struct view action, struct view field, struct view text)
{
	(void)text;
	if (is_harmless(action) || view_is_nocase(action, VIEW("PREPEND")))
		return EFFECT_NONE;
	if (field.n == 0)
		return EFFECT_UNKNOWN;
	return view_is_nocase(field, VIEW("DKIM-Signature")) ? EFFECT_BREAKS : EFFECT_NONE;
}

/* "/pattern/flags ACTION text" */
static enum effect
judge_pattern(struct view line, judge_line *judge)
{
	struct view pattern, action, text;
	size_t end = 1;

	if (view_starts(line, VIEW("!")))
		return EFFECT_UNKNOWN;
	while (end < line.n && line.p[end] != line.p[0])
		end += line.p[end] == '\\' ? 2 : 1;
	pattern = view_head(view_from(line, 1), end - 1);
	text = take_word(view_from(line, end + 1), &action);
	/* Flags stand at the delimiter, the action behind a blank. */
	if (end + 1 < line.n && line.p[end + 1] != ' ' && line.p[end + 1] != '\t')
		text = take_word(text, &action);
	return judge(action, field_of(pattern), text);
}

/* The worst of a table's lines, and that line. */
static enum effect
judge_text(struct view text, judge_line *judge, struct view *ret_line)
{
	enum effect worst = EFFECT_NONE, effect;
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		/* A line that goes on with text: its action stands on the one before. */
		bool goes_on = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
		line = view_trim(line);
		if (line.n == 0 || goes_on || line.p[0] == '#' ||
		    view_starts_nocase(line, VIEW("if ")) ||
		    view_starts_nocase(line, VIEW("if/")) ||
		    view_starts_nocase(line, VIEW("endif")))
			continue;
		effect = judge_pattern(line, judge);
		if (effect == EFFECT_NONE || worst == EFFECT_BREAKS ||
		    (effect == worst && worst != EFFECT_NONE))
			continue;
		worst = effect;
		*ret_line = line;
	}
	return worst;
}

struct table {
	const struct postfix_service *service;
	const char *name;  /* of the parameter */
	struct view table; /* "pcre:/etc/postfix/checks" */
	judge_line *judge;
};

static void
say_breaks(const struct look *look, const struct table *table, struct view line)
{
	struct doctor_finding *finding =
	    look_say(look, DOCTOR_BAD, "%s: '%.*s' in %.*s changes what a signature covers",
		look_place(look, table->service, table->name), VIEW_ARG(line),
		VIEW_ARG(table->table));

	if (finding != NULL)
		doctor_remedy(look->report, finding, "Take that line out of %.*s%s",
		    VIEW_ARG(table->table),
		    table->judge == judge_milter_line
			? ""
			: ", or do it in header_checks or body_checks, which come before "
			  "the signature");
}

static void
say_effect(const struct look *look, const struct table *table, enum effect effect,
    struct view line)
{
	const char *place = look_place(look, table->service, table->name);

	if (effect == EFFECT_NONE)
		(void)look_say(look, DOCTOR_OK,
		    "%s: %.*s touches nothing that a signature covers", place,
		    VIEW_ARG(table->table));
	else if (effect == EFFECT_UNKNOWN)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s: whether '%.*s' in %.*s touches what a signature covers is not "
		    "known here",
		    place, VIEW_ARG(line), VIEW_ARG(table->table));
	else
		say_breaks(look, table, line);
}

static void
judge_table(const struct look *look, const struct table *table)
{
	struct buf text = BUF_INIT(TABLE_MAX);
	struct view path = table->table, type, line = VIEW_NONE;
	struct err err = ERR_INIT;

	bool is_text = view_cut(&path, ':', &type) &&
		       (view_is(type, VIEW("pcre")) || view_is(type, VIEW("regexp"))) &&
		       view_starts(path, VIEW("/"));
	if (!is_text)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s is %.*s: what it changes behind the signature is not known here",
		    look_place(look, table->service, table->name), VIEW_ARG(table->table));
	else if (file_read(arena_text(look->report->arena, path), &text, &err) == -1)
		(void)look_say(look, DOCTOR_UNKNOWN, "%s: %s",
		    look_place(look, table->service, table->name), err.text);
	else
		say_effect(
		    look, table, judge_text(buf_view(&text), table->judge, &line), line);
	buf_fini(&text);
}

static void
judge_checks(const struct look *look, const struct postfix_service *service,
    const char *name, judge_line *judge)
{
	struct table table = {.service = service, .name = name, .judge = judge};
	struct view list;

	if (!look_value(look, service, name, &list))
		return;
	while (postfix_list_next(&list, &table.table))
		judge_table(look, &table);
}

LOOK_CHECK(doctor_check_rewriting)
{
	const struct postfix_service *service;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report))
		return;
	while ((service = look_next(&look, "smtp", &at)) != NULL) {
		judge_checks(&look, service, "smtp_header_checks", judge_header_line);
		judge_checks(&look, service, "smtp_mime_header_checks", judge_body_line);
		judge_checks(&look, service, "smtp_nested_header_checks", judge_body_line);
		judge_checks(&look, service, "smtp_body_checks", judge_body_line);
	}
	at = 0;
	while ((service = look_next(&look, "cleanup", &at)) != NULL)
		judge_checks(&look, service, "milter_header_checks", judge_milter_line);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK,
		    "no header or body checks come behind the signature");
}
