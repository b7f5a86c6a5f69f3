/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_JOBS_LAB_H
#define TESTS_UNIT_JOBS_LAB_H

/* Jobs with a DNS that answers when it is told to (tests/unit/dns_fake.h), and a clock of
 * their own. */

#include "lib/buf.h"
#include "milter/dns_jobs.h"
#include "tests/unit/dns_fake.h"

enum { SECOND = 1000000 };

/* The one of a test. */
struct jobs_lab {
	struct dns_jobs *jobs;
	struct dns *ours, *others; /* DNS, as they have it */
	struct dns *others_next;   /* another one, for others */
	struct clock now;
	struct dns_reply_head replies[DNS_JOBS_MAX + 64];
	size_t n_replies;
	size_t n_answers; /* bytes of what DNS said, of the last one */
};
extern struct jobs_lab jobs_lab;

/* As cmocka wants it. */
int jobs_lab_set_up(void **state);
int jobs_lab_tear_down(void **state);

void jobs_lab_turn(void);

/* A question about SPF for N_EGRESS addresses that are the same. */
void jobs_lab_frame(struct buf *frame, uint64_t id, const char *domain, uint32_t n_egress);

/* Ask: of others, and for the key of one of ours. */
void jobs_lab_spf(uint64_t id, const char *domain);
void jobs_lab_dmarc(uint64_t id, const char *domain);
void jobs_lab_key(uint64_t id, const char *domain);

#endif
