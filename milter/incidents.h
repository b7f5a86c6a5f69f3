/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_INCIDENTS_H
#define MILTER_INCIDENTS_H

/*
 * Incidents: the first message that is held under a label, for a key, opens one; the others
 * join it. The key is that of the meter which decided, else the origin. One without a held
 * message for INCIDENT_IDLE_SECONDS closes by itself.
 *
 * INCIDENTS_MAX are remembered. When all are taken the one that was closed first makes
 * room; an open one never does, and what would open another is only counted then.
 *
 * Time is an argument: wall, microseconds. Any thread; nothing here waits for anything but
 * the table's own lock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "journal/state_incidents.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	INCIDENTS_MAX = 1000,
	INCIDENT_IDLE_SECONDS = 86400,
	INCIDENT_NOTICE_AFTER = 2,    /* seconds from its beginning to the first notice */
	INCIDENT_NOTICE_APART = 1800, /* seconds from one notice to the next, at least */
};

struct incidents;

struct incidents *incidents_new(void);
void incidents_free(struct incidents *incidents); /* NULL is fine */

/* What state.db has, in the order of numbers, before anything else. LAST: the highest
 * number ever given. */
void incidents_restore(struct incidents *incidents, const struct state_incident *row);
void incidents_restored(struct incidents *incidents, uint64_t last);

/* A message that was held. Text is copied. */
struct incident_held {
	const struct facts *facts;
	const struct decision *decision; /* with its key */
	struct view origin;              /* a name */
	bool client_is_new;              /* never seen before for this origin */
};
void incidents_held(struct incidents *incidents, const struct incident_held *held);

/* 1: closed; 0: there is no such number; -1: it was closed before, ERR says when. */
int incidents_close(struct incidents *incidents, uint64_t number, const char *who,
    struct view reason, int64_t now, struct err *err);
/* Close those in which nothing happens any more. */
void incidents_close_idle(struct incidents *incidents, int64_t now);

/* Copies. incidents_next: the first one with a number above AFTER; with ALL, closed ones
 * too. */
bool incidents_get(
    struct incidents *incidents, uint64_t number, struct state_incident *ret_row);
bool incidents_next(
    struct incidents *incidents, uint64_t after, bool all, struct state_incident *ret_row);

/* What has opened or closed and was not given here before: for log and journal. */
enum incident_news { INCIDENT_NO_NEWS, INCIDENT_OPENED, INCIDENT_DOUBLED, INCIDENT_CLOSED };
enum incident_news incidents_take_news(
    struct incidents *incidents, struct state_incident *ret_row);

/* What somebody is to be told by WAY now: of one with a number above AFTER, where there is
 * one, so that one that cannot be told keeps none of the others. incidents_told: he was
 * told so much of it, or there is nobody to tell. */
enum incident_news incidents_due(struct incidents *incidents, enum incident_way way,
    uint64_t after, int64_t now, struct state_incident *ret_row);
void incidents_told(struct incidents *incidents, enum incident_way way,
    enum incident_news news, const struct state_incident *told, int64_t now);

/* How many of them somebody is to be told of by WAY now. */
size_t incidents_due_count(struct incidents *incidents, enum incident_way way, int64_t now);

/* At most MAX rows that are to be written, and how many numbers are to be forgotten. */
size_t incidents_take_changed(
    struct incidents *incidents, struct state_incident *rows, size_t max);
size_t incidents_take_gone(struct incidents *incidents, uint64_t *numbers, size_t max);
/* They could not be written. */
void incidents_give_back(
    struct incidents *incidents, const struct state_incidents_changes *changes);

struct incidents_status {
	size_t open, kept;
	uint64_t unkept; /* held messages that could not open one, since the start */
};
void incidents_status(struct incidents *incidents, struct incidents_status *ret_status);

#endif
