/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "journal/outcome.h"
#include "journal/place.h"
#include "journal/queue.h"

enum { WAIT_US = 2000000 }; /* 'required': how long a message waits for its record */

static void
keep_settings(struct journal *journal, const struct journal_settings *settings)
{
	journal->settings = *settings;
	snprintf(journal->host, sizeof(journal->host), "%.*s", VIEW_ARG(settings->host));
	journal->settings.host = view_of(journal->host);
}

void
journal_set(struct journal *journal, const struct journal_settings *settings)
{
	pthread_mutex_lock(&journal->lock);
	keep_settings(journal, settings);
	journal->has_settings = true;
	pthread_mutex_unlock(&journal->lock);
}

static bool
queue_has_room(const struct journal *journal)
{
	return journal->fill->bytes.n + journal->work->bytes.n < JOURNAL_QUEUE_MAX;
}

/* A record was added: let the writer know if it would not look by itself in time. */
static void
note_added(struct journal *journal)
{
	journal->fill->records++;
	if (journal->is_asleep || journal->fill->records == QUEUE_BATCH_RECORDS) {
		journal->is_asleep = false;
		pthread_cond_signal(&journal->wake);
	}
}

/* Wait until the batch with the record at byte AT of it is on disk. With the lock. */
static int
await(struct journal *journal, size_t at, struct err *err)
{
	uint64_t number = journal->fill_number;
	struct timespec until = queue_timespec(clock_mono() + WAIT_US);
	int code = 0;

	journal->fill->is_awaited = true;
	pthread_cond_signal(&journal->wake);
	while (journal->done_number < number && code == 0)
		code = pthread_cond_timedwait(&journal->done, &journal->lock, &until);
	if (journal->done_number >= number) {
		if (journal->done_number - number < QUEUE_ENDS &&
		    journal->is_written[number % QUEUE_ENDS])
			return 0;
		return err_set(err, ERR_TEMP, "the journal cannot be written: %s",
		    journal->status.trouble);
	}
	/* The message gets a 451: a record that is not being written yet would be wrong. */
	if (journal->fill_number == number)
		record_drop(journal->fill->bytes.p + at);
	return err_set(
	    err, ERR_TEMP, "the journal has not answered within %d s", WAIT_US / 1000000);
}

int
journal_append(
    struct journal *journal, const struct journal_record *record, struct err *err)
{
	int result = 0;

	pthread_mutex_lock(&journal->lock);
	size_t at = journal->fill->bytes.n;
	bool is_required = journal->settings.mode == JOURNAL_MODE_REQUIRED;
	if (!queue_has_room(journal) ||
	    record_add_decision(&journal->fill->bytes, record) == -1) {
		journal->fill->bytes.full = false;
		journal->status.lost++;
		if (is_required)
			result = err_set(err, ERR_TEMP, "the journal's queue is full");
	} else {
		note_added(journal);
		if (is_required)
			result = await(journal, at, err);
	}
	pthread_mutex_unlock(&journal->lock);
	return result;
}

void
journal_action(struct journal *journal, int64_t time, struct view what, struct view who,
    struct view text)
{
	const struct record_action action = {time, what, who, text};

	pthread_mutex_lock(&journal->lock);
	if (queue_has_room(journal) &&
	    record_add_action(&journal->fill->bytes, &action) == 0) {
		note_added(journal);
	} else {
		journal->fill->bytes.full = false;
		journal->status.lost++;
	}
	pthread_mutex_unlock(&journal->lock);
}

void
journal_sample(struct journal *journal, const struct journal_sample *sample)
{
	pthread_mutex_lock(&journal->lock);
	if (queue_has_room(journal) &&
	    record_add_sample(&journal->fill->bytes, sample) == 0) {
		note_added(journal);
	} else {
		journal->fill->bytes.full = false;
		journal->status.lost++;
	}
	pthread_mutex_unlock(&journal->lock);
}

static bool
outcomes_fit(const struct journal *journal)
{
	return queue_has_room(journal) &&
	       journal->fill->outcomes + journal->work->outcomes < QUEUE_OUTCOMES_MAX;
}

int
journal_outcomes(
    struct journal *journal, int64_t time, struct view batch, struct view place)
{
	struct view rest = batch;
	struct outcome outcome;
	int got, result = -1;

	while ((got = outcome_take(&rest, &outcome)) == 1)
		continue;
	if (got == -1 || place.n > OUTCOME_PLACE_MAX)
		return -1;
	pthread_mutex_lock(&journal->lock);
	while (!journal->has_ended && !outcomes_fit(journal))
		pthread_cond_wait(&journal->done, &journal->lock);
	const struct record_outcomes outcomes = {
	    time, journal->place_number + 1, place, batch};
	if (!journal->has_ended &&
	    record_add_outcomes(&journal->fill->bytes, &outcomes) == 0) {
		journal->fill->outcomes += batch.n;
		journal->place_number++;
		buf_reset(&journal->place);
		buf_add(&journal->place, place);
		note_added(journal);
		result = 0;
	}
	journal->fill->bytes.full = false;
	pthread_mutex_unlock(&journal->lock);
	return result;
}

void
journal_end_outcomes(struct journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	journal->has_ended = true;
	pthread_cond_broadcast(&journal->done);
	pthread_mutex_unlock(&journal->lock);
}

void
journal_place(struct journal *journal, struct buf *ret_place)
{
	buf_add(ret_place, buf_view(&journal->place));
}

void
journal_policy(struct journal *journal, int64_t time, struct view hash, struct view packed)
{
	struct writer_policy *policy = mem_zeroed(1, sizeof(*policy)), **end;

	policy->time = time;
	buf_init(&policy->hash, hash.n + 1);
	buf_add(&policy->hash, hash);
	buf_init(&policy->packed, packed.n + 1);
	buf_add(&policy->packed, packed);

	pthread_mutex_lock(&journal->lock);
	for (end = &journal->policies; *end != NULL; end = &(*end)->next)
		continue;
	*end = policy;
	journal->is_asleep = false;
	pthread_cond_signal(&journal->wake);
	pthread_mutex_unlock(&journal->lock);
}

void
journal_status(struct journal *journal, struct journal_status *ret_status)
{
	pthread_mutex_lock(&journal->lock);
	*ret_status = journal->status;
	ret_status->queued_bytes = journal->fill->bytes.n + journal->work->bytes.n;
	pthread_mutex_unlock(&journal->lock);
}

static void
queue_init(struct journal *journal)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&journal->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&journal->wake, &monotonic);
	pthread_cond_init(&journal->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t i = 0; i < ARRAY_LEN(journal->batches); i++)
		buf_init(&journal->batches[i].bytes, JOURNAL_QUEUE_MAX);
	buf_init(&journal->place, OUTCOME_PLACE_MAX);
	journal->fill = &journal->batches[0];
	journal->work = &journal->batches[1];
	journal->fill_number = 1;
}

static void
queue_free(struct journal *journal)
{
	for (size_t i = 0; i < ARRAY_LEN(journal->batches); i++)
		buf_fini(&journal->batches[i].bytes);
	buf_fini(&journal->place);
	while (journal->policies != NULL) {
		struct writer_policy *policy = journal->policies;

		journal->policies = policy->next;
		queue_free_policy(policy);
	}
	pthread_cond_destroy(&journal->wake);
	pthread_cond_destroy(&journal->done);
	pthread_mutex_destroy(&journal->lock);
	free(journal);
}

/* Signals are for the program's own threads. */
static int
start_thread(struct journal *journal, struct err *err)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int code = pthread_create(&journal->thread, NULL, queue_run, journal);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code != 0)
		return err_set(
		    err, ERR_TEMP, "cannot start the journal's thread: error %d", code);
	return 0;
}

static void
find_place(struct journal *journal, const char *dir)
{
	const struct writer *writer = journal->writer;
	struct err err = ERR_INIT;
	char text[sizeof(err.text) + 128];

	if (place_read(dir, &journal->place, &journal->place_number, &err) == 0 ||
	    writer->report == NULL)
		return;
	snprintf(text, sizeof(text),
	    "%s: how far Postfix's log was read is not known, and outcomes may be there "
	    "twice",
	    err.text);
	writer->report(writer->context, view_of(text));
}

int
journal_open(const char *dir, const struct journal_settings *settings,
    journal_report *report, void *context, struct journal **ret_journal, struct err *err)
{
	struct journal *journal = mem_zeroed(1, sizeof(*journal));
	bool is_required = settings->mode == JOURNAL_MODE_REQUIRED;
	struct err why = ERR_INIT;

	queue_init(journal);
	keep_settings(journal, settings);
	journal->writer = writer_new(dir, settings, report, context);
	int result = writer_check_dir(journal->writer, &why);
	find_place(journal, dir);
	if (result == -1 && is_required)
		err_set(err, why.code, "%s", why.text);
	else if (result == -1)
		writer_trouble(journal->writer, dir, DB_OTHER, &why);
	if ((result == -1 && is_required) || start_thread(journal, err) == -1) {
		writer_free(journal->writer);
		queue_free(journal);
		return -1;
	}
	*ret_journal = journal;
	return 0;
}

void
journal_close(struct journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	journal->is_stopping = true;
	pthread_cond_signal(&journal->wake);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->thread, NULL);
	writer_free(journal->writer);
	queue_free(journal);
}
