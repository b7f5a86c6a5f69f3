/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/hold.h"
#include "ctl/hold_change.h"

int
command_hold(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		ctl_command *run;
	} verbs[] = {{"list", hold_list}, {"show", hold_show}, {"release", hold_change},
	    {"bounce", hold_change}, {"delete", hold_change}};
	const char *verb = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;

	optind = 0;
	if (verb == NULL)
		return hold_list(ctl, argc, argv);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			return verbs[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("hold", "say what about it, as below");
}
