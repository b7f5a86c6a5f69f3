/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

/*
 * The record of every decision, written by one thread in batches, one SQLite file a UTC
 * day: DIR/journal-2026-11-21.db. Reading is in journal/read.h. Every other thread only
 * copies its record into the batch that is being filled: no I/O and no wake-up on the
 * message path.
 *
 * best-effort: a record that cannot be written (disk full, file locked or corrupt, queue
 * over its limit) is counted and reported; mail goes on. required: journal_append returns
 * when the record is on disk, or says that it is not, and the message gets 451. A corrupt
 * file is set aside as NAME.corrupt-TIME and a new one begun.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/view.h"
#include "policy/facts.h"

#include "journal/sample.h"

enum journal_mode { JOURNAL_MODE_BEST_EFFORT, JOURNAL_MODE_REQUIRED };
enum journal_privacy { JOURNAL_RCPT_FULL, JOURNAL_RCPT_DOMAIN, JOURNAL_RCPT_HASH };

struct journal_settings {
	enum journal_mode mode;
	enum journal_privacy recipients;
	uint32_t keep_days;
	struct view
	    host; /* our name, part of the key (queue ids are reused and not unique) */
};

enum { JOURNAL_QUEUE_MAX = 16 << 20 }; /* bytes waiting to be written */

/* One decision. Everything is copied by journal_append. Word lists are separated by single
 * blanks. */
struct journal_record {
	const struct facts *facts;
	struct view verdict; /* "accept" "hold" "defer" "reject" */
	struct view place, label, reply, on_error;
	struct view key;         /* held: the incident is that of this label and this key */
	struct view signed_with; /* "example.org/s2026:rsa-sha256 ..." */
	struct view unsigned_why;
	struct view dmarc_why;   /* empty: DMARC would not fail, or nobody knows */
	struct view tags, notes; /* LF between several */
	struct view watch;       /* "hold frank.conf:52 label" LF ... */
	struct view policy;      /* hash */
	uint32_t micros;         /* from the first to the last byte at end of message */
};

struct journal;

/*
 * Open DIR (made if it is missing, 0750) and start the writer. Fails only when DIR itself
 * is unusable and the mode is required; under best-effort it goes on without a file and
 * tries again. CALL is told of events worth a log line
 * ("journal-2026-11-21.db: disk full; 12 records lost so far") from the writer's thread.
 */
typedef void journal_report(void *context, struct view text);
int journal_open(const char *dir, const struct journal_settings *settings,
    journal_report *report, void *context, struct journal **ret_journal, struct err *err);

/* New settings (a reload), from the next batch on. */
void journal_set(struct journal *journal, const struct journal_settings *settings);

/* 0; -1 under 'required' when the record is not on disk within 2 s. Any thread. */
int journal_append(
    struct journal *journal, const struct journal_record *record, struct err *err);

/* What an admin did: WHAT "reload", "release"...; WHO "kim (uid 1000)"; TEXT free. Any
 * thread. */
void journal_action(struct journal *journal, int64_t time, struct view what,
    struct view who, struct view text);

/* Keep POLICY's files by their hash (policies.db), once. Any thread; written by the writer.
 */
void journal_policy(
    struct journal *journal, int64_t time, struct view hash, struct view packed);

/*
 * What Postfix's log says of messages: BATCH as journal/outcome.h has it, all of one UTC
 * day, and the place in the log behind it (at most OUTCOME_PLACE_MAX), which are written
 * together. TIME: of that day. Waits while the writer is behind with earlier batches, so
 * nothing of it is lost; -1: BATCH is malformed, or the journal is being closed. One
 * thread.
 */
int journal_outcomes(
    struct journal *journal, int64_t time, struct view batch, struct view place);
/* Take no more of them: journal_outcomes() fails from now on. Any thread. */
void journal_end_outcomes(struct journal *journal);
/* The place behind the last batch; empty: there was none yet. That thread. */
void journal_place(struct journal *journal, struct buf *ret_place);

/* What was in Postfix's queue. Any thread. */
void journal_sample(struct journal *journal, const struct journal_sample *sample);

struct journal_status {
	uint64_t written, lost;
	uint64_t queued_bytes;
	char trouble[256]; /* empty: all well */
};
void journal_status(struct journal *journal, struct journal_status *ret_status);

/* Write what is queued (at most 5 s), stop the writer, close. */
void journal_close(struct journal *journal);

#endif
