/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_CLIENT_PRIVATE_H
#define MILTER_TABLES_CLIENT_PRIVATE_H

/*
 * Shared by tables_client.c (who asks) and tables_reader.c (what comes back, and what is
 * done as time goes by).
 */

#include <pthread.h>

#include "milter/dns_cache.h"
#include "milter/tables_client.h"

enum { TABLES_SHARDS = 16 }; /* of those who wait */

/* A question that the tables process has or is to get. Its id is
 * serial * TABLES_OPEN_MAX + slot. */
struct tables_open {
	struct dns_entry *entry; /* NULL: a free slot */
	uint64_t id;
	int64_t since;   /* monotonic: sent, or to be sent */
	unsigned n_lost; /* processes that had it and ended without an answer */
	bool is_sent;
	bool is_void; /* the answer is from before tables_client_forget */
};

struct tables_client {
	pthread_mutex_t lock;
	pthread_cond_t answered[TABLES_SHARDS];
	pthread_cond_t idle; /* a reader has ended */
	struct tables_calls calls;
	/* Keys are table NUL key; replies one byte of enum fact_answer, then values. */
	struct dns_cache cache;

	int fd;             /* -1: no process */
	int64_t away_since; /* of no process, or of one that is hung */
	int64_t pinged;     /* of the ping that is not answered yet; 0: none */
	int64_t last_ping;
	bool is_hung;     /* it has been reported */
	int64_t reported; /* when, last */
	bool is_stuck;    /* its socket is full */
	unsigned readers;

	uint64_t serial;
	unsigned n_open, next_slot, waiters;
	struct tables_open open[TABLES_OPEN_MAX];
	struct tables_status status;
	int64_t trouble_at; /* monotonic */
};

int64_t tables_client_now(const struct tables_client *client);

/* tables_client.c, with the lock held */

/* Send what has not been sent yet. */
void tables_client_send(struct tables_client *client);
/* The question of SLOT is over, and whoever waits for its answer hears of it. */
void tables_client_close(struct tables_client *client, struct tables_open *slot);
void tables_client_wake_all(struct tables_client *client);

/* tables_reader.c */

/* Waits for the lock, which the caller has. -1: there is no room for a thread. */
int tables_reader_start(struct tables_client *client, int fd, struct err *err);
/* A frame of N bytes came. Takes the lock. */
void tables_client_take(
    struct tables_client *client, const struct tables_answer_frame *frame, size_t n);
/* What has to be done as time goes by; takes the lock. */
void tables_client_tick(struct tables_client *client);

#endif
