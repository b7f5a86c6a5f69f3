/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "follow/wire.h"
#include "lib/bug.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/thread.h"

#include "milter/follow_client.h"

struct follow_client {
	struct follow_calls calls;

	pthread_mutex_t taking; /* held while a process is listened to */
	pthread_mutex_t using;  /* while a frame of its is taken, and for good at the end */
	pthread_mutex_t lock;   /* of 'status' and 'lines_before' */
	struct follow_status status;
	uint64_t lines_before, unknown_before; /* of processes that are gone */
};

struct listener {
	struct follow_client *client;
	int fd;
	uint64_t lines, unknown;
	bool has_complained;
	struct follow_frame frame;
};

struct follow_client *
follow_client_new(const struct follow_calls *calls)
{
	struct follow_client *client = mem_zeroed(1, sizeof(*client));

	client->calls = *calls;
	must(pthread_mutex_init(&client->taking, NULL) == 0);
	must(pthread_mutex_init(&client->using, NULL) == 0);
	must(pthread_mutex_init(&client->lock, NULL) == 0);
	return client;
}

/* ---- frames; with 'using' ---- */

static void
note_outcomes(
    struct follow_client *client, const struct follow_frame *frame, struct view batch)
{
	struct outcome outcome;
	uint64_t n = 0;

	for (; outcome_take(&batch, &outcome) == 1; n++)
		client->calls.outcome(client->calls.context, &outcome);
	pthread_mutex_lock(&client->lock);
	client->status.outcomes += n;
	if (n > 0)
		client->status.last = frame->head.time;
	pthread_mutex_unlock(&client->lock);
}

/* False: it is rubbish. */
static bool
take_outcomes(struct follow_client *client, const struct follow_frame *frame, size_t n)
{
	struct view payload = {frame->payload, n};
	size_t n_place = frame->head.n_place;

	if (n_place > n || n_place > OUTCOME_PLACE_MAX)
		return false;
	struct view batch = view_from(payload, n_place);
	if (client->calls.outcomes(client->calls.context, frame->head.time, batch,
		view_head(payload, n_place)) == -1)
		return false;
	note_outcomes(client, frame, batch);
	return true;
}

static void
take_gap(struct follow_client *client, const struct follow_frame *frame, struct view text)
{
	pthread_mutex_lock(&client->lock);
	client->status.gaps++;
	client->status.last_gap_time = frame->head.time;
	snprintf(client->status.last_gap, sizeof(client->status.last_gap), "%.*s",
	    VIEW_ARG(text));
	pthread_mutex_unlock(&client->lock);
	client->calls.gap(client->calls.context, frame->head.time, text);
}

static void
take_state(struct follow_client *client, struct view text)
{
	struct follow_status *status = &client->status;
	struct view log;

	(void)view_cut(&text, '\n', &log);
	pthread_mutex_lock(&client->lock);
	snprintf(status->log, sizeof(status->log), "%.*s", VIEW_ARG(log));
	snprintf(status->trouble, sizeof(status->trouble), "%.*s", VIEW_ARG(text));
	bool is_trouble = status->trouble[0] != '\0';
	pthread_mutex_unlock(&client->lock);
	if (is_trouble)
		log_warn("Postfix's log is not followed: %.*s", VIEW_ARG(text));
	else
		log_info("following %.*s", VIEW_ARG(log));
}

static bool
take_sample(struct follow_client *client, struct view payload)
{
	struct journal_sample sample;

	if (payload.n != sizeof(sample))
		return false;
	memcpy(&sample, payload.p, sizeof(sample));
	pthread_mutex_lock(&client->lock);
	client->status.queue = sample;
	client->status.queue_trouble[0] = '\0';
	pthread_mutex_unlock(&client->lock);
	client->calls.sample(client->calls.context, &sample);
	return true;
}

static void
take_queue_state(struct follow_client *client, struct view text)
{
	char *trouble = client->status.queue_trouble;

	text = view_head(text, sizeof(client->status.queue_trouble) - 1);
	pthread_mutex_lock(&client->lock);
	bool is_news = !view_is(view_of(trouble), text);
	snprintf(trouble, sizeof(client->status.queue_trouble), "%.*s", VIEW_ARG(text));
	pthread_mutex_unlock(&client->lock);
	if (is_news)
		log_warn("Postfix's queue cannot be watched: %.*s", VIEW_ARG(text));
}

/* They come with what is said of the log only. */
static void
take_counts(struct listener *listener, const struct follow_head *head)
{
	struct follow_client *client = listener->client;

	if (head->kind == FOLLOW_QUEUE || head->kind == FOLLOW_QUEUE_STATE)
		return;
	listener->lines = head->lines;
	listener->unknown = head->unknown;
	pthread_mutex_lock(&client->lock);
	client->status.lines = client->lines_before + listener->lines;
	client->status.unknown = client->unknown_before + listener->unknown;
	pthread_mutex_unlock(&client->lock);
}

static bool
frame_take(struct listener *listener, size_t n)
{
	struct follow_client *client = listener->client;
	const struct follow_frame *frame = &listener->frame;

	if (n < sizeof(frame->head))
		return false;
	n -= sizeof(frame->head);
	take_counts(listener, &frame->head);
	switch (frame->head.kind) {
	case FOLLOW_OUTCOMES:
		return take_outcomes(client, frame, n);
	case FOLLOW_GAP:
		take_gap(client, frame, (struct view){frame->payload, n});
		return true;
	case FOLLOW_STATE:
		take_state(client, (struct view){frame->payload, n});
		return true;
	case FOLLOW_QUEUE:
		return take_sample(client, (struct view){frame->payload, n});
	case FOLLOW_QUEUE_STATE:
		take_queue_state(client, (struct view){frame->payload, n});
		return true;
	default:
		return false;
	}
}

/* ---- one process ---- */

static int
place_send(struct listener *listener, struct err *err)
{
	struct follow_client *client = listener->client;
	struct buf place = BUF_INIT(OUTCOME_PLACE_MAX);
	struct follow_frame *frame = &listener->frame;

	client->calls.place(client->calls.context, &place);
	frame->head = (struct follow_head){.kind = FOLLOW_PLACE};
	if (place.n > 0)
		memcpy(frame->payload, place.p, place.n);
	int result = ipc_send(listener->fd, frame, sizeof(frame->head) + place.n, err);
	buf_fini(&place);
	return result;
}

static void
listen_on(struct listener *listener)
{
	struct follow_frame *frame = &listener->frame;
	struct err err = ERR_INIT;
	size_t n = 0;
	int got;

	while ((got = ipc_recv(
		    listener->fd, frame, sizeof(*frame), &n, IPC_FOREVER, &err)) > 0 ||
	       err.code == ERR_LIMIT) {
		pthread_mutex_lock(&listener->client->using);
		bool is_taken = got > 0 && frame_take(listener, n);
		pthread_mutex_unlock(&listener->client->using);
		if (!is_taken && !listener->has_complained)
			log_warn(
			    "a frame that cannot be used came from the follow process: "
			    "such are passed over");
		listener->has_complained |= !is_taken;
		err = (struct err)ERR_INIT;
	}
}

static void *
listener_run(void *argument)
{
	struct listener *listener = argument;
	struct follow_client *client = listener->client;
	struct err err = ERR_INIT;

	pthread_mutex_lock(&client->taking);
	pthread_mutex_lock(&client->lock);
	client->status.is_there = true;
	pthread_mutex_unlock(&client->lock);
	if (place_send(listener, &err) == 0)
		listen_on(listener);
	pthread_mutex_lock(&client->lock);
	client->status.is_there = false;
	client->lines_before += listener->lines;
	client->unknown_before += listener->unknown;
	pthread_mutex_unlock(&client->lock);
	pthread_mutex_unlock(&client->taking);
	(void)close(listener->fd);
	free(listener);
	return NULL;
}

int
follow_client_attach(struct follow_client *client, int fd, struct err *err)
{
	struct listener *listener = mem_zeroed(1, sizeof(*listener));

	listener->client = client;
	listener->fd = fd;
	if (thread_start(listener_run, listener, err) == 0)
		return 0;
	(void)close(fd);
	free(listener);
	return -1;
}

void
follow_client_stop(struct follow_client *client)
{
	pthread_mutex_lock(&client->using);
}

void
follow_client_status(struct follow_client *client, struct follow_status *ret_status)
{
	pthread_mutex_lock(&client->lock);
	*ret_status = client->status;
	pthread_mutex_unlock(&client->lock);
}
