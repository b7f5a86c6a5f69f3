/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "lib/bug.h"
#include "lib/thread.h"

#include "milter/receiver_client_private.h"

struct reader {
	struct receiver_client *client;
	struct receiver_socket *socket;
};

static void
disagreement_add(
    struct receiver_client *client, const struct policy_key *key, const char *reason)
{
	pthread_mutex_lock(&client->lock);
	client->disagreed++;
	if (client->n_disagreements < RECEIVER_DISAGREEMENTS_MAX)
		snprintf(client->disagreements[client->n_disagreements++],
		    sizeof(client->disagreements[0]), "%.*s/%.*s: %s",
		    VIEW_ARG(key->domain), VIEW_ARG(key->selector), reason);
	pthread_mutex_unlock(&client->lock);
	client->calls.disagrees(client->calls.context, key, reason);
}

/* Latch what was said about one key: a disagreement is never taken back. */
static void
result_take(struct receiver_client *client, struct generation *generation,
    const struct receiver_result *result)
{
	size_t n;
	const struct policy_key *keys = policy_keys(generation->policy, &n);

	if (result->key >= n)
		return;
	atomic_uint *opinion = &generation->opinions[result->key];
	if (result->opinion == RECEIVER_DISAGREES) {
		if (atomic_exchange(opinion, OPINION_DISAGREES) != OPINION_DISAGREES)
			disagreement_add(client, &keys[result->key], result->reason);
		return;
	}
	unsigned said = result->opinion == RECEIVER_AGREES ? OPINION_AGREES : OPINION_NONE;
	for (unsigned before = atomic_load(opinion); before < said;)
		if (atomic_compare_exchange_weak(opinion, &before, said))
			break;
}

static void
verdict_take(struct receiver_client *client, struct receiver_verdict *verdict)
{
	struct generation *generation = NULL;

	if (verdict->n > RECEIVER_SIGNATURES_MAX)
		return;
	for (uint32_t i = 0; i < verdict->n; i++)
		verdict->results[i].reason[RECEIVER_REASON_MAX - 1] = '\0';
	if (verdict->stream == RECEIVER_SPF_STREAM) {
		receiver_spf_verdict(client, verdict);
		return;
	}
	if (verdict->stream >= RECEIVER_STREAMS)
		return;
	pthread_mutex_lock(&client->lock);
	struct stream *stream = &client->streams[verdict->stream];
	if (stream->is_busy && stream->is_ended && stream->serial == verdict->serial) {
		generation = TAKE(stream->generation);
		stream->is_busy = stream->is_ended = false;
		client->verified++;
	}
	pthread_mutex_unlock(&client->lock);
	if (generation == NULL)
		return;
	for (uint32_t i = 0; i < verdict->n; i++)
		result_take(client, generation, &verdict->results[i]);
	client->calls.unshare(client->calls.context, generation);
}

static void *
reader_run(void *argument)
{
	struct reader *reader = argument;
	struct receiver_verdict *verdict = mem_zeroed(1, sizeof(*verdict));

	for (;;) {
		ssize_t n = recv(reader->socket->fd, verdict, sizeof(*verdict), 0);
		/* ECONNRESET, once: it died with frames unread. What it had answered is
		 * still to be read. */
		if (n < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (n <= 0)
			break;
		if (n == (ssize_t)sizeof(*verdict))
			verdict_take(reader->client, verdict);
	}
	receiver_client_detach(reader->client, reader->socket);
	free(verdict);
	free(reader);
	return NULL;
}

int
receiver_reader_start(
    struct receiver_client *client, struct receiver_socket *socket, struct err *err)
{
	struct reader *reader = mem_zeroed(1, sizeof(*reader));

	reader->client = client;
	reader->socket = socket;
	if (thread_start(reader_run, reader, err) == 0)
		return 0;
	free(reader);
	return -1;
}

void
receiver_client_status(struct receiver_client *client, struct receiver_status *ret_status)
{
	pthread_mutex_lock(&client->lock);
	ret_status->is_there = client->socket != NULL;
	ret_status->verified = client->verified;
	ret_status->disagreed = client->disagreed;
	ret_status->lost = client->lost;
	ret_status->spf_judged = client->spf_judged;
	ret_status->spf_disagreed = client->spf_disagreed;
	ret_status->spf_lost = client->spf_lost;
	ret_status->n = client->n_disagreements;
	memcpy(ret_status->disagreements, client->disagreements,
	    sizeof(client->disagreements));
	pthread_mutex_unlock(&client->lock);
}

void
receiver_client_forget(struct receiver_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->n_disagreements = 0;
	pthread_mutex_unlock(&client->lock);
}
