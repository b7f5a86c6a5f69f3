/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/message.h"

static struct message *
message_new(void)
{
	struct message *message = mem_zeroed(1, sizeof(*message));

	message->arena = arena_new(MESSAGE_ARENA_MAX);
	message->sign = sign_new();
	for (unsigned i = 0; i < DECISION_SIGN_MAX; i++)
		buf_init(&message->values[i], MESSAGE_VALUE_MAX);
	metering_message_init(&message->metering);
	return message;
}

static void
message_free(struct message *message)
{
	for (unsigned i = 0; i < DECISION_SIGN_MAX; i++)
		buf_fini(&message->values[i]);
	metering_message_fini(&message->metering);
	sign_free(message->sign);
	arena_free(message->arena);
	free(message);
}

void
message_pool_init(struct message_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	must(pthread_mutex_init(&pool->lock, NULL) == 0);
}

void
message_pool_fini(struct message_pool *pool)
{
	struct message *message;

	while ((message = pool->free) != NULL) {
		pool->free = message->next;
		message_free(message);
	}
	pthread_mutex_destroy(&pool->lock);
}

struct message *
message_borrow(struct message_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct message *message = pool->free;
	if (message != NULL) {
		pool->free = message->next;
		pool->n_free--;
	}
	pthread_mutex_unlock(&pool->lock);
	return message != NULL ? message : message_new();
}

void
message_return(struct message_pool *pool, struct message *message)
{
	arena_reset(message->arena);
	message->generation = NULL;
	message->trouble = (struct err)ERR_INIT;
	message->facts = (struct facts){0};
	message->sample = NULL;
	message->fits = NULL;
	message->header_bytes = 0;
	message->header_ended = false;
	message->signatures = NULL;
	message->n_signatures = 0;
	message->own_mark = VIEW_NONE;
	message->n_own_marks = 0;
	message->is_own = false;
	message->dns_deadline = 0;
	message->helo_sender = VIEW_NONE;
	message->lookups = NULL;
	message->n_lookups = 0;
	message->tables_deadline = 0;
	metering_message_reset(&message->metering);
	for (unsigned i = 0; i < DECISION_SIGN_MAX; i++)
		buf_reset(&message->values[i]);

	pthread_mutex_lock(&pool->lock);
	bool is_kept = pool->n_free < MESSAGE_POOL_MAX;
	if (is_kept) {
		message->next = pool->free;
		pool->free = message;
		pool->n_free++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!is_kept)
		message_free(message);
}

bool
message_is_others(const struct message *message)
{
	return message->generation != NULL && message->facts.path == PATH_INBOUND;
}

void
message_trouble(struct message *message, const struct err *err)
{
	if (message->trouble.code == ERR_NONE && !message_is_others(message))
		message->trouble = *err;
}
