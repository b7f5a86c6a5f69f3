/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_WIRE_H
#define FOLLOW_WIRE_H

/*
 * Between the process that follows Postfix's log and the milter process, which writes the
 * journal. First the milter process says where to go on: a FOLLOW_PLACE. Then it only
 * listens. Nobody answers: what has been taken is in the journal together with its place.
 */

#include <stdint.h>

#include "journal/outcome.h"
#include "journal/sample.h"

enum follow_kind {
	FOLLOW_PLACE = 1, /* payload: place; empty: begin */
	FOLLOW_OUTCOMES,  /* payload: place, then a batch */
	FOLLOW_GAP,       /* payload: what may be missing, for people */
	FOLLOW_STATE, /* payload: what is followed, LF, what is wrong with it; empty: it is
			 followed */
	FOLLOW_QUEUE, /* payload: struct journal_sample */
	FOLLOW_QUEUE_STATE, /* payload: why Postfix's queue cannot be asked */
};

struct follow_head {
	uint32_t kind;
	uint32_t n_place; /* bytes of the payload that are the place */
	int64_t time;     /* FOLLOW_OUTCOMES: the batch is of that UTC day */
	uint64_t lines;   /* read so far, by this process */
	uint64_t unknown; /* of these, should have been understood and were not */
};

enum { FOLLOW_PAYLOAD_MAX = OUTCOME_PLACE_MAX + OUTCOME_BATCH_MAX };

struct follow_frame {
	struct follow_head head;
	char payload[FOLLOW_PAYLOAD_MAX];
};

#endif
