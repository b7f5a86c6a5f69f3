/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "maillog/maillog.h"

#include "follow/batch.h"
#include "follow/outcomes.h"

static const int64_t day_us = INT64_C(86400) * 1000000;

enum {
	DAYS_BACK = 60,      /* no log is kept, and no journal read, for longer than that */
	FOREIGN_LEAST = 100, /* lines: the first may be the rest of one that is many */
};

void
batch_init(struct batch *batch)
{
	*batch = (struct batch){.day = 0};
	buf_init(&batch->outcomes, OUTCOME_BATCH_MAX);
}

void
batch_fini(struct batch *batch)
{
	buf_fini(&batch->outcomes);
}

static int64_t
believed(int64_t time, int64_t now)
{
	return time > now + day_us || time < now - DAYS_BACK * day_us ? now : time;
}

bool
batch_add(struct batch *batch, const struct source_entry *entry, int64_t now)
{
	struct maillog_event event;
	struct outcome outcome;

	batch->foreign += entry->program.n == 0;
	if (entry->program.n == 0) {
		batch->lines++;
		batch->unknown++;
		return true;
	}
	maillog_parse(entry->program, entry->message, &event);
	if (event.kind == MAILLOG_UNKNOWN ||
	    !outcome_of(&event, entry->program, believed(entry->time, now), &outcome)) {
		batch->lines++;
		batch->unknown += event.kind == MAILLOG_UNKNOWN;
		return true;
	}
	if (batch->outcomes.n > 0 && outcome.time / day_us != batch->day)
		return false;
	if (outcome_add(&batch->outcomes, &outcome) == -1) {
		must(batch->outcomes.n > 0);
		return false;
	}
	batch->day = outcome.time / day_us;
	batch->lines++;
	return true;
}

bool
batch_is_foreign(const struct batch *batch)
{
	return batch->lines >= FOREIGN_LEAST && batch->foreign == batch->lines;
}

size_t
batch_take(
    struct batch *batch, struct view place, int64_t now, struct follow_frame *ret_frame)
{
	must(place.n <= OUTCOME_PLACE_MAX && batch->outcomes.n <= OUTCOME_BATCH_MAX);
	ret_frame->head = (struct follow_head){.kind = FOLLOW_OUTCOMES,
	    .n_place = (uint32_t)place.n,
	    .time = batch->outcomes.n > 0 ? batch->day * day_us : now,
	    .lines = batch->lines,
	    .unknown = batch->unknown};
	if (place.n > 0)
		memcpy(ret_frame->payload, place.p, place.n);
	if (batch->outcomes.n > 0)
		memcpy(ret_frame->payload + place.n, batch->outcomes.p, batch->outcomes.n);
	size_t n = sizeof(ret_frame->head) + place.n + batch->outcomes.n;
	buf_reset(&batch->outcomes);
	return n;
}
