/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/queue.h"

/* How the queue was in the last hours, as frankd counted it once a minute. */

enum {
	SECOND = 1000000,
	EVERY = 360 /* seconds: QUEUE_SAMPLES_MAX of them are six hours */
};

struct samples {
	int64_t since; /* wall, microseconds */
	uint64_t messages[QUEUE_SAMPLES_MAX];
	bool is_there[QUEUE_SAMPLES_MAX];
};

/* The last count of each stretch stands for it. What is on hold does not wait to leave. */
static int
note(void *context, const struct journal_sample *sample)
{
	struct samples *samples = context;
	int64_t at = (sample->time - samples->since) / ((int64_t)EVERY * SECOND);

	if (at < 0 || at >= QUEUE_SAMPLES_MAX)
		return 0;
	samples->messages[at] = sample->queues[SAMPLE_INCOMING].messages +
				sample->queues[SAMPLE_ACTIVE].messages +
				sample->queues[SAMPLE_DEFERRED].messages;
	samples->is_there[at] = true;
	return 0;
}

void
queue_samples_read(const char *state_dir, int64_t now, struct queue_samples *ret_samples)
{
	struct samples samples = {
	    .since = now - (int64_t)QUEUE_SAMPLES_MAX * EVERY * SECOND};
	const struct journal_past past = {.since = samples.since};
	struct journal_reader *reader;
	size_t first = 0;

	*ret_samples = (struct queue_samples){.every = EVERY};
	if (journal_reader_open(state_dir, &reader, NULL) == -1)
		return;
	(void)journal_past_samples(reader, &past, note, &samples, NULL);
	journal_reader_close(reader);
	while (first < QUEUE_SAMPLES_MAX && !samples.is_there[first])
		first++;
	/* Where nobody counted it is taken to be as it was before. */
	for (size_t i = first; i < QUEUE_SAMPLES_MAX; i++) {
		if (!samples.is_there[i])
			samples.messages[i] = samples.messages[i - 1];
		ret_samples->messages[ret_samples->n++] = samples.messages[i];
	}
	while (ret_samples->n > 1 && !samples.is_there[first + ret_samples->n - 1])
		ret_samples->n--;
}
