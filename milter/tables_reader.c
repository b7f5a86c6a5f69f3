/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/thread.h"

#include "milter/tables_client_private.h"

enum { MILLISECOND = 1000, SECOND = 1000000, TICK_MS = 1000, TICK_STUCK_MS = 50 };

struct reader {
	struct tables_client *client;
	int fd;
};

/* ---- answers ---- */

/* From a process that reads what databases say: nothing in it is taken on trust. */
static bool
frame_is_good(const struct tables_answer_frame *frame, size_t n)
{
	const struct tables_answer_head *head = &frame->head;

	return n >= sizeof(*head) && head->answer <= ANSWER_FOUND &&
	       head->n_values <= TABLES_VALUES_MAX && head->n_words <= TABLES_WORDS_MAX &&
	       n == sizeof(*head) + head->n_values + head->n_words;
}

static void
trouble_note(struct tables_client *client, const struct dns_entry *entry,
    const struct tables_answer_frame *frame)
{
	struct view words = {frame->payload + frame->head.n_values, frame->head.n_words};

	snprintf(client->status.trouble, sizeof(client->status.trouble), "%.800s: %.*s",
	    entry->key, VIEW_ARG(words));
	client->trouble_at = tables_client_now(client);
}

static int64_t
ttl_of(uint32_t answer)
{
	return answer == ANSWER_FOUND  ? TABLES_TTL_FOUND
	       : answer == ANSWER_NONE ? TABLES_TTL_NONE
				       : TABLES_TTL_FAILED;
}

/* The answer of SLOT has come. */
static void
answer_take(struct tables_client *client, struct tables_open *slot,
    const struct tables_answer_frame *frame)
{
	const struct tables_answer_head *head = &frame->head;
	size_t n = head->answer == ANSWER_FOUND ? head->n_values : 0;
	struct dns_entry *entry = slot->entry;
	char reply[1 + TABLES_VALUES_MAX];

	client->status.answered++;
	if (head->answer == ANSWER_UNKNOWN)
		client->status.failed++;
	if (head->n_words > 0)
		trouble_note(client, entry, frame);
	if (slot->is_void) {
		/* From before a reload: it is asked again. */
		slot->is_void = slot->is_sent = false;
		tables_client_send(client);
		return;
	}
	reply[0] = (char)head->answer;
	memcpy(reply + 1, frame->payload, n);
	dns_cache_set_reply(&client->cache, entry, (struct view){reply, 1 + n});
	entry->expires = tables_client_now(client) + ttl_of(head->answer) * SECOND;
	entry->is_late = false;
	tables_client_close(client, slot);
}

void
tables_client_take(
    struct tables_client *client, const struct tables_answer_frame *frame, size_t n)
{
	if (!frame_is_good(frame, n))
		return;
	pthread_mutex_lock(&client->lock);
	client->pinged = 0;
	client->is_hung = false;
	struct tables_open *slot = &client->open[frame->head.id % TABLES_OPEN_MAX];
	/* Others are late, double or made up. */
	if (frame->head.kind == TABLES_ASK && slot->entry != NULL &&
	    slot->id == frame->head.id && slot->is_sent)
		answer_take(client, slot, frame);
	pthread_mutex_unlock(&client->lock);
}

/* ---- as time goes by ---- */

/* As long as something is open, whoever should answer it is asked whether he lives. */
static void
ping(struct tables_client *client, int64_t now)
{
	const struct tables_question_head head = {.kind = TABLES_PING};

	if (client->fd < 0 || client->pinged != 0 || client->n_open == 0 ||
	    now - client->last_ping < TICK_MS * (int64_t)MILLISECOND)
		return;
	client->pinged = client->last_ping = now;
	/* One whose socket is full does not answer either. */
	(void)send(client->fd, &head, sizeof(head), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool
is_hung(struct tables_client *client, int64_t now)
{
	if (client->fd < 0)
		return false;
	if (client->is_hung) {
		/* The report may have been lost. */
		if (now - client->reported < TABLES_HUNG_AGAIN_MS * (int64_t)MILLISECOND)
			return false;
	} else {
		if (client->pinged == 0 ||
		    now - client->pinged < TABLES_HUNG_MS * (int64_t)MILLISECOND)
			return false;
		client->is_hung = true;
		client->away_since = now;
		tables_client_wake_all(client);
	}
	client->reported = now;
	return true;
}

void
tables_client_tick(struct tables_client *client)
{
	pthread_mutex_lock(&client->lock);
	int64_t now = tables_client_now(client);
	tables_client_send(client);
	for (unsigned i = 0; i < TABLES_OPEN_MAX && client->n_open > 0; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry != NULL &&
		    now - slot->since >= TABLES_GIVEN_UP_MS * (int64_t)MILLISECOND)
			tables_client_close(client, slot);
	}
	ping(client, now);
	bool must_tell = is_hung(client, now);
	pthread_mutex_unlock(&client->lock);
	if (must_tell && client->calls.hung != NULL)
		client->calls.hung(client->calls.context);
}

/* The reader has seen the end of FD. */
static void
detach(struct tables_client *client, int fd)
{
	pthread_mutex_lock(&client->lock);
	if (client->fd == fd) {
		client->fd = -1;
		client->away_since = tables_client_now(client);
	}
	close(fd);
	client->readers--;
	pthread_cond_broadcast(&client->idle);
	/* Whoever waits does so for a shorter time now. */
	tables_client_wake_all(client);
	pthread_mutex_unlock(&client->lock);
}

/* False: the end. A frame that is too long is dropped. */
static bool
frames_take(const struct reader *reader)
{
	struct tables_answer_frame frame;

	for (;;) {
		ssize_t n =
		    recv(reader->fd, &frame, sizeof(frame), MSG_DONTWAIT | MSG_TRUNC);
		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if ((size_t)n <= sizeof(frame))
			tables_client_take(reader->client, &frame, (size_t)n);
	}
}

static void *
reader_run(void *argument)
{
	struct reader *reader = argument;
	struct pollfd polled = {.fd = reader->fd, .events = POLLIN};
	bool goes_on = true;

	while (goes_on) {
		pthread_mutex_lock(&reader->client->lock);
		int patience = reader->client->is_stuck ? TICK_STUCK_MS : TICK_MS;
		pthread_mutex_unlock(&reader->client->lock);
		if (poll(&polled, 1, patience) > 0)
			goes_on = frames_take(reader);
		tables_client_tick(reader->client);
	}
	detach(reader->client, reader->fd);
	free(reader);
	return NULL;
}

int
tables_reader_start(struct tables_client *client, int fd, struct err *err)
{
	struct reader *reader = mem_zeroed(1, sizeof(*reader));

	reader->client = client;
	reader->fd = fd;
	if (thread_start(reader_run, reader, err) == 0)
		return 0;
	free(reader);
	return -1;
}
