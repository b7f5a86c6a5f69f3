/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "milter/runtime.h"

/* What the dns process and the receiver's libspf2 say, brought to those who want to know.
 */

static int64_t
wall_seconds(void *context)
{
	(void)context;
	return clock_now().wall / 1000000;
}

/* ---- the dns client tells ---- */

static void
on_spf_learned(void *context, const struct dns_question *question,
    const struct dns_spf_reply *reply, struct view answers)
{
	struct runtime *runtime = context;
	const struct receiver_spf asked = {
	    .domain = question->domain,
	    .sender = question->sender,
	    .helo = question->helo,
	    .egress = reply->egress,
	    .ours = (enum spf_outcome)reply->outcome,
	    .answers = answers,
	};

	spf_opinions_result(runtime->spf_opinions, question->domain, reply);
	receiver_client_spf(runtime->receiver, &asked);
}

static void
on_key_learned(
    void *context, const struct dns_question *question, const struct dns_reply_head *reply)
{
	struct runtime *runtime = context;

	key_watch_learn(runtime->key_watch, question, reply);
}

static void
on_dns_hung(void *context)
{
	struct runtime *runtime = context;

	(void)link_send(runtime->link, LINK_DNS_HUNG, 0, atomic_load(&runtime->dns_pid),
	    VIEW_NONE, NULL);
}

/* What the question asks for, as the admin knows it. */
static const char *
question_text(const struct dns_question *question, char *text, size_t size)
{
	switch (question->kind) {
	case DNS_ASK_SPF:
		snprintf(text, size, "SPF for %.*s", VIEW_ARG(question->domain));
		break;
	case DNS_ASK_DMARC:
		snprintf(text, size, "DMARC for %.*s", VIEW_ARG(question->domain));
		break;
	case DNS_ASK_KEY:
	case DNS_ASK_KEY_EVERYWHERE:
		snprintf(text, size, "the key %.*s/%.*s", VIEW_ARG(question->domain),
		    VIEW_ARG(question->selector));
		break;
	}
	return text;
}

static void
on_dns_fatal(void *context, const struct dns_question *question)
{
	char text[2 * DNS_NAME_MAX + 32] = "";

	(void)context;
	log_error("%d dns processes ended when asked about %s: it is not asked again for "
		  "%d minutes, and unknown: look at its records",
	    DNS_LOST_MAX, question_text(question, text, sizeof(text)),
	    DNS_FATAL_SECONDS / 60);
}

/* ---- what the key watch needs ---- */

static struct generation *
watch_hold(void *context)
{
	return runtime_share_current(context);
}

static void
watch_let_go(void *context, struct generation *generation)
{
	runtime_unshare(context, generation);
}

static bool
watch_ask(
    void *context, const struct dns_question *question, struct dns_reply_head *ret_reply)
{
	struct runtime *runtime = context;

	return dns_client_get(runtime->dns, question, 0, ret_reply);
}

static int
watch_public_half(void *context, struct generation *generation,
    const struct policy_key *key, struct buf *out, struct err *err)
{
	struct runtime *runtime = context;

	int result = key_client_public(generation->keys, key->index, key->domain, out, err);
	if (result != 0 && key_client_take_hung(generation->keys))
		(void)link_send(
		    runtime->link, LINK_KEYS_HUNG, 0, generation->number, VIEW_NONE, NULL);
	return result;
}

static void
watch_say(void *context, bool is_bad, struct view text)
{
	struct runtime *runtime = context;

	if (is_bad)
		log_warn("%.*s", VIEW_ARG(text));
	else
		log_info("%.*s", VIEW_ARG(text));
	if (runtime->journal != NULL)
		journal_action(runtime->journal, clock_now().wall, VIEW("key"),
		    VIEW("frankd: dns"), text);
}

static int64_t
mono_seconds(void *context)
{
	(void)context;
	return clock_mono() / 1000000;
}

void
runtime_dns_init(struct runtime *runtime, const char *state_dir)
{
	const struct dns_calls dns_calls = {.context = runtime,
	    .spf_learned = on_spf_learned,
	    .key_learned = on_key_learned,
	    .hung = on_dns_hung,
	    .fatal = on_dns_fatal};
	const struct key_watch_calls watch_calls = {.context = runtime,
	    .hold = watch_hold,
	    .let_go = watch_let_go,
	    .ask = watch_ask,
	    .public_half = watch_public_half,
	    .say = watch_say,
	    .now = wall_seconds,
	    .mono = mono_seconds};

	runtime->spf_opinions = spf_opinions_new(runtime->seed);
	runtime->dns = dns_client_new(&dns_calls, runtime->seed);
	runtime->key_watch = key_watch_new(&watch_calls, runtime->seed, state_dir);
}

/* ---- what sessions and the receiver client need ---- */

static void
world_dns_start(void *context, const struct dns_question *question)
{
	struct runtime *runtime = context;

	dns_client_start(runtime->dns, question);
}

static bool
world_dns_get(void *context, const struct dns_question *question, int64_t deadline,
    struct dns_reply_head *ret_reply)
{
	struct runtime *runtime = context;

	return dns_client_get(runtime->dns, question, deadline, ret_reply);
}

static bool
world_key_state(void *context, struct generation *generation, const struct policy_key *key,
    const struct dns_reply_head *reply, struct fact_key *fact)
{
	struct runtime *runtime = context;

	return key_watch_fact(runtime->key_watch, generation, key, reply, fact);
}

static enum fact_seen
world_spf_opinion(void *context, struct view domain)
{
	struct runtime *runtime = context;

	return spf_opinions_get(runtime->spf_opinions, domain);
}

void
runtime_dns_world(struct session_world *world)
{
	world->dns_start = world_dns_start;
	world->dns_get = world_dns_get;
	world->key_state = world_key_state;
	world->spf_opinion = world_spf_opinion;
}

void
runtime_spf_opinion(
    void *context, struct view domain, enum receiver_opinion opinion, const char *reason)
{
	struct runtime *runtime = context;
	enum fact_seen seen = opinion == RECEIVER_AGREES      ? SEEN_AGREES
			      : opinion == RECEIVER_DISAGREES ? SEEN_DISAGREES
							      : SEEN_UNKNOWN;
	char text[512];

	if (!spf_opinions_learn(runtime->spf_opinions, domain, seen, reason))
		return;
	snprintf(text, sizeof(text),
	    "libspf2 does not see the SPF record of %.*s as we do: %s", VIEW_ARG(domain),
	    reason);
	log_error("receiver disagrees: %s", text);
	if (runtime->journal != NULL)
		journal_action(runtime->journal, clock_now().wall,
		    VIEW("receiver disagrees"), VIEW("frankd: receiver"), view_of(text));
}
