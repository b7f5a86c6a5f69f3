/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_COVERAGE_WATCH_H
#define MILTER_COVERAGE_WATCH_H

/* Did mail leave without us within the last hour? As 'frank coverage' has it
 * (journal/coverage.h). */

#include <stdint.h>

#include "policy/policy.h"

#include "milter/follow_client.h"

struct coverage_status {
	int64_t time; /* wall, of the last look; 0: none yet */
	uint64_t left, missed;
	char trouble[256]; /* why it is not known; empty: it is */
};

/* Read the journal in STATE_DIR, which is as good as the log is FOLLOWed. What has left in
 * the last two minutes is not counted: it may not be there yet. */
void coverage_watch_look(const char *state_dir, const struct policy *policy,
    const struct follow_status *follow, int64_t now, struct coverage_status *ret_status);

#endif
