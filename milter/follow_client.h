/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_FOLLOW_CLIENT_H
#define MILTER_FOLLOW_CLIENT_H

/*
 * What the follow process sends, taken by one thread: outcomes go to the journal, which may
 * let it wait, and so it does not take the next frame before. A successor of the process is
 * listened to when everything of its predecessor has been taken, and told the place behind
 * that.
 *
 * Any thread, but for follow_client_new.
 */

#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"

#include "journal/outcome.h"
#include "journal/sample.h"

struct follow_client;

struct follow_calls {
	void *context;
	/* The place to go on behind. */
	void (*place)(void *context, struct buf *ret_place);
	/* 0; -1: the batch is rubbish, or there is no journal any more. */
	int (*outcomes)(void *context, int64_t time, struct view batch, struct view place);
	/* Each of them, once it is in the journal's hands. */
	void (*outcome)(void *context, const struct outcome *outcome);
	/* What is in Postfix's queue. */
	void (*sample)(void *context, const struct journal_sample *sample);
	/* Lines of the log may be missing. */
	void (*gap)(void *context, int64_t time, struct view text);
};

struct follow_client *follow_client_new(const struct follow_calls *calls);

/* FD, of a new process, is taken over. -1: no thread can be started, and it is closed. */
int follow_client_attach(struct follow_client *client, int fd, struct err *err);

/* Nothing is called any more when this returns; for the end of the process. */
void follow_client_stop(struct follow_client *client);

struct follow_status {
	bool is_there;     /* there is a process, and it sends */
	char log[256];     /* a file, "journald"; empty: none is followed */
	char trouble[256]; /* with it; empty: it is followed */
	uint64_t outcomes, lines, unknown, gaps; /* since the start */
	int64_t last;                            /* wall; of the last batch */
	char last_gap[256];
	int64_t last_gap_time;
	struct journal_sample queue; /* the last; time 0: none yet */
	char queue_trouble[256];     /* why the queue cannot be asked; empty: it can */
};
void follow_client_status(struct follow_client *client, struct follow_status *ret_status);

#endif
