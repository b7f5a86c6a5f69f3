/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_QUEUE_H
#define CTL_QUEUE_H

/*
 * frank queue: what is in Postfix's queue and why, counted by queue, destination, cause and
 * login. Messages are counted as they come and not kept, but for an id each where logins
 * are asked for; so memory goes with the number of different names.
 */

#include <stdbool.h>
#include <stdint.h>

#include "journal/read.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/map.h"
#include "replies/replies.h"

#include "ctl/ctl.h"
#include "postfix/queue.h"

enum {
	QUEUE_NAMES_MAX = 100000,     /* different ones of a kind; more share one */
	QUEUE_MESSAGES_MAX = 1000000, /* whose logins are looked up */
	QUEUE_CAUSES_SHOWN = 5,
	QUEUE_SAMPLES_MAX = 60,
};

enum queue_kind {
	QUEUE_BY_QUEUE,
	QUEUE_BY_DESTINATION,
	QUEUE_BY_CAUSE,
	QUEUE_BY_LOGIN,
	QUEUE_BY_PLACE, /* a destination with a cause; not for people */
	QUEUE_KINDS
};
bool queue_kind_of(const char *name, enum queue_kind *ret_kind);
const char *queue_kind_name(enum queue_kind kind);

struct queue_group {
	struct view name; /* "deferred", "example.net", "alice"; what stands for none */
	bool has_name;
	const struct replies_entry *cause; /* by cause and place; NULL: none is known */
	uint64_t messages, rcpts, bytes;
	int64_t oldest;        /* arrival of the oldest, wall, seconds */
	struct view oldest_id; /* its queue id */
	struct view reason;    /* by cause: words that were said for one of them */
	uint64_t last;         /* message that was counted last */
};

struct queue_count {
	struct arena *arena;
	const struct replies *replies;
	struct map groups[QUEUE_KINDS];
	size_t n_groups[QUEUE_KINDS];
	struct queue_group total; /* over all */
	bool with_logins;
	struct map waiting; /* with logins: by queue id */
	size_t n_waiting;
};

/* REPLIES outlives it. */
void queue_count_init(
    struct queue_count *count, const struct replies *replies, bool with_logins);
void queue_count_fini(struct queue_count *count);

/* For postfix_queue() and journal_scan(); CONTEXT is the count. When the journal was read,
 * the logins are counted. */
void queue_count_entry(void *context, const struct queue_entry *entry);
int queue_count_row(void *context, const struct journal_row *row);
void queue_count_logins(struct queue_count *count);

/* N of them, most messages first, in the count's arena; unknown ones last where equal. */
struct queue_group *queue_groups(
    struct queue_count *count, enum queue_kind kind, size_t *ret_n);
/* The destinations of most messages that wait for CAUSE, at most N; returns how many there
 * are at all. */
size_t queue_places(struct queue_count *count, const struct replies_entry *cause,
    struct queue_group *into, size_t n);

/* How many messages waited, the oldest first. */
struct queue_samples {
	uint64_t messages[QUEUE_SAMPLES_MAX];
	size_t n;
	int64_t every; /* seconds from one to the next */
};

/* Of the last six hours, as far as frankd has counted. What is on hold is not among them.
 */
void queue_samples_read(
    const char *state_dir, int64_t now, struct queue_samples *ret_samples);

struct queue_view {
	bool is_by; /* one table by KIND, of N lines; else all that matters */
	enum queue_kind kind;
	size_t n;
	int64_t now; /* wall, seconds */
};

void queue_text(struct queue_count *count, const struct queue_view *view,
    const struct queue_samples *samples, struct buf *out);
void queue_json(struct queue_count *count, const struct queue_view *view, struct buf *out);

/* Again and again: every so many seconds, COUNT times (0: until it is interrupted). SHOW
 * makes one picture in OUT, or returns -1 and ERR. An exit code; what is wrong was said. */
struct queue_watch {
	int64_t every;
	uint64_t count;
	int (*show)(void *context, struct buf *out, struct err *err);
	void *context;
};
int queue_watch(const struct queue_watch *watch);

#endif
