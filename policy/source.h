/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

/*
 * Text with places: a file of the policy, its lines, and spans of a line that a diagnostic
 * can point at. Nothing here owns text.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	SOURCE_MAX = 1 << 20,    /* bytes of one policy file; tables have BUNDLE_FILE_MAX */
	SOURCE_LINE_MAX = 65536, /* bytes of one line, tables too */
};

struct source {
	struct view name; /* as the policy names the file */
	struct view text;
};

/* Part of one physical line. An empty text is a place between characters. */
struct span {
	const struct source *source;
	uint32_t line; /* from 1; 0: the file as a whole */
	struct view text;
};

/* Walking the physical lines of a source. */
struct lines {
	const struct source *source;
	struct view rest;
	uint32_t line; /* of what lines_next gave last */
};

void lines_begin(struct lines *lines, const struct source *source);
/* The next line without its line feed; false at the end. */
bool lines_next(struct lines *lines, struct span *ret_line);

struct span span_of_file(const struct source *source);
struct span span_of(struct span line, struct view part);
/* The whole physical line around SPAN. */
struct view span_line(struct span span);

/*
 * What is wrong with the bytes of LINE, as a sentence, and where: control characters, bytes
 * that are not UTF-8, a line too long. NULL: nothing.
 */
const char *line_fault(struct span line, struct span *ret_where);
/*
 * What is wrong with the file as a whole: a byte order mark, NUL bytes, CR LF. NULL:
 * nothing.
 */
const char *source_fault(const struct source *source, struct span *ret_where);

#endif
