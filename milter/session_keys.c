/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "policy/rule.h"

#include "milter/session_private.h"

/* What is known of the keys that may sign for the author of a message. */

/* What was known of KEY before this message. */
static void
fact_key_last(
    const struct session *session, const struct policy_key *key, struct fact_key *fact)
{
	const struct session_world *world = session->world;

	*fact = (struct fact_key){.domain = key->domain, .selector = key->selector};
	if (world->key_state != NULL)
		(void)world->key_state(
		    world->context, session->message->generation, key, NULL, fact);
}

static bool
has_key(const struct policy_key *const *keys, uint32_t n, const struct policy_key *key)
{
	for (uint32_t i = 0; i < n; i++)
		if (keys[i] == key)
			return true;
	return false;
}

/* Of a domain with more keys than there is room for: those that would sign now. */
static uint32_t
signing_keys(const struct session *session, struct view domain,
    const struct policy_key *keys[2 * ALGORITHMS])
{
	const struct policy_key *key, *best[2 * ALGORITHMS] = {NULL};
	struct fact_key facts[2 * ALGORITHMS];
	uint32_t n = 0;

	for (size_t i = 0;
	     (key = policy_key_at(session->message->generation->policy, domain, i)) != NULL;
	     i++) {
		unsigned at = 2 * (unsigned)key->algorithm + key->named;
		struct fact_key fact;

		fact_key_last(session, key, &fact);
		if (best[at] != NULL && !policy_key_is_better(&fact, &facts[at]))
			continue;
		best[at] = key;
		facts[at] = fact;
	}
	for (unsigned i = 0; i < ARRAY_LEN(best); i++)
		if (best[i] != NULL)
			keys[n++] = best[i];
	return n;
}

/* The keys of DOMAIN behind the N that KEYS has. How many there are then. */
static uint32_t
domain_keys(const struct session *session, struct view domain,
    const struct policy_key *keys[FACTS_KEYS_MAX], uint32_t n)
{
	const struct policy *policy = session->message->generation->policy;
	const struct policy_key *signing[2 * ALGORITHMS], *key;

	if (policy_key_at(policy, domain, FACTS_KEYS_MAX - n) != NULL) {
		uint32_t n_signing = signing_keys(session, domain, signing);
		for (uint32_t i = 0; i < n_signing && n < FACTS_KEYS_MAX; i++)
			keys[n++] = signing[i];
	}
	for (size_t i = 0;
	     n < FACTS_KEYS_MAX && (key = policy_key_at(policy, domain, i)) != NULL; i++)
		if (!has_key(keys, n, key))
			keys[n++] = key;
	return n;
}

uint32_t
session_keys_of_author(
    const struct session *session, const struct policy_key *keys[FACTS_KEYS_MAX])
{
	struct view domain = session->message->facts.author.domain, label;
	uint32_t n = 0;

	for (; domain.n > 0 && n < FACTS_KEYS_MAX; (void)view_cut(&domain, '.', &label))
		n = domain_keys(session, domain, keys, n);
	return n;
}

struct dns_question
session_keys_question(const struct policy_key *key)
{
	return (struct dns_question){.kind = DNS_ASK_KEY,
	    .domain = key->domain,
	    .selector = key->selector,
	    .is_ours = true};
}

/* What the receiver process learned of signatures that a key made. */
static enum fact_seen
opinion_of(const struct generation *generation, const struct policy_key *key)
{
	if (generation->opinions == NULL)
		return SEEN_UNKNOWN;
	switch (atomic_load(&generation->opinions[key->index])) {
	case OPINION_AGREES:
		return SEEN_AGREES;
	case OPINION_DISAGREES:
		return SEEN_DISAGREES;
	default:
		return SEEN_UNKNOWN;
	}
}

/* Fills FACT with what DNS has of KEY. One that is new is to be found at every server; that
 * is waited for like the rest, because it happens once in the life of a key. */
static void
fact_key_state(
    const struct session *session, const struct policy_key *key, struct fact_key *fact)
{
	const struct session_world *world = session->world;
	struct generation *generation = session->message->generation;
	struct dns_question question = session_keys_question(key);
	struct dns_reply_head reply;

	if (world->key_state == NULL)
		return;
	/* Mail that comes back is signed as well, by what is known. */
	bool has_reply =
	    session_dns_is_asked(session) && session_dns_get(session, &question, &reply);
	if (world->key_state(
		world->context, generation, key, has_reply ? &reply : NULL, fact))
		return;
	question.kind = DNS_ASK_KEY_EVERYWHERE;
	if (has_reply && session_dns_get(session, &question, &reply))
		(void)world->key_state(world->context, generation, key, &reply, fact);
}

void
session_keys_end(struct session *session)
{
	struct message *message = session->message;
	struct facts *facts = &message->facts;
	const struct policy_key *keys[FACTS_KEYS_MAX];
	uint32_t n =
	    message->generation != NULL ? session_keys_of_author(session, keys) : 0;
	struct fact_key *list = arena_array(message->arena, n + 1, sizeof(list[0]));

	for (uint32_t i = 0; list != NULL && i < n; i++) {
		struct fact_key *fact = &list[facts->n_keys];
		*fact = (struct fact_key){.domain = keys[i]->domain,
		    .selector = keys[i]->selector,
		    .opinion = opinion_of(message->generation, keys[i])};
		fact_key_state(session, keys[i], fact);
		/* What is wholly unknown is what it is for keys that are not there, too. */
		facts->n_keys += fact->state != KEY_UNKNOWN || fact->is_published ||
				 fact->last_ready != 0 || fact->opinion != SEEN_UNKNOWN;
	}
	facts->keys = list;
}
