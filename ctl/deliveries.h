/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DELIVERIES_H
#define CTL_DELIVERIES_H

/*
 * frank deliveries: what Postfix's deliveries came to, counted by recipient domain, code,
 * login and relay. Outcomes are counted as they come and not kept, but for the recipients
 * that wait; so memory goes with the number of different names and of those that wait.
 */

#include <stdbool.h>
#include <stdint.h>

#include "journal/read.h"
#include "lib/buf.h"
#include "lib/map.h"
#include "replies/replies.h"

#include "ctl/ctl.h"
#include "ctl/deliveries_change.h"

enum {
	DELIVERIES_NAMES_MAX = 100000,   /* different ones of a kind; more share one */
	DELIVERIES_OPEN_MAX = 500000,    /* recipients that wait, and did wait */
	DELIVERIES_LOGINS_MAX = 4000000, /* messages whose logins are known */
	DELIVERIES_DOMAIN = 255,         /* bytes of a domain */
	DELIVERIES_DELAYS = 64,          /* steps, two to an octave, of milliseconds */
};

/* What is asked of the journal. */
#define DELIVERIES_WORDS " sent deferred bounced expired given-up deleted requeued "

enum deliveries_kind {
	DELIVERIES_BY_DOMAIN,
	DELIVERIES_BY_CODE,
	DELIVERIES_BY_LOGIN,
	DELIVERIES_BY_RELAY,
	DELIVERIES_KINDS
};
bool deliveries_kind_of(const char *name, enum deliveries_kind *ret_kind);
const char *deliveries_kind_name(enum deliveries_kind kind);

struct deliveries_group {
	struct view name; /* "example.net", "4.7.28", "alice"; what stands for none */
	bool has_name;
	const struct replies_entry *cause; /* by code; NULL: none is known */
	uint64_t sent, deferred, bounced;  /* attempts */
	uint64_t open;                     /* recipients that still wait */
	uint32_t longest_ms;               /* until it was sent */
	uint32_t delays[DELIVERIES_DELAYS];
};

/* ---- whose a message is ---- */

struct deliveries_login { /* rows of several messages share a name */
	uint64_t key;     /* of the queue id */
	int64_t time;
	const struct view *user; /* not NULL; may be empty */
	bool is_decision;        /* or a line of the log */
};

struct deliveries_logins {
	struct map_seed seed;
	struct arena *arena;
	struct map names;
	struct deliveries_login *rows;
	size_t n, n_sorted, size, n_left_out;
};

void deliveries_logins_init(struct deliveries_logins *logins);
void deliveries_logins_fini(struct deliveries_logins *logins);
/* For journal_past_decisions(), and when these are sorted, for journal_past_outcomes() of
 * DELIVERIES_ARRIVALS, to be sorted, too. A message that was requeued is still of whom it
 * was. */
#define DELIVERIES_ARRIVALS " arrived picked-up "
int deliveries_logins_decision(void *context, const struct journal_brief *brief);
int deliveries_logins_arrival(void *context, const struct outcome *outcome);
void deliveries_logins_sort(struct deliveries_logins *logins);
/* Who brought the message of OUTCOME, which is a delivery; NULL: nobody knows. */
const struct view *deliveries_login_of(
    const struct deliveries_logins *logins, const struct outcome *outcome);

/* ---- counting ---- */

struct deliveries_count {
	struct arena *arena;
	const struct replies *replies;
	const struct deliveries_logins *logins; /* by login */
	unsigned kinds;                         /* 1 << enum deliveries_kind */
	struct map groups[DELIVERIES_KINDS];
	size_t n_groups[DELIVERIES_KINDS];
	struct deliveries_group total;
	struct map_seed seed;
	struct map rcpts, messages; /* that waited */
	size_t n_rcpts, n_left_out;
	uint64_t n_hashed, n_domains; /* recipients of which that is all that is kept */
	struct buf scratch;
	struct changes *changes; /* NULL: nobody asks for them */
};

/* REPLIES and LOGINS (NULL: not by login) outlive it. Changes need domains and codes. */
void deliveries_count_init(struct deliveries_count *count, unsigned kinds,
    const struct replies *replies, const struct deliveries_logins *logins);
void deliveries_count_fini(struct deliveries_count *count);
/* For journal_past_outcomes(); CONTEXT is the count. */
int deliveries_count_outcome(void *context, const struct outcome *outcome);
/* Once all are there: what waits is counted. */
void deliveries_count_end(struct deliveries_count *count);

/* N of them, most attempts first, in the count's arena. */
const struct deliveries_group **deliveries_groups(
    struct deliveries_count *count, enum deliveries_kind kind, size_t *ret_n);
/* The domain of RCPT in lower case; empty: there is none, or it is not kept. */
struct view deliveries_domain(struct view rcpt, char into[DELIVERIES_DOMAIN]);
/* What OUTCOME, which is a delivery, counts under; NULL for kinds that are not counted. */
void deliveries_find_groups(struct deliveries_count *count, const struct outcome *outcome,
    struct deliveries_group *ret_groups[DELIVERIES_KINDS]);
/* Half of what was sent took no longer: milliseconds, to a fifth of it. */
uint32_t deliveries_median(const struct deliveries_group *group);

/* ---- showing ---- */

struct deliveries_view {
	bool is_by; /* one table by KIND, of N lines */
	enum deliveries_kind kind;
	size_t n;
	int64_t since, now; /* wall */
};
void deliveries_text(
    struct deliveries_count *count, const struct deliveries_view *view, struct buf *out);
void deliveries_json(
    struct deliveries_count *count, const struct deliveries_view *view, struct buf *out);

#endif
