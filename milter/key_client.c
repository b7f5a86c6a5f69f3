/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"

#include "milter/key_client.h"
#include "milter/key_wire.h"

/* The sockets of one key process. Freed by the last who uses them after they were replaced.
 */
struct sockets {
	int request;
	int slot[KEY_SLOTS];
	uint32_t sequence[KEY_SLOTS];
	uint8_t idle[KEY_SLOTS]; /* a stack of free slots */
	unsigned n_idle;
	bool dead;
};

struct key_client {
	pthread_mutex_t lock;
	pthread_cond_t change;   /* a slot came free, or new sockets */
	struct sockets *sockets; /* NULL: none */
	bool hung;
};

static void
sockets_close(struct sockets *sockets)
{
	close(sockets->request);
	for (unsigned i = 0; i < KEY_SLOTS; i++)
		close(sockets->slot[i]);
	free(sockets);
}

/* No longer the current ones, and nobody is using them. */
static void
sockets_drop(struct sockets *sockets)
{
	if (sockets->n_idle == KEY_SLOTS)
		sockets_close(sockets);
}

struct key_client *
key_client_new(void)
{
	struct key_client *client = mem_zeroed(1, sizeof(*client));
	pthread_condattr_t attributes;

	must(pthread_mutex_init(&client->lock, NULL) == 0);
	must(pthread_condattr_init(&attributes) == 0);
	must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&client->change, &attributes) == 0);
	pthread_condattr_destroy(&attributes);
	return client;
}

void
key_client_free(struct key_client *client)
{
	if (client == NULL)
		return;
	if (client->sockets != NULL) {
		must(client->sockets->n_idle == KEY_SLOTS);
		sockets_close(client->sockets);
	}
	pthread_cond_destroy(&client->change);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

void
key_client_attach(struct key_client *client, int request_fd, const int *slot_fds)
{
	struct sockets *fresh = mem_zeroed(1, sizeof(*fresh));
	struct timeval patience = {
	    .tv_sec = KEY_PATIENCE_MS / 1000, .tv_usec = KEY_PATIENCE_MS % 1000 * 1000L};

	fresh->request = request_fd;
	/* The queue is short: with a key process that stands still, send would wait for
	 * ever. */
	(void)setsockopt(request_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (unsigned i = 0; i < KEY_SLOTS; i++) {
		fresh->slot[i] = slot_fds[i];
		fresh->idle[i] = (uint8_t)i;
		(void)setsockopt(
		    slot_fds[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	fresh->n_idle = KEY_SLOTS;

	pthread_mutex_lock(&client->lock);
	struct sockets *old = client->sockets;
	client->sockets = fresh;
	client->hung = false;
	if (old != NULL)
		sockets_drop(old);
	pthread_cond_broadcast(&client->change);
	pthread_mutex_unlock(&client->lock);
}

/* Borrow a slot before the DEADLINE. 0, or -1: there was none in time. */
static int
slot_borrow(struct key_client *client, int64_t deadline, struct sockets **ret_sockets,
    unsigned *ret_slot)
{
	struct timespec until = {
	    .tv_sec = deadline / 1000000, .tv_nsec = deadline % 1000000 * 1000};
	struct sockets *sockets;

	pthread_mutex_lock(&client->lock);
	while (
	    (sockets = client->sockets) == NULL || sockets->dead || sockets->n_idle == 0) {
		if (pthread_cond_timedwait(&client->change, &client->lock, &until) ==
		    ETIMEDOUT) {
			pthread_mutex_unlock(&client->lock);
			return -1;
		}
	}
	*ret_slot = sockets->idle[--sockets->n_idle];
	*ret_sockets = sockets;
	pthread_mutex_unlock(&client->lock);
	return 0;
}

static void
slot_return(struct key_client *client, struct sockets *sockets, unsigned slot, bool is_dead)
{
	pthread_mutex_lock(&client->lock);
	sockets->idle[sockets->n_idle++] = (uint8_t)slot;
	if (is_dead)
		sockets->dead = true;
	if (sockets != client->sockets)
		sockets_drop(sockets);
	else
		pthread_cond_signal(&client->change);
	pthread_mutex_unlock(&client->lock);
}

/* One exchange: 1 answered, 0 no answer in time, -1 the process is gone. */
static int
exchange(struct sockets *sockets, unsigned slot, struct key_request *request,
    struct key_reply *ret_reply)
{
	request->slot = slot;
	request->sequence = ++sockets->sequence[slot];
	ssize_t n = send(sockets->request, request, sizeof(*request), MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	for (;;) {
		n = recv(sockets->slot[slot], ret_reply, sizeof(*ret_reply), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		if (n < (ssize_t)offsetof(struct key_reply, bytes))
			return -1;
		/* An answer to a request that was given up earlier is passed over. */
		if (ret_reply->sequence == request->sequence)
			return ret_reply->n <= sizeof(ret_reply->bytes) ? 1 : -1;
	}
}

/* One request, with as many tries as KEY_PATIENCE_MS allows. 0: REPLY is the answer, and it
 * is not a refusal. */
static int
ask(struct key_client *client, struct key_request *request, struct view domain,
    struct key_reply *reply, struct err *err)
{
	struct sockets *sockets;
	unsigned slot;
	int64_t deadline = clock_mono() + (int64_t)KEY_PATIENCE_MS * 1000;

	if (domain.n > KEY_DOMAIN_MAX)
		return err_set(err, ERR_LIMIT, "the signing domain is too long");
	memcpy(request->domain, domain.p, domain.n);
	while (slot_borrow(client, deadline, &sockets, &slot) == 0) {
		int got = exchange(sockets, slot, request, reply);
		slot_return(client, sockets, slot, got < 0);
		if (got > 0 && reply->status != 0)
			return err_set(err, ERR_TEMP, "%.*s", (int)reply->n,
			    (const char *)reply->bytes);
		if (got > 0)
			return 0;
		if (got == 0) {
			pthread_mutex_lock(&client->lock);
			client->hung = true;
			pthread_mutex_unlock(&client->lock);
			return err_set(err, ERR_TEMP,
			    "the key process did not answer within %d ms", KEY_PATIENCE_MS);
		}
	}
	return err_set(err, ERR_TEMP, "no key process within %d ms", KEY_PATIENCE_MS);
}

int
key_client_sign(struct key_client *client, uint32_t key, struct view domain,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	struct key_request request = {.operation = KEY_SIGN, .key = key};
	struct key_reply reply = {.n = 0};

	memcpy(request.digest, digest, SIGN_DIGEST);
	if (ask(client, &request, domain, &reply, err) != 0)
		return -1;
	if (reply.n > SIGN_SIGNATURE_MAX)
		return err_set(err, ERR_LIMIT, "a signature of %u bytes", reply.n);
	memcpy(ret_signature->bytes, reply.bytes, reply.n);
	ret_signature->n = reply.n;
	return 0;
}

int
key_client_public(struct key_client *client, uint32_t key, struct view domain,
    struct buf *out, struct err *err)
{
	struct key_request request = {.operation = KEY_PUBLIC, .key = key};
	struct key_reply reply = {.n = 0};

	if (ask(client, &request, domain, &reply, err) != 0)
		return -1;
	buf_add_bytes(out, reply.bytes, reply.n);
	return 0;
}

bool
key_client_is_ready(struct key_client *client)
{
	pthread_mutex_lock(&client->lock);
	bool is_ready = client->sockets != NULL && !client->sockets->dead;
	pthread_mutex_unlock(&client->lock);
	return is_ready;
}

bool
key_client_take_hung(struct key_client *client)
{
	pthread_mutex_lock(&client->lock);
	bool hung = client->hung;
	client->hung = false;
	pthread_mutex_unlock(&client->lock);
	return hung;
}
