/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "ctl/import.h"

/* Data sets (opendkim(8), DATA SETS): which kind one is, and the rows of those in files. */

const char *
import_path(struct import *import, struct import_place place, struct view path)
{
	if (path.n > 0 && path.p[0] == '/')
		return arena_text(import->arena, path);
	if (import->base != NULL && path.n > 0)
		return import_text(import, "%s/%.*s", import->base, VIEW_ARG(path));
	import_error(import, place,
	    "'%.*s' is looked for where opendkim was started: write the whole path, or set "
	    "BaseDirectory",
	    VIEW_ARG(path));
	return NULL;
}

/* "TYPE:" at the head of VALUE, which then has only the rest; empty: there is none. */
static struct view
take_type(struct view *value)
{
	struct view rest = *value, type;
	const char *colon, *comma;

	if (value->n == 0)
		return VIEW_NONE;
	colon = memchr(value->p, ':', value->n);
	comma = memchr(value->p, ',', value->n);
	/* A colon behind a comma is one of IPv6. */
	if (colon == NULL || (comma != NULL && comma < colon))
		return VIEW_NONE;
	(void)view_cut(&rest, ':', &type);
	*value = view_trim(rest);
	return type;
}

/* -1: said. VALUE is then what stands behind the type. */
static int
find_form(struct import *import, const struct import_setting *setting, struct view *value,
    enum import_form *ret_form)
{
	struct view type = take_type(value);

	if (type.n == 0 && view_ends(*value, VIEW(".db")) && !view_has_char(*value, ',')) {
		type = VIEW("db");
	} else if (type.n == 0) {
		*ret_form = value->p[0] == '/' ? IMPORT_FILE : IMPORT_LIST;
		return 0;
	}
	if (view_is_nocase(type, VIEW("file")))
		*ret_form = IMPORT_FILE;
	else if (view_is_nocase(type, VIEW("refile")))
		*ret_form = IMPORT_PATTERNS;
	else if (view_is_nocase(type, VIEW("csl")))
		*ret_form = IMPORT_LIST;
	else {
		import_error(import, setting->place,
		    "%.*s is a data set of type '%.*s', and only files and lists are read: "
		    "write its rows into a file, and 'file:' with its path here",
		    VIEW_ARG(setting->name), VIEW_ARG(type));
		return -1;
	}
	return 0;
}

/* False: too many, and said. */
static bool
add_row(struct import *import, struct import_dataset *set, struct import_row row)
{
	if (set->rows.n >= IMPORT_ROWS_MAX) {
		import_error(import, row.place, "more than %d rows", IMPORT_ROWS_MAX);
		return false;
	}
	*LIST_ADD(import->arena, &set->rows) = row;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks of any kind; view_trim knows those of mail. */
static struct view
trim(struct view text)
{
	while (text.n > 0 && is_blank(text.p[0]))
		text = view_from(text, 1);
	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

static struct view
without_comment(struct view line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] != '#')
		n++;
	return view_head(line, n);
}

/* False: no more of this file. */
static bool
take_line(struct import *import, struct import_dataset *set, struct import_place place,
    struct view line)
{
	struct import_row row = {.place = place};
	size_t n = 0;

	if (line.n > IMPORT_LINE_MAX) {
		import_error(import, place,
		    "a line of more than %d bytes, which OpenDKIM takes for two",
		    IMPORT_LINE_MAX);
		return true;
	}
	if (line.n > 0 && memchr(line.p, '\0', line.n) != NULL) {
		import_error(import, place, "a NUL byte: this is no table in text");
		return false;
	}
	line = without_comment(line);
	if (trim(line).n == 0)
		return true;
	if (set->form == IMPORT_PATTERNS && is_blank(line.p[0])) {
		import_find(import, place, trim(line), IMPORT_LOOK,
		    "a pattern begins in the first column: OpenDKIM passes this row over");
		return true;
	}
	line = trim(line);
	while (n < line.n && !is_blank(line.p[n]))
		n++;
	row.key = view_head(line, n);
	row.value = trim(view_from(line, n));
	return add_row(import, set, row);
}

static int
read_file(struct import *import, struct import_dataset *set, struct import_place place,
    struct view name)
{
	struct buf content = BUF_INIT(IMPORT_DATASET_MAX);
	struct import_place here = {import_path(import, place, name), 0};
	struct err err = ERR_INIT;
	struct view rest, line;
	int result = 0;

	if (here.file == NULL)
		return -1;
	if (file_read(here.file, &content, &err) < 0) {
		import_error_file(import, place, &err);
		result = -1;
	} else {
		rest = arena_view(import->arena, buf_view(&content));
		do
			here.line++;
		while (view_cut(&rest, '\n', &line) && take_line(import, set, here, line));
	}
	buf_fini(&content);
	return result;
}

/* "a, b=c" */
static void
read_list(struct import *import, struct import_dataset *set, struct import_place place,
    struct view list)
{
	struct view item;

	while (view_cut(&list, ',', &item)) {
		struct import_row row = {.place = place};
		struct view rest = item;

		(void)view_cut(&rest, '=', &row.key);
		row.key = trim(row.key);
		row.value = trim(rest);
		if (row.key.n > 0 && !add_row(import, set, row))
			return;
	}
}

int
import_dataset_read(struct import *import, const struct import_setting *setting,
    struct import_dataset *ret_set)
{
	struct view value = setting->value;

	*ret_set = (struct import_dataset){.form = IMPORT_LIST};
	if (find_form(import, setting, &value, &ret_set->form) < 0)
		return -1;
	if (ret_set->form != IMPORT_LIST)
		return read_file(import, ret_set, setting->place, value);
	read_list(import, ret_set, setting->place, value);
	return 0;
}
