/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "journal/queue.h"

enum {
	TICK_US = 20000,    /* a batch is at most that old when it is written */
	AWAKE_US = 500000,  /* the thread looks every tick for that long after a record */
	IDLE_US = 5000000,  /* asleep, it still looks for what else is due */
	RETRY_US = 1000000, /* after a failure */
	DRAIN_US = 5000000, /* at the end */
	SHRINK_AT =
	    1 << 20, /* a batch that grew beyond that in a backlog gives memory back */
};

struct timespec
queue_timespec(int64_t mono)
{
	return (struct timespec){
	    .tv_sec = mono / 1000000, .tv_nsec = mono % 1000000 * 1000};
}

void
queue_free_policy(struct writer_policy *policy)
{
	buf_fini(&policy->hash);
	buf_fini(&policy->packed);
	free(policy);
}

/* When to look next. Asleep means that a new record should not wait for that. */
static int64_t
next_look(struct journal *journal, int64_t now)
{
	bool is_failing = journal->retry > now;

	if (journal->fill->is_awaited)
		return now;
	if (is_failing)
		return journal->retry;
	if (journal->is_stopping || journal->policies != NULL ||
	    journal->work->bytes.n > 0 || journal->fill->records >= QUEUE_BATCH_RECORDS)
		return now;
	if (journal->fill->records > 0 || now - journal->busy < AWAKE_US)
		return journal->looked + TICK_US;
	journal->is_asleep = true;
	return journal->looked + IDLE_US;
}

static void
wait_for_work(struct journal *journal)
{
	for (;;) {
		int64_t now = clock_mono(), due = next_look(journal, now);

		if (due <= now)
			break;
		struct timespec until = queue_timespec(due);
		pthread_cond_timedwait(&journal->wake, &journal->lock, &until);
		journal->is_asleep = false;
	}
	journal->is_asleep = false;
}

static void
swap_batches(struct journal *journal)
{
	struct batch *full = journal->fill;

	must(journal->work->bytes.n == 0);
	journal->fill = journal->work;
	journal->work = full;
	journal->fill_number++;
}

static void
empty_batch(struct batch *batch)
{
	if (batch->bytes.size > SHRINK_AT) {
		buf_fini(&batch->bytes);
		buf_init(&batch->bytes, JOURNAL_QUEUE_MAX);
	}
	buf_reset(&batch->bytes);
	batch->records = 0;
	batch->outcomes = 0;
	batch->is_awaited = false;
}

/* The batch that came to its end is the one before the batch being filled. */
static void
end_batch(struct journal *journal, bool is_written)
{
	journal->done_number = journal->fill_number - 1;
	journal->is_written[journal->done_number % QUEUE_ENDS] = is_written;
	pthread_cond_broadcast(&journal->done);
}

static uint64_t
drop_decisions(struct buf *bytes)
{
	struct record_head head;
	uint64_t dropped = 0;

	for (size_t at = 0; at < bytes->n; at += head.bytes) {
		must(record_head(bytes->p + at, bytes->n - at, &head) == 0);
		if (head.kind != RECORD_DECISION)
			continue;
		record_drop(bytes->p + at);
		dropped++;
	}
	return dropped;
}

/* Those who waited answer 451: their records must not appear later. Actions are tried
 * again. */
static void
fail_awaited(struct journal *journal)
{
	if (journal->work->is_awaited) {
		journal->status.lost += drop_decisions(&journal->work->bytes);
		journal->work->is_awaited = false;
		end_batch(journal, false);
	}
	if (!journal->fill->is_awaited)
		return;
	journal->status.lost += drop_decisions(&journal->fill->bytes);
	journal->fill->is_awaited = false;
	journal->fill_number++;
	end_batch(journal, false);
}

/* One look without the lock: settings, policies, the batch. */
static bool
do_work(struct journal *journal, const struct journal_settings *settings,
    struct writer_policy **policies)
{
	struct writer *writer = journal->writer;
	bool is_fine = true;

	if (settings != NULL)
		writer_set(writer, settings);
	while (*policies != NULL && is_fine) {
		struct writer_policy *policy = *policies;

		is_fine = writer_write_policy(writer, policy) == 0;
		if (is_fine) {
			*policies = policy->next;
			queue_free_policy(policy);
		}
	}
	if (journal->work->bytes.n > 0)
		is_fine = writer_write(writer, &journal->work->bytes) == 0 && is_fine;
	if (clock_mono() - journal->tidied >= IDLE_US) {
		journal->tidied = clock_mono();
		writer_tidy(writer);
	}
	return is_fine;
}

/* What could not be written goes back before what has come since. */
static void
return_policies(struct journal *journal, struct writer_policy *left)
{
	struct writer_policy **end = &left;

	while (*end != NULL)
		end = &(*end)->next;
	*end = journal->policies;
	journal->policies = left;
}

static bool
batch_is_done(const struct batch *batch)
{
	struct record_head head;

	for (size_t at = 0; at < batch->bytes.n; at += head.bytes) {
		must(record_head(batch->bytes.p + at, batch->bytes.n - at, &head) == 0);
		if (head.kind != RECORD_GONE)
			return false;
	}
	return true;
}

/* With the lock, which is given up while files are written. */
static void
look(struct journal *journal)
{
	struct writer *writer = journal->writer;
	struct writer_policy *policies = TAKE(journal->policies);
	struct journal_settings settings = journal->settings;
	bool has_settings = journal->has_settings;
	char host[sizeof(journal->host)];

	memcpy(host, journal->host, sizeof(host));
	settings.host = view_of(host);
	journal->has_settings = false;
	if (journal->work->bytes.n == 0 && journal->fill->bytes.n > 0)
		swap_batches(journal);
	writer->lost = journal->status.lost;
	if (journal->work->bytes.n > 0)
		journal->busy = clock_mono();

	pthread_mutex_unlock(&journal->lock);
	bool is_fine = do_work(journal, has_settings ? &settings : NULL, &policies);
	pthread_mutex_lock(&journal->lock);

	return_policies(journal, policies);
	journal->looked = clock_mono();
	journal->retry = is_fine ? 0 : journal->looked + RETRY_US;
	journal->status.written = writer->written;
	memcpy(journal->status.trouble, writer->trouble, sizeof(journal->status.trouble));
	if (batch_is_done(journal->work)) {
		bool was_awaited = journal->work->is_awaited;

		empty_batch(journal->work);
		if (was_awaited)
			end_batch(journal, true);
		else
			pthread_cond_broadcast(&journal->done);
	} else {
		fail_awaited(journal);
	}
}

static bool
is_finished(const struct journal *journal)
{
	if (!journal->is_stopping)
		return false;
	return (journal->work->bytes.n == 0 && journal->fill->bytes.n == 0 &&
		   journal->policies == NULL) ||
	       (journal->stop_by != 0 && clock_mono() > journal->stop_by);
}

static void
report_left(struct journal *journal)
{
	uint64_t left =
	    drop_decisions(&journal->work->bytes) + drop_decisions(&journal->fill->bytes);
	struct writer *writer = journal->writer;
	char text[128];

	if (left == 0 || writer->report == NULL)
		return;
	snprintf(text, sizeof(text), "%llu records could not be written before the end",
	    (unsigned long long)left);
	writer->report(writer->context, view_of(text));
}

void *
queue_run(void *context)
{
	struct journal *journal = context;

	pthread_mutex_lock(&journal->lock);
	while (!is_finished(journal)) {
		wait_for_work(journal);
		if (journal->is_stopping && journal->stop_by == 0)
			journal->stop_by = clock_mono() + DRAIN_US;
		look(journal);
	}
	pthread_mutex_unlock(&journal->lock);
	report_left(journal);
	return NULL;
}
