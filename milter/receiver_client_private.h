/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RECEIVER_CLIENT_PRIVATE_H
#define MILTER_RECEIVER_CLIENT_PRIVATE_H

/* Shared by receiver_client.c (what is sent), receiver_verdict.c (what comes back) and
 * receiver_spf.c (what libspf2 is asked). */

#include <pthread.h>
#include <stdatomic.h>

#include "lib/lookup.h"
#include "lib/map.h"
#include "milter/receiver_client.h"
#include "policy/rule.h"
#include "receiver/wire.h"

struct stream {
	bool is_busy, is_ended;
	uint32_t serial;
	int64_t ended_at;              /* monotonic */
	struct generation *generation; /* shared, once it is ended */
};

/* Under way; the receiver answers in the order of the serials. */
struct spf_asked {
	bool is_busy;
	uint32_t serial;
	uint64_t hash;   /* of all that was sent */
	int64_t sent_at; /* monotonic */
	char domain[DNS_NAME_MAX + 1];
};

/* Of one receiver process; closed by the last who uses it. */
struct receiver_socket {
	int fd;
	unsigned users; /* its reader, and who sends; with the lock held */
};

/* LOCK is not held while anything waits. */
struct receiver_client {
	pthread_mutex_t lock;
	struct receiver_socket *socket; /* NULL: no receiver */
	struct stream streams[RECEIVER_STREAMS];
	uint32_t serial;
	atomic_uint passed; /* messages that were not due for their keys' sake */
	struct receiver_calls calls;

	uint64_t verified, disagreed, lost;
	unsigned n_disagreements;
	char disagreements[RECEIVER_DISAGREEMENTS_MAX][256];

	struct map_seed seed; /* of the hashes */
	struct spf_asked spf[RECEIVER_SPF_QUESTIONS];
	uint32_t spf_serial;
	uint64_t fatal[RECEIVER_SPF_FATAL_MAX]; /* hashes */
	unsigned n_fatal;                       /* ever */
	uint64_t spf_judged, spf_disagreed, spf_lost;
};

/* One frame. -1 and errno; EAGAIN: it was not taken in time, or with MSG_DONTWAIT at once.
 * Whoever has no lock uses SOCKET meanwhile. */
int receiver_frame_send(const struct receiver_socket *socket,
    const struct receiver_frame *frame, struct view payload, int flags);
/* The receiver is gone: with the lock held what it was asked is given up; later, without
 * the lock, tell what it died of. RET_DOMAIN: "" when nothing was asked. */
void receiver_spf_lose(struct receiver_client *client, char ret_domain[DNS_NAME_MAX + 1]);
void receiver_spf_tell_lost(struct receiver_client *client, const char *domain);
void receiver_spf_verdict(
    struct receiver_client *client, const struct receiver_verdict *verdict);
/* With the lock held: one waits too long for its answer. */
bool receiver_spf_is_late(const struct receiver_client *client, int64_t now);

/* The reader uses SOCKET and gives it back in the end, with receiver_client_detach. */
int receiver_reader_start(
    struct receiver_client *client, struct receiver_socket *socket, struct err *err);
void receiver_client_detach(struct receiver_client *client, struct receiver_socket *socket);

#endif
