/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_NOTICES_PRIVATE_H
#define MILTER_NOTICES_PRIVATE_H

/* Shared by notices.c (the thread) and notices_tell.c (mail and command). */

#include <pthread.h>

#include "milter/notices.h"

struct notices {
	struct notices_calls calls;
	struct incidents *incidents;
	const struct own_mail_secret *secret;
	const char *dir, *host;

	/* Of state.db and the journal, by the thread or by who stops frankd. */
	pthread_mutex_t writing;
	int64_t write_after;        /* monotonic */
	unsigned misses;            /* in a row, while the file was busy */
	struct state_incident *row; /* room for one; under 'writing' */

	pthread_mutex_t lock; /* of these */
	struct notices_status status;
	struct alert_news alerts[NOTICE_ALERTS]; /* to be told, oldest first */
	size_t n_alerts;

	/* Of the thread alone. */
	struct state_incident *told; /* room for one */
	unsigned failures;           /* in a row */
	int64_t mail_after;          /* monotonic; not before */
	uint64_t tried;              /* the number of the incident that failed last */
	struct alert_news ran;       /* the last alert that the command was run for */
	uint64_t mails;              /* tried so far, for their Message-IDs */
};

/* Tell of one incident by each way, if that is due. */
void notices_tell(struct notices *notices);

void notices_say(struct notices *notices, bool is_bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
