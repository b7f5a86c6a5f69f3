/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "ctl/confirm.h"
#include "ctl/ctl.h"

enum { ANSWER_MAX = 16 };

bool
confirm(bool yes, const char *question)
{
	char answer[ANSWER_MAX];

	if (yes)
		return true;
	if (isatty(STDIN_FILENO) == 0) {
		ctl_say("nothing was changed: there is no terminal to ask on, and --yes "
			"was not said");
		return false;
	}
	printf("%s", question);
	(void)fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	ctl_say("nothing was changed");
	return false;
}
