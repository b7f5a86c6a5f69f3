/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_BUSY_H
#define DOCTOR_BUSY_H

/*
 * How busy Postfix's delivery agents were, minute by minute of a day, and which deliveries
 * had waited for one: delays=a/b/c/d of a delivery says that it waited for b in the active
 * queue, and had an agent for c and d. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "journal/outcome.h"

enum {
	BUSY_MINUTES = 24 * 60,
	BUSY_WAIT_MS = 5 * 60 * 1000, /* who waited for less is not counted */
	BUSY_SETS = 256, /* of deliveries whose next line may come yet, by queue id, */
	BUSY_OF_SET = 4, /* of which so many are known */
};

/* A delivery has a line for each recipient; other deliveries' are between. */
struct busy_lines {
	struct busy_delivery {
		uint64_t id;
		int64_t time; /* of its last line; 0: there is none */
		uint32_t active_ms, connect_ms, send_ms;
		bool is_sent;
	} sets[BUSY_SETS][BUSY_OF_SET];
};

/* What a line adds: of the day, microseconds. */
struct busy_span {
	int64_t from, to;   /* an agent had it */
	uint32_t waited_ms; /* before; 0: that is counted, the delivery is known */
};

struct busy_minute {
	uint32_t agent_ms;   /* of all agents together */
	uint32_t waited;     /* deliveries that got an agent at last */
	uint32_t longest_ms; /* that one of these waited */
};

struct busy {
	struct busy_minute minutes[BUSY_MINUTES];
};

/* One recipient's line, of a day that began at SINCE (wall, microseconds). LINES is all
 * zero at first. */
struct busy_span busy_line(
    struct busy_lines *lines, int64_t since, const struct outcome *outcome);

/* BUSY is all zero at first. */
void busy_add(struct busy *busy, const struct busy_span *span);

struct busy_peak {
	uint32_t waited;     /* deliveries that waited while about LIMIT agents were busy */
	uint32_t minute;     /* of the day, in which most of them got one */
	uint32_t longest_ms; /* that one of them waited */
};
struct busy_peak busy_peak_of(const struct busy *busy, unsigned long long limit);

#endif
