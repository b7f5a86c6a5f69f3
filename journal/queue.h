/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_QUEUE_H
#define JOURNAL_QUEUE_H

/*
 * What the threads share: two batches, of which one is filled while the other is written,
 * under one lock. While records come, the writer looks every tick and nobody wakes it;
 * after a quiet while it sleeps and the first record does. The public calls are in
 * journal.c, the thread in queue.c.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/buf.h"

#include "journal/writer.h"

enum {
	QUEUE_BATCH_RECORDS = 1024, /* so many are written without waiting for the tick */
	QUEUE_ENDS = 64,            /* batches whose end is remembered for those who wait */
	QUEUE_OUTCOMES_MAX = 1 << 20, /* bytes of outcomes that wait; more waits with us */
};

struct batch {
	struct buf bytes; /* records: journal/record.h */
	uint32_t records;
	size_t outcomes; /* bytes of them */
	bool is_awaited; /* somebody waits for its end */
};

struct journal {
	pthread_mutex_t lock; /* for all that is not said to be the thread's own */
	pthread_cond_t wake;  /* the thread waits for work */
	pthread_cond_t
	    done; /* appenders under 'required' wait for a batch, outcomes for room */
	struct batch batches[2], *fill, *work;
	uint64_t fill_number; /* of the batch being filled, from 1 */
	uint64_t done_number; /* the last that came to an end */
	bool is_written[QUEUE_ENDS];
	bool is_asleep, is_stopping, has_settings, has_ended; /* takes no more outcomes */
	struct journal_settings settings; /* host points to the text below */
	char host[256];
	struct writer_policy *policies;
	struct journal_status status;
	struct buf place;      /* in Postfix's log, behind the last batch of outcomes */
	uint64_t place_number; /* of that batch */

	pthread_t thread;
	struct writer *writer; /* the thread's own while it runs, and so: */
	int64_t looked, busy, retry, tidied, stop_by; /* monotonic */
};

void *queue_run(void *context); /* the thread of a journal */
void queue_free_policy(struct writer_policy *policy);
struct timespec queue_timespec(int64_t mono);

#endif
