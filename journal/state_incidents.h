/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_STATE_INCIDENTS_H
#define JOURNAL_STATE_INCIDENTS_H

/*
 * Incidents in DIR/state.db (journal/state.h): a row each, written whole whenever something
 * of it has changed. Their numbers are never given twice as long as the file lives.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/net.h"

enum {
	INCIDENT_LABEL = 64, /* bytes of text, without the NUL */
	INCIDENT_NAME = 320,
	INCIDENT_PLACE = 255,
	INCIDENT_METER = 64,
	INCIDENT_ID = 64,
	INCIDENT_WHO = 127,
	INCIDENT_REASON = 255,
	INCIDENT_TOP = 16, /* origins and domains counted by name */
};

/* A name and how often it came. When all INCIDENT_TOP are taken the rarest one makes room,
 * and the new one takes over its count: those on top are right, the others about right. */
struct incident_count {
	char name[INCIDENT_NAME + 1];
	uint64_t n;
};

/* Whom it was told, by one way of telling. */
struct incident_told {
	int64_t time;      /* wall, microseconds; 0: nobody yet */
	uint64_t messages; /* held then */
	bool closed;       /* that it is closed, too */
};
enum incident_way { INCIDENT_BY_MAIL, INCIDENT_BY_COMMAND, INCIDENT_WAYS };

/* Text is what came from outside, cut to its size. Times are wall, microseconds. */
struct state_incident {
	uint64_t number;
	char label[INCIDENT_LABEL + 1];
	char key[INCIDENT_NAME + 1];    /* of the meter that decided, else the origin */
	char meter[INCIDENT_METER + 1]; /* empty: none decided */
	char place[INCIDENT_PLACE + 1];

	/* Of the first message. */
	char queue_id[INCIDENT_ID + 1];
	char client[ADDR_TEXT]; /* empty: none */
	bool client_is_new;     /* never seen before for this origin */
	uint64_t reading;       /* of the meter */
	uint64_t usual;
	bool has_usual;

	int64_t began, last; /* the first and the last message held */
	uint64_t messages, rcpts;
	struct incident_count origins[INCIDENT_TOP]; /* in messages; the first one first */
	uint32_t n_origins;
	struct incident_count domains[INCIDENT_TOP]; /* of recipients, by a sample */
	uint32_t n_domains;

	bool notify; /* somebody wants to hear of it */
	struct incident_told told[INCIDENT_WAYS];
	int64_t closed; /* 0: it is open */
	char closed_by[INCIDENT_WHO + 1];
	char reason[INCIDENT_REASON + 1];
};

/*
 * Every incident, by number. 1; 0: there is no such file yet; -1: it could not be read, and
 * ERR says why; *ret_is_damaged when it was set aside. *ret_last: the highest number ever
 * given. ROW lives until EACH returns.
 */
struct state_incidents_seen {
	uint64_t last;
	bool is_damaged;
};
int state_incidents_read(const char *dir,
    void (*each)(void *context, const struct state_incident *row), void *context,
    struct state_incidents_seen *ret_seen, struct err *err);

struct state_incidents_changes {
	const struct state_incident *rows; /* new or changed */
	size_t n;
	const uint64_t *gone; /* numbers of those to forget */
	size_t n_gone;
};
/* All or none. */
int state_incidents_write(const char *dir, const struct state_incidents_changes *changes,
    bool *ret_is_damaged, struct err *err);

#endif
