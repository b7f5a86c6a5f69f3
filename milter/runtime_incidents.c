/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/log.h"

#include "milter/runtime.h"

/* Incidents, and who is told of them. */

static struct generation *
notices_hold(void *context)
{
	return runtime_share_current(context);
}

static void
notices_let_go(void *context, struct generation *generation)
{
	runtime_unshare(context, generation);
}

static struct clock
notices_now(void *context)
{
	(void)context;
	return clock_now();
}

static void
notices_tell_log(void *context, bool is_bad, struct view text)
{
	(void)context;
	if (is_bad)
		log_warn("%.*s", VIEW_ARG(text));
	else
		log_info("%.*s", VIEW_ARG(text));
}

static void
notices_act(void *context, int64_t time, struct view who, struct view text)
{
	struct runtime *runtime = context;

	if (runtime->journal != NULL)
		journal_action(runtime->journal, time, VIEW("incident"), who, text);
}

static void
notices_alert_told(void *context, const struct alert_news *alert)
{
	runtime_alert_told(context, alert);
}

void
runtime_incidents_init(struct runtime *runtime, const char *state_dir, const char *host)
{
	const struct notices_calls calls = {.context = runtime,
	    .hold = notices_hold,
	    .let_go = notices_let_go,
	    .now = notices_now,
	    .say = notices_tell_log,
	    .act = notices_act,
	    .alert_told = notices_alert_told};

	own_mail_secret_make(&runtime->own_secret);
	runtime->incidents = incidents_new();
	runtime->notices =
	    notices_new(&calls, runtime->incidents, &runtime->own_secret, state_dir, host);
}

static void
world_held(void *context, const struct incident_held *held)
{
	struct runtime *runtime = context;

	incidents_held(runtime->incidents, held);
}

void
runtime_incidents_world(const struct runtime *runtime, struct session_world *world)
{
	world->held = world_held;
	world->own_secret = &runtime->own_secret;
}
