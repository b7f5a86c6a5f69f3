/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_RERUN_H
#define CTL_RERUN_H

/*
 * A recorded decision made again: by the policy that was in force, on the facts that were
 * recorded, with a trace.
 */

#include <stdbool.h>

#include "engine/engine.h"
#include "journal/read.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"

struct rerun {
	struct journal_reader *reader;
	const char *main_name; /* of the configuration now: tried first */

	/* The policy that was loaded last; rows in a row mostly have the same. */
	struct buf hash;
	struct bundle *bundle;
	struct policy *policy;

	/* Of the last rerun_row; in 'arena'. */
	struct arena *arena;
	struct trace trace;
	struct decision decision;
};

void rerun_init(struct rerun *rerun, struct journal_reader *reader, const char *main_name);
void rerun_fini(struct rerun *rerun);

/* The policy that decided ROW, as rerun->policy. 1; 0: it was not kept; -1. */
int rerun_policy(struct rerun *rerun, const struct journal_row *row, struct err *err);
/* 1; 0: the policy was not kept; -1. */
int rerun_row(struct rerun *rerun, const struct journal_row *row, struct err *err);

/* How the second decision differs from ROW, in words, a line each; nothing when it does
 * not. */
void rerun_differences(
    const struct rerun *rerun, const struct journal_row *row, struct buf *out);

/* Was it decided by trouble that no rule knows of (a key process that was gone)? */
bool rerun_was_trouble(const struct rerun *rerun, const struct journal_row *row);

#endif
