/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/bug.h"

#include "milter/key_watch_private.h"

enum { WRITE_ROWS = 100, WRITE_AGAIN_SECONDS = 60 };

/* ---- keys that are asked about without mail ---- */

/* Is there another one that could sign in place of KEY? */
static bool
has_choice(const struct policy *policy, const struct policy_key *key)
{
	const struct policy_key *other;
	unsigned same = 0;

	for (size_t i = 0;
	     same < 2 && (other = policy_key_at(policy, key->domain, i)) != NULL; i++)
		same += other->algorithm == key->algorithm;
	return same > 1;
}

static void
ask(struct key_watch *watch, struct generation *generation, const struct policy_key *key)
{
	struct dns_question question = {.kind = DNS_ASK_KEY,
	    .domain = key->domain,
	    .selector = key->selector,
	    .is_ours = true};
	struct dns_reply_head reply;
	struct fact_key fact;

	bool has_reply = watch->calls.ask(watch->calls.context, &question, &reply);
	if (key_watch_fact(watch, generation, key, has_reply ? &reply : NULL, &fact))
		return;
	question.kind = DNS_ASK_KEY_EVERYWHERE;
	if (has_reply && watch->calls.ask(watch->calls.context, &question, &reply))
		(void)key_watch_fact(watch, generation, key, &reply, &fact);
}

/* As many keys as one second may have. */
static void
pass_step(struct key_watch *watch, struct generation *generation)
{
	size_t n_keys;
	const struct policy_key *keys = policy_keys(generation->policy, &n_keys);
	struct view last = VIEW_NONE;
	unsigned asked = 0;

	for (unsigned looks = 0; looks < WATCH_LOOK_PER_SECOND; looks++) {
		if (watch->at == n_keys || watch->domains > WATCH_DOMAINS_MAX ||
		    asked == WATCH_KEYS_PER_SECOND)
			return;
		const struct policy_key *key = &keys[watch->at++];
		if (!has_choice(generation->policy, key)) {
			/* It may be back. */
			key_watch_settle(watch, generation, key);
			continue;
		}
		watch->domains += !view_is(key->domain, last);
		last = key->domain;
		ask(watch, generation, key);
		key_watch_settle(watch, generation, key);
		asked++;
	}
}

static void
sweep(struct key_watch *watch, struct generation *generation, int64_t now)
{
	bool is_new = watch->generation != generation->number;

	if (is_new || now - watch->pass_began >= WATCH_PASS_SECONDS) {
		/* A pass that is not through yet goes on first. */
		size_t n_keys;
		(void)policy_keys(generation->policy, &n_keys);
		if (is_new || watch->at >= n_keys || watch->domains > WATCH_DOMAINS_MAX) {
			watch->generation = generation->number;
			watch->at = 0;
			watch->domains = 0;
			watch->pass_began = now;
		}
	}
	pass_step(watch, generation);
}

/* ---- state.db ---- */

static void
trouble_set(struct key_watch *watch, const struct err *err)
{
	pthread_mutex_lock(&watch->lock);
	bool is_news =
	    err->code != ERR_NONE && strcmp(watch->status.trouble, err->text) != 0;
	snprintf(watch->status.trouble, sizeof(watch->status.trouble), "%s",
	    err->code != ERR_NONE ? err->text : "");
	pthread_mutex_unlock(&watch->lock);
	if (is_news)
		watch->calls.say(watch->calls.context, true, view_of(err->text));
}

void
key_watch_write(struct key_watch *watch)
{
	struct state_key *rows = mem_zeroed(WRITE_ROWS, sizeof(rows[0]));
	int64_t now = watch->calls.mono(watch->calls.context);
	struct err err = ERR_INIT;
	size_t n = 1;
	bool was_damaged = false;

	pthread_mutex_lock(&watch->writing);
	while (watch->dir != NULL && n > 0 && now >= watch->write_after) {
		n = key_states_take_changed(watch->states, rows, WRITE_ROWS);
		bool is_damaged = false;
		if (n == 0 || state_keys_write(watch->dir, rows, n, &is_damaged, &err) == 0)
			continue;
		/* A damaged one should be out of the way now; anything else may pass. */
		key_states_give_back(watch->states, rows, n);
		if (!is_damaged || was_damaged)
			watch->write_after = now + WRITE_AGAIN_SECONDS;
		was_damaged = is_damaged;
	}
	free(rows);
	if (err.code != ERR_NONE || now >= watch->write_after)
		trouble_set(watch, &err);
	pthread_mutex_unlock(&watch->writing);
}

/* One whose file was replaced under its name is not the policy's any more; while nobody has
 * looked which it is, it may be. */
static bool
is_ours(void *context, const struct key_state *state, const struct key_identity *identity)
{
	const struct generation *generation = context;
	const struct policy_key *key;

	for (size_t i = 0;
	     (key = policy_key_at(generation->policy, identity->domain, i)) != NULL; i++) {
		const struct key_state *known =
		    atomic_load(&generation->states[key->index]);
		if (view_is(key->selector, identity->selector) &&
		    (known == NULL || known == state))
			return true;
	}
	return false;
}

/* One second's share of a round. With the lock of who writes. */
static void
forget_some(struct key_watch *watch, const struct key_gone *gone, int64_t now)
{
	struct state_key *rows = mem_zeroed(WRITE_ROWS, sizeof(rows[0]));
	size_t n =
	    key_states_take_gone(watch->states, gone, &watch->forget_at, rows, WRITE_ROWS);
	struct err err = ERR_INIT;
	bool is_damaged;

	if (watch->forget_at == 0)
		watch->forget_after = now + WATCH_FORGET_ROUND_SECONDS;
	if (n > 0 && state_keys_forget(watch->dir, rows, n, &is_damaged, &err) != 0) {
		key_states_give_back_gone(watch->states, rows, n);
		watch->write_after = watch->forget_after = now + WRITE_AGAIN_SECONDS;
		watch->forget_at = 0;
		trouble_set(watch, &err);
	}
	free(rows);
}

/* Keys that are gone leave state.db, so that it does not grow with every rotation. */
static void
forget(struct key_watch *watch, struct generation *generation, int64_t now)
{
	const struct key_gone gone = {.is_ours = is_ours,
	    .context = generation,
	    .now = watch->calls.now(watch->calls.context),
	    .keep = WATCH_QUEUE_SECONDS + WATCH_FORGET_SECONDS};

	pthread_mutex_lock(&watch->writing);
	if (watch->dir != NULL && now >= watch->write_after && now >= watch->forget_after)
		forget_some(watch, &gone, now);
	pthread_mutex_unlock(&watch->writing);
}

void
key_watch_step(struct key_watch *watch)
{
	int64_t now = watch->calls.mono(watch->calls.context);
	struct generation *generation = watch->calls.hold(watch->calls.context);

	if (generation != NULL) {
		sweep(watch, generation, now);
		forget(watch, generation, now);
		watch->calls.let_go(watch->calls.context, generation);
	}
	key_watch_write(watch);
}

static void *
watch_run(void *argument)
{
	const struct timespec second = {.tv_sec = 1};

	for (;;) {
		key_watch_step(argument);
		(void)nanosleep(&second, NULL);
	}
	return NULL;
}

void
key_watch_start(struct key_watch *watch)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, watch_run, watch) == 0);
	must(pthread_detach(thread) == 0);
}
