/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "journal/read.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/log.h"

#include "milter/runtime.h"

/*
 * Alerts: told to the log, the journal, and whoever wants to hear of them. The journal has
 * an action 'alert' when there is one, and 'alert-told' when nobody has to be told of it
 * any more; from these a frankd that is started again knows what is no news.
 */

enum { TEXT_MAX = 512 };

/* What has been on for longer is told once more. */
static const int64_t restored_us = INT64_C(30) * 86400 * 1000000;

void
runtime_tell(struct runtime *runtime, const struct alert_news *news)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	alert_say(news, &text);
	pthread_mutex_lock(&runtime->telling);
	if (news->is_over)
		log_info("%s", buf_text(&text));
	else
		log_warn("%s", buf_text(&text));
	journal_action(
	    runtime->journal, news->time, VIEW("alert"), VIEW("frankd"), buf_view(&text));
	notices_alert(runtime->notices, news);
	pthread_mutex_unlock(&runtime->telling);
	buf_fini(&text);
}

void
runtime_alert_told(struct runtime *runtime, const struct alert_news *news)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	alert_say(news, &text);
	journal_action(runtime->journal, news->time, VIEW("alert-told"), VIEW("frankd"),
	    buf_view(&text));
	buf_fini(&text);
}

static int
restore(void *context, const struct journal_action_row *row)
{
	if (view_is(row->what, VIEW("alert-told")))
		alerts_restore(context, row->time, row->text);
	return 0;
}

void
runtime_alerts_restore(struct runtime *runtime)
{
	const struct journal_past past = {.since = clock_now().wall - restored_us};
	struct alerts alerts = {.n_samples = 0};
	struct journal_reader *reader;
	struct err err = ERR_INIT;
	int result = journal_reader_open(runtime->state_dir, &reader, &err);

	if (result == 0) {
		result = journal_past_actions(reader, &past, restore, &alerts, &err);
		journal_reader_close(reader);
	}
	/* A file that is missing may have the end of one: better too often than never. */
	if (result == -1) {
		log_warn(
		    "alerts that are on are told again, the journal cannot be read: %s",
		    err.text);
		return;
	}
	pthread_mutex_lock(&runtime->alerts_lock);
	runtime->alerts = alerts;
	pthread_mutex_unlock(&runtime->alerts_lock);
}

/* False: no policy is in force, which is none that wants to hear of nothing. */
static bool
limits_now(struct runtime *runtime, struct alert_limits *ret_limits)
{
	struct generation *generation = runtime_share_current(runtime);

	if (generation == NULL)
		return false;
	const struct policy_settings *settings = policy_settings(generation->policy);
	*ret_limits = (struct alert_limits){.hold_age = settings->hold_alert,
	    .queue_age = settings->queue_alert_age,
	    .queue_count = settings->queue_alert_count,
	    .queue_growth = settings->queue_alert_growth};
	runtime_unshare(runtime, generation);
	return true;
}

void
runtime_alerts_look(struct runtime *runtime, const struct journal_sample *sample)
{
	struct alert_news news[ALERT_KINDS];
	struct alert_limits limits;

	if (!limits_now(runtime, &limits))
		return;
	pthread_mutex_lock(&runtime->alerts_lock);
	size_t n = alerts_look(&runtime->alerts, &limits, sample, news);
	pthread_mutex_unlock(&runtime->alerts_lock);
	for (size_t i = 0; i < n; i++)
		runtime_tell(runtime, &news[i]);
}

void
runtime_alerts_init(struct runtime *runtime)
{
	must(pthread_mutex_init(&runtime->telling, NULL) == 0);
	must(pthread_mutex_init(&runtime->alerts_lock, NULL) == 0);
}

void
runtime_alerts_stop(struct runtime *runtime)
{
	pthread_mutex_lock(&runtime->telling);
}

void
runtime_alerts(struct runtime *runtime, struct alerts *ret_alerts)
{
	pthread_mutex_lock(&runtime->alerts_lock);
	*ret_alerts = runtime->alerts;
	pthread_mutex_unlock(&runtime->alerts_lock);
}
