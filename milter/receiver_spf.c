/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/receiver_client_private.h"

enum { ANSWERS_BYTES = 4 << 20 };

static bool
is_fatal(const struct receiver_client *client, uint64_t hash)
{
	for (unsigned i = 0; i < client->n_fatal && i < RECEIVER_SPF_FATAL_MAX; i++)
		if (client->fatal[i] == hash)
			return true;
	return false;
}

static uint64_t
answer_hash(struct map_seed seed, const struct dns_answer *answer)
{
	char name[DNS_NAME_MAX * 4 + 16];
	uint64_t sum = 0;

	int n = snprintf(name, sizeof(name), "%d %d %.*s", (int)answer->type,
	    (int)answer->state, VIEW_ARG(answer->name));
	sum = siphash(seed, name, (size_t)n);
	for (uint32_t i = 0; i < answer->n; i++) {
		struct map_seed of_name = {seed.k0 ^ sum, seed.k1};
		sum +=
		    siphash(of_name, answer->records[i].data.p, answer->records[i].data.n);
	}
	return sum;
}

/*
 * Of what DNS says about DOMAIN, in any order and whatever the times: a question that was
 * fatal is the same one when only they have changed, and when somebody else sends.
 */
static bool
answers_hash(struct map_seed seed, const struct receiver_spf *asked, uint64_t *ret_hash)
{
	struct arena *arena = arena_new(ANSWERS_BYTES);
	struct answers *answers = answers_new(arena);
	struct err err = ERR_INIT;
	bool is_read = answers_unpack(answers, asked->answers, &err) == 0;

	uint64_t sum = siphash(seed, asked->domain.p, asked->domain.n);
	sum += siphash(seed, asked->egress.bytes, sizeof(asked->egress.bytes));
	for (size_t i = 0; is_read && i < answers_count(answers); i++)
		sum += answer_hash(seed, answers_at(answers, i));
	arena_free(arena);
	*ret_hash = sum;
	return is_read;
}

static void
payload_add(const struct receiver_spf *asked, struct buf *out)
{
	struct receiver_spf_head head;

	memset(&head, 0, sizeof(head));
	head.client = asked->egress;
	buf_add_bytes(out, &head, sizeof(head));
	buf_add_text(out, spf_outcome_name(asked->ours));
	buf_add_char(out, '\0');
	buf_add(out, asked->domain);
	buf_add_char(out, '\0');
	buf_add(out, asked->sender);
	buf_add_char(out, '\0');
	buf_add(out, asked->helo);
	buf_add_char(out, '\0');
	buf_add(out, asked->answers);
}

bool
receiver_spf_is_late(const struct receiver_client *client, int64_t now)
{
	for (unsigned i = 0; i < RECEIVER_SPF_QUESTIONS; i++)
		if (client->spf[i].is_busy &&
		    now - client->spf[i].sent_at > RECEIVER_ANSWER_MS * 1000L)
			return true;
	return false;
}

static struct spf_asked *
find_free(struct receiver_client *client)
{
	for (unsigned i = 0; i < RECEIVER_SPF_QUESTIONS; i++)
		if (!client->spf[i].is_busy)
			return &client->spf[i];
	return NULL;
}

/* With the lock held. */
static bool
question_send(struct receiver_client *client, const struct receiver_spf *asked,
    uint64_t hash, struct view payload)
{
	struct spf_asked *free_one = find_free(client);
	struct receiver_frame frame = {
	    .type = RECEIVER_SPF, .serial = client->spf_serial + 1};

	if (free_one == NULL || asked->domain.n >= sizeof(free_one->domain) ||
	    receiver_frame_send(client->socket, &frame, payload, MSG_DONTWAIT) != 0) {
		client->spf_lost++;
		return false;
	}
	*free_one = (struct spf_asked){.is_busy = true,
	    .serial = ++client->spf_serial,
	    .hash = hash,
	    .sent_at = clock_mono()};
	memcpy(free_one->domain, asked->domain.p, asked->domain.n);
	return true;
}

void
receiver_client_spf(struct receiver_client *client, const struct receiver_spf *asked)
{
	struct buf payload = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	uint64_t hash = 0;
	bool is_hung;

	payload_add(asked, &payload);
	if (payload.full || asked->answers.n == 0 || asked->ours == SPF_EVAL_PENDING ||
	    !answers_hash(client->seed, asked, &hash)) {
		buf_fini(&payload);
		return;
	}
	pthread_mutex_lock(&client->lock);
	is_hung = receiver_spf_is_late(client, clock_mono());
	if (client->socket != NULL && !is_fatal(client, hash))
		(void)question_send(client, asked, hash, buf_view(&payload));
	pthread_mutex_unlock(&client->lock);
	buf_fini(&payload);
	if (is_hung)
		client->calls.hung(client->calls.context);
}

void
receiver_spf_lose(struct receiver_client *client, char ret_domain[DNS_NAME_MAX + 1])
{
	struct spf_asked *oldest = NULL;

	for (unsigned i = 0; i < RECEIVER_SPF_QUESTIONS; i++) {
		struct spf_asked *at = &client->spf[i];
		if (!at->is_busy)
			continue;
		at->is_busy = false;
		client->spf_lost++;
		if (oldest == NULL || (int32_t)(at->serial - oldest->serial) < 0)
			oldest = at;
	}
	ret_domain[0] = '\0';
	if (oldest == NULL)
		return;
	client->fatal[client->n_fatal++ % RECEIVER_SPF_FATAL_MAX] = oldest->hash;
	memcpy(ret_domain, oldest->domain, sizeof(oldest->domain));
}

static void
tell(struct receiver_client *client, const char *domain, enum receiver_opinion opinion,
    const char *reason)
{
	if (client->calls.spf_opinion != NULL)
		client->calls.spf_opinion(
		    client->calls.context, view_of(domain), opinion, reason);
}

void
receiver_spf_tell_lost(struct receiver_client *client, const char *domain)
{
	if (domain[0] != '\0')
		tell(client, domain, RECEIVER_NO_OPINION,
		    "libspf2 did not survive what DNS says of it");
}

void
receiver_spf_verdict(struct receiver_client *client, const struct receiver_verdict *verdict)
{
	const struct receiver_result *result = &verdict->results[0];
	char domain[DNS_NAME_MAX + 1] = "";

	if (verdict->n != 1 || result->opinion > RECEIVER_DISAGREES)
		return;
	pthread_mutex_lock(&client->lock);
	for (unsigned i = 0; i < RECEIVER_SPF_QUESTIONS; i++) {
		struct spf_asked *at = &client->spf[i];
		if (!at->is_busy || at->serial != verdict->serial)
			continue;
		at->is_busy = false;
		memcpy(domain, at->domain, sizeof(domain));
		client->spf_judged++;
		client->spf_disagreed += result->opinion == RECEIVER_DISAGREES;
	}
	pthread_mutex_unlock(&client->lock);
	if (domain[0] != '\0')
		tell(
		    client, domain, (enum receiver_opinion)result->opinion, result->reason);
}
