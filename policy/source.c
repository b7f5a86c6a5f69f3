/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/utf8.h"
#include "policy/source.h"

void
lines_begin(struct lines *lines, const struct source *source)
{
	*lines = (struct lines){.source = source, .rest = source->text, .line = 0};
}

bool
lines_next(struct lines *lines, struct span *ret_line)
{
	const char *end;
	struct view line = lines->rest;

	if (line.n == 0)
		return false;
	end = memchr(line.p, '\n', line.n);
	if (end != NULL)
		line.n = (size_t)(end - line.p);
	lines->rest = view_from(lines->rest, line.n + (end != NULL ? 1 : 0));
	lines->line++;
	*ret_line =
	    (struct span){.source = lines->source, .line = lines->line, .text = line};
	return true;
}

struct span
span_of_file(const struct source *source)
{
	return (struct span){.source = source, .line = 0, .text = VIEW_NONE};
}

struct span
span_of(struct span line, struct view part)
{
	line.text = part;
	return line;
}

struct view
span_line(struct span span)
{
	const char *start = span.text.p;
	const char *first = span.source->text.p;
	const char *last = first + span.source->text.n;
	const char *end;

	if (span.line == 0 || start == NULL)
		return VIEW_NONE;
	while (start > first && start[-1] != '\n')
		start--;
	end = memchr(start, '\n', (size_t)(last - start));
	return (struct view){start, (size_t)((end != NULL ? end : last) - start)};
}

const char *
line_fault(struct span line, struct span *ret_where)
{
	struct view text = line.text;
	uint32_t point = 0;

	*ret_where = span_of(line, view_head(text, 0));
	if (text.n > SOURCE_LINE_MAX)
		return "this line is longer than 65536 bytes";
	for (size_t at = 0, n; at < text.n; at += n) {
		if (text.p[at] >= 0x20 && text.p[at] < 0x7F) {
			n = 1;
			continue;
		}
		n = utf8_take(view_from(text, at), &point);
		*ret_where = span_of(line, view_head(view_from(text, at), n == 0 ? 1 : n));
		if (n == 0)
			return "this is not UTF-8";
		if (point != '\t' && utf8_is_unsafe(point))
			return "a control or invisible character cannot stand here";
	}
	return NULL;
}

const char *
source_fault(const struct source *source, struct span *ret_where)
{
	*ret_where = span_of_file(source);
	if (source->text.n == 0)
		return NULL;
	if (view_starts(source->text, VIEW("\xEF\xBB\xBF")))
		return "the file begins with a byte order mark: save it as UTF-8 without "
		       "one";
	if (memchr(source->text.p, 0, source->text.n) != NULL)
		return "the file holds NUL bytes: this is not text";
	if (memmem(source->text.p, source->text.n, "\r\n", 2) != NULL)
		return "the lines end in CR LF: save the file with plain line feeds";
	return NULL;
}
