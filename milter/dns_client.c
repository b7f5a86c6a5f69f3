/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_client_private.h"

enum { SECOND = 1000000 };

struct dns_client *
dns_client_new(const struct dns_calls *calls, struct map_seed seed)
{
	struct dns_client *client = mem_zeroed(1, sizeof(*client));

	client->calls = *calls;
	client->helper.owner = client;
	client->helper.calls =
	    (struct helper_calls){dns_client_take, DNS_FRAME_MAX, dns_client_tick};
	client->helper.now = calls->now;
	client->helper.now_context = calls->context;
	helper_init(&client->helper);
	helper_cache_init(&client->cache, seed, DNS_CACHE_MAX);
	return client;
}

void
dns_client_free(struct dns_client *client)
{
	if (client == NULL)
		return;
	helper_fini(&client->helper);
	helper_cache_fini(&client->cache);
	free(client);
}

/* False: not now, its socket is full, or it is gone. */
static bool
slot_send(struct dns_client *client, struct dns_open *slot, int64_t now)
{
	char frame[DNS_QUESTION_MAX];
	struct dns_question_head head;
	size_t n = slot->entry->n_frame;

	memcpy(frame, slot->entry->frame, n);
	memcpy(&head, frame, sizeof(head));
	head.id = slot->id;
	memcpy(frame, &head, sizeof(head));
	if (!helper_send(&client->helper, frame, n, now))
		return false;
	slot->is_sent = true;
	slot->since = now;
	client->n_suspects += slot->n_lost > 0;
	client->status.asked++;
	return true;
}

/* False: one could not be sent. */
static bool
slots_send(struct dns_client *client, bool is_ours, int64_t now)
{
	for (unsigned i = 0; i < DNS_JOBS_MAX && client->n_open > 0; i++) {
		struct dns_open *slot = &client->open[i];

		if (slot->entry == NULL || slot->is_sent || slot->is_ours != is_ours)
			continue;
		if (slot->n_lost > 0 && client->n_suspects == DNS_SUSPECTS_MAX)
			continue;
		if (!slot_send(client, slot, now))
			return false;
	}
	return true;
}

void
dns_client_send(struct dns_client *client)
{
	int64_t now = helper_now(&client->helper);

	if (!helper_is_there(&client->helper) ||
	    (slots_send(client, true, now) && slots_send(client, false, now)))
		client->helper.stuck_since = 0;
}

bool
dns_client_ask(struct dns_client *client, struct helper_entry *entry, int64_t now)
{
	must(entry->open == 0 && entry->frame != NULL);
	if (client->n_open == DNS_JOBS_MAX ||
	    (!entry->is_ours && client->n_others == DNS_OTHERS_JOBS))
		return false;
	while (client->open[client->next_slot].entry != NULL)
		client->next_slot = (client->next_slot + 1) % DNS_JOBS_MAX;
	struct dns_open *slot = &client->open[client->next_slot];
	*slot = (struct dns_open){.entry = entry,
	    .id = ++client->serial * DNS_JOBS_MAX + client->next_slot,
	    .since = now,
	    .is_ours = entry->is_ours};
	entry->open = (uint16_t)(client->next_slot + 1);
	entry->is_late = false;
	client->n_open++;
	client->n_others += !slot->is_ours;
	if (client->helper.stuck_since != 0)
		dns_client_send(client);
	else if (helper_is_there(&client->helper))
		(void)slot_send(client, slot, now);
	return true;
}

void
dns_client_close(struct dns_client *client, struct dns_open *slot)
{
	struct helper_entry *entry = TAKE(slot->entry);

	entry->open = 0;
	client->n_open--;
	client->n_others -= !slot->is_ours;
	client->n_suspects -= slot->is_sent && slot->n_lost > 0;
	helper_wake(&client->helper, entry);
}

static bool
entry_has_answer(const struct helper_entry *entry, int64_t now)
{
	return (entry->reply != NULL || entry->is_marker) && now < entry->expires;
}

/* The entry of QUESTION by one of its keys, made when it is missing; asked when it has no
 * answer and is not being asked. */
static struct helper_entry *
entry_by(struct dns_client *client, const struct dns_question *question, bool is_full,
    int64_t now)
{
	char key[DNS_KEY_MAX], frame[DNS_QUESTION_MAX];
	size_t n = dns_question_key(question, is_full, client->cache.seed, key);

	struct helper_entry *entry =
	    helper_cache_find(&client->cache, (struct view){key, n});
	if (entry == NULL)
		entry = helper_cache_add(&client->cache, (struct view){key, n});
	else
		helper_cache_touch(&client->cache, entry);
	if (entry == NULL)
		return NULL;
	bool has_answer = entry_has_answer(entry, now);
	entry->is_ours = entry->is_ours || question->is_ours;
	entry->is_used = true;
	bool is_due = has_answer && entry->is_ours && entry->refresh != 0 &&
		      entry->refresh <= now / SECOND && !entry->is_due;
	if (entry->open != 0 || (has_answer && !is_due))
		return entry;
	if (dns_client_is_fatal(client, question, now))
		return has_answer ? entry : NULL;
	n = dns_question_frame(question, frame);
	helper_cache_set_frame(entry, (struct view){frame, n});
	bool is_asked = dns_client_ask(client, entry, now);
	client->status.refreshed += is_asked && is_due;
	return is_asked || has_answer ? entry : NULL;
}

/* The entry that has the answer, or will. NULL: it cannot be asked. */
static struct helper_entry *
entry_of(struct dns_client *client, const struct dns_question *question, int64_t now)
{
	struct helper_entry *entry = entry_by(client, question, false, now);

	if (entry != NULL && entry->is_marker && entry_has_answer(entry, now))
		entry = entry_by(client, question, true, now);
	return entry;
}

void
dns_client_start(struct dns_client *client, const struct dns_question *question)
{
	if (!dns_question_is_good(question))
		return;
	pthread_mutex_lock(&client->helper.lock);
	(void)entry_of(client, question, helper_now(&client->helper));
	pthread_mutex_unlock(&client->helper.lock);
}

static bool
may_wait_for(const struct dns_client *client, const struct helper_entry *entry)
{
	return client->helper.waiters < DNS_WAITERS_MAX &&
	       (entry->is_ours || client->waiters_of_others < DNS_OTHERS_WAITERS);
}

static bool
entry_wait(
    struct dns_client *client, struct helper_entry *entry, int64_t limit, int64_t now)
{
	unsigned of_others = !entry->is_ours;

	client->waiters_of_others += of_others;
	bool is_in_time = helper_wait(&client->helper, entry, limit, now);
	client->waiters_of_others -= of_others;
	return is_in_time;
}

/* With the lock held. NULL: unknown. */
static struct helper_entry *
answer_of(struct dns_client *client, const struct dns_question *question, int64_t deadline)
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
		if (!may_wait_for(client, entry)) {
			client->status.crowded++;
			return NULL;
		}
		may_wait = entry_wait(client, entry, limit, now);
		has_waited = true;
	}
}

bool
dns_client_get(struct dns_client *client, const struct dns_question *question,
    int64_t deadline, struct dns_reply_head *ret_reply)
{
	if (!dns_question_is_good(question))
		return false;
	pthread_mutex_lock(&client->helper.lock);
	const struct helper_entry *entry = answer_of(client, question, deadline);
	if (entry != NULL)
		dns_reply_unpack((struct view){entry->reply, entry->n_reply}, ret_reply);
	else
		client->status.late += deadline != 0;
	pthread_mutex_unlock(&client->helper.lock);
	return entry != NULL;
}

void
dns_client_status(struct dns_client *client, struct dns_status *ret_status)
{
	pthread_mutex_lock(&client->helper.lock);
	*ret_status = client->status;
	ret_status->is_there = helper_is_there(&client->helper);
	ret_status->kept = client->cache.n_answers;
	ret_status->open = client->n_open;
	pthread_mutex_unlock(&client->helper.lock);
}
