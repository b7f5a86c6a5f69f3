/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_HELPER_H
#define MILTER_HELPER_H

/*
 * The milter process's end of a process of ours that answers questions (dns, tables): its
 * socket, the thread that reads it, and the threads that wait for answers. What is asked
 * and kept is its owner's, who has the lock for it, too. For a process that has been gone
 * or hung for HELPER_AWAY_MS nobody waits.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "milter/helper_cache.h"

enum {
	HELPER_SHARDS = 16,          /* of those who wait */
	HELPER_AWAY_MS = 500,        /* that somebody waits for a process that is gone */
	HELPER_HUNG_AGAIN_MS = 5000, /* until one that is hung is reported again */
};

/* Called without the lock, from the thread that reads, with the owner as CONTEXT. */
struct helper_calls {
	/* A frame came, of at most frame_max bytes: longer ones are dropped. */
	void (*take)(void *context, char *frame, size_t n);
	size_t frame_max;
	/* What has to be done as time goes by: every second, or more often. */
	void (*tick)(void *context);
};

struct helper {
	pthread_mutex_t lock;
	pthread_cond_t answered[HELPER_SHARDS];
	pthread_cond_t idle; /* a reader has ended */
	struct helper_calls calls;
	void *owner;
	int64_t (*now)(void *context); /* monotonic, microseconds; NULL: clock_mono() */
	void *now_context;

	int fd;              /* -1: no process */
	int64_t away_since;  /* of no process, or of one that is hung */
	bool is_hung;        /* it has been reported */
	int64_t reported;    /* when, last */
	int64_t stuck_since; /* when its socket was found full; 0: it is not */
	unsigned readers, waiters;
};

/* HELPER is all zero but for calls, owner and the clock. */
void helper_init(struct helper *helper);
/* When nobody waits any more: ends with the reader. */
void helper_fini(struct helper *helper);

int64_t helper_now(const struct helper *helper);

/* All below with the lock held. */

/* FD is that of a (new) process, and owned from now on. -1: there is no room for a thread;
 * FD is closed and nothing has changed. */
int helper_attach(struct helper *helper, int fd, struct err *err);
/* Somebody is there who reads. */
bool helper_is_there(const struct helper *helper);
/* False: not now, its socket is full, or it is gone. */
bool helper_send(struct helper *helper, const void *frame, size_t n, int64_t now);
/* IS_SILENT: it should have answered. True: it is hung, and that is to be told, again after
 * a while, for what was told may have been lost. */
bool helper_look(struct helper *helper, bool is_silent, int64_t now);

/* Until when it makes sense to wait for ENTRY; 0: not at all. */
int64_t helper_wait_limit(
    const struct helper *helper, const struct helper_entry *entry, int64_t deadline);
/* One turn of waiting for it; the lock is given up meanwhile. False: LIMIT was reached. */
bool helper_wait(
    struct helper *helper, struct helper_entry *entry, int64_t limit, int64_t now);
void helper_wake(struct helper *helper, const struct helper_entry *entry);
void helper_wake_all(struct helper *helper);

#endif
