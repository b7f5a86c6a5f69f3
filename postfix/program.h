/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_PROGRAM_H
#define POSTFIX_PROGRAM_H

/*
 * Postfix's own commands, run as whoever runs us: fixed arguments, no shell, what is long
 * or comes from outside on standard input.
 */

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum { POSTFIX_OPTIONS_MAX = 6 };

struct postfix_program {
	const char *name;   /* "postsuper": looked for in the usual places, not in PATH */
	const char *config; /* Postfix's configuration directory ("-c", of sendmail
			     * "-C"); NULL: $MAIL_CONFIG, else Postfix's own */
	const char *const *options; /* at most POSTFIX_OPTIONS_MAX, then NULL */
	struct view input;
	int milliseconds; /* after these it is killed */
};

/*
 * Run it. What it prints is in OUT and SAID (stderr), up to their limits, also when it
 * failed. -1: it cannot be run, did not end in time, or ended with another status than 0.
 */
int postfix_run(const struct postfix_program *program, struct buf *out, struct buf *said,
    struct err *err);

#endif
