/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "receiver/tags.h"

struct view
tag_find(struct view value, struct view name)
{
	struct view tag, found;

	while (view_cut(&value, ';', &tag)) {
		if (!view_has_char(tag, '=') || !view_cut(&tag, '=', &found) ||
		    !view_is(view_trim(found), name))
			continue;
		return view_trim(tag);
	}
	return VIEW_NONE;
}

bool
tag_list_names(struct view list, struct view name)
{
	struct view item;

	while (view_cut(&list, ':', &item))
		if (view_is_nocase(view_trim(item), name))
			return true;
	return false;
}
