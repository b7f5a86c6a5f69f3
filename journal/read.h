/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_READ_H
#define JOURNAL_READ_H

/*
 * Reading the journal while it is written, without write access to it. Rows come with all
 * their text in an arena of the reader's that lives until the next row.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/map.h"
#include "lib/view.h"
#include "policy/facts.h"

#include "journal/outcome.h"
#include "journal/sample.h"

struct journal_row {
	int64_t id; /* within its day */
	struct view host;
	struct facts facts; /* rcpt_fits as recorded: valid for the same policy only */
	struct view verdict, place, label, reply, on_error;
	struct view key; /* of the incident; empty: not held, or by an older frankd */
	struct view signed_with, unsigned_why, dmarc_why, tags, notes, watch, policy;
	struct view advice; /* policy/advice.h; its facts are in 'facts' */
	uint32_t micros;
	bool is_damaged; /* what has no column of its own could not be read */
};

struct journal_filter { /* empty views: any */
	struct view user, sender, verdict,
	    rule; /* rule: the place or the label; sender: address, domain or @domain, of
		   * the envelope or the author */
	/* Also address, domain or @domain: a recipient, as recorded or in an outcome of the
	 * same day. Where a domain alone is kept, everybody in it. */
	struct view to;
	const struct map *queue_ids; /* only about these; NULL: any */
	bool watch;           /* only those for which a watch rule had something to say */
	int64_t since, until; /* wall; 0: open */
	uint64_t newest;      /* only the last N that fit; 0: all */
};

struct journal_reader;

int journal_reader_open(
    const char *dir, struct journal_reader **ret_reader, struct err *err);
void journal_reader_close(struct journal_reader *reader);

/*
 * In all three a file that cannot be read does not hide the others: their rows are given,
 * then -1.
 */

/* By queue id, or message-id with or without angle brackets: every decision about it,
 * oldest first. */
typedef int journal_each(void *context, const struct journal_row *row); /* not 0: stop */
int journal_find(struct journal_reader *reader, struct view id, journal_each *each,
    void *context, struct err *err);

/* The same, of the days from that of SINCE on. */
int journal_find_since(struct journal_reader *reader, struct view id, int64_t since,
    journal_each *each, void *context, struct err *err);

/* Decisions that fit, oldest first. 0 or what EACH returned; -1 failed. */
int journal_scan(struct journal_reader *reader, const struct journal_filter *filter,
    journal_each *each, void *context, struct err *err);

/* The same of these files, which are days of any journal, in their order. */
int journal_scan_files(const char *const *paths, size_t n,
    const struct journal_filter *filter, journal_each *each, void *context,
    struct err *err);

/* Those that came after the last one given to EACH (or since opening): for following. */
int journal_follow(struct journal_reader *reader, const struct journal_filter *filter,
    journal_each *each, void *context, struct err *err);

/*
 * What became of messages (journal/outcome.h), and what admins did, each day's in the order
 * in which it was written. Text lives until EACH returns. Of a recipient of which only a
 * domain is kept, rcpt is "@domain".
 */
struct journal_past {
	struct view id; /* outcomes of this message, actions that name it; empty: all */
	struct view other_id; /* or outcomes about that one, too */
	int64_t since, until; /* wall; 0: open */
	/* Outcomes of these words alone, each between blanks (" sent deferred "); empty:
	 * all */
	struct view words;
	/* Of outcomes that name a recipient, those in these domains alone (lower-case);
	 * NULL: all */
	const struct map *domains;
};
typedef int journal_outcome_each(void *context, const struct outcome *outcome);
int journal_past_outcomes(struct journal_reader *reader, const struct journal_past *past,
    journal_outcome_each *each, void *context, struct err *err);

/* What was in Postfix's queue, as frankd counted it. past->id and other_id: empty. */
typedef int journal_sample_each(void *context, const struct journal_sample *sample);
int journal_past_samples(struct journal_reader *reader, const struct journal_past *past,
    journal_sample_each *each, void *context, struct err *err);

struct journal_action_row {
	int64_t time;
	struct view what, who, text;
};
typedef int journal_action_each(void *context, const struct journal_action_row *action);
int journal_past_actions(struct journal_reader *reader, const struct journal_past *past,
    journal_action_each *each, void *context, struct err *err);

/* Of each decision what says which message it was about; 'id' and 'words' are not asked. */
struct journal_brief {
	int64_t time;
	struct view queue_id, user;
};
typedef int journal_brief_each(void *context, const struct journal_brief *brief);
int journal_past_decisions(struct journal_reader *reader, const struct journal_past *past,
    journal_brief_each *each, void *context, struct err *err);

/* Were rows read so far perhaps not the newest, because a file could only be read without
 * its WAL? So it is for a user without write access to DIR while no daemon runs. */
bool journal_reader_is_stale(const struct journal_reader *reader);

/* The packed bundle of the policy with this hash, or a unique beginning of it (6 or more
 * digits). 1, 0, -1. */
int journal_policy_read(
    struct journal_reader *reader, struct view hash, struct buf *out, struct err *err);

/* The hash of the policy that was in force last, in OUT. 1, 0: none yet, -1. */
int journal_policy_newest(struct journal_reader *reader, struct buf *out, struct err *err);

#endif
