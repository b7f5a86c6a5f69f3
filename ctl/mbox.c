/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "ctl/mbox.h"

static const struct view head = {"From ", 5}, next_head = {"\nFrom ", 6};

/* Where the next line is that begins so; TEXT is at the beginning of one. text.n: nowhere.
 */
static size_t
find_head(struct view text)
{
	if (view_starts(text, head))
		return 0;
	if (text.n == 0)
		return 0;
	const char *at = memmem(text.p, text.n, next_head.p, next_head.n);
	return at != NULL ? (size_t)(at - text.p) + 1 : text.n;
}

bool
mbox_next(struct view *rest, struct view *ret_message)
{
	struct view text = view_from(*rest, find_head(*rest)), line;

	*rest = VIEW_NONE;
	if (text.n == 0 || !view_cut(&text, '\n', &line) || text.p == NULL)
		return false;
	size_t n = find_head(text);
	*ret_message = view_head(text, n);
	*rest = view_from(text, n);
	return true;
}

bool
mbox_has_id(struct view message, struct view id)
{
	struct view line;
	bool is_id = false;

	while (message.n > 0 && view_cut(&message, '\n', &line)) {
		bool goes_on = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');

		if (view_trim(line).n == 0)
			return false;
		if (!goes_on)
			is_id = view_starts_nocase(line, VIEW("Message-ID:"));
		if (is_id && view_has(line, id))
			return true;
	}
	return false;
}
