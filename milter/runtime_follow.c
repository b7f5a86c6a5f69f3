/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/clock.h"

#include "milter/runtime.h"

/* What the follow process says, brought to the journal. */

enum { DAYS_BACK = 62 };

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

static void
on_outcome(void *context, const struct outcome *outcome)
{
	(void)context;
	(void)outcome;
}

static void
on_sample(void *context, const struct journal_sample *sample)
{
	struct runtime *runtime = context;

	if (is_credible(sample->time))
		journal_sample(runtime->journal, sample);
}

static void
on_gap(void *context, int64_t time, struct view text)
{
	struct runtime *runtime = context;

	journal_action(runtime->journal, time, VIEW("log-gap"), VIEW("frankd"), text);
}

void
runtime_follow_init(struct runtime *runtime)
{
	const struct follow_calls calls = {.context = runtime,
	    .place = on_place,
	    .outcomes = on_outcomes,
	    .outcome = on_outcome,
	    .sample = on_sample,
	    .gap = on_gap};

	runtime->follow = follow_client_new(&calls);
}

void
runtime_follow_stop(struct runtime *runtime)
{
	if (runtime->journal != NULL)
		journal_end_outcomes(runtime->journal);
	follow_client_stop(runtime->follow);
}
