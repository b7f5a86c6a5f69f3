/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_POSTFIX_H
#define DOCTOR_POSTFIX_H

/* Postfix as the checks see it: what postconf(1) printed, once. */

#include "lib/arena.h"
#include "lib/err.h"

#include "postfix/conf.h"

struct doctor_postfix {
	const struct postfix_conf *conf;
	const char *config; /* its directory, for commands that are shown; NULL: its own */
};

/* CONFIG: as postfix/program.h has it. All in ARENA, which has to live as long. */
int doctor_postfix_read(const char *config, struct arena *arena,
    struct doctor_postfix **ret_postfix, struct err *err);

#endif
