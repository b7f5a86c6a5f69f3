/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/clock.h"

#include "doctor/machine.h"
#include "doctor/postfix_private.h"
#include "doctor/traffic.h"
#include "journal/read.h"
#include "postfix/conf.h"

/* Postfix's limits against the mail of the last day: journal and main.cf, read. */

enum {
	DAY = 86400,
	SECOND = 1000000,
	RESERVE = 5, /* seconds before the deadline of the check */
	NUMBER_MAX = 2000000000,
	LOOK_EVERY = 1024, /* outcomes */
};

struct reading {
	struct traffic traffic;
	int64_t deadline;
	bool is_late;
};

static int
take(void *context, const struct outcome *outcome)
{
	struct reading *reading = context;

	if (reading->traffic.n % LOOK_EVERY == 0 && clock_mono() > reading->deadline) {
		reading->is_late = true;
		return 1;
	}
	return traffic_add(&reading->traffic, outcome) ? 0 : 1;
}

/* False: said why not. */
static bool
read_traffic(
    const struct doctor_world *world, struct doctor_report *report, struct reading *reading)
{
	const struct journal_past past = {.since = world->now - (int64_t)DAY * SECOND,
	    .words = VIEW(" sent deferred bounced given-up rejected ")};
	struct journal_reader *reader;
	struct err err = ERR_INIT;

	if (world->state_dir == NULL) {
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "the directory of the journal is not known");
		return false;
	}
	if (journal_reader_open(world->state_dir, &reader, &err) == -1) {
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%s", err.text);
		return false;
	}
	if (journal_past_outcomes(reader, &past, take, reading, &err) == -1)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "not all of the journal can be read: %s", err.text);
	if (reading->is_late)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "there was no time to read all of the last day");
	journal_reader_close(reader);
	return true;
}

static void
read_concurrency(const struct look *look, struct traffic_limits *limits)
{
	static const char *const own[] = {
	    "smtp_destination_concurrency_limit", "smtp_destination_rate_delay"};
	static const char *const usual[] = {
	    "default_destination_concurrency_limit", "default_destination_rate_delay"};
	struct view value, delay, relayhost;
	const char *names[2];

	if (!look_value_or_none(look, NULL, "relayhost", &relayhost))
		return;
	limits->is_one_host = relayhost.n > 0;
	for (size_t i = 0; i < 2; i++)
		names[i] =
		    postfix_conf_sets(look->conf, view_of(own[i])) ? own[i] : usual[i];
	if (!look_value(look, NULL, names[0], &value) ||
	    !look_value(look, NULL, names[1], &delay))
		return;
	limits->has_concurrency = view_number(value, NUMBER_MAX, &limits->concurrency);
	limits->is_slowed = postfix_seconds(delay, 's') != 0;
}

/* master.cf's maxproc of smtp. */
static void
read_agents(const struct look *look, struct traffic_limits *limits)
{
	const struct postfix_service *service =
	    postfix_conf_service(look->conf, VIEW("smtp"), VIEW("unix"));
	struct view number;

	if (service == NULL)
		return;
	number = service->processes;
	if (view_is(number, VIEW("-")) &&
	    !look_value(look, NULL, "default_process_limit", &number))
		return;
	limits->has_agents = view_number(number, NUMBER_MAX, &limits->agents);
}

void
doctor_check_traffic(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct traffic_limits limits = {.has_size = false};
	struct reading reading = {
	    .deadline = report->deadline - (int64_t)RESERVE * SECOND, .is_late = false};
	struct view size, lifetime;
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report))
		return;
	if (look_value(&look, NULL, "message_size_limit", &size))
		limits.has_size = view_number(size, NUMBER_MAX, &limits.size);
	if (look_value(&look, NULL, "maximal_queue_lifetime", &lifetime)) {
		limits.lifetime = postfix_seconds(lifetime, 'd');
		limits.has_lifetime = limits.lifetime != -1;
	}
	read_concurrency(&look, &limits);
	read_agents(&look, &limits);
	traffic_begin(&reading.traffic, world->now - (int64_t)DAY * SECOND, report->arena,
	    map_seed_random());
	if (read_traffic(world, report, &reading))
		traffic_judge(&reading.traffic, &limits, report);
	traffic_end(&reading.traffic);
}
