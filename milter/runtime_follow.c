/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "journal/read.h"
#include "lib/clock.h"
#include "lib/log.h"

#include "milter/runtime.h"

/* What the follow process says, brought to the journal. */

enum {
	DAYS_BACK = 62,
	SLACK_US = 60000000, /* between Postfix's clock for a message, and ours */
	LATE_US = 600000000,
};

static void
on_place(void *context, struct buf *ret_place)
{
	struct runtime *runtime = context;

	journal_place(runtime->journal, ret_place);
}

/* The time chooses the file, and comes from a process that reads what strangers wrote. */
static bool
is_credible(int64_t time)
{
	const int64_t day = INT64_C(86400) * 1000000, now = clock_now().wall;

	return time > now - DAYS_BACK * day && time < now + 2 * day;
}

static int
on_outcomes(void *context, int64_t time, struct view batch, struct view place)
{
	struct runtime *runtime = context;

	return is_credible(time) ? journal_outcomes(runtime->journal, time, batch, place)
				 : -1;
}

/* A message that came back, and the meters that count it. */
struct bounce {
	const struct outcome *outcome;
	const struct metering *metering;
	bool is_counted;
};

/* The decision about it is the last one before that: queue ids are used again. */
static int
count_bounce(void *context, const struct journal_row *row)
{
	struct bounce *bounce = context;
	const struct outcome *outcome = bounce->outcome;
	const struct clock clock = clock_now();
	const struct burst_now now = meters_now(clock);
	const int64_t arrived = outcome->time - (int64_t)outcome->delay_ms * 1000;
	struct fact_address rcpt = {.text = outcome->rcpt};
	struct view rest = outcome->rcpt;

	if (!view_is(row->facts.queue_id, outcome->queue_id) || bounce->is_counted ||
	    row->facts.time < arrived - SLACK_US || row->facts.time > arrived + SLACK_US)
		return 0;
	(void)view_cut(&rest, '@', &rcpt.local);
	rcpt.domain = rest.p != NULL ? rest : VIEW_NONE;
	struct arena *arena = arena_new(0);
	metering_bounce(bounce->metering, &row->facts, &rcpt, arena, &now);
	arena_free(arena);
	bounce->is_counted = true;
	return 0;
}

static void
look_up_bounce(
    struct runtime *runtime, const struct outcome *outcome, const struct metering *metering)
{
	struct bounce bounce = {.outcome = outcome, .metering = metering};
	struct err err = ERR_INIT;
	int result = 0;

	if (runtime->reader == NULL)
		result = journal_reader_open(runtime->state_dir, &runtime->reader, &err);
	if (result == 0)
		result = journal_find_since(runtime->reader, outcome->queue_id,
		    outcome->time - (int64_t)outcome->delay_ms * 1000 - SLACK_US,
		    count_bounce, &bounce, &err);
	if (result == -1 && !runtime->has_lost_bounces)
		log_warn(
		    "bounces are not counted, the journal cannot be read: %s", err.text);
	runtime->has_lost_bounces = result == -1;
}

/* 5.1.x: there is no such address. What was read late would be counted at the wrong time.
 */
static void
on_outcome(void *context, const struct outcome *outcome)
{
	struct runtime *runtime = context;
	struct generation *generation;

	if (!view_is(outcome->what, VIEW("bounced")) ||
	    !view_starts(outcome->dsn, VIEW("5.1.")) ||
	    outcome->time < clock_now().wall - LATE_US)
		return;
	generation = runtime_share_current(runtime);
	if (generation == NULL)
		return;
	if (metering_counts_bounces(generation->metering))
		look_up_bounce(runtime, outcome, generation->metering);
	runtime_unshare(runtime, generation);
}

static void
on_sample(void *context, const struct journal_sample *sample)
{
	struct runtime *runtime = context;

	if (!is_credible(sample->time))
		return;
	journal_sample(runtime->journal, sample);
	runtime_alerts_look(runtime, sample);
}

static void
on_gap(void *context, int64_t time, struct view text)
{
	struct runtime *runtime = context;

	journal_action(runtime->journal, is_credible(time) ? time : clock_now().wall,
	    VIEW("log-gap"), VIEW("frankd"), text);
}

void
runtime_follow_init(struct runtime *runtime, const char *state_dir)
{
	const struct follow_calls calls = {.context = runtime,
	    .place = on_place,
	    .outcomes = on_outcomes,
	    .outcome = on_outcome,
	    .sample = on_sample,
	    .gap = on_gap};

	runtime->state_dir = state_dir;
	runtime->follow = follow_client_new(&calls);
}

void
runtime_follow_stop(struct runtime *runtime)
{
	if (runtime->journal != NULL)
		journal_end_outcomes(runtime->journal);
	follow_client_stop(runtime->follow);
}
