/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "postfix/queue.h"

#include "follow/census.h"

enum { PAUSE_US = 60000000, SHARE = 20 };

static void
count(void *context, const struct queue_entry *entry)
{
	struct journal_sample *sample = context;

	for (unsigned i = 0; i < SAMPLE_QUEUES; i++) {
		struct sample_count *queue = &sample->queues[i];

		if (!view_is(entry->queue, view_of(sample_queue_name(i))))
			continue;
		queue->messages++;
		queue->bytes += entry->size;
		if (queue->oldest == 0 || entry->arrival < queue->oldest)
			queue->oldest = entry->arrival;
	}
}

int
census_take(
    const char *config, int64_t now, struct journal_sample *ret_sample, struct err *err)
{
	struct journal_sample sample = {.time = now};

	if (postfix_queue(config, count, &sample, err) == -1)
		return -1;
	*ret_sample = sample;
	return 0;
}

int64_t
census_pause(int64_t micros)
{
	return micros * SHARE > PAUSE_US ? micros * SHARE : PAUSE_US;
}
