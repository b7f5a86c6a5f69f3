/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/bug.h"

#include "doctor/machine.h"
#include "doctor/postfix_private.h"

/* Limits of Postfix's that contradict one another, or cannot be meant. */

enum {
	DAY = 86400,
	LIFETIME_LEAST = 4 * 3600, /* a receiver's greylisting and a short outage */
	LIFETIME_MOST = 30 * DAY,
	NUMBER_MAX = 2000000000,
};

static bool
get_seconds(const struct look *look, const char *name, char unit, int64_t *ret_seconds)
{
	struct view value;

	if (!look_value(look, NULL, name, &value))
		return false;
	*ret_seconds = postfix_seconds(value, unit);
	if (*ret_seconds == -1)
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s is '%.*s', which is no duration", name, VIEW_ARG(value));
	return *ret_seconds != -1;
}

static bool
get_number(const struct look *look, const char *name, unsigned long long *ret_number)
{
	struct view value;

	if (!look_value(look, NULL, name, &value))
		return false;
	if (view_number(value, NUMBER_MAX, ret_number))
		return true;
	doctor_say(look->report, DOCTOR_UNKNOWN, "%s is '%.*s', which is no number", name,
	    VIEW_ARG(value));
	return false;
}

static void
judge_retries(const struct look *look)
{
	int64_t least, most, lifetime, run;

	if (!get_seconds(look, "minimal_backoff_time", 's', &least) ||
	    !get_seconds(look, "maximal_backoff_time", 's', &most) ||
	    !get_seconds(look, "maximal_queue_lifetime", 'd', &lifetime) ||
	    !get_seconds(look, "queue_run_delay", 's', &run))
		return;
	if (least > most)
		look_set(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"minimal_backoff_time (%" PRId64
			" s) is more than maximal_backoff_time (%" PRId64 " s)",
			least, most),
		    NULL, "minimal_backoff_time", VIEW("300s"));
	if (run > least && least > 0)
		look_set(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"queue_run_delay (%" PRId64
			" s) is more than minimal_backoff_time (%" PRId64
			" s), which is never kept so",
			run, least),
		    NULL, "queue_run_delay", VIEW("$minimal_backoff_time"));
	if (lifetime < LIFETIME_LEAST || lifetime < most)
		look_set(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"maximal_queue_lifetime is %" PRId64
			" s: a receiver that is away for that long costs the message",
			lifetime),
		    NULL, "maximal_queue_lifetime", VIEW("5d"));
	else if (lifetime > LIFETIME_MOST)
		look_set(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"maximal_queue_lifetime is %" PRId64
			" days: so late a sender hears of it",
			lifetime / DAY),
		    NULL, "maximal_queue_lifetime", VIEW("5d"));
}

/* A limit of 0 is none. */
static void
judge_sizes(const struct look *look)
{
	static const char *const names[] = {"mailbox_size_limit", "virtual_mailbox_limit"};
	unsigned long long message, mailbox;
	char limit[32];

	if (!get_number(look, "message_size_limit", &message))
		return;
	if (message == 0)
		snprintf(limit, sizeof(limit), "none");
	else
		snprintf(limit, sizeof(limit), "%llu", message);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!get_number(look, names[i], &mailbox) || mailbox == 0 ||
		    (message != 0 && mailbox >= message))
			continue;
		look_set(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s (%llu) is less than message_size_limit (%s): Postfix delivers "
			"nothing locally then",
			names[i], mailbox, limit),
		    NULL, names[i], VIEW("0"));
	}
}

/* What is left for others while one destination is slow. */
static void
judge_concurrency(const struct look *look, unsigned long long processes)
{
	static const char own[] = "smtp_destination_concurrency_limit";
	const char *name = postfix_conf_sets(look->conf, view_of(own))
			       ? own
			       : "default_destination_concurrency_limit";
	unsigned long long concurrency;
	char half[32];

	if (!get_number(look, name, &concurrency) || processes == 0 ||
	    concurrency < processes)
		return;
	snprintf(half, sizeof(half), "%llu", (processes + 1) / 2);
	look_set(look,
	    doctor_say(look->report, DOCTOR_BAD,
		"%s (%llu) leaves none of the %llu smtp processes for others when one "
		"destination is slow",
		name, concurrency, processes),
	    NULL, name, view_of(half));
}

static void
judge_processes(const struct look *look)
{
	const struct postfix_service *smtp =
	    postfix_conf_service(look->conf, VIEW("smtp"), VIEW("unix"));
	unsigned long long processes;

	if (!get_number(look, "default_process_limit", &processes))
		return;
	if (smtp == NULL || view_is(smtp->processes, VIEW("-")) ||
	    view_number(smtp->processes, NUMBER_MAX, &processes))
		judge_concurrency(look, processes);
	else
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "smtp/unix: '%.*s' is no number of processes",
		    VIEW_ARG(smtp->processes));
}

void
doctor_check_limits(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report))
		return;
	judge_retries(&look);
	judge_sizes(&look);
	judge_processes(&look);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK,
		    "limits of retries, sizes and processes fit one another");
}
