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
 * Text is collected, escaped, in OUT; at most DIAG_ERRORS_MAX errors a run, then one line
 * says that there are more.
 */

#include "lib/buf.h"

enum { DIAG_ERRORS_MAX = 20, DIAG_WARNINGS_MAX = 20, DIAG_TEXT_MAX = 256 << 10 };

struct span;

struct diag {
	struct buf out; /* what to print */
	unsigned errors, warnings;
	bool is_muted; /* the last message was over the limit: its hints are too */
};

void diag_init(struct diag *diag);
void diag_fini(struct diag *diag);

/* For policy/ only. The sentence: lower case, no full stop. */
void diag_error(struct diag *diag, struct span where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warn(struct diag *diag, struct span where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A "= ..." line below the last message. */
void diag_hint(struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Nothing more will be shown: reading on is a waste. */
bool diag_is_full(const struct diag *diag);

#endif
