/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_INCIDENTS_PRIVATE_H
#define MILTER_INCIDENTS_PRIVATE_H

/* Shared by incidents.c (what happens) and incidents_due.c (who is to hear of it). */

#include <pthread.h>

#include "milter/incidents.h"

struct incident {
	struct state_incident row;
	uint64_t hash;   /* of label and key */
	bool is_changed; /* to be written */
	bool has_opened; /* and nobody took that news */
	bool has_closed;
};

struct incidents {
	pthread_mutex_t lock;                  /* of all that follows */
	struct incident *table[INCIDENTS_MAX]; /* in the order of their numbers */
	size_t n;
	uint64_t last;                /* number given */
	uint64_t gone[INCIDENTS_MAX]; /* numbers that state.db is to forget */
	size_t n_gone;
	uint64_t unkept;
};

void incidents_lock(struct incidents *incidents);
void incidents_unlock(struct incidents *incidents);

#endif
