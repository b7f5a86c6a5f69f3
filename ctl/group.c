/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
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
