/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "milter/record.h"
#include "milter/runtime.h"

void
runtime_init(struct runtime *runtime, struct map_seed seed, int64_t now)
{
	memset(runtime, 0, sizeof(*runtime));
	must(pthread_mutex_init(&runtime->lock, NULL) == 0);
	message_pool_init(&runtime->messages);
	runtime->seed = seed;
	runtime->started = now;
}

struct generation *
runtime_hold(struct runtime *runtime)
{
	struct generation *generation = NULL;

	pthread_mutex_lock(&runtime->lock);
	if (!runtime->stopping && runtime->current != NULL) {
		generation = runtime->current;
		generation->references++;
		atomic_fetch_add(&runtime->in_flight, 1);
	}
	pthread_mutex_unlock(&runtime->lock);
	return generation;
}

struct generation *
runtime_share_current(struct runtime *runtime)
{
	pthread_mutex_lock(&runtime->lock);
	struct generation *generation = runtime->current;
	if (generation != NULL)
		generation->references++;
	pthread_mutex_unlock(&runtime->lock);
	return generation;
}

void
runtime_share(struct runtime *runtime, struct generation *generation)
{
	pthread_mutex_lock(&runtime->lock);
	generation->references++;
	pthread_mutex_unlock(&runtime->lock);
}

/* Frees without the lock: that closes sockets and gives back a policy's memory. */
void
runtime_unshare(struct runtime *runtime, struct generation *generation)
{
	if (generation == NULL)
		return;
	pthread_mutex_lock(&runtime->lock);
	must(generation->references > 0);
	bool is_last = --generation->references == 0;
	pthread_mutex_unlock(&runtime->lock);
	if (is_last) {
		log_debug("policy %.8s has no message any more", generation->hash);
		generation_free(generation);
	}
}

void
runtime_release(struct runtime *runtime, struct generation *generation)
{
	runtime_unshare(runtime, generation);
	atomic_fetch_sub(&runtime->in_flight, 1);
}

void
runtime_commit(struct runtime *runtime)
{
	pthread_mutex_lock(&runtime->lock);
	must(runtime->offered != NULL);
	struct generation *before = runtime->current;
	runtime->current = TAKE(runtime->offered);
	runtime->last_reload[0] = '\0';
	pthread_mutex_unlock(&runtime->lock);
	if (before != NULL)
		key_watch_commit(runtime->key_watch, before, runtime->current);
	runtime_unshare(runtime, before);
}

void
runtime_drop_offer(struct runtime *runtime)
{
	pthread_mutex_lock(&runtime->lock);
	struct generation *offered = TAKE(runtime->offered);
	pthread_mutex_unlock(&runtime->lock);
	runtime_unshare(runtime, offered);
}

void
runtime_stop(struct runtime *runtime)
{
	pthread_mutex_lock(&runtime->lock);
	runtime->stopping = true;
	pthread_mutex_unlock(&runtime->lock);
}

static struct clock
world_now(void *context)
{
	(void)context;
	return clock_now();
}

static struct generation *
world_hold(void *context)
{
	return runtime_hold(context);
}

static void
world_release(void *context, struct generation *generation)
{
	runtime_release(context, generation);
}

static int
world_sign(void *context, struct generation *generation, const struct policy_key *key,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	struct runtime *runtime = context;

	int result = key_client_sign(
	    generation->keys, key->index, key->domain, digest, ret_signature, err);
	if (result != 0 && key_client_take_hung(generation->keys))
		(void)link_send(
		    runtime->link, LINK_KEYS_HUNG, 0, generation->number, VIEW_NONE, NULL);
	return result;
}

static int
world_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct runtime *runtime = context;

	atomic_fetch_add(&runtime->verdicts[decision->verdict], 1);
	if (decision->n_sign > 0)
		atomic_fetch_add(&runtime->n_signed, 1);
	if (decision->on_error.n > 0)
		atomic_fetch_add(&runtime->on_error, 1);
	return record_write(
	    runtime->journal, facts, decision, view_of(generation->hash), micros, err);
}

static void
world_log(void *context, const struct facts *facts, const struct decision *decision,
    uint32_t micros)
{
	(void)context;
	record_log(facts, decision, micros);
}

static struct clock
meters_clock(void *context)
{
	(void)context;
	return clock_now();
}

static void
meters_tell(void *context, bool is_bad, struct view text)
{
	(void)context;
	if (is_bad)
		log_warn("%.*s", VIEW_ARG(text));
	else
		log_info("%.*s", VIEW_ARG(text));
}

void
runtime_meters_init(struct runtime *runtime, const char *state_dir)
{
	static const struct meters_calls calls = {.now = meters_clock, .say = meters_tell};

	runtime->meters = meters_new(&calls, state_dir);
}

static void
receiver_share(void *context, struct generation *generation)
{
	runtime_share(context, generation);
}

static void
receiver_unshare(void *context, struct generation *generation)
{
	runtime_unshare(context, generation);
}

static void
receiver_disagrees(void *context, const struct policy_key *key, const char *reason)
{
	struct runtime *runtime = context;
	char text[512];

	snprintf(text, sizeof(text), "libopendkim does not accept what %.*s/%.*s signs: %s",
	    VIEW_ARG(key->domain), VIEW_ARG(key->selector), reason);
	log_error("receiver disagrees: %s", text);
	journal_action(runtime->journal, clock_now().wall, VIEW("receiver disagrees"),
	    VIEW("frankd: receiver"), view_of(text));
}

static const struct policy_key *
receiver_signs(void *context, const struct generation *generation, struct view domain,
    enum policy_algorithm algorithm)
{
	struct runtime *runtime = context;

	return key_watch_chosen(runtime->key_watch, generation, domain, algorithm);
}

static void
receiver_hung(void *context)
{
	struct runtime *runtime = context;

	(void)link_send(runtime->link, LINK_RECEIVER_HUNG, 0,
	    atomic_load(&runtime->receiver_pid), VIEW_NONE, NULL);
}

void
runtime_receiver_init(struct runtime *runtime)
{
	struct receiver_calls calls = {.context = runtime,
	    .share = receiver_share,
	    .unshare = receiver_unshare,
	    .disagrees = receiver_disagrees,
	    .hung = receiver_hung,
	    .signs = receiver_signs,
	    .spf_opinion = runtime_spf_opinion};

	runtime->receiver = receiver_client_new(&calls);
}

struct session_world
runtime_world(struct runtime *runtime)
{
	struct session_world world = {
	    .context = runtime,
	    .messages = &runtime->messages,
	    .receiver = runtime->receiver,
	    .now = world_now,
	    .hold_policy = world_hold,
	    .release_policy = world_release,
	    .sign = world_sign,
	    .record = world_record,
	    .log = world_log,
	};

	runtime_dns_world(&world);
	runtime_incidents_world(runtime, &world);
	runtime_tables_world(&world);
	return world;
}

struct journal_settings
runtime_journal_settings(const struct policy *policy, struct view host)
{
	const struct policy_settings *settings = policy_settings(policy);
	static const enum journal_privacy privacy[] = {
	    [RECIPIENTS_FULL] = JOURNAL_RCPT_FULL,
	    [RECIPIENTS_DOMAIN] = JOURNAL_RCPT_DOMAIN,
	    [RECIPIENTS_HASH] = JOURNAL_RCPT_HASH,
	};

	return (struct journal_settings){
	    .mode = settings->journal == JOURNAL_REQUIRED ? JOURNAL_MODE_REQUIRED
							  : JOURNAL_MODE_BEST_EFFORT,
	    .recipients = privacy[settings->recipients],
	    .keep_days = settings->keep_days,
	    .host = host,
	};
}
