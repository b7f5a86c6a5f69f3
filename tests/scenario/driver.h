/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_DRIVER_H
#define TESTS_SCENARIO_DRIVER_H

/*
 * Two ways to the same code. 'core' calls milter/session.h with a clock that is moved by
 * hand and signs in the same process. 'wire' starts frankd and is the MTA: the milter
 * protocol over a socket. Both log to the lab's log and write the lab's journal.
 */

#include <stdbool.h>

#include "engine/engine.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"

#include "tests/scenario/lab.h"
#include "tests/scenario/mail.h"

enum { OUTCOME_FIELDS_MAX = 32 };

/* What the MTA was told. Text lives in the mail's arena. */
struct outcome {
	enum verdict verdict;
	const char *reply;                              /* "550 5.7.1 text"; "": none */
	const char *hold_reason;                        /* "": none */
	struct mail_field inserted[OUTCOME_FIELDS_MAX]; /* in the order of insertion */
	unsigned n_inserted;
};

struct driver {
	const char *name;
	/* Load what is in the lab. -1: refused, or it does not run; SAID has why. */
	int (*start)(struct lab *lab, struct buf *said);
	/* 0; -1: the new policy was refused. SAID has what an admin is told. */
	int (*reload)(struct lab *lab, struct buf *said);
	int (*send)(struct lab *lab, const struct mail *mail, struct outcome *ret_outcome,
	    struct err *err);
	/* History, exemption or restart; NULL: this driver knows none. */
	int (*meters)(struct lab *lab, const struct step *step, struct buf *said);
	void (*stop)(struct lab *lab);
	/* After the last scenario: -1 when something did not end well. */
	int (*finish)(struct buf *said);
};

extern const struct driver driver_core, driver_wire;

#endif
