/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RECEIVER_CLIENT_PRIVATE_H
#define MILTER_RECEIVER_CLIENT_PRIVATE_H

/* Shared by receiver_client.c (what is sent) and receiver_verdict.c (what comes back). */

#include <pthread.h>
#include <stdatomic.h>

#include "milter/receiver_client.h"
#include "policy/rule.h"
#include "receiver/wire.h"

struct stream {
	bool is_busy, is_ended;
	uint32_t serial;
	int64_t ended_at;              /* monotonic */
	struct generation *generation; /* shared, once it is ended */
};

struct receiver_client {
	pthread_mutex_t lock;
	int fd; /* -1: no receiver */
	struct stream streams[RECEIVER_STREAMS];
	uint32_t serial;
	bool is_hung;       /* a frame was not taken in time */
	atomic_uint passed; /* messages that were not due for their keys' sake */
	struct receiver_calls calls;

	uint64_t verified, disagreed, lost;
	unsigned n_disagreements;
	char disagreements[RECEIVER_DISAGREEMENTS_MAX][256];
};

void receiver_reader_start(struct receiver_client *client, int fd);
void receiver_client_detach(struct receiver_client *client, int fd);

#endif
