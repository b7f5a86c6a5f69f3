/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_EXPLAIN_PRIVATE_H
#define CTL_EXPLAIN_PRIVATE_H

/* What 'frank explain' is made of: explain.c (finding), explain_text.c (showing). */

#include "ctl/after.h"
#include "ctl/ctl.h"
#include "ctl/rerun.h"
#include "ctl/running.h"

struct explain {
	struct ctl *ctl;
	struct after after;
	struct replies *replies; /* NULL: there are none */
	struct rerun rerun;
	struct running running;
	struct buf out; /* one decision */
	int64_t only;   /* about the decision at that time; 0: about each */
	unsigned count, different;
};

/* RESULT and ERR of running it again; what is different then. */
void explain_text(struct explain *explain, const struct journal_row *row, int result,
    const struct err *err, const struct buf *differences);

#endif
