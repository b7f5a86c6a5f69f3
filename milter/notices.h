/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_NOTICES_H
#define MILTER_NOTICES_H

/*
 * What comes of incidents behind the back of mail, by one thread that looks once a second:
 * a line in the log and an action in the journal for each that opens or closes; its row in
 * state.db; and for those that somebody wants to hear of, a mail to 'set notify-to' and a
 * run of 'set notify-command'. A mail that cannot be handed over is tried again, later and
 * later up to NOTICE_LATEST, until it can; while that is so the status says why, and the
 * log said it once. While it waits for the server, at most NOTICE_MILLISECONDS, rows are
 * not written.
 *
 * Any thread, but for notices_new.
 */

#include <stdint.h>

#include "lib/clock.h"
#include "milter/alerts.h"
#include "milter/generation.h"
#include "milter/incidents.h"
#include "milter/own_mail.h"

enum {
	NOTICE_MILLISECONDS = 30000, /* for the server */
	NOTICE_COMMAND_MS = 10000,   /* for the command */
	NOTICE_FIRST = 60,           /* seconds until it is tried again, then 5 minutes */
	NOTICE_LATEST = 900,
	NOTICE_ALERTS = 16,
};

struct notices;

struct notices_calls {
	void *context;
	/* The policy in force, kept until it is let go; NULL: none. */
	struct generation *(*hold)(void *context);
	void (*let_go)(void *context, struct generation *generation);
	struct clock (*now)(void *context);
	/* For the log. IS_BAD: somebody should do something. */
	void (*say)(void *context, bool is_bad, struct view text);
	/* For the journal: WHO is whoever closed it, else frankd. */
	void (*act)(void *context, int64_t time, struct view who, struct view text);
	/* Whoever wants to hear of this alert has. */
	void (*alert_told)(void *context, const struct alert_news *alert);
};

/*
 * Reads the incidents of DIR/state.db into INCIDENTS. DIR (NULL: nothing is kept), HOST
 * (our name) and SECRET must outlive it.
 */
struct notices *notices_new(const struct notices_calls *calls, struct incidents *incidents,
    const struct own_mail_secret *secret, const char *dir, const char *host);
void notices_free(struct notices *notices); /* without a thread */

/* Begin to look, for good. */
void notices_start(struct notices *notices);
/* One look: what the thread does. */
void notices_step(struct notices *notices);
/* Write what has changed, and say what was not said. Blocks on the disk. */
void notices_write(struct notices *notices);
/* The same for the last time: the thread writes and says nothing any more. */
void notices_stop(struct notices *notices);

/* Somebody should hear of this, too: by mail and command, in turn. It is kept until it was
 * told, at most NOTICE_ALERTS of them. */
void notices_alert(struct notices *notices, const struct alert_news *news);

struct notices_status {
	uint64_t sent;            /* mails, since the start */
	uint64_t failed_commands; /* since the start */
	size_t waiting;           /* incidents and alerts of which a mail is due */
	char trouble[256];        /* why mail does not go; empty: it does */
	char state_trouble[256];  /* with state.db */
};
void notices_status(struct notices *notices, struct notices_status *ret_status);

#endif
