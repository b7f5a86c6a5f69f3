/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_DAEMON_H
#define TESTS_SCENARIO_DAEMON_H

/* A frankd for one scenario. Stopping takes it a moment, so the next one starts meanwhile.
 */

#include <sys/types.h>

#include "lib/buf.h"
#include "lib/err.h"

#include "tests/scenario/lab.h"

struct daemon {
	pid_t pid; /* 0: none */
	char log[LAB_PATH];
};

/* It takes messages when this returns 0; -1: it does not, and SAID has its last words. */
int daemon_start(struct daemon *daemon, struct lab *lab, struct buf *said);
void daemon_stop(struct daemon *daemon);

/* Wait for all that were stopped. -1: one of them did not end well, and SAID has its log.
 */
int daemons_finish(struct buf *said);

#endif
