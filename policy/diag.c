/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/escape.h"
#include "policy/diag.h"
#include "policy/source.h"

enum {
	SENTENCE_MAX = 1024,
	SHOWN_MAX = 160,   /* columns of a source line */
	SHOWN_BEFORE = 60, /* of a longer one, before the mark */
	TAB = 8,
};

void
diag_init(struct diag *diag)
{
	*diag = (struct diag){0};
	buf_init(&diag->out, DIAG_TEXT_MAX);
}

void
diag_fini(struct diag *diag)
{
	buf_fini(&diag->out);
}

bool
diag_is_full(const struct diag *diag)
{
	return diag->errors > DIAG_ERRORS_MAX;
}

/* Columns that the escaped, tab-free TEXT takes. */
static size_t
columns(struct view text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
	return n;
}

/*
 * What a terminal must not see is escaped; a backslash stays one, for nobody takes this
 * text apart again.
 */
static void
add_safe(struct buf *out, struct view text)
{
	struct view part;

	while (view_cut(&text, '\\', &part)) {
		escape_add(out, part, part.n);
		if (text.p != NULL)
			buf_add_char(out, '\\');
	}
}

/* TEXT as it is shown: tabs become blanks, what a terminal must not see is escaped. */
static void
add_expanded(struct buf *out, struct view text, size_t *column)
{
	struct view part;
	size_t before;

	while (text.n > 0) {
		const char *p = text.p;
		size_t n = 0;

		while (n < text.n && p[n] != '\t')
			n++;
		part = view_head(text, n);
		before = out->n;
		add_safe(out, part);
		if (out->n > before)
			*column += columns((struct view){out->p + before, out->n - before});
		if (n < text.n)
			do
				buf_add_char(out, ' ');
			while (++*column % TAB != 0);
		text = view_from(text, n + 1);
	}
}

/* Where to begin and end showing a line that is too long for the screen. */
static struct view
clip(struct view line, struct view mark, bool *ret_cut)
{
	size_t at = (size_t)(mark.p - line.p);

	*ret_cut = false;
	if (line.n <= SHOWN_MAX)
		return line;
	if (at > SHOWN_MAX - SHOWN_BEFORE) {
		line = view_from(line, at - SHOWN_BEFORE);
		while (line.n > 0 && ((unsigned char)line.p[0] & 0xC0) == 0x80)
			line = view_from(line, 1);
		*ret_cut = true;
	}
	return view_head(line, SHOWN_MAX);
}

static void
add_excerpt(struct buf *out, struct span where)
{
	struct view line = span_line(where), shown, before, mark = where.text;
	size_t column, start;
	bool is_cut;

	shown = clip(line, mark, &is_cut);
	if (mark.p + mark.n > shown.p + shown.n)
		mark.n = (size_t)(shown.p + shown.n - mark.p);
	before = (struct view){shown.p, (size_t)(mark.p - shown.p)};
	buf_addf(out, "%5u | %s", where.line, is_cut ? "..." : "");
	column = 0;
	add_expanded(out, before, &column);
	start = column;
	add_expanded(out, mark, &column);
	mark.n = column - start;
	add_expanded(out, view_from(shown, (size_t)(where.text.p - shown.p) + where.text.n),
	    &column);
	buf_addf(out, "%s\n      | ", shown.p + shown.n < line.p + line.n ? "..." : "");
	for (size_t i = 0; i < start + (is_cut ? 3 : 0); i++)
		buf_add_char(out, ' ');
	for (size_t i = 0; i == 0 || i < mark.n; i++)
		buf_add_char(out, '^');
	buf_add_char(out, '\n');
}

static void
add_sentence(struct buf *out, const char *format, va_list args)
{
	char sentence[SENTENCE_MAX];

	if (vsnprintf(sentence, sizeof(sentence), format, args) < 0)
		return;
	add_safe(out, view_of(sentence));
	buf_add_char(out, '\n');
}

static void
add_place(struct buf *out, struct span where)
{
	struct view line = span_line(where);

	escape_add(out, where.source->name, ESCAPE_MAX);
	if (where.line == 0)
		return;
	line = view_head(line, (size_t)(where.text.p - line.p));
	buf_addf(out, ":%u:%zu", where.line, columns(line) + 1);
}

static void
add_message(struct diag *diag, struct span where, const char *severity, const char *format,
    va_list args)
{
	add_place(&diag->out, where);
	buf_addf(&diag->out, ": %s: ", severity);
	add_sentence(&diag->out, format, args);
	if (where.line != 0)
		add_excerpt(&diag->out, where);
}

void
diag_error(struct diag *diag, struct span where, const char *format, ...)
{
	va_list args;

	diag->errors++;
	diag->is_muted = diag->errors > DIAG_ERRORS_MAX;
	if (diag->errors == DIAG_ERRORS_MAX + 1)
		buf_addf(&diag->out, "and more errors: these are the first %d\n",
		    DIAG_ERRORS_MAX);
	if (diag->is_muted)
		return;
	va_start(args, format);
	add_message(diag, where, "error", format, args);
	va_end(args);
}

void
diag_warn(struct diag *diag, struct span where, const char *format, ...)
{
	va_list args;

	diag->warnings++;
	diag->is_muted = diag->warnings > DIAG_WARNINGS_MAX;
	if (diag->warnings == DIAG_WARNINGS_MAX + 1)
		buf_addf(&diag->out, "and more warnings: these are the first %d\n",
		    DIAG_WARNINGS_MAX);
	if (diag->is_muted)
		return;
	va_start(args, format);
	add_message(diag, where, "warning", format, args);
	va_end(args);
}

void
diag_hint(struct diag *diag, const char *format, ...)
{
	va_list args;

	if (diag->is_muted)
		return;
	buf_add_text(&diag->out, "      = ");
	va_start(args, format);
	add_sentence(&diag->out, format, args);
	va_end(args);
}
