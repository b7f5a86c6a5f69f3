/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/tables_ask.h"
#include "milter/tables_client_private.h"

enum {
	SECOND = 1000000,
	CACHE_KEY_MAX = TABLES_NAME_MAX + 1 + TABLES_KEY_MAX,
};

struct tables_client *
tables_client_new(const struct tables_calls *calls, struct map_seed seed)
{
	struct tables_client *client = mem_zeroed(1, sizeof(*client));

	client->calls = *calls;
	client->helper.owner = client;
	client->helper.calls = (struct helper_calls){
	    tables_client_take, sizeof(struct tables_answer_frame), tables_client_tick};
	client->helper.now = calls->now;
	client->helper.now_context = calls->context;
	helper_init(&client->helper);
	helper_cache_init(&client->cache, seed, TABLES_CACHE_MAX);
	return client;
}

void
tables_client_free(struct tables_client *client)
{
	if (client == NULL)
		return;
	helper_fini(&client->helper);
	helper_cache_fini(&client->cache);
	free(client);
}

/* False: not now, its socket is full, or it is gone. */
static bool
slot_send(struct tables_client *client, struct tables_open *slot, int64_t now)
{
	const struct helper_entry *entry = slot->entry;
	size_t n_table = strlen(entry->key), n_key = entry->n_key - n_table - 1;
	struct tables_question_frame frame = {.head = {.kind = TABLES_ASK,
						  .n_table = (uint32_t)n_table,
						  .n_key = (uint32_t)n_key,
						  .id = slot->id}};

	memcpy(frame.payload, entry->key, n_table);
	memcpy(frame.payload + n_table, entry->key + n_table + 1, n_key);
	if (!helper_send(
		&client->helper, &frame, sizeof(frame.head) + n_table + n_key, now))
		return false;
	slot->is_sent = true;
	slot->since = now;
	client->status.asked++;
	return true;
}

void
tables_client_send(struct tables_client *client)
{
	int64_t now = helper_now(&client->helper);

	client->helper.stuck_since = 0;
	if (!helper_is_there(&client->helper))
		return;
	for (unsigned i = 0; i < TABLES_OPEN_MAX && client->n_open > 0; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry != NULL && !slot->is_sent && !slot_send(client, slot, now))
			return;
	}
}

/* May somebody who has N_OWN of N places, of MAX there are, have one more? */
static bool
is_fair(unsigned n_own, unsigned n, unsigned max)
{
	return n_own < max - n;
}

static bool
may_ask(const struct tables_client *client, uint64_t origin)
{
	unsigned n = 0;

	/* Whoever has them all has not more than there is room for. */
	if (is_fair(client->n_open, client->n_open, TABLES_OPEN_MAX))
		return true;
	for (unsigned i = 0; i < TABLES_OPEN_MAX; i++)
		n += client->open[i].entry != NULL && client->open[i].origin == origin;
	return is_fair(n, client->n_open, TABLES_OPEN_MAX);
}

/* Ask for ENTRY. False: too many questions are open, in all or of this origin. */
static bool
entry_ask(
    struct tables_client *client, struct helper_entry *entry, uint64_t origin, int64_t now)
{
	if (!may_ask(client, origin))
		return false;
	while (client->open[client->next_slot].entry != NULL)
		client->next_slot = (client->next_slot + 1) % TABLES_OPEN_MAX;
	struct tables_open *slot = &client->open[client->next_slot];
	*slot = (struct tables_open){.entry = entry,
	    .id = ++client->serial * TABLES_OPEN_MAX + client->next_slot,
	    .origin = origin,
	    .since = now};
	entry->open = (uint16_t)(client->next_slot + 1);
	entry->is_late = false;
	client->n_open++;
	if (client->helper.stuck_since != 0)
		tables_client_send(client);
	else if (helper_is_there(&client->helper))
		(void)slot_send(client, slot, now);
	return true;
}

void
tables_client_close(struct tables_client *client, struct tables_open *slot)
{
	struct helper_entry *entry = TAKE(slot->entry);

	entry->open = 0;
	client->n_open--;
	helper_wake(&client->helper, entry);
}

/* Processes ended with it: who asks again soon does not end the next one, too. */
static void
slot_give_up(struct tables_client *client, struct tables_open *slot, int64_t now)
{
	const char unknown = ANSWER_UNKNOWN;

	helper_cache_set_reply(&client->cache, slot->entry, (struct view){&unknown, 1});
	slot->entry->expires = now + TABLES_TTL_FAILED * (int64_t)SECOND;
	tables_client_close(client, slot);
}

int
tables_client_attach(struct tables_client *client, int fd, struct err *err)
{
	pthread_mutex_lock(&client->helper.lock);
	if (helper_attach(&client->helper, fd, err) == -1) {
		pthread_mutex_unlock(&client->helper.lock);
		return -1;
	}
	client->pinged = client->last_ping = 0;
	for (unsigned i = 0; i < TABLES_OPEN_MAX; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry == NULL)
			continue;
		slot->entry->is_late = false;
		slot->n_lost += slot->is_sent;
		slot->is_sent = slot->is_void = false;
		if (slot->n_lost == TABLES_LOST_MAX)
			slot_give_up(client, slot, helper_now(&client->helper));
	}
	tables_client_send(client);
	/* Whoever waits may wait longer now. */
	helper_wake_all(&client->helper);
	pthread_mutex_unlock(&client->helper.lock);
	return 0;
}

static bool
question_is_good(const struct tables_question *question)
{
	return question->table.n > 0 && question->table.n <= TABLES_NAME_MAX &&
	       tables_key_is_safe(question->key);
}

static bool
entry_has_answer(const struct helper_entry *entry, int64_t now)
{
	return entry->reply != NULL && now < entry->expires;
}

/* The entry that has the answer, or will. NULL: it cannot be asked now. */
static struct helper_entry *
entry_of(struct tables_client *client, const struct tables_question *question, int64_t now)
{
	char key[CACHE_KEY_MAX];
	size_t n = question->table.n;

	memcpy(key, question->table.p, n);
	key[n++] = '\0';
	memcpy(key + n, question->key.p, question->key.n);
	n += question->key.n;
	struct helper_entry *entry =
	    helper_cache_find(&client->cache, (struct view){key, n});
	if (entry == NULL)
		entry = helper_cache_add(&client->cache, (struct view){key, n});
	else
		helper_cache_touch(&client->cache, entry);
	if (entry == NULL || entry->open != 0 || entry_has_answer(entry, now))
		return entry;
	return entry_ask(client, entry, question->origin, now) ? entry : NULL;
}

void
tables_client_start(struct tables_client *client, const struct tables_question *question)
{
	if (!question_is_good(question))
		return;
	pthread_mutex_lock(&client->helper.lock);
	(void)entry_of(client, question, helper_now(&client->helper));
	pthread_mutex_unlock(&client->helper.lock);
}

static bool
may_wait_for(const struct tables_client *client, uint64_t origin)
{
	unsigned n_all = client->helper.waiters, n = 0;

	if (is_fair(n_all, n_all, TABLES_WAITERS_MAX))
		return true;
	for (unsigned i = 0; i < n_all; i++)
		n += client->waiting[i] == origin;
	return is_fair(n, n_all, TABLES_WAITERS_MAX);
}

/* One turn of waiting. False: the limit was reached. */
static bool
entry_wait(struct tables_client *client, struct helper_entry *entry, uint64_t origin,
    int64_t limit)
{
	struct helper *helper = &client->helper;
	unsigned i = 0;

	client->waiting[helper->waiters] = origin;
	bool is_in_time = helper_wait(helper, entry, limit, helper_now(helper));
	while (client->waiting[i] != origin)
		i++;
	client->waiting[i] = client->waiting[helper->waiters];
	return is_in_time;
}

/* With the lock held. NULL: unknown. */
static const struct helper_entry *
answer_of(
    struct tables_client *client, const struct tables_question *question, int64_t deadline)
{
	bool has_waited = false, may_wait = true;

	for (;;) {
		int64_t now = helper_now(&client->helper);
		struct helper_entry *entry = entry_of(client, question, now);
		if (entry == NULL)
			return NULL;
		if (entry_has_answer(entry, now)) {
			client->status.hits += !has_waited;
			return entry;
		}
		int64_t limit = helper_wait_limit(&client->helper, entry, deadline);
		if (limit <= now || !may_wait) {
			entry->is_late = entry->is_late || has_waited;
			return NULL;
		}
		/* Whoever has waited is woken for others, too, and keeps his place. */
		if (!has_waited && !may_wait_for(client, question->origin))
			return NULL;
		may_wait = entry_wait(client, entry, question->origin, limit);
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
	pthread_mutex_lock(&client->helper.lock);
	const struct helper_entry *entry = answer_of(client, question, deadline);
	if (entry != NULL) {
		ret_reply->answer = (enum fact_answer)entry->reply[0];
		ret_reply->n = entry->n_reply - 1U;
		memcpy(ret_reply->values, entry->reply + 1, ret_reply->n);
	} else {
		client->status.late += deadline != 0;
	}
	pthread_mutex_unlock(&client->helper.lock);
}

void
tables_client_forget(struct tables_client *client)
{
	pthread_mutex_lock(&client->helper.lock);
	for (struct helper_entry *entry = client->cache.newest; entry != NULL;
	     entry = entry->older)
		entry->expires = 0;
	for (unsigned i = 0; i < TABLES_OPEN_MAX; i++)
		client->open[i].is_void = client->open[i].entry != NULL;
	pthread_mutex_unlock(&client->helper.lock);
}

void
tables_client_status(struct tables_client *client, struct tables_status *ret_status)
{
	pthread_mutex_lock(&client->helper.lock);
	*ret_status = client->status;
	ret_status->is_there = helper_is_there(&client->helper);
	ret_status->kept = client->cache.n_answers;
	ret_status->open = client->n_open;
	ret_status->trouble_age =
	    (helper_now(&client->helper) - client->trouble_at) / SECOND;
	pthread_mutex_unlock(&client->helper.lock);
}
