/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_BUSY_H
#define DOCTOR_BUSY_H

/*
 * How busy Postfix's delivery agents were, minute by minute of a day, and which deliveries
 * had waited for one: delays=a/b/c/d of a delivery says that it waited for b in the active
 * queue, and had an agent for c and d. Pure.
 */

#include <stdint.h>

#include "journal/outcome.h"

enum {
	BUSY_MINUTES = 24 * 60,
	BUSY_RECENT =
	    32, /* a delivery has a line for each recipient; other's are between */
	BUSY_WAIT_MS = 5 * 60 * 1000, /* who waited for less is not counted */
};

struct busy_minute {
	uint32_t agent_ms; /* of all agents together */
	uint32_t waited;   /* deliveries that got an agent at last */
};

struct busy {
	struct busy_minute minutes[BUSY_MINUTES];
	struct busy_delivery {
		uint64_t id;
		int64_t time;
		uint32_t connect_ms, send_ms;
	} recent[BUSY_RECENT];
	uint32_t n; /* deliveries */
	uint32_t longest_ms;
};

/* One recipient's line, of a day that began at SINCE (wall, microseconds). BUSY is all zero
 * at first. */
void busy_add(struct busy *busy, int64_t since, const struct outcome *outcome);

struct busy_peak {
	uint32_t waited; /* deliveries that waited while about LIMIT agents were busy */
	uint32_t minute; /* of the day, in which most of them got one */
};
struct busy_peak busy_peak_of(const struct busy *busy, unsigned long long limit);

#endif
