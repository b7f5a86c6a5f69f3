/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "follow/source.h"

/* Built without libsystemd. */

bool
source_has_journald(void)
{
	return false;
}

int
source_of_journald(const char *directory, uint32_t postfix_uid,
    const struct source_calls *calls, struct source *ret_source, struct err *err)
{
	(void)directory;
	(void)postfix_uid;
	(void)calls;
	(void)ret_source;
	return err_set(err, ERR_CONFIG,
	    "this frankd was built without libsystemd: 'set maillog' names a file");
}
