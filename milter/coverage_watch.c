/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "journal/coverage.h"

#include "milter/coverage_watch.h"

/* Of a message that waited for longer than a day only 'frank coverage' says whether it was
 * seen: to look through all these days every ten minutes would cost more than it tells. */
static const int64_t hour_us = INT64_C(3600) * 1000000, settled_us = 120 * 1000000,
		     reach_us = 24 * hour_us;

/* What makes that 0 of 0 mean nothing; NULL: nothing does. */
static const char *
trouble_of(const struct follow_status *follow)
{
	if (!follow->is_there || follow->trouble[0] != '\0')
		return "Postfix's log is not followed now";
	return follow->log[0] == '\0' ? "Postfix's log is not followed: see 'set maillog'"
				      : NULL;
}

static void
fail(struct coverage_status *status, const char *trouble)
{
	snprintf(status->trouble, sizeof(status->trouble), "%s", trouble);
}

void
coverage_watch_look(const char *state_dir, const struct policy *policy,
    const struct follow_status *follow, int64_t now, struct coverage_status *ret_status)
{
	const struct coverage_range range = {.since = now - settled_us - hour_us,
	    .until = now - settled_us,
	    .reach = reach_us};
	struct coverage coverage;
	struct journal_reader *reader;
	const char *trouble = trouble_of(follow);
	struct err err = ERR_INIT;
	int result;

	*ret_status = (struct coverage_status){.time = now};
	if (trouble != NULL) {
		fail(ret_status, trouble);
		return;
	}
	result = journal_reader_open(state_dir, &reader, &err);
	if (result == 0) {
		result = coverage_read(reader, &range, policy, &coverage, &err);
		journal_reader_close(reader);
	}
	if (result != 0) {
		fail(ret_status, err.text);
		return;
	}
	if (coverage.begin == 0)
		fail(ret_status, "the journal has nothing of Postfix's log yet");
	ret_status->left = coverage.left;
	ret_status->missed =
	    coverage_missed(&coverage, policy_settings(policy)->coverage_ignore);
}
