/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_CLIENT_PRIVATE_H
#define MILTER_TABLES_CLIENT_PRIVATE_H

/*
 * Shared by tables_client.c (who asks) and tables_reader.c (what comes back, and what is
 * done as time goes by).
 */

#include "milter/helper.h"
#include "milter/helper_cache.h"
#include "milter/tables_client.h"

/* A question that the tables process has or is to get. Its id is
 * serial * TABLES_OPEN_MAX + slot. */
struct tables_open {
	struct helper_entry *entry; /* NULL: a free slot */
	uint64_t id;
	uint64_t origin;
	int64_t since;   /* monotonic: sent, or to be sent */
	unsigned n_lost; /* processes that had it and ended without an answer */
	bool is_sent;
	bool is_void; /* the answer is from before tables_client_forget */
};

struct tables_client {
	struct helper helper; /* its lock is that of all here */
	struct tables_calls calls;
	/* Keys are table NUL key; replies one byte of enum fact_answer, then values. */
	struct helper_cache cache;
	int64_t pinged; /* of the ping that is not answered yet; 0: none */
	int64_t last_ping;

	uint64_t serial;
	unsigned n_open, next_slot;
	struct tables_open open[TABLES_OPEN_MAX];
	uint64_t waiting[TABLES_WAITERS_MAX]; /* the origins of helper.waiters */
	struct tables_status status;
	int64_t trouble_at; /* monotonic */
};

/* tables_client.c, with the lock held */

/* Send what has not been sent yet. */
void tables_client_send(struct tables_client *client);
/* The question of SLOT is over, and whoever waits for its answer hears of it. */
void tables_client_close(struct tables_client *client, struct tables_open *slot);

/* tables_reader.c */

/* As in struct helper_calls; CONTEXT is the client. They take the lock. */
void tables_client_take(void *context, char *bytes, size_t n);
void tables_client_tick(void *context);

#endif
