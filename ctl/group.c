/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "ctl/group.h"

void
group_json(const char *by, struct view name, bool has_name, struct json *json)
{
	json_string(json, "frank.by", view_of(by));
	if (has_name)
		json_string(json, "frank.group", name);
	else
		json_null(json, "frank.group");
	if (!has_name && name.n > 0)
		json_string(json, "frank.state", name);
}

bool
group_is_called(const char *kind, const char *word)
{
	static const char *const same[][2] = {{"user", "login"}, {"domain", "destination"}};

	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		for (size_t j = 0; j < 2; j++)
			if (strcmp(kind, same[i][j]) == 0 &&
			    strcmp(word, same[i][1 - j]) == 0)
				return true;
	return strcmp(kind, word) == 0;
}
