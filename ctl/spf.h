/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_SPF_H
#define CTL_SPF_H

/* What 'frank spf' is made of: spf.c (asking), spf_text.c and spf_json.c (showing). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/spf.h"
#include "lib/buf.h"
#include "receiver/spf.h"

enum {
	SPF_SIGHT_STEPS = 1000,
	SPF_SIGHT_WARNINGS = 16 << 10, /* bytes */
	SPF_DAEMON_MS = 3000,          /* frankd's patience with one evaluation */
};

struct spf_lookup {
	const struct dns_answer *answer;
	bool counts;   /* to the limit of 10 */
	unsigned term; /* which of the terms that count */
};

/* One address of ours, and what the world makes of it. */
struct spf_sight {
	struct spf_question question;
	struct spf_result result;
	struct spf_step *steps; /* n_steps of them */
	size_t n_steps;
	bool has_more_steps;
	struct spf_lookup lookups[SPF_QUERIES_MAX];
	size_t n_lookups;
	struct spf_judgement theirs;
	struct buf warnings; /* lines */
	int64_t micros;      /* that asking took, for all addresses together */
};

/* One record as people write it: "192.0.2.1", "10 mx.example.org". Not escaped. */
void spf_record_text(
    const struct dns_answer *answer, const struct dns_record *record, struct buf *out);

void spf_text(const struct spf_sight *sight, struct buf *out);
void spf_json(const struct spf_sight *sight, struct buf *out);

#endif
