/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_COVERAGE_H
#define JOURNAL_COVERAGE_H

/*
 * Did anything leave without us? Every message that Postfix sent elsewhere is looked for
 * among the decisions: by host, queue id, and a time between its arrival and its delivery,
 * since short queue ids come again. Of those that have none, the log says how they came
 * into the queue, and so why.
 *
 * A message leaves when smtp(8) or lmtp(8) delivers it, but for LMTP to a socket or an
 * address of this machine, which is a mailbox. Mail from outside that goes on is not
 * counted: frankd records it only when it claims a domain of ours. What cannot be known is
 * counted as that, and never as missed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "journal/read.h"
#include "policy/policy.h"

enum {
	COVERAGE_ID = 21,   /* a queue id with its NUL */
	COVERAGE_NAME = 40, /* and the name of a service */
	COVERAGE_EXAMPLES = 3,
	COVERAGE_SERVICES = 3,
	COVERAGE_MESSAGES_MAX = 2000000, /* more in one call are an error */
};

struct coverage_part {
	uint64_t n;
	int64_t first, last; /* arrivals, wall, microseconds */
	char ids[COVERAGE_EXAMPLES][COVERAGE_ID];
	/* Where they came in, most of them; "" behind the last one. */
	char services[COVERAGE_SERVICES][COVERAGE_NAME];
};

struct coverage {
	uint64_t left;    /* messages that left, all told */
	uint64_t judged;  /* of these, with a decision */
	uint64_t inbound; /* beside these: from outside, and not recorded */
	int64_t begin;    /* of what the log says, wall; 0: it says nothing at all */
	uint64_t gaps;    /* in it, that were noticed then */
	struct coverage_part parts[COVERAGE_REASONS];
};

/* What left from SINCE until UNTIL (0: now), wall, microseconds. */
struct coverage_range {
	int64_t since, until;
	/* What came so long before SINCE is unknown: to look for it takes reading all that
	 * the journal has of these days. 0: nothing is. */
	int64_t reach;
};

/*
 * POLICY says which clients are trusted; NULL: those of this machine alone, and others
 * without a login count as outside. -1: something could not be read, or there was too much
 * (ERR_LIMIT); nothing is known then.
 */
int coverage_read(struct journal_reader *reader, const struct coverage_range *range,
    const struct policy *policy, struct coverage *ret_coverage, struct err *err);

/* How many were missed, but for those whose reason is in IGNORED (1 << reason), as
 * policy_settings()->coverage_ignore has them; what is unknown is not among them. */
uint64_t coverage_missed(const struct coverage *coverage, unsigned ignored);

#endif
