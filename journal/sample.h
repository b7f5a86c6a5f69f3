/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_SAMPLE_H
#define JOURNAL_SAMPLE_H

/* What was in Postfix's queue at a moment. */

#include <stdint.h>

enum sample_queue {
	SAMPLE_MAILDROP,
	SAMPLE_INCOMING,
	SAMPLE_ACTIVE,
	SAMPLE_DEFERRED,
	SAMPLE_HOLD,
	SAMPLE_QUEUES,
};

struct sample_count {
	uint64_t messages, bytes;
	int64_t oldest; /* its arrival, wall, seconds; 0: there is none */
};

struct journal_sample {
	int64_t time; /* wall, microseconds */
	struct sample_count queues[SAMPLE_QUEUES];
};

/* Postfix's name of a queue: "deferred". */
const char *sample_queue_name(enum sample_queue queue);

#endif
