/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_STATUS_H
#define MILTER_STATUS_H

/* What 'frank status' shows: status.c (collecting, for people), status_json.c. */

#include "milter/runtime.h"

/* What is shown, taken together under the lock. */
struct status_snapshot {
	char hash[GENERATION_HASH + 1];
	int64_t loaded;
	size_t n_keys;
	bool keys_ready, stopping;
	char last_reload[256];
	unsigned in_flight;
	unsigned long verdicts[4], n_signed, on_error;
	struct journal_status journal;
	struct receiver_status receiver;
	struct dns_status dns;
	struct tables_status tables;
	struct follow_status follow;
	struct alerts alerts;
	struct coverage_status coverage;
	bool has_tables; /* the policy has maps through postmap */
	struct key_watch_status key_watch;
	struct key_counts states; /* of the keys that sign */
	struct spf_opinions_status spf;
	struct meters_status meters;
	struct incidents_status incidents;
	struct notices_status notices;
};

void status_json(
    const struct runtime *runtime, const struct status_snapshot *s, struct buf *out);

#endif
