/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* doctor_cases: the names of all checks that look at nothing but postconf. doctor_cases
 * NAME: what that one says of each of its variants; status 1 when an answer is not the one
 * that it should be, or when it has no variants. */

#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "tests/doctor/lab.h"

static const struct variants *const all[] = {
    cases_milter, cases_settings, cases_leaving, cases_ways, cases_socket, cases_limits};

int
main(int argc, char **argv)
{
	if (argc < 2) {
		for (const struct doctor_check *check = doctor_postfix; check->name != NULL;
		     check++)
			puts(check->name);
		puts("machine-limits");
		return 0;
	}
	lab_sockets();
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct variants *one = all[i]; one->check != NULL; one++)
			if (strcmp(one->check, argv[1]) == 0)
				return lab_run(one) ? 0 : 1;
	printf("%s has no variants\n", argv[1]);
	return 1;
}
