/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/bug.h"

#include "milter/incident_text.h"
#include "milter/notices_private.h"

enum {
	SECOND = 1000000,
	SAY_MAX = 2048,
	WRITE_ROWS = 50,
	WRITE_AGAIN = 60, /* seconds */
	MISSES_MAX = 10,  /* seconds without a word while the file is busy */
	NEWS_MAX = 100,   /* in one look */
};

void
notices_say(struct notices *notices, bool is_bad, const char *format, ...)
{
	struct buf text = BUF_INIT(SAY_MAX);
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	notices->calls.say(notices->calls.context, is_bad, buf_view(&text));
	buf_fini(&text);
}

static struct clock
clock_of(const struct notices *notices)
{
	return notices->calls.now(notices->calls.context);
}

static void
restore(void *context, const struct state_incident *row)
{
	incidents_restore(context, row);
}

struct notices *
notices_new(const struct notices_calls *calls, struct incidents *incidents,
    const struct own_mail_secret *secret, const char *dir, const char *host)
{
	struct notices *notices = mem_zeroed(1, sizeof(*notices));
	struct state_incidents_seen seen = {0};
	struct err err = ERR_INIT;

	notices->calls = *calls;
	notices->incidents = incidents;
	notices->secret = secret;
	notices->dir = dir;
	notices->host = host;
	notices->row = mem_zeroed(1, sizeof(*notices->row));
	notices->told = mem_zeroed(1, sizeof(*notices->told));
	must(pthread_mutex_init(&notices->lock, NULL) == 0);
	must(pthread_mutex_init(&notices->writing, NULL) == 0);
	if (dir != NULL && state_incidents_read(dir, restore, incidents, &seen, &err) == -1)
		notices_say(notices, true, "%s%s", err.text,
		    seen.is_damaged ? "; set aside, incidents begin anew" : "");
	incidents_restored(incidents, seen.last);
	return notices;
}

void
notices_free(struct notices *notices)
{
	if (notices == NULL)
		return;
	pthread_mutex_destroy(&notices->lock);
	pthread_mutex_destroy(&notices->writing);
	free(notices->row);
	free(notices->told);
	free(notices);
}

/* ---- log and journal ---- */

static void
say_news(struct notices *notices)
{
	struct buf text = BUF_INIT(SAY_MAX);
	enum incident_news news;

	for (int i = 0; i < NEWS_MAX; i++) {
		news = incidents_take_news(notices->incidents, notices->row);
		if (news == INCIDENT_NO_NEWS)
			break;
		buf_reset(&text);
		incident_say(notices->row, news, &text);
		notices->calls.say(
		    notices->calls.context, news == INCIDENT_OPENED, buf_view(&text));
		bool is_open = news == INCIDENT_OPENED;
		notices->calls.act(notices->calls.context,
		    is_open ? notices->row->began : notices->row->closed,
		    is_open ? VIEW("frankd") : view_of(notices->row->closed_by),
		    buf_view(&text));
	}
	buf_fini(&text);
}

/* ---- state.db ---- */

static void
trouble_set(struct notices *notices, const struct err *err)
{
	char *trouble = notices->status.state_trouble;

	pthread_mutex_lock(&notices->lock);
	bool is_news = err->code != ERR_NONE && strcmp(trouble, err->text) != 0;
	snprintf(trouble, sizeof(notices->status.state_trouble), "%s",
	    err->code != ERR_NONE ? err->text : "");
	pthread_mutex_unlock(&notices->lock);
	if (is_news)
		notices_say(notices, true, "incidents are not kept: %s", err->text);
}

/* They are tried again; the file is the meters' and the keys' as well, which may hold it
 * for some seconds. */
static void
write_failed(struct notices *notices, const struct state_incidents_changes *changes,
    bool is_damaged, const struct err *err)
{
	/* One that was set aside is out of the way now. */
	bool is_soon =
	    is_damaged || (err->code == ERR_TEMP && notices->misses++ < MISSES_MAX);

	incidents_give_back(notices->incidents, changes);
	notices->write_after =
	    clock_of(notices).mono + (is_soon ? 1 : WRITE_AGAIN) * (int64_t)SECOND;
	if (is_damaged || !is_soon)
		trouble_set(notices, err);
}

/* One batch. Is there more to do? */
static bool
write_some(struct notices *notices)
{
	struct state_incident *rows = mem_zeroed(WRITE_ROWS, sizeof(rows[0]));
	uint64_t gone[WRITE_ROWS];
	struct state_incidents_changes changes = {.rows = rows, .gone = gone};
	struct err err = ERR_INIT;
	bool is_damaged, goes_on;

	changes.n = incidents_take_changed(notices->incidents, rows, WRITE_ROWS);
	changes.n_gone = incidents_take_gone(notices->incidents, gone, WRITE_ROWS);
	goes_on = changes.n == WRITE_ROWS || changes.n_gone == WRITE_ROWS;
	if (changes.n + changes.n_gone == 0) {
		;
	} else if (state_incidents_write(notices->dir, &changes, &is_damaged, &err) == 0) {
		notices->misses = 0;
		trouble_set(notices, &err);
	} else {
		write_failed(notices, &changes, is_damaged, &err);
		goes_on = false;
	}
	free(rows);
	return goes_on;
}

/* With 'writing' held. */
static void
write_all(struct notices *notices)
{
	bool goes_on =
	    notices->dir != NULL && clock_of(notices).mono >= notices->write_after;

	say_news(notices);
	while (goes_on)
		goes_on = write_some(notices);
}

void
notices_write(struct notices *notices)
{
	pthread_mutex_lock(&notices->writing);
	write_all(notices);
	pthread_mutex_unlock(&notices->writing);
}

void
notices_stop(struct notices *notices)
{
	/* For good: the journal is closed next, and the process ends. */
	pthread_mutex_lock(&notices->writing);
	write_all(notices);
}

/* ---- the thread ---- */

void
notices_step(struct notices *notices)
{
	struct clock now = clock_of(notices);

	incidents_close_idle(notices->incidents, now.wall);
	notices_write(notices);
	notices_tell(notices);
}

static void *
notices_run(void *argument)
{
	const struct timespec second = {.tv_sec = 1};

	for (;;) {
		notices_step(argument);
		(void)nanosleep(&second, NULL);
	}
	return NULL;
}

void
notices_start(struct notices *notices)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, notices_run, notices) == 0);
	must(pthread_detach(thread) == 0);
}

void
notices_alert(struct notices *notices, const struct alert_news *news)
{
	pthread_mutex_lock(&notices->lock);
	if (notices->n_alerts == NOTICE_ALERTS) {
		notices->n_alerts--;
		memmove(notices->alerts, notices->alerts + 1,
		    notices->n_alerts * sizeof(notices->alerts[0]));
	}
	notices->alerts[notices->n_alerts++] = *news;
	pthread_mutex_unlock(&notices->lock);
}

void
notices_status(struct notices *notices, struct notices_status *ret_status)
{
	struct clock now = clock_of(notices);

	pthread_mutex_lock(&notices->lock);
	*ret_status = notices->status;
	ret_status->waiting = notices->n_alerts;
	pthread_mutex_unlock(&notices->lock);
	ret_status->waiting +=
	    incidents_due_count(notices->incidents, INCIDENT_BY_MAIL, now.wall);
}
