/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_client_private.h"

/*
 * What a dns process had to answer when it ended is put to its successor. One of these
 * questions may be what it died of: they go out a few at a time, and with which of them the
 * successor ends, too, is not asked again for some time.
 */

enum { SECOND = 1000000 };

/* Who is told of it when the lock is no longer held. */
struct blamed {
	enum dns_kind kind;
	char domain[DNS_NAME_MAX + 1], selector[DNS_NAME_MAX + 1];
};

/* The same for each sender: whoever writes as a domain of theirs may choose that. */
static uint64_t
question_hash(const struct dns_client *client, const struct dns_question *question)
{
	char key[DNS_KEY_MAX];
	size_t n = dns_question_key(question, false, client->cache.seed, key);

	return siphash(client->cache.seed, key, n);
}

bool
dns_client_is_fatal(
    const struct dns_client *client, const struct dns_question *question, int64_t now)
{
	if (client->n_fatal == 0)
		return false;
	uint64_t hash = question_hash(client, question);
	for (unsigned i = 0; i < client->n_fatal && i < DNS_FATAL_MAX; i++)
		if (client->fatal[i].hash == hash && now < client->fatal[i].until)
			return true;
	return false;
}

static void
blame(struct dns_client *client, struct dns_open *slot, int64_t now, struct blamed *blamed)
{
	struct addr egress[SPF_EGRESS_MAX];
	struct dns_question question;

	dns_question_read(
	    (struct view){slot->entry->frame, slot->entry->n_frame}, egress, &question);
	client->fatal[client->n_fatal++ % DNS_FATAL_MAX] =
	    (struct dns_fatal){.hash = question_hash(client, &question),
		.until = now + DNS_FATAL_SECONDS * (int64_t)SECOND};
	memset(blamed, 0, sizeof(*blamed));
	blamed->kind = question.kind;
	memcpy(blamed->domain, question.domain.p, question.domain.n);
	if (question.selector.n > 0)
		memcpy(blamed->selector, question.selector.p, question.selector.n);
	slot->entry->is_late = true;
	dns_client_close(client, slot);
}

/* What was sent is to be sent again, or given up. How many were. */
static unsigned
slots_lose(struct dns_client *client, int64_t now, struct blamed blamed[DNS_SUSPECTS_MAX])
{
	unsigned n = 0;

	client->n_suspects = 0;
	for (unsigned i = 0; i < DNS_JOBS_MAX; i++) {
		struct dns_open *slot = &client->open[i];

		if (slot->entry == NULL)
			continue;
		slot->entry->is_late = false;
		slot->n_lost += slot->is_sent;
		slot->is_sent = false;
		if (slot->n_lost < DNS_LOST_MAX)
			continue;
		must(n < DNS_SUSPECTS_MAX);
		blame(client, slot, now, &blamed[n++]);
	}
	return n;
}

static void
blamed_tell(const struct dns_client *client, const struct blamed *blamed)
{
	const struct dns_question question = {.kind = blamed->kind,
	    .domain = view_of(blamed->domain),
	    .selector = view_of(blamed->selector)};

	if (client->calls.fatal != NULL)
		client->calls.fatal(client->calls.context, &question);
}

int
dns_client_attach(struct dns_client *client, int fd, struct err *err)
{
	struct blamed blamed[DNS_SUSPECTS_MAX];

	pthread_mutex_lock(&client->helper.lock);
	if (helper_attach(&client->helper, fd, err) == -1) {
		pthread_mutex_unlock(&client->helper.lock);
		return -1;
	}
	client->heard = helper_now(&client->helper);
	unsigned n = slots_lose(client, client->heard, blamed);
	dns_client_send(client);
	/* Whoever waits may wait longer now. */
	helper_wake_all(&client->helper);
	pthread_mutex_unlock(&client->helper.lock);
	for (unsigned i = 0; i < n; i++)
		blamed_tell(client, &blamed[i]);
	return 0;
}
