/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_HELD_JOIN_H
#define CTL_HELD_JOIN_H

/*
 * How a list of held mail comes about: first what is in the queue, then what the journal
 * knows, then the incidents, in their order. Asks nobody. One thread.
 */

#include "journal/read.h"
#include "lib/map.h"

#include "ctl/held.h"
#include "ctl/incident.h"
#include "postfix/queue.h"

struct held_join {
	struct arena *arena;
	const struct held_filter *filter;
	struct map ids;          /* asked for, when FILTER names some */
	struct map waiting;      /* by queue id */
	struct held_item *first; /* in no order */
	size_t n, n_waiting;
	int64_t oldest;            /* arrival of what waits, wall, seconds; 0: none */
	bool takes_gone;           /* what the journal has as held is not in the queue */
	struct map domains;        /* of recipients, each kept once */
	struct held_domain *found; /* domains of one message; room for N_FOUND */
	size_t n_found;
	struct map incidents; /* by label and key, the newest first */
	bool knows_incidents;
};

/* ARENA and FILTER outlive it. */
void held_join_init(
    struct held_join *join, struct arena *arena, const struct held_filter *filter);
void held_join_fini(struct held_join *join);

/* For postfix_queue() and journal_scan(); CONTEXT is the join. Text is copied. */
void held_join_entry(void *context, const struct queue_entry *entry);
int held_join_row(void *context, const struct journal_row *row);

/* Is the record of FACTS about the message from SENDER that arrived at ARRIVAL (wall,
 * seconds) under the same id? */
bool held_join_is_of(struct view sender, int64_t arrival, const struct facts *facts);

/* By growing number. */
void held_join_incident(struct held_join *join, const struct incident *incident);
/* That of a message held at TIME, wall, microseconds; 0: none. */
uint32_t held_join_incident_of(
    const struct held_join *join, struct view label, struct view key, int64_t time);

/* Domains of a message's recipients: begin, add each, end. */
void held_join_domain(
    struct held_join *join, struct held_message *message, struct view domain);
void held_join_domains_end(struct held_join *join, struct held_message *message);

/* What fits the filter at NOW, wall, seconds. */
void held_join_finish(struct held_join *join, int64_t now, struct held *ret_held);

#endif
