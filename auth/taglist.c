/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/taglist.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name(struct view text)
{
	for (size_t i = 1; i < text.n; i++)
		if (!is_letter(text.p[i]) && !(text.p[i] >= '0' && text.p[i] <= '9') &&
		    text.p[i] != '_')
			return false;
	return text.n > 0 && is_letter(text.p[0]);
}

static bool
is_value(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] < ' ' || text.p[i] > '~') && text.p[i] != '\t' &&
		    text.p[i] != '\r' && text.p[i] != '\n')
			return false;
	return true;
}

int
tag_take(struct view *rest, struct tag *ret_tag)
{
	struct view value, name;

	if (!view_cut(rest, ';', &value))
		return 0;
	value = view_trim(value);
	if (value.n == 0)
		return view_trim(*rest).n == 0 ? 0 : -1;
	if (!view_cut(&value, '=', &name) || value.p == NULL)
		return -1;
	name = view_trim(name);
	value = view_trim(value);
	if (!is_name(name) || !is_value(value))
		return -1;
	*ret_tag = (struct tag){name, value};
	return 1;
}

bool
tag_value_has(struct view list, struct view entry)
{
	struct view part;

	while (view_cut(&list, ':', &part))
		if (view_is(view_trim(part), entry))
			return true;
	return false;
}
