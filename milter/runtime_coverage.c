/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <time.h>

#include "lib/log.h"
#include "lib/thread.h"

#include "milter/runtime.h"

/* Looking, every ten minutes, whether mail leaves without us: a thread of its own. */

enum { EVERY = 600 /* seconds */ };

static void
look(struct runtime *runtime)
{
	struct generation *generation = runtime_share_current(runtime);
	struct coverage_status status;
	struct follow_status follow;
	struct alert_news news;
	char text[sizeof(news.text)];
	bool is_news;

	if (generation == NULL)
		return;
	follow_client_status(runtime->follow, &follow);
	coverage_watch_look(
	    runtime->state_dir, generation->policy, &follow, clock_now().wall, &status);
	runtime_unshare(runtime, generation);
	snprintf(text, sizeof(text),
	    "%llu of %llu messages left within an hour without frankd having seen them",
	    (unsigned long long)status.missed, (unsigned long long)status.left);
	pthread_mutex_lock(&runtime->alerts_lock);
	runtime->coverage = status;
	/* What is not known is no end of it. */
	is_news = status.trouble[0] == '\0' &&
		  alerts_coverage(&runtime->alerts, status.missed > 0 ? text : NULL,
		      status.time, &news);
	pthread_mutex_unlock(&runtime->alerts_lock);
	if (is_news)
		runtime_tell(runtime, &news);
}

static void *
watch_run(void *argument)
{
	const struct timespec pause = {.tv_sec = EVERY};

	for (;;) {
		(void)nanosleep(&pause, NULL);
		look(argument);
	}
	return NULL;
}

void
runtime_coverage_start(struct runtime *runtime)
{
	struct err err = ERR_INIT;

	if (thread_start(watch_run, runtime, &err) != 0)
		log_warn("whether mail leaves without frankd is not watched: %s", err.text);
}

void
runtime_coverage(struct runtime *runtime, struct coverage_status *ret_status)
{
	pthread_mutex_lock(&runtime->alerts_lock);
	*ret_status = runtime->coverage;
	pthread_mutex_unlock(&runtime->alerts_lock);
}
