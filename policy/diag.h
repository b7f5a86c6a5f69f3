/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_DIAG_H
#define POLICY_DIAG_H

/*
 * Diagnostics of the language: where, what, and what to do, in the admin's words.
 *
 *	frank.conf:7:18: error: 'snet' is neither a test nor a meter
 *	    7 | hold   user any  snet > 500         label "hard ceiling"
 *	      |                  ^^^^
 *	      = did you mean 'sent'?
 *
 * Text is collected, escaped, in OUT; at most DIAG_ERRORS_MAX errors a run, then one line says
 * that there are more.
 */

#include "lib/buf.h"

enum { DIAG_ERRORS_MAX = 20, DIAG_TEXT_MAX = 256 << 10 };

struct diag {
	struct buf	out;		/* what to print */
	unsigned	errors, warnings;
};

void diag_init(struct diag *diag);
void diag_fini(struct diag *diag);

#endif
