/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"
#include "lib/utf8.h"

#include "ctl/incident.h"

enum { CELL_MAX = 400 };

void
incident_cell(struct buf *out, struct view text, size_t width)
{
	struct buf escaped = BUF_INIT(4 * CELL_MAX);
	struct view rest;
	uint32_t point;
	size_t n = 0;

	escape_add(&escaped, text, CELL_MAX);
	for (rest = buf_view(&escaped); rest.n > 0 && n < width; n++) {
		size_t bytes = utf8_take(rest, &point);
		bytes = bytes > 0 ? bytes : 1;
		if (n + 1 == width && rest.n > bytes)
			buf_add_char(out, '~');
		else
			buf_add(out, view_head(rest, bytes));
		rest = view_from(rest, bytes);
	}
	for (; n < width; n++)
		buf_add_char(out, ' ');
	buf_fini(&escaped);
}
