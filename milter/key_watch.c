/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/key_watch_private.h"

enum { SAY_MAX = 1024, PUBLIC_TEXT_MAX = 1024 };

static void
restore(void *context, const struct state_key *row)
{
	const struct key_watch *watch = context;
	int64_t now = watch->calls.now(watch->calls.context);
	struct state_key cut = *row;

	/* The clock was ahead then. */
	cut.first_seen = cut.first_seen < now ? cut.first_seen : now;
	cut.since = cut.since < now ? cut.since : now;
	cut.last_ready = cut.last_ready < now ? cut.last_ready : now;
	cut.replaced = cut.replaced < now ? cut.replaced : now;
	key_states_restore(watch->states, &cut);
}

struct key_watch *
key_watch_new(const struct key_watch_calls *calls, struct map_seed seed, const char *dir)
{
	struct key_watch *watch = mem_zeroed(1, sizeof(*watch));
	struct err err = ERR_INIT;
	bool is_damaged;

	must(pthread_mutex_init(&watch->lock, NULL) == 0);
	must(pthread_mutex_init(&watch->writing, NULL) == 0);
	watch->calls = *calls;
	watch->states = key_states_new(seed);
	watch->dir = dir;
	if (dir != NULL && state_keys_read(dir, restore, watch, &is_damaged, &err) < 0) {
		char text[sizeof(err.text) + 64];
		snprintf(text, sizeof(text), "%s%s", err.text,
		    is_damaged ? "; set aside, states of keys are learned again" : "");
		watch->calls.say(watch->calls.context, true, view_of(text));
	}
	return watch;
}

void
key_watch_free(struct key_watch *watch)
{
	if (watch == NULL)
		return;
	key_states_free(watch->states);
	pthread_mutex_destroy(&watch->lock);
	pthread_mutex_destroy(&watch->writing);
	free(watch);
}

struct key_state *
key_watch_state(
    struct key_watch *watch, struct generation *generation, const struct policy_key *key)
{
	struct key_identity identity = {
	    .domain = key->domain, .selector = key->selector, .algorithm = key->algorithm};
	struct key_state *state = atomic_load(&generation->states[key->index]);

	if (state != NULL)
		return state;
	struct buf public = BUF_INIT(PUBLIC_TEXT_MAX);
	struct err err = ERR_INIT;
	bool is_known =
	    watch->calls.public_half(
		watch->calls.context, generation, key, &public, &err) == 0 &&
	    key_fingerprint(
		key->algorithm == ALGORITHM_RSA ? SIGN_RSA_SHA256 : SIGN_ED25519_SHA256,
		buf_view(&public), identity.fingerprint, &err) == 0;
	buf_fini(&public);
	if (!is_known)
		return NULL;
	state = key_states_enter(
	    watch->states, &identity, watch->calls.now(watch->calls.context));
	atomic_store(&generation->states[key->index], state);
	return state;
}

const struct policy_key *
key_watch_chosen(struct key_watch *watch, const struct generation *generation,
    struct view domain, enum policy_algorithm algorithm)
{
	const struct policy_key *key, *best = NULL;
	struct fact_key best_fact = {.state = KEY_UNKNOWN};

	for (size_t i = 0; (key = policy_key_at(generation->policy, domain, i)) != NULL;
	     i++) {
		const struct key_state *state =
		    atomic_load(&generation->states[key->index]);
		struct fact_key fact = {.state = KEY_UNKNOWN};

		if (key->algorithm != algorithm || key->named)
			continue;
		if (state != NULL)
			(void)key_states_fact(watch->states, state, &fact);
		if (best != NULL && !policy_key_is_better(&fact, &best_fact))
			continue;
		best = key;
		best_fact = fact;
	}
	return best;
}

/* ---- what is told ---- */

/* A change in what is known of one key, and of who signs. */
struct change {
	const struct policy_key *key;
	enum key_event event;
	const struct policy_key *before, *after; /* who signs */
	bool has_signed;                         /* the one before, as far as is known */
	struct key_seen seen;
};

static void
say_who(const struct change *change, struct buf *text)
{
	const struct policy_key *before = change->before, *after = change->after;

	if (before == after)
		return;
	if (after == change->key) {
		buf_add_text(text, ", signs from now on");
		if (before != NULL && change->has_signed)
			buf_addf(text, " instead of %.*s", VIEW_ARG(before->selector));
	} else if (before == change->key && after != NULL) {
		buf_addf(text, "; %.*s signs from now on", VIEW_ARG(after->selector));
	}
}

static void
say_lost(const struct change *change, struct buf *text)
{
	buf_addf(text, " %s: %s",
	    change->seen.state == KEY_UNPUBLISHED
		? "is no longer published"
		: "is no longer published as it should be",
	    key_fault_text(change->seen.faults));
	if (change->before == change->key && change->after == change->key)
		buf_add_text(text, "; it goes on signing, no other key is ready");
}

static void
say(struct key_watch *watch, const struct change *change)
{
	const struct policy_key *key = change->key;
	struct buf text = BUF_INIT(SAY_MAX);
	bool is_bad = false;

	buf_addf(&text, "key %.*s/%.*s", VIEW_ARG(key->domain), VIEW_ARG(key->selector));
	switch (change->event) {
	case KEY_EVENT_READY:
		buf_add_text(&text, ": published everywhere");
		break;
	case KEY_EVENT_BACK:
		buf_add_text(&text, ": published again");
		break;
	case KEY_EVENT_LAGS:
		buf_addf(&text, ": published, but %s does not have it yet",
		    change->seen.lagging[0] != '\0' ? change->seen.lagging : "a server");
		break;
	case KEY_EVENT_FAULTY:
		buf_addf(
		    &text, " is published wrong: %s", key_fault_text(change->seen.faults));
		is_bad = true;
		break;
	case KEY_EVENT_LOST:
		say_lost(change, &text);
		is_bad = true;
		break;
	case KEY_EVENT_NONE:
	case KEY_EVENT_ASK:
		buf_add_text(
		    &text, change->seen.is_published ? ": published" : ": not published");
		break;
	}
	if (change->seen.state == KEY_READY &&
	    (change->seen.faults & KEY_FAULT_TESTING) != 0)
		buf_add_text(&text, ", as testing (t=y)");
	say_who(change, &text);
	watch->calls.say(watch->calls.context, is_bad, buf_view(&text));
	buf_fini(&text);
}

/* ---- what is learned ---- */

/* Only a key that somebody has looked at. */
static bool
has_signed(const struct generation *generation, const struct policy_key *key)
{
	return key != NULL && atomic_load(&generation->states[key->index]) != NULL;
}

/* Note since when a key that signed does so no more. */
static void
mark_replaced(struct key_watch *watch, const struct generation *generation,
    const struct change *change, int64_t now)
{
	struct key_state *state;

	if (change->before == change->after)
		return;
	if (change->before != NULL &&
	    (state = atomic_load(&generation->states[change->before->index])) != NULL)
		key_states_replace(watch->states, state, now);
	if (change->after != NULL &&
	    (state = atomic_load(&generation->states[change->after->index])) != NULL)
		key_states_replace(watch->states, state, 0);
}

static void
count(struct key_watch *watch, const struct change *change)
{
	pthread_mutex_lock(&watch->lock);
	watch->status.taken_over +=
	    change->before != change->after && change->after == change->key;
	watch->status.lost += change->event == KEY_EVENT_LOST;
	pthread_mutex_unlock(&watch->lock);
}

/* And what every server says, if that is asked next and known. */
static enum key_event
learn_reply(struct key_watch *watch, const struct policy_key *key, struct key_state *state,
    const struct dns_reply_head *reply, int64_t now)
{
	struct dns_question question = {.kind = DNS_ASK_KEY_EVERYWHERE,
	    .domain = key->domain,
	    .selector = key->selector,
	    .is_ours = true};
	struct dns_reply_head everywhere;
	enum key_event event = KEY_EVENT_ASK;

	if (reply->kind == DNS_ASK_KEY) {
		event =
		    key_states_learn(watch->states, state, &reply->key, reply->ttl, now);
		if (event != KEY_EVENT_ASK ||
		    !watch->calls.ask(watch->calls.context, &question, &everywhere))
			return event;
		reply = &everywhere;
	}
	return key_states_learn_everywhere(watch->states, state, &reply->key, now);
}

/* REPLY says something about STATE, which is KEY's in GENERATION. */
static void
learn(struct key_watch *watch, struct generation *generation, const struct policy_key *key,
    struct key_state *state, const struct dns_reply_head *reply)
{
	int64_t now = watch->calls.now(watch->calls.context);
	struct change change = {.key = key};

	change.before = key_watch_chosen(watch, generation, key->domain, key->algorithm);
	change.has_signed = has_signed(generation, change.before);
	change.event = learn_reply(watch, key, state, reply, now);
	change.after = key_watch_chosen(watch, generation, key->domain, key->algorithm);
	if (change.before == change.after &&
	    (change.event == KEY_EVENT_NONE || change.event == KEY_EVENT_ASK))
		return;
	key_states_read(watch->states, state, &change.seen);
	mark_replaced(watch, generation, &change, now);
	count(watch, &change);
	say(watch, &change);
}

/* Nobody has looked at the key since the reload: which of those of its name it is, is not
 * known yet, but each of them can be compared. */
static void
learn_by_name(struct key_watch *watch, const struct dns_question *question,
    const struct dns_reply_head *reply)
{
	int64_t now = watch->calls.now(watch->calls.context);
	struct key_state *found[KEY_STATES_SAME_MAX];
	unsigned n =
	    key_states_find(watch->states, question->domain, question->selector, found);

	for (unsigned i = 0; i < n; i++)
		if (reply->kind == DNS_ASK_KEY)
			(void)key_states_learn(
			    watch->states, found[i], &reply->key, reply->ttl, now);
		else
			(void)key_states_learn_everywhere(
			    watch->states, found[i], &reply->key, now);
}

void
key_watch_learn(struct key_watch *watch, const struct dns_question *question,
    const struct dns_reply_head *reply)
{
	struct generation *generation = watch->calls.hold(watch->calls.context);
	const struct policy_key *key;

	if (generation == NULL)
		return;
	for (size_t i = 0;
	     (key = policy_key_at(generation->policy, question->domain, i)) != NULL; i++) {
		struct key_state *state = atomic_load(&generation->states[key->index]);
		if (!view_is(key->selector, question->selector))
			continue;
		if (state != NULL)
			learn(watch, generation, key, state, reply);
		else
			learn_by_name(watch, question, reply);
	}
	watch->calls.let_go(watch->calls.context, generation);
}

bool
key_watch_fact(struct key_watch *watch, struct generation *generation,
    const struct policy_key *key, const struct dns_reply_head *reply, struct fact_key *fact)
{
	struct key_state *state = key_watch_state(watch, generation, key);

	if (state == NULL)
		return true;
	bool is_complete = key_states_fact(watch->states, state, fact);
	if (is_complete || reply == NULL)
		return is_complete;
	/* It was learned while nobody knew our key, or this is what was missing. */
	learn(watch, generation, key, state, reply);
	return key_states_fact(watch->states, state, fact);
}

void
key_watch_status(struct key_watch *watch, struct key_watch_status *ret_status)
{
	pthread_mutex_lock(&watch->lock);
	*ret_status = watch->status;
	pthread_mutex_unlock(&watch->lock);
}
