/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "policy/value.h"

#include "ctl/picture.h"
#include "ctl/reply.h"

enum { STEPS = 8 };

static const char *const blocks[STEPS] = {
    "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
static const char *const signs[STEPS] = {".", ":", "-", "=", "+", "*", "#", "@"};

static const char *const *
steps(void)
{
	return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0
		   ? blocks
		   : signs;
}

void
picture_add(struct buf *out, const uint64_t *numbers, size_t n)
{
	const char *const *step = steps();
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++)
		if (numbers[i] > most)
			most = numbers[i];
	for (size_t i = 0; i < n; i++) {
		double part = most == 0 ? 0 : (double)numbers[i] / (double)most;

		buf_add_text(out,
		    numbers[i] == 0 ? " " : step[(unsigned)(part * (STEPS - 1) + 0.5)]);
	}
}

void
picture_add_meter(struct buf *out, struct arena *arena, struct view line)
{
	buf_addf(out, "%.*s: %.*s per %.*s within ",
	    VIEW_ARG(json_line_string(arena, line, "meter")),
	    VIEW_ARG(json_line_string(arena, line, "count")),
	    VIEW_ARG(json_line_string(arena, line, "per")));
	value_add_duration(out, json_line_number(line, "within"));
	buf_add_char(out, '\n');
}
