/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_TRAFFIC_H
#define DOCTOR_TRAFFIC_H

/* A day's outcomes held against Postfix's limits: counting and judging, in memory that is
 * bounded. What reads them is machine_traffic.c. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "doctor/busy.h"
#include "doctor/doctor.h"
#include "journal/outcome.h"
#include "lib/map.h"

enum {
	TRAFFIC_ROWS_MAX = 500000, /* outcomes that are looked at: a second or two */
	TRAFFIC_DOMAINS_MAX = 1000,
};

struct traffic_domain {
	struct traffic_domain *next;
	struct view name;
	unsigned tries, throttled;
	struct busy busy; /* smtp's delivery agents for it */
};

struct traffic {
	struct arena *arena;
	int64_t since;      /* wall, microseconds */
	uint64_t n;         /* outcomes */
	bool is_cut;        /* there were more */
	bool is_narrow;     /* there were more domains */
	unsigned too_large; /* messages of our own users that Postfix refused so */
	unsigned given_up;  /* messages that Postfix gave up */
	unsigned forced;    /* of these: because somebody told it to (postsuper -e) */
	struct busy *busy;  /* all of smtp's delivery agents */
	struct busy_lines *lines;
	struct map by_domain;
	struct traffic_domain *domains, **domains_end;
	size_t n_domains;
};

/* What is named here of Postfix's main.cf; what is not known is not judged. */
struct traffic_limits {
	bool has_size, has_lifetime, has_concurrency, has_agents;
	unsigned long long size;        /* message_size_limit, bytes; 0: none */
	int64_t lifetime;               /* maximal_queue_lifetime, seconds */
	unsigned long long concurrency; /* of smtp for one destination; 0: no limit */
	unsigned long long agents;      /* of smtp in all; 0: no limit */
	bool is_slowed;                 /* smtp waits between deliveries */
	bool is_one_host;               /* relayhost: all goes there */
};

/* Of the day that began at SINCE. */
void traffic_begin(
    struct traffic *traffic, int64_t since, struct arena *arena, struct map_seed seed);
void traffic_end(struct traffic *traffic);
/* False: that was enough. */
bool traffic_add(struct traffic *traffic, const struct outcome *outcome);
void traffic_judge(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report);
/* Part of traffic_judge(): mail that waited because too few deliveries were made at once.
 */
void traffic_judge_waits(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report);

#endif
