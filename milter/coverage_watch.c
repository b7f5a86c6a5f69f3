/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "journal/coverage.h"

#include "milter/coverage_watch.h"

/* Of a message that waited for longer than a day only 'frank coverage' says whether it was
 * seen: to look through all these days every ten minutes would cost more than it tells. */
static const int64_t hour_us = INT64_C(3600) * 1000000, settled_us = 120 * 1000000,
		     reach_us = 24 * hour_us;

void
coverage_watch_look(const char *state_dir, const struct policy *policy, int64_t now,
    struct coverage_status *ret_status)
{
	const struct coverage_range range = {.since = now - settled_us - hour_us,
	    .until = now - settled_us,
	    .reach = reach_us};
	struct coverage coverage;
	struct journal_reader *reader;
	struct err err = ERR_INIT;
	int result;

	*ret_status = (struct coverage_status){.time = now};
	result = journal_reader_open(state_dir, &reader, &err);
	if (result == 0) {
		result = coverage_read(reader, &range, policy, &coverage, &err);
		journal_reader_close(reader);
	}
	if (result == -1) {
		snprintf(ret_status->trouble, sizeof(ret_status->trouble), "%s", err.text);
		return;
	}
	ret_status->left = coverage.left;
	ret_status->missed =
	    coverage_missed(&coverage, policy_settings(policy)->coverage_ignore);
}
