/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/clock.h"

#include "doctor/traffic.h"

enum {
	/* Of a day: fewer are the tail of somebody's newsletter. */
	WAITED_LEAST = 50,
	/* To a receiver that puts one try in so many off for our speed no more is sent. */
	THROTTLED_RARE = 20,
	DOMAINS_SHOWN = 5,
	MINUTE_US = 60000000,
};

static struct doctor_finding *
say(const struct traffic *traffic, const struct busy_peak *peak,
    struct doctor_report *report, const char *why)
{
	char time[CLOCK_TEXT];

	return doctor_say(report, DOCTOR_BAD,
	    "within a day %" PRIu32 " deliveries waited for more than %d minutes in the "
	    "active queue, up to %" PRIu32 " minutes and most of them until %s, while %s",
	    peak->waited, BUSY_WAIT_MS / 60000, peak->longest_ms / 60000,
	    clock_text(traffic->since + (int64_t)peak->minute * MINUTE_US, time), why);
}

static void
judge_agents(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	const struct busy_peak peak = busy_peak_of(traffic->busy, limits->agents);
	struct doctor_finding *finding;
	char why[64];

	if (!limits->has_agents || limits->agents == 0 || peak.waited < WAITED_LEAST)
		return;
	snprintf(why, sizeof(why), "%llu smtp processes were busy", limits->agents);
	finding = say(traffic, &peak, report, why);
	doctor_remedy(report, finding,
	    "postconf -F 'smtp/unix/process_limit = %llu'\npostfix reload",
	    limits->agents * 2);
}

/* HOST: whom the connections are to. False: nobody had to wait. */
static bool
judge_connections(const struct traffic *traffic, const struct busy *busy,
    const struct traffic_limits *limits, struct view host, struct doctor_report *report)
{
	const struct busy_peak peak = busy_peak_of(busy, limits->concurrency);
	struct doctor_finding *finding;
	char why[400];

	if (peak.waited < WAITED_LEAST)
		return false;
	snprintf(why, sizeof(why), "%llu connections that smtp makes to %.*s were in use",
	    limits->concurrency, VIEW_ARG(host));
	finding = say(traffic, &peak, report, why);
	doctor_remedy(report, finding,
	    "Make more, and look the next day whether it puts mail off for that\n"
	    "postconf -e 'smtp_destination_concurrency_limit = %llu'\npostfix reload",
	    limits->concurrency * 2);
	return true;
}

void
traffic_judge_waits(const struct traffic *traffic, const struct traffic_limits *limits,
    struct doctor_report *report)
{
	unsigned n = 0;

	judge_agents(traffic, limits, report);
	if (!limits->has_concurrency || limits->is_slowed || limits->concurrency == 0)
		return;
	if (limits->is_one_host) {
		(void)judge_connections(
		    traffic, traffic->busy, limits, VIEW("the relay host"), report);
		return;
	}
	for (const struct traffic_domain *domain = traffic->domains;
	     domain != NULL && n < DOMAINS_SHOWN; domain = domain->next)
		if (domain->throttled < domain->tries / THROTTLED_RARE + 1)
			n += judge_connections(
			    traffic, &domain->busy, limits, domain->name, report);
}
