/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CTL_H
#define CTL_CTL_H

/*
 * frank(1): one file a command, one table of them in main.c. Output is for a person at
 * three in the morning, or with --json one JSON object a line; what went wrong goes to
 * stderr. Untrusted text passes escape_add() before it is shown.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

/* Exit codes are those of sysexits.h and 1 for findings: 'check' has errors, a case failed.
 */
enum { CTL_FINE = 0, CTL_FINDINGS = 1, CTL_OUTPUT_MAX = 256 << 20 };

struct ctl {
	const char *config;  /* -c */
	const char *state;   /* --state; NULL: as the configuration says */
	const char *control; /* --control; NULL: as the configuration says */
	bool json;
	bool colour;    /* on stdout: a terminal, and NO_COLOR is not set */
	char *found[2]; /* texts of the two above that were found out; freed by main */
};

/* A command gets its own name in argv[0] and returns the exit code. */
typedef int ctl_command(struct ctl *ctl, int argc, char **argv);

ctl_command command_check, command_coverage, command_deliveries, command_doctor,
    command_explain, command_help, command_hold, command_import, command_incident,
    command_key, command_log, command_meter, command_queue, command_reload, command_replay,
    command_reply, command_spf, command_status, command_test, command_top, command_verify,
    command_version;

/* "frank: TEXT" on stderr, escaped, one line. */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Say ERR, and the exit code that fits its kind. */
int ctl_fail(const struct err *err);

/* frankd could not be asked (control_ask): say ERR and what to do; the exit code. */
int ctl_unreachable(const struct err *err);

/* Say how COMMAND is used; EX_USAGE. WHY may be NULL. */
int ctl_usage(const char *name, const char *why);

/*
 * For getopt_long in a command: no messages of its own, 'json' is 'J'. An option that is
 * none is said by ctl_bad_option, which returns EX_USAGE. A verb's ARGV lies within that of
 * its command: "list" of "hold list".
 */
int ctl_bad_option(int argc, char **argv);

/* All of OUT to stdout. CTL_FINE, or EX_IOERR. */
int ctl_print(const struct buf *out);

/*
 * Where the daemon's state and socket are: the option, else what the configuration says,
 * else what was built in. Loads the configuration when it has to, once. Valid as long as
 * the program.
 */
const char *ctl_state(struct ctl *ctl);
const char *ctl_control(struct ctl *ctl);

#endif
