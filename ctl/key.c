/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <string.h>

#include "ctl/key.h"

const char *
key_algorithm_name(enum sign_algorithm algorithm)
{
	return algorithm == SIGN_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

int
command_key(struct ctl *ctl, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	optind = 0;
	if (strcmp(verb, "new") == 0)
		return key_new(ctl, argc - 1, argv + 1);
	if (strcmp(verb, "list") == 0)
		return key_list(ctl, argc - 1, argv + 1);
	if (strcmp(verb, "check") == 0)
		return key_check(ctl, argc - 1, argv + 1);
	return ctl_usage(
	    "key", "say 'frank key new DOMAIN', 'frank key list' or 'frank key check'");
}
