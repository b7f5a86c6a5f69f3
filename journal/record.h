/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

/*
 * A record as flat bytes, the form in which it waits for the writer: made by the thread
 *that decided in one copy, without memory of its own; taken apart by the writer. Nothing in
 *it is trusted when it is taken apart. A batch is records one behind the other.
 *
 *	u32 bytes in all, u8 kind, then struct fixed, then each text as u32 length and bytes
 *
 * Texts longer than RECORD_TEXT_MAX are cut.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"
#include "policy/facts.h"
#include "policy/policy.h"

#include "journal/journal.h"
#include "journal/read.h"
#include "journal/sample.h"

enum record_kind {
	RECORD_GONE, /* written already, or withdrawn */
	RECORD_DECISION,
	RECORD_ACTION,
	RECORD_OUTCOMES,
	RECORD_SAMPLE,
};

enum { RECORD_TEXT_MAX = 16384 };

struct record_action {
	int64_t time;
	struct view what, who, text;
};

/* A batch of outcomes of one day, and the place in the log behind it. */
struct record_outcomes {
	int64_t time;    /* that of the first; any of that day when there is none */
	uint64_t number; /* of the batch: the latest place is that of the largest */
	struct view place, batch;
};

/* One record taken apart: views point into the flat bytes, arrays are here. Large. */
struct record {
	enum record_kind kind;
	size_t bytes;                /* to the next one */
	struct journal_row row;      /* RECORD_DECISION; host and id are not set */
	struct record_action action; /* RECORD_ACTION */
	struct record_outcomes outcomes;
	struct journal_sample census; /* RECORD_SAMPLE */
	struct fact_address sample[FACTS_RCPT_SAMPLE];
	uint32_t fits[POLICY_RCPT_TESTS_MAX];
};

/* Append one record. 0, or -1: OUT's limit is reached and nothing was added. */
int record_add_decision(struct buf *out, const struct journal_record *decision);
int record_add_action(struct buf *out, const struct record_action *action);
int record_add_sample(struct buf *out, const struct journal_sample *sample);
int record_add_outcomes(struct buf *out, const struct record_outcomes *outcomes);

/* Take the record at the beginning of BYTES apart. -1: it is malformed. */
int record_decode(const char *bytes, size_t n, struct record *ret_record);

/* Kind, length and time alone, without the rest. -1: it is malformed. */
struct record_head {
	enum record_kind kind;
	size_t bytes;
	int64_t time;
};
int record_head(const char *bytes, size_t n, struct record_head *ret_head);

/* Make the record at BYTES one that is passed over. */
void record_drop(char *bytes);

#endif
