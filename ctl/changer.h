/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CHANGER_H
#define CTL_CHANGER_H

/*
 * Who changes Postfix's queue: root itself, or frank-holdd(8) for members of its group.
 * Messages are changed in batches, and each batch is recorded in the journal with who did
 * it; while frankd is down, in a spool that it reads when it starts. Who is killed in the
 * middle runs the command again: what was done is not on hold any more, so it is not done
 * twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"
#include "postfix/change.h"

#include "ctl/ctl.h"

struct changer {
	struct ctl *ctl;
	const char *config; /* Postfix's; NULL: as postfix/program.h has it */
	const char *reason; /* for the journal; "": none was given */
	char helper[108];   /* the socket of frank-holdd; "": not needed */
	bool is_silent;     /* that frankd cannot be reached was said */
};

/* CTL_FINE; or EX_NOPERM, and said: neither root nor is there a frank-holdd. */
int changer_init(struct changer *changer, struct ctl *ctl, const char *config);

struct changer_bulk {
	enum postfix_verb verb;
	const struct view *ids;
	size_t n;
	uint64_t pace; /* at most so many a minute; 0: any number */
	void (*done)(void *context, struct view id); /* as in struct postfix_change */
	void *context;
};

/*
 * All of them, with a bar on a terminal. An exit code: not CTL_FINE when something failed,
 * which was said; what was done by then has been told. *ret_late: as postfix_change() has
 * it.
 */
int changer_run(struct changer *changer, const struct changer_bulk *bulk, size_t *ret_late);

#endif
