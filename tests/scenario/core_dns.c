/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "milter/dns_client_private.h"
#include "milter/dns_question.h"

#include "tests/scenario/core.h"

/*
 * DNS for the session: the evaluators of the dns process over the scenario's zone, at once
 * and without a cache; and the key states of frankd.
 */

enum { ARENA_BYTES = 8 << 20 };

struct looking {
	struct core *core;
	struct arena *arena;
};

static const struct dns_answer *
look_up(void *context, enum dns_type type, struct view name)
{
	const struct looking *looking = context;
	struct dns_answer *answer =
	    zone_answer(looking->core->lab->zone, type, name, looking->arena);

	if (looking->core->lab->dns == DNS_SILENT)
		*answer =
		    (struct dns_answer){.name = name, .type = type, .state = DNS_NO_ANSWER};
	return answer;
}

static bool
world_get(void *context, const struct dns_question *question, int64_t deadline,
    struct dns_reply_head *ret_reply)
{
	struct core *core = context;
	struct arena *arena = arena_new(ARENA_BYTES);
	struct looking looking = {core, arena};
	const struct dns_known known = {
	    .lookup = look_up, .context = &looking, .arena = arena};
	char frame[DNS_QUESTION_MAX];
	struct dns_asked asked;
	bool has_answer = false;

	(void)deadline;
	if (core->lab->dns != DNS_GONE && dns_question_is_good(question)) {
		size_t n = dns_question_frame(question, frame);
		must(dns_asked_read((struct view){frame, n}, arena, &asked));
		asked.now = core->lab->wall / 1000000;
		has_answer = dns_asked_evaluate(&asked, &known, ret_reply);
		/* The zone alone is all of DNS. */
		if (has_answer && question->kind == DNS_ASK_KEY_EVERYWHERE)
			ret_reply->key.has_no_servers = 1;
	}
	arena_free(arena);
	if (has_answer && question->selector.n > 0)
		key_watch_learn(core->key_watch, question, ret_reply);
	return has_answer;
}

static void
world_start(void *context, const struct dns_question *question)
{
	(void)context;
	(void)question;
}

static bool
world_key_state(void *context, struct generation *generation, const struct policy_key *key,
    const struct dns_reply_head *reply, struct fact_key *fact)
{
	struct core *core = context;

	return key_watch_fact(core->key_watch, generation, key, reply, fact);
}

static struct generation *
watch_hold(void *context)
{
	struct core *core = context;

	return core->generation;
}

static void
watch_let_go(void *context, struct generation *generation)
{
	(void)context;
	(void)generation;
}

static bool
watch_ask(
    void *context, const struct dns_question *question, struct dns_reply_head *ret_reply)
{
	return world_get(context, question, 0, ret_reply);
}

static int
watch_public_half(void *context, struct generation *generation,
    const struct policy_key *key, struct buf *out, struct err *err)
{
	struct core *core = context;
	int bits;

	(void)generation;
	return keyset_public(core->keys, key->index, out, &bits, err);
}

static void
watch_say(void *context, bool is_bad, struct view text)
{
	core_log_begin(context);
	if (is_bad)
		log_warn("%.*s", VIEW_ARG(text));
	else
		log_info("%.*s", VIEW_ARG(text));
	core_log_end(context);
}

static int64_t
watch_now(void *context)
{
	const struct core *core = context;

	return core->lab->wall / 1000000;
}

void
core_dns_begin(struct core *core)
{
	const struct key_watch_calls calls = {.context = core,
	    .hold = watch_hold,
	    .let_go = watch_let_go,
	    .ask = watch_ask,
	    .public_half = watch_public_half,
	    .say = watch_say,
	    .now = watch_now,
	    .mono = watch_now};

	core->key_watch = key_watch_new(&calls, (struct map_seed){1, 2}, NULL);
	core->world.dns_start = world_start;
	core->world.dns_get = world_get;
	core->world.key_state = world_key_state;
}
