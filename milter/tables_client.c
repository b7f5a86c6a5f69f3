/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/tables_ask.h"
#include "milter/tables_client_private.h"

enum {
	MILLISECOND = 1000,
	SECOND = 1000000,
	CACHE_KEY_MAX = TABLES_NAME_MAX + 1 + TABLES_KEY_MAX,
};

int64_t
tables_client_now(const struct tables_client *client)
{
	return client->calls.now != NULL ? client->calls.now(client->calls.context)
					 : clock_mono();
}

struct tables_client *
tables_client_new(const struct tables_calls *calls, struct map_seed seed)
{
	struct tables_client *client = mem_zeroed(1, sizeof(*client));
	pthread_condattr_t monotonic;

	client->calls = *calls;
	client->fd = -1;
	client->away_since = tables_client_now(client);
	dns_cache_init(&client->cache, seed, TABLES_CACHE_MAX);
	must(pthread_mutex_init(&client->lock, NULL) == 0);
	must(pthread_condattr_init(&monotonic) == 0);
	must(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	for (unsigned i = 0; i < TABLES_SHARDS; i++)
		must(pthread_cond_init(&client->answered[i], &monotonic) == 0);
	must(pthread_cond_init(&client->idle, NULL) == 0);
	must(pthread_condattr_destroy(&monotonic) == 0);
	return client;
}

void
tables_client_free(struct tables_client *client)
{
	if (client == NULL)
		return;
	pthread_mutex_lock(&client->lock);
	if (client->fd >= 0)
		(void)shutdown(client->fd, SHUT_RDWR);
	while (client->readers > 0)
		pthread_cond_wait(&client->idle, &client->lock);
	pthread_mutex_unlock(&client->lock);
	dns_cache_fini(&client->cache);
	for (unsigned i = 0; i < TABLES_SHARDS; i++)
		pthread_cond_destroy(&client->answered[i]);
	pthread_cond_destroy(&client->idle);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

static pthread_cond_t *
answered_of(struct tables_client *client, const struct dns_entry *entry)
{
	return &client->answered[entry->hash >> 32 & (TABLES_SHARDS - 1)];
}

void
tables_client_wake_all(struct tables_client *client)
{
	for (unsigned i = 0; i < TABLES_SHARDS; i++)
		pthread_cond_broadcast(&client->answered[i]);
}

/* False: not now, its socket is full, or it is gone. */
static bool
slot_send(struct tables_client *client, struct tables_open *slot, int64_t now)
{
	const struct dns_entry *entry = slot->entry;
	size_t n_table = strlen(entry->key), n_key = entry->n_key - n_table - 1;
	struct tables_question_frame frame = {.head = {.kind = TABLES_ASK,
						  .n_table = (uint32_t)n_table,
						  .n_key = (uint32_t)n_key,
						  .id = slot->id}};

	memcpy(frame.payload, entry->key, n_table);
	memcpy(frame.payload + n_table, entry->key + n_table + 1, n_key);
	if (send(client->fd, &frame, sizeof(frame.head) + n_table + n_key,
		MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		client->is_stuck = errno == EAGAIN;
		return false;
	}
	slot->is_sent = true;
	slot->since = now;
	client->status.asked++;
	return true;
}

void
tables_client_send(struct tables_client *client)
{
	int64_t now = tables_client_now(client);

	client->is_stuck = false;
	if (client->fd < 0 || client->is_hung)
		return;
	for (unsigned i = 0; i < TABLES_OPEN_MAX && client->n_open > 0; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry != NULL && !slot->is_sent && !slot_send(client, slot, now))
			return;
	}
}

/* Ask for ENTRY. False: too many questions are open. */
static bool
entry_ask(struct tables_client *client, struct dns_entry *entry, int64_t now)
{
	if (client->n_open == TABLES_OPEN_MAX)
		return false;
	while (client->open[client->next_slot].entry != NULL)
		client->next_slot = (client->next_slot + 1) % TABLES_OPEN_MAX;
	struct tables_open *slot = &client->open[client->next_slot];
	*slot = (struct tables_open){.entry = entry,
	    .id = ++client->serial * TABLES_OPEN_MAX + client->next_slot,
	    .since = now};
	entry->open = (uint16_t)(client->next_slot + 1);
	entry->is_late = false;
	client->n_open++;
	if (client->is_stuck)
		tables_client_send(client);
	else if (client->fd >= 0 && !client->is_hung)
		(void)slot_send(client, slot, now);
	return true;
}

void
tables_client_close(struct tables_client *client, struct tables_open *slot)
{
	struct dns_entry *entry = TAKE(slot->entry);

	entry->open = 0;
	client->n_open--;
	if (entry->waiters > 0)
		pthread_cond_broadcast(answered_of(client, entry));
}

int
tables_client_attach(struct tables_client *client, int fd, struct err *err)
{
	pthread_mutex_lock(&client->lock);
	if (tables_reader_start(client, fd, err) != 0) {
		pthread_mutex_unlock(&client->lock);
		(void)close(fd);
		return -1;
	}
	/* Its reader closes the old one when it sees the end. */
	if (client->fd >= 0)
		(void)shutdown(client->fd, SHUT_RDWR);
	client->fd = fd;
	client->is_hung = false;
	client->pinged = client->last_ping = 0;
	client->readers++;
	for (unsigned i = 0; i < TABLES_OPEN_MAX; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry == NULL)
			continue;
		slot->entry->is_late = false;
		slot->n_lost += slot->is_sent;
		slot->is_sent = slot->is_void = false;
		/* It may be what they died of. */
		if (slot->n_lost == TABLES_LOST_MAX) {
			slot->entry->is_late = true;
			tables_client_close(client, slot);
		}
	}
	tables_client_send(client);
	/* Whoever waits may wait longer now. */
	tables_client_wake_all(client);
	pthread_mutex_unlock(&client->lock);
	return 0;
}

static bool
question_is_good(const struct tables_question *question)
{
	return question->table.n > 0 && question->table.n <= TABLES_NAME_MAX &&
	       tables_key_is_safe(question->key);
}

static bool
entry_has_answer(const struct dns_entry *entry, int64_t now)
{
	return entry->reply != NULL && now < entry->expires;
}

/* The entry that has the answer, or will. NULL: it cannot be asked now. */
static struct dns_entry *
entry_of(struct tables_client *client, const struct tables_question *question, int64_t now)
{
	char key[CACHE_KEY_MAX];
	size_t n = question->table.n;

	memcpy(key, question->table.p, n);
	key[n++] = '\0';
	memcpy(key + n, question->key.p, question->key.n);
	n += question->key.n;
	struct dns_entry *entry = dns_cache_find(&client->cache, (struct view){key, n});
	if (entry == NULL)
		entry = dns_cache_add(&client->cache, (struct view){key, n});
	else
		dns_cache_touch(&client->cache, entry);
	if (entry == NULL || entry->open != 0 || entry_has_answer(entry, now))
		return entry;
	return entry_ask(client, entry, now) ? entry : NULL;
}

void
tables_client_start(struct tables_client *client, const struct tables_question *question)
{
	if (!question_is_good(question))
		return;
	pthread_mutex_lock(&client->lock);
	(void)entry_of(client, question, tables_client_now(client));
	pthread_mutex_unlock(&client->lock);
}

/* Until when it makes sense to wait for ENTRY; 0: not at all. */
static int64_t
wait_limit(
    const struct tables_client *client, const struct dns_entry *entry, int64_t deadline)
{
	int64_t away = client->away_since + TABLES_AWAY_MS * MILLISECOND;

	if (entry->is_late)
		return 0;
	if ((client->fd < 0 || client->is_hung) && away < deadline)
		return away;
	return deadline;
}

/* One turn of waiting; the lock is given up meanwhile. False: the limit was reached. */
static bool
entry_wait(
    struct tables_client *client, struct dns_entry *entry, int64_t limit, int64_t now)
{
	/* The limit is by the clock that was given, which in a test stands still. */
	int64_t until = clock_mono() + (limit - now);
	struct timespec at = {.tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000};

	entry->waiters++;
	client->waiters++;
	int code = pthread_cond_timedwait(answered_of(client, entry), &client->lock, &at);
	client->waiters--;
	entry->waiters--;
	return code == 0;
}

/* With the lock held. NULL: unknown. */
static const struct dns_entry *
answer_of(
    struct tables_client *client, const struct tables_question *question, int64_t deadline)
{
	bool has_waited = false, may_wait = true;

	for (;;) {
		int64_t now = tables_client_now(client);
		struct dns_entry *entry = entry_of(client, question, now);
		if (entry == NULL)
			return NULL;
		if (entry_has_answer(entry, now)) {
			client->status.hits += !has_waited;
			return entry;
		}
		int64_t limit = wait_limit(client, entry, deadline);
		if (limit <= now || !may_wait) {
			entry->is_late = entry->is_late || has_waited;
			return NULL;
		}
		if (client->waiters >= TABLES_WAITERS_MAX)
			return NULL;
		may_wait = entry_wait(client, entry, limit, now);
		has_waited = true;
	}
}

void
tables_client_get(struct tables_client *client, const struct tables_question *question,
    int64_t deadline, struct tables_reply *ret_reply)
{
	ret_reply->answer = ANSWER_UNKNOWN;
	ret_reply->n = 0;
	if (!question_is_good(question))
		return;
	pthread_mutex_lock(&client->lock);
	const struct dns_entry *entry = answer_of(client, question, deadline);
	if (entry != NULL) {
		ret_reply->answer = (enum fact_answer)entry->reply[0];
		ret_reply->n = entry->n_reply - 1U;
		memcpy(ret_reply->values, entry->reply + 1, ret_reply->n);
	} else {
		client->status.late += deadline != 0;
	}
	pthread_mutex_unlock(&client->lock);
}

void
tables_client_forget(struct tables_client *client)
{
	pthread_mutex_lock(&client->lock);
	for (struct dns_entry *entry = client->cache.newest; entry != NULL;
	     entry = entry->older)
		entry->expires = 0;
	for (unsigned i = 0; i < TABLES_OPEN_MAX; i++)
		client->open[i].is_void = client->open[i].entry != NULL;
	pthread_mutex_unlock(&client->lock);
}

void
tables_client_status(struct tables_client *client, struct tables_status *ret_status)
{
	pthread_mutex_lock(&client->lock);
	*ret_status = client->status;
	ret_status->is_there = client->fd >= 0 && !client->is_hung;
	ret_status->kept = client->cache.n_answers;
	ret_status->open = client->n_open;
	ret_status->trouble_age = (tables_client_now(client) - client->trouble_at) / SECOND;
	pthread_mutex_unlock(&client->lock);
}
