/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/thread.h"

#include "milter/helper.h"

enum { SECOND = 1000000, TICK_MS = 1000, TICK_STUCK_MS = 50 };

static const int64_t millisecond = 1000;

struct reader {
	struct helper *helper;
	int fd;
};

void
helper_init(struct helper *helper)
{
	pthread_condattr_t monotonic;

	helper->fd = -1;
	helper->away_since = helper_now(helper);
	must(pthread_mutex_init(&helper->lock, NULL) == 0);
	must(pthread_condattr_init(&monotonic) == 0);
	must(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	for (unsigned i = 0; i < HELPER_SHARDS; i++)
		must(pthread_cond_init(&helper->answered[i], &monotonic) == 0);
	must(pthread_cond_init(&helper->idle, NULL) == 0);
	must(pthread_condattr_destroy(&monotonic) == 0);
}

void
helper_fini(struct helper *helper)
{
	pthread_mutex_lock(&helper->lock);
	if (helper->fd >= 0)
		(void)shutdown(helper->fd, SHUT_RDWR);
	while (helper->readers > 0)
		pthread_cond_wait(&helper->idle, &helper->lock);
	pthread_mutex_unlock(&helper->lock);
	for (unsigned i = 0; i < HELPER_SHARDS; i++)
		pthread_cond_destroy(&helper->answered[i]);
	pthread_cond_destroy(&helper->idle);
	pthread_mutex_destroy(&helper->lock);
}

int64_t
helper_now(const struct helper *helper)
{
	return helper->now != NULL ? helper->now(helper->now_context) : clock_mono();
}

/* ---- waiting ---- */

static pthread_cond_t *
answered_of(struct helper *helper, const struct helper_entry *entry)
{
	return &helper->answered[entry->hash >> 32 & (HELPER_SHARDS - 1)];
}

void
helper_wake(struct helper *helper, const struct helper_entry *entry)
{
	if (entry->waiters > 0)
		pthread_cond_broadcast(answered_of(helper, entry));
}

void
helper_wake_all(struct helper *helper)
{
	for (unsigned i = 0; i < HELPER_SHARDS; i++)
		pthread_cond_broadcast(&helper->answered[i]);
}

int64_t
helper_wait_limit(
    const struct helper *helper, const struct helper_entry *entry, int64_t deadline)
{
	int64_t away = helper->away_since + HELPER_AWAY_MS * millisecond;

	if (entry->is_late)
		return 0;
	return !helper_is_there(helper) && away < deadline ? away : deadline;
}

bool
helper_wait(struct helper *helper, struct helper_entry *entry, int64_t limit, int64_t now)
{
	/* The limit is by the clock that was given, which in a test stands still. */
	int64_t until = clock_mono() + (limit - now);
	struct timespec at = {.tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000};

	entry->waiters++;
	helper->waiters++;
	int code = pthread_cond_timedwait(answered_of(helper, entry), &helper->lock, &at);
	helper->waiters--;
	entry->waiters--;
	return code == 0;
}

/* ---- the process ---- */

bool
helper_is_there(const struct helper *helper)
{
	return helper->fd >= 0 && !helper->is_hung;
}

bool
helper_send(struct helper *helper, const void *frame, size_t n, int64_t now)
{
	if (send(helper->fd, frame, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno != EAGAIN)
			helper->stuck_since = 0;
		else if (helper->stuck_since == 0)
			helper->stuck_since = now;
		return false;
	}
	helper->stuck_since = 0; /* it reads */
	return true;
}

bool
helper_look(struct helper *helper, bool is_silent, int64_t now)
{
	if (helper->fd < 0)
		return false;
	if (helper->is_hung) {
		if (now - helper->reported < HELPER_HUNG_AGAIN_MS * millisecond)
			return false;
	} else {
		if (!is_silent)
			return false;
		helper->is_hung = true;
		helper->away_since = now;
		/* Whoever waits does so for a shorter time now. */
		helper_wake_all(helper);
	}
	helper->reported = now;
	return true;
}

/* The reader has seen the end of FD. */
static void
detach(struct helper *helper, int fd)
{
	pthread_mutex_lock(&helper->lock);
	if (helper->fd == fd) {
		helper->fd = -1;
		helper->away_since = helper_now(helper);
	}
	(void)close(fd);
	helper->readers--;
	pthread_cond_broadcast(&helper->idle);
	helper_wake_all(helper);
	pthread_mutex_unlock(&helper->lock);
}

/* False: the end. */
static bool
frames_take(const struct reader *reader, char *frame)
{
	const struct helper *helper = reader->helper;

	for (;;) {
		ssize_t n = recv(
		    reader->fd, frame, helper->calls.frame_max, MSG_DONTWAIT | MSG_TRUNC);
		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if ((size_t)n <= helper->calls.frame_max)
			helper->calls.take(helper->owner, frame, (size_t)n);
	}
}

static void *
reader_run(void *argument)
{
	struct reader *reader = argument;
	struct helper *helper = reader->helper;
	char *frame = mem_zeroed(1, helper->calls.frame_max);
	struct pollfd polled = {.fd = reader->fd, .events = POLLIN};
	bool goes_on = true;

	while (goes_on) {
		pthread_mutex_lock(&helper->lock);
		int patience = helper->stuck_since != 0 ? TICK_STUCK_MS : TICK_MS;
		pthread_mutex_unlock(&helper->lock);
		if (poll(&polled, 1, patience) > 0)
			goes_on = frames_take(reader, frame);
		helper->calls.tick(helper->owner);
	}
	detach(helper, reader->fd);
	free(frame);
	free(reader);
	return NULL;
}

int
helper_attach(struct helper *helper, int fd, struct err *err)
{
	struct reader *reader = mem_zeroed(1, sizeof(*reader));

	reader->helper = helper;
	reader->fd = fd;
	/* It begins with waiting for the lock. */
	if (thread_start(reader_run, reader, err) == -1) {
		free(reader);
		(void)close(fd);
		return -1;
	}
	/* Its reader closes the old one when it sees the end. */
	if (helper->fd >= 0)
		(void)shutdown(helper->fd, SHUT_RDWR);
	helper->fd = fd;
	helper->is_hung = false;
	helper->stuck_since = 0;
	helper->readers++;
	return 0;
}
