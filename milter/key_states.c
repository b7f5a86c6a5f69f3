/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/key_states_private.h"

enum {
	NAME_KEY_MAX = 2 * (DNS_NAME_MAX + 1),
	/* last_ready moves with every answer; on disk it need not be exact while all is
	 * well. */
	SETTLED_SECONDS = 6 * 3600,
};

struct key_states *
key_states_new(struct map_seed seed)
{
	struct key_states *states = mem_zeroed(1, sizeof(*states));

	must(pthread_mutex_init(&states->lock, NULL) == 0);
	map_init(&states->by_name, seed);
	return states;
}

void
key_states_free(struct key_states *states)
{
	struct key_state *state;
	size_t at = 0;

	if (states == NULL)
		return;
	while ((state = map_next(&states->by_name, &at, NULL)) != NULL)
		while (state != NULL) {
			struct key_state *next = state->same;
			free(state);
			state = next;
		}
	map_fini(&states->by_name);
	pthread_mutex_destroy(&states->lock);
	free(states);
}

static struct view
name_key(struct view domain, struct view selector, char into[NAME_KEY_MAX])
{
	int n = snprintf(
	    into, NAME_KEY_MAX, "%.*s%c%.*s", VIEW_ARG(domain), '\0', VIEW_ARG(selector));

	return (struct view){into, n < NAME_KEY_MAX ? (size_t)n : NAME_KEY_MAX - 1};
}

struct key_state *
key_state_same(struct key_state *state, const uint8_t fingerprint[KEY_FINGERPRINT])
{
	while (state != NULL &&
	       memcmp(state->identity.fingerprint, fingerprint, KEY_FINGERPRINT) != 0)
		state = state->same;
	return state;
}

struct key_state *
key_states_first(const struct key_states *states, struct view domain, struct view selector)
{
	char text[NAME_KEY_MAX];

	return map_get(&states->by_name, name_key(domain, selector, text));
}

static struct key_state *
state_new(const struct key_identity *identity)
{
	size_t n = identity->domain.n + 1 + identity->selector.n;
	struct key_state *state = mem_zeroed(1, sizeof(*state) + n + 1);
	char *selector = state->text + identity->domain.n + 1;

	memcpy(state->text, identity->domain.p, identity->domain.n);
	memcpy(selector, identity->selector.p, identity->selector.n);
	state->identity = *identity;
	state->identity.domain = (struct view){state->text, identity->domain.n};
	state->identity.selector = (struct view){selector, identity->selector.n};
	return state;
}

struct key_state *
key_states_put(
    struct key_states *states, const struct key_identity *identity, bool *ret_is_new)
{
	struct key_state *first =
	    key_states_first(states, identity->domain, identity->selector);
	struct key_state *state = key_state_same(first, identity->fingerprint);

	*ret_is_new = state == NULL;
	if (state != NULL)
		return state;
	state = state_new(identity);
	if (first != NULL) {
		state->same = first->same;
		first->same = state;
	} else {
		(void)map_add(&states->by_name,
		    (struct view){
			state->text, identity->domain.n + 1 + identity->selector.n},
		    state);
	}
	return state;
}

void
key_states_set_changed(struct key_states *states, struct key_state *state)
{
	if (state->is_changed)
		return;
	state->is_changed = true;
	state->changed_next = states->changed;
	states->changed = state;
}

struct key_state *
key_states_enter(
    struct key_states *states, const struct key_identity *identity, int64_t now)
{
	bool is_new;

	pthread_mutex_lock(&states->lock);
	struct key_state *state = key_states_put(states, identity, &is_new);
	if (is_new)
		state->seen.first_seen = state->seen.since = now;
	else if (state->is_forgotten)
		key_states_set_changed(states, state);
	pthread_mutex_unlock(&states->lock);
	return state;
}

unsigned
key_states_find(struct key_states *states, struct view domain, struct view selector,
    struct key_state *found[KEY_STATES_SAME_MAX])
{
	unsigned n = 0;

	pthread_mutex_lock(&states->lock);
	for (struct key_state *state = key_states_first(states, domain, selector);
	     state != NULL && n < KEY_STATES_SAME_MAX; state = state->same)
		found[n++] = state;
	pthread_mutex_unlock(&states->lock);
	return n;
}

/* ---- what is learned ---- */

static unsigned
faults_of(const struct key_state *state, const struct dns_key_reply *reply)
{
	enum sign_algorithm algorithm = state->identity.algorithm == ALGORITHM_RSA
					    ? SIGN_RSA_SHA256
					    : SIGN_ED25519_SHA256;

	if (reply->state != DNS_FOUND)
		return KEY_FAULT_NO_RECORD;
	return key_compare(&reply->published, algorithm, state->identity.fingerprint);
}

static bool
faults_matter(unsigned faults)
{
	return (faults & (KEY_FAULTS_UNPUBLISHED | KEY_FAULTS_MISMATCHED)) != 0;
}

static bool
reply_says_something(const struct dns_key_reply *reply)
{
	return reply->state == DNS_FOUND || reply->state == DNS_NO_DATA ||
	       reply->state == DNS_NO_NAME;
}

/* The resolver's word alone may be that of one server of many. */
static bool
reply_is_of_servers(const struct dns_key_reply *reply)
{
	return reply_says_something(reply) &&
	       (reply->n_servers > 0 || reply->has_no_servers != 0);
}

static void
set_state(
    struct key_states *states, struct key_state *state, enum fact_key_state to, int64_t now)
{
	struct key_seen *seen = &state->seen;

	if (to == KEY_READY)
		seen->last_ready = now;
	if (seen->state != to) {
		seen->state = to;
		seen->since = now;
		key_states_set_changed(states, state);
	} else if (seen->last_ready - state->written_ready > SETTLED_SECONDS) {
		key_states_set_changed(states, state);
	}
}

static enum key_event
learn_bad(struct key_states *states, struct key_state *state, unsigned faults, int64_t now)
{
	struct key_seen *seen = &state->seen;
	bool was_ready = seen->state == KEY_READY;
	bool is_gone =
	    (faults & KEY_FAULTS_UNPUBLISHED) != 0 && (faults & KEY_FAULTS_MISMATCHED) == 0;

	seen->is_published = false;
	seen->lagging[0] = '\0';
	set_state(states, state, is_gone ? KEY_UNPUBLISHED : KEY_MISMATCHED, now);
	if (was_ready)
		return KEY_EVENT_LOST;
	/* Not to be there yet is how a new key begins. */
	if (is_gone || seen->last_ready != 0 || state->was_faulty)
		return KEY_EVENT_NONE;
	state->was_faulty = true;
	return KEY_EVENT_FAULTY;
}

static enum key_event
learn_good(struct key_states *states, struct key_state *state, int64_t now)
{
	struct key_seen *seen = &state->seen;
	enum fact_key_state before = seen->state;

	seen->is_published = true;
	state->was_faulty = false;
	if (!seen->is_everywhere && seen->last_ready == 0) {
		/* Not known to be missing any more, nor to be there for everybody. */
		set_state(states, state, KEY_UNKNOWN, now);
		return KEY_EVENT_ASK;
	}
	set_state(states, state, KEY_READY, now);
	return before == KEY_READY ? KEY_EVENT_NONE : KEY_EVENT_BACK;
}

enum key_event
key_states_learn(struct key_states *states, struct key_state *state,
    const struct dns_key_reply *reply, uint32_t ttl, int64_t now)
{
	enum key_event event = KEY_EVENT_NONE;

	if (!reply_says_something(reply))
		return event;
	pthread_mutex_lock(&states->lock);
	unsigned faults = faults_of(state, reply);
	state->seen.is_learned = true;
	if (state->seen.faults != faults)
		key_states_set_changed(states, state);
	state->seen.faults = faults;
	if (!faults_matter(faults)) {
		state->seen.ttl = ttl;
		event = learn_good(states, state, now);
	} else {
		event = learn_bad(states, state, faults, now);
	}
	pthread_mutex_unlock(&states->lock);
	return event;
}

enum key_event
key_states_learn_everywhere(struct key_states *states, struct key_state *state,
    const struct dns_key_reply *reply, int64_t now)
{
	enum key_event event = KEY_EVENT_NONE;
	struct key_seen *seen = &state->seen;

	if (!reply_is_of_servers(reply))
		return event;
	pthread_mutex_lock(&states->lock);
	if (faults_matter(faults_of(state, reply)) || seen->state == KEY_READY) {
		/* The resolver will come to know of that, too. */
		event = KEY_EVENT_NONE;
	} else if (reply->n_same < reply->n_answered) {
		snprintf(seen->lagging, sizeof(seen->lagging), "%.*s", DNS_TEXT_MAX - 1,
		    reply->lagging);
		event = state->has_lagged ? KEY_EVENT_NONE : KEY_EVENT_LAGS;
		state->has_lagged = true;
	} else {
		seen->is_everywhere = seen->is_published = true;
		seen->lagging[0] = '\0';
		event = seen->last_ready == 0 ? KEY_EVENT_READY : KEY_EVENT_BACK;
		set_state(states, state, KEY_READY, now);
	}
	pthread_mutex_unlock(&states->lock);
	return event;
}

void
key_states_replace(struct key_states *states, struct key_state *state, int64_t now)
{
	pthread_mutex_lock(&states->lock);
	bool was_seen = state->seen.last_ready != 0 || state->seen.is_published;
	if (state->seen.replaced != now && (now == 0 || was_seen)) {
		state->seen.replaced = now;
		key_states_set_changed(states, state);
	}
	pthread_mutex_unlock(&states->lock);
}

/* ---- what is told ---- */

void
key_states_read(
    struct key_states *states, const struct key_state *state, struct key_seen *ret_seen)
{
	pthread_mutex_lock(&states->lock);
	*ret_seen = state->seen;
	pthread_mutex_unlock(&states->lock);
}

bool
key_states_fact(
    struct key_states *states, const struct key_state *state, struct fact_key *fact)
{
	pthread_mutex_lock(&states->lock);
	bool is_learned = state->seen.is_learned;
	bool is_awaited = state->seen.is_published && state->seen.state == KEY_UNKNOWN;
	fact->state = state->seen.state;
	fact->is_published = is_awaited;
	fact->is_testing =
	    state->seen.state == KEY_READY && (state->seen.faults & KEY_FAULT_TESTING) != 0;
	fact->last_ready = state->seen.last_ready;
	pthread_mutex_unlock(&states->lock);
	return is_learned && !is_awaited;
}
