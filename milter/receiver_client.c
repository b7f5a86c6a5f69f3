/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/receiver_client.h"
#include "milter/receiver_client_private.h"

struct receiver_client *
receiver_client_new(const struct receiver_calls *calls)
{
	struct receiver_client *client = mem_zeroed(1, sizeof(*client));

	must(pthread_mutex_init(&client->lock, NULL) == 0);
	client->calls = *calls;
	client->seed = map_seed_random();
	return client;
}

/* Give up what a stream holds, if it is still the one that SERIAL named. With the lock
 * held; the generation is for the caller to let go. */
static struct generation *
stream_close(struct receiver_client *client, uint32_t stream, uint32_t serial)
{
	struct stream *at = &client->streams[stream];

	if (!at->is_busy || at->serial != serial)
		return NULL;
	at->is_busy = at->is_ended = false;
	return TAKE(at->generation);
}

static void
let_go(struct receiver_client *client, struct generation *generation)
{
	if (generation != NULL)
		client->calls.unshare(client->calls.context, generation);
}

/* The receiver is gone or useless: every stream is lost. With the lock held. */
static void
streams_lose(struct receiver_client *client, struct generation *ret_held[RECEIVER_STREAMS])
{
	for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
		client->lost += client->streams[i].is_busy;
		ret_held[i] = stream_close(client, i, client->streams[i].serial);
	}
}

/* With the lock held; somebody sends, or reads. */
static struct receiver_socket *
socket_use(struct receiver_socket *socket)
{
	if (socket != NULL)
		socket->users++;
	return socket;
}

static void
socket_leave(struct receiver_socket *socket)
{
	if (socket == NULL || --socket->users > 0)
		return;
	close(socket->fd);
	free(socket);
}

/* The reader has seen the end of SOCKET. */
void
receiver_client_detach(struct receiver_client *client, struct receiver_socket *socket)
{
	struct generation *held[RECEIVER_STREAMS] = {NULL};
	char fatal[DNS_NAME_MAX + 1] = "";

	pthread_mutex_lock(&client->lock);
	if (client->socket == socket) {
		client->socket = NULL;
		streams_lose(client, held);
		receiver_spf_lose(client, fatal);
	}
	socket_leave(socket);
	pthread_mutex_unlock(&client->lock);
	for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
		let_go(client, held[i]);
	receiver_spf_tell_lost(client, fatal);
}

int
receiver_client_attach(struct receiver_client *client, int fd, struct err *err)
{
	struct timeval patience = {.tv_usec = RECEIVER_SEND_MS * 1000L};
	struct receiver_socket *socket = mem_zeroed(1, sizeof(*socket));
	struct generation *held[RECEIVER_STREAMS] = {NULL};
	char fatal[DNS_NAME_MAX + 1] = "";

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	*socket = (struct receiver_socket){.fd = fd, .users = 1};
	pthread_mutex_lock(&client->lock);
	if (receiver_reader_start(client, socket, err) != 0) {
		socket_leave(socket);
		pthread_mutex_unlock(&client->lock);
		return -1;
	}
	/* Its reader gives the old one up when it sees the end. */
	if (client->socket != NULL)
		(void)shutdown(client->socket->fd, SHUT_RDWR);
	streams_lose(client, held);
	receiver_spf_lose(client, fatal);
	client->socket = socket;
	pthread_mutex_unlock(&client->lock);
	for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
		let_go(client, held[i]);
	receiver_spf_tell_lost(client, fatal);
	return 0;
}

int
receiver_frame_send(const struct receiver_socket *socket,
    const struct receiver_frame *frame, struct view payload, int flags)
{
	struct receiver_frame head = *frame;
	char *bytes;

	memcpy(&bytes, &payload.p, sizeof(bytes)); /* sendmsg does not write */
	struct iovec parts[] = {{&head, sizeof(head)}, {bytes, payload.n}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	return sendmsg(socket->fd, &message, flags | MSG_NOSIGNAL) >= 0 ? 0 : -1;
}

/* What TICKET stands for; NULL: it was lost. With the lock held. */
static const struct stream *
stream_of(const struct receiver_client *client, const struct receiver_ticket *ticket)
{
	const struct stream *stream = &client->streams[ticket->stream];

	return stream->is_busy && stream->serial == ticket->serial ? stream : NULL;
}

/* A frame of TICKET's stream; when it cannot be sent the stream is lost. */
static void
ticket_send(struct receiver_client *client, struct receiver_ticket *ticket,
    enum receiver_frame_type type, uint32_t number, struct view payload)
{
	struct receiver_frame frame = {.type = type,
	    .stream = ticket->stream,
	    .serial = ticket->serial,
	    .number = number};
	struct receiver_socket *socket = NULL;
	struct generation *held = NULL;

	if (!ticket->is_open)
		return;
	pthread_mutex_lock(&client->lock);
	if (stream_of(client, ticket) != NULL)
		socket = socket_use(client->socket);
	pthread_mutex_unlock(&client->lock);
	bool is_sent =
	    socket != NULL && receiver_frame_send(socket, &frame, payload, 0) == 0;
	bool is_hung = socket != NULL && !is_sent && errno == EAGAIN;
	pthread_mutex_lock(&client->lock);
	is_hung = is_hung && socket == client->socket;
	socket_leave(socket);
	if (!is_sent) {
		ticket->is_open = false;
		client->lost += stream_of(client, ticket) != NULL;
		held = stream_close(client, ticket->stream, ticket->serial);
	}
	pthread_mutex_unlock(&client->lock);
	let_go(client, held);
	if (is_hung)
		client->calls.hung(client->calls.context);
}

/* Has a key for DOMAIN not been looked at yet, or is it the turn of this message? */
static bool
is_due(
    struct receiver_client *client, const struct generation *generation, struct view domain)
{
	bool has_key = false;

	for (unsigned i = 0; i < ALGORITHMS; i++) {
		enum policy_algorithm algorithm = (enum policy_algorithm)i;
		const struct policy_key *key =
		    client->calls.signs != NULL
			? client->calls.signs(
			      client->calls.context, generation, domain, algorithm)
			: policy_newest_key(generation->policy, domain, algorithm);
		if (key == NULL)
			continue;
		has_key = true;
		if (atomic_load(&generation->opinions[key->index]) == OPINION_NOT_ASKED)
			return true;
	}
	uint32_t every = policy_settings(generation->policy)->verify_every;
	return has_key && every > 0 && atomic_fetch_add(&client->passed, 1) % every == 0;
}

/* A free stream, and whether one has waited too long for its verdict. With the lock held.
 */
static int
stream_find(struct receiver_client *client, int64_t now, bool *ret_is_hung)
{
	int found = -1;

	for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
		const struct stream *at = &client->streams[i];
		if (!at->is_busy)
			found = (int)i;
		else if (at->is_ended && now - at->ended_at > RECEIVER_ANSWER_MS * 1000L)
			*ret_is_hung = true;
	}
	*ret_is_hung = *ret_is_hung || receiver_spf_is_late(client, now);
	return found;
}

void
receiver_client_open(struct receiver_client *client, struct generation *generation,
    struct view author_domain, struct receiver_ticket *ret_ticket)
{
	bool is_hung = false;

	*ret_ticket = (struct receiver_ticket){.is_open = false};
	if (!is_due(client, generation, author_domain))
		return;
	pthread_mutex_lock(&client->lock);
	int found =
	    client->socket == NULL ? -1 : stream_find(client, clock_mono(), &is_hung);
	if (found >= 0) {
		struct stream *stream = &client->streams[found];
		*stream = (struct stream){.is_busy = true, .serial = ++client->serial};
		ret_ticket->is_open = true;
		ret_ticket->stream = (uint32_t)found;
		ret_ticket->serial = stream->serial;
	}
	pthread_mutex_unlock(&client->lock);
	if (is_hung)
		client->calls.hung(client->calls.context);
	ticket_send(client, ret_ticket, RECEIVER_OPEN, 0, VIEW_NONE);
}

void
receiver_client_body(
    struct receiver_client *client, struct receiver_ticket *ticket, struct view chunk)
{
	if (!ticket->is_open)
		return;
	ticket->body_bytes += chunk.n;
	if (ticket->body_bytes > RECEIVER_BODY_MAX) {
		receiver_client_cancel(client, ticket);
		return;
	}
	while (chunk.n > 0 && ticket->is_open) {
		struct view piece = view_head(chunk, RECEIVER_PAYLOAD_MAX);
		ticket_send(client, ticket, RECEIVER_BODY, 0, piece);
		chunk = view_from(chunk, piece.n);
	}
}

void
receiver_client_cancel(struct receiver_client *client, struct receiver_ticket *ticket)
{
	if (!ticket->is_open)
		return;
	ticket_send(client, ticket, RECEIVER_CANCEL, 0, VIEW_NONE);
	pthread_mutex_lock(&client->lock);
	struct generation *held = stream_close(client, ticket->stream, ticket->serial);
	pthread_mutex_unlock(&client->lock);
	let_go(client, held);
	ticket->is_open = false;
}

static void
fields_send(
    struct receiver_client *client, struct receiver_ticket *ticket, const struct sign *sign)
{
	struct buf field = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	struct view name, value;

	for (size_t i = 0; ticket->is_open && sign_field_at(sign, i, &name, &value); i++) {
		buf_reset(&field);
		buf_add(&field, name);
		buf_add_char(&field, ':');
		buf_add(&field, value);
		/* Without one of its fields the signature would be judged wrongly. */
		if (field.full)
			receiver_client_cancel(client, ticket);
		else
			ticket_send(client, ticket, RECEIVER_FIELD, 0, buf_view(&field));
	}
	buf_fini(&field);
}

static void
key_send(struct receiver_client *client, struct receiver_ticket *ticket,
    struct generation *generation, const struct policy_key *key)
{
	struct buf text = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	struct err err = ERR_INIT;

	buf_add(&text, key->domain);
	buf_add_char(&text, '\0');
	buf_add(&text, key->selector);
	buf_add_char(&text, '\0');
	buf_addf(&text,
	    "v=DKIM1; k=%s; p=", key->algorithm == ALGORITHM_RSA ? "rsa" : "ed25519");
	if (key_client_public(generation->keys, key->index, key->domain, &text, &err) !=
	    0) {
		receiver_client_cancel(client, ticket);
	} else {
		buf_add_char(&text, '\0');
		ticket_send(client, ticket, RECEIVER_KEY, key->index, buf_view(&text));
	}
	buf_fini(&text);
}

void
receiver_client_end(struct receiver_client *client, struct receiver_ticket *ticket,
    struct generation *generation, const struct sign *sign, const struct decision *decision,
    const struct buf *values)
{
	if (!ticket->is_open)
		return;
	if (decision->n_sign == 0) {
		receiver_client_cancel(client, ticket);
		return;
	}
	fields_send(client, ticket, sign);
	for (uint32_t i = 0; i < decision->n_sign && ticket->is_open; i++) {
		key_send(client, ticket, generation, decision->sign[i]);
		ticket_send(client, ticket, RECEIVER_SIGNATURE, decision->sign[i]->index,
		    buf_view(&values[i]));
	}
	/* The verdict comes when the message is long gone: it keeps the generation by
	 * itself. */
	client->calls.share(client->calls.context, generation);
	pthread_mutex_lock(&client->lock);
	struct stream *stream = &client->streams[ticket->stream];
	bool is_ours =
	    ticket->is_open && stream->is_busy && stream->serial == ticket->serial;
	if (is_ours) {
		stream->generation = generation;
		stream->is_ended = true;
		stream->ended_at = clock_mono();
	}
	pthread_mutex_unlock(&client->lock);
	if (!is_ours)
		client->calls.unshare(client->calls.context, generation);
	ticket_send(client, ticket, RECEIVER_END, 0, VIEW_NONE);
	ticket->is_open = false;
}
