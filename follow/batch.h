/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_BATCH_H
#define FOLLOW_BATCH_H

/*
 * Lines of the log, made into frames of outcomes of one UTC day each. What a line's clock
 * says is believed only so far: an entry of another time than the last weeks is one of
 * now. Pure but for the parser's text.
 */

#include <stdbool.h>
#include <stdint.h>

#include "follow/source.h"
#include "follow/wire.h"

struct batch {
	struct buf outcomes;
	int64_t day; /* of the outcomes that are in it */
	uint64_t lines, unknown;
	uint64_t foreign; /* of the unknown: no lines of syslog's */
};

void batch_init(struct batch *batch);
void batch_fini(struct batch *batch);

/* Take in what ENTRY says. False: it does not fit in, the batch has to go first. */
bool batch_add(struct batch *batch, const struct source_entry *entry, int64_t now);

/* Nothing that was read so far is a log as it is known here. */
bool batch_is_foreign(const struct batch *batch);

/* The frame that carries it, with PLACE behind it; its length. The batch is empty then. */
size_t batch_take(
    struct batch *batch, struct view place, int64_t now, struct follow_frame *ret_frame);

#endif
