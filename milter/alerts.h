/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_ALERTS_H
#define MILTER_ALERTS_H

/*
 * When somebody should hear of Postfix's queue: mail that waits on hold for longer than
 * 'set hold-alert', and what 'set queue-alert-age', '-count' and '-growth' say of the rest.
 * Told once, and once more when it is over. Pure; one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/sample.h"
#include "lib/buf.h"

enum alert_kind {
	ALERT_HOLD,         /* the oldest on hold */
	ALERT_QUEUE_AGE,    /* the oldest in the other queues */
	ALERT_QUEUE_COUNT,  /* messages there */
	ALERT_QUEUE_GROWTH, /* more of them than an hour ago */
	ALERT_COVERAGE,     /* mail that left without us */
	ALERT_KINDS,
};

/* As the setting is called: "hold-alert". */
const char *alert_name(enum alert_kind kind);

/* 0: nobody wants to hear of it. */
struct alert_limits {
	uint64_t hold_age, queue_age; /* seconds */
	uint64_t queue_count, queue_growth;
};

struct alert_news {
	enum alert_kind kind;
	bool is_over;
	int64_t time;   /* wall, microseconds */
	int64_t since;  /* when it began */
	char text[256]; /* "12 messages wait on hold, the oldest for 14m" */
};

/* "hold-alert: 12 messages ...", "over: hold-alert: ..." */
void alert_say(const struct alert_news *news, struct buf *out);

enum { ALERT_SAMPLES = 64 };

struct alerts {
	int64_t since[ALERT_KINDS]; /* wall, microseconds; 0: all is well */
	char text[ALERT_KINDS][256];
	struct {
		int64_t time;
		uint64_t messages;
	} samples[ALERT_SAMPLES]; /* of the last hour */
	size_t n_samples;
};

/* Another look at the queue; what is new goes to RET_NEWS, and how much it is is returned.
 */
size_t alerts_look(struct alerts *alerts, const struct alert_limits *limits,
    const struct journal_sample *sample, struct alert_news ret_news[ALERT_KINDS]);

/* Mail left without us between two looks, or (TEXT NULL) it did not. False: that is no
 * news. */
bool alerts_coverage(
    struct alerts *alerts, const char *text, int64_t now, struct alert_news *ret_news);

/* Somebody was told TEXT, as alert_say() has it, of what began or ended at TIME, by a
 * frankd before this one; the oldest first. Other text is passed over. */
void alerts_restore(struct alerts *alerts, int64_t time, struct view text);

#endif
