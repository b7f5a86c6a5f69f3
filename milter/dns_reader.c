/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_client_private.h"

enum { MILLISECOND = 1000, SECOND = 1000000 };

/* What an answer is told to others with, when the lock is no longer held. */
struct learned {
	struct dns_question question;
	struct addr egress[SPF_EGRESS_MAX];
	char frame[DNS_QUESTION_MAX];
	struct dns_reply_head reply;
};

static void
entry_put(struct dns_client *client, struct helper_entry *entry,
    const struct dns_reply_head *reply, int64_t now)
{
	char packed[DNS_PACKED_MAX];
	size_t n = dns_reply_pack(reply, packed);
	int64_t ttl = reply->ttl;

	helper_cache_set_reply(&client->cache, entry, (struct view){packed, n});
	entry->expires = now + ttl * SECOND;
	entry->is_marker = entry->is_late = entry->is_used = false;
	helper_cache_set_refresh(&client->cache, entry,
	    entry->is_ours ? now / SECOND + ttl * DNS_PREFETCH_PERCENT / 100 : 0);
	helper_wake(&client->helper, entry);
}

/* The answer is for this sender only: it goes where its full question stands. */
static void
entry_mark(struct dns_client *client, struct helper_entry *entry,
    const struct dns_question *question, const struct dns_reply_head *reply)
{
	char key[DNS_KEY_MAX];
	int64_t now = helper_now(&client->helper);
	struct view full = {key, dns_question_key(question, true, client->cache.seed, key)};

	entry->is_marker = true;
	entry->is_late = false;
	entry->expires = now + (int64_t)reply->ttl * SECOND;
	helper_cache_set_reply(&client->cache, entry, VIEW_NONE);
	helper_cache_set_refresh(&client->cache, entry, 0);
	helper_wake(&client->helper, entry);
	struct helper_entry *own = helper_cache_find(&client->cache, full);
	if (own == NULL)
		own = helper_cache_add(&client->cache, full);
	if (own != NULL)
		entry_put(client, own, reply, now);
}

static bool
entry_is_by_domain(const struct helper_entry *entry)
{
	return ((unsigned char)entry->key[0] & 1) == 0;
}

/* The answer of SLOT has come. */
static void
answer_take(struct dns_client *client, struct dns_open *slot, struct learned *learned)
{
	struct helper_entry *entry = slot->entry;
	const struct dns_reply_head *reply = &learned->reply;
	int64_t now = helper_now(&client->helper);

	memcpy(learned->frame, entry->frame, entry->n_frame);
	dns_question_read((struct view){learned->frame, entry->n_frame}, learned->egress,
	    &learned->question);
	learned->question.is_ours = entry->is_ours;
	client->status.answered++;
	bool is_per_message = reply->kind == DNS_ASK_SPF && reply->spf.is_per_message &&
			      reply->spf.outcome != SPF_EVAL_PENDING;
	if (dns_reply_is_empty(reply) && entry->reply != NULL && now < entry->expires)
		/* What is known stands until it runs out; meanwhile it is asked again. */
		helper_cache_set_refresh(
		    &client->cache, entry, now / SECOND + DNS_TTL_FAILURE);
	else if (is_per_message && entry_is_by_domain(entry))
		entry_mark(client, entry, &learned->question, reply);
	else
		entry_put(client, entry, reply, now);
	/* A domain of others is asked anew by whoever needs it. */
	dns_client_close(client, slot);
	if (!entry->is_ours)
		helper_cache_set_frame(entry, VIEW_NONE);
}

static void
learned_tell(
    const struct dns_calls *calls, const struct learned *learned, struct view answers)
{
	const struct dns_question *question = &learned->question;

	if (dns_reply_is_empty(&learned->reply))
		return;
	if (question->kind == DNS_ASK_SPF && question->is_ours &&
	    calls->spf_learned != NULL)
		calls->spf_learned(calls->context, question, &learned->reply.spf, answers);
	if ((question->kind == DNS_ASK_KEY || question->kind == DNS_ASK_KEY_EVERYWHERE) &&
	    calls->key_learned != NULL)
		calls->key_learned(calls->context, question, &learned->reply);
}

/* The open question that REPLY is for; NULL: none, it is late, double or made up. */
static struct dns_open *
slot_of(struct dns_client *client, const struct dns_reply_head *reply)
{
	struct dns_open *slot = &client->open[reply->id % DNS_JOBS_MAX];
	uint32_t kind;

	if (slot->entry == NULL || slot->id != reply->id || !slot->is_sent)
		return NULL;
	memcpy(&kind, slot->entry->frame, sizeof(kind));
	return kind == reply->kind ? slot : NULL;
}

void
dns_client_take(void *context, char *frame, size_t n)
{
	struct dns_client *client = context;
	struct learned learned;

	if (n < sizeof(learned.reply))
		return;
	memcpy(&learned.reply, frame, sizeof(learned.reply));
	if (!dns_reply_check(&learned.reply))
		return;
	pthread_mutex_lock(&client->helper.lock);
	client->heard = helper_now(&client->helper);
	client->helper.is_hung = false;
	struct dns_open *slot = slot_of(client, &learned.reply);
	if (slot != NULL)
		answer_take(client, slot, &learned);
	pthread_mutex_unlock(&client->helper.lock);
	if (slot != NULL)
		learned_tell(&client->calls, &learned,
		    (struct view){
			frame + sizeof(learned.reply), n - sizeof(learned.reply)});
}

static bool
entry_is_fatal(
    const struct dns_client *client, const struct helper_entry *entry, int64_t now)
{
	struct addr egress[SPF_EGRESS_MAX];
	struct dns_question question;

	dns_question_read((struct view){entry->frame, entry->n_frame}, egress, &question);
	return dns_client_is_fatal(client, &question, now);
}

/* Ask again what runs out soon and was used. */
static void
refresh_due(struct dns_client *client, int64_t now)
{
	struct helper_entry *entry;

	while ((entry = helper_cache_due(&client->cache, now / SECOND)) != NULL) {
		if (!entry->is_used || entry->open != 0 || entry->frame == NULL ||
		    entry_is_fatal(client, entry, now))
			continue;
		if (!dns_client_ask(client, entry, now))
			break;
		client->status.refreshed++;
	}
}

/* Microseconds that an answer may take. */
static int64_t
slot_patience(const struct dns_open *slot)
{
	uint32_t kind;

	memcpy(&kind, slot->entry->frame, sizeof(kind));
	return (kind == DNS_ASK_KEY_EVERYWHERE ? DNS_EVERYWHERE_MS : DNS_HUNG_MS) *
	       (int64_t)MILLISECOND;
}

/* Close what nobody answers. True: such was sent, so its process owes an answer. */
static bool
slots_expire(struct dns_client *client, int64_t now)
{
	bool is_late = false;

	for (unsigned i = 0; i < DNS_JOBS_MAX && client->n_open > 0; i++) {
		struct dns_open *slot = &client->open[i];
		if (slot->entry == NULL || now - slot->since < slot_patience(slot))
			continue;
		is_late = is_late || slot->is_sent;
		dns_client_close(client, slot);
	}
	return is_late;
}

/* Questions that nobody answers, and what that says about the process. True: it is hung,
 * and that is to be told. */
static bool
open_look(struct dns_client *client, int64_t now)
{
	const int64_t stuck_since = client->helper.stuck_since;
	int64_t silent = now - client->heard;
	/* How long it was idle before says nothing: it counts from the full socket. */
	bool is_stuck = stuck_since != 0 &&
			now - stuck_since >= DNS_STUCK_MS * (int64_t)MILLISECOND &&
			silent >= DNS_STUCK_MS * (int64_t)MILLISECOND;
	bool is_late =
	    slots_expire(client, now) && silent >= DNS_HUNG_MS * (int64_t)MILLISECOND;

	return helper_look(&client->helper, is_stuck || is_late, now);
}

void
dns_client_tick(void *context)
{
	struct dns_client *client = context;

	pthread_mutex_lock(&client->helper.lock);
	int64_t now = helper_now(&client->helper);
	dns_client_send(client);
	refresh_due(client, now);
	bool is_hung = open_look(client, now);
	pthread_mutex_unlock(&client->helper.lock);
	if (is_hung && client->calls.hung != NULL)
		client->calls.hung(client->calls.context);
}
