/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "milter/runtime.h"

/* What the follow process says, brought to the journal. */

static void
on_place(void *context, struct buf *ret_place)
{
	struct runtime *runtime = context;

	journal_place(runtime->journal, ret_place);
}

static int
on_outcomes(void *context, int64_t time, struct view batch, struct view place)
{
	struct runtime *runtime = context;

	return journal_outcomes(runtime->journal, time, batch, place);
}

static void
on_outcome(void *context, const struct outcome *outcome)
{
	(void)context;
	(void)outcome;
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
