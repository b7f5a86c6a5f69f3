/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/facts.h"
#include "lib/bug.h"

static const char *const names[] = {
    [PATH_SUBMISSION] = "submission",
    [PATH_RELAY] = "relay",
    [PATH_LOCAL] = "local",
    [PATH_REENTRY] = "reentry",
    [PATH_INBOUND] = "inbound",
};

const char *
fact_path_name(enum fact_path path)
{
	must(path < ARRAY_LEN(names));
	return names[path];
}

bool
fact_path_of(struct view name, enum fact_path *ret_path)
{
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(view_of(names[i]), name)) {
			*ret_path = (enum fact_path)i;
			return true;
		}
	return false;
}
