/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "engine/lists.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "policy/rule.h"

#include "ctl/replay.h"

/* One record after the other, under the new policy. */

#define HOUR ((int64_t)3600 * 1000000)

enum { ARENA_MAX = 8 << 20 };

void
replay_init(struct replay *replay, const struct policy *policy,
    struct journal_reader *reader, int64_t since)
{
	*replay = (struct replay){.policy = policy, .since = since};
	rerun_init(&replay->then, reader, "frank.conf");
	replay->arena = arena_new(ARENA_MAX);
	replay->kept = arena_new(0);
	map_init(&replay->groups, map_seed_random());
	map_init(&replay->origins, map_seed_random());
	map_init(&replay->answers, map_seed_random());
	metering_message_init(&replay->message);
}

void
replay_fini(struct replay *replay)
{
	rerun_fini(&replay->then);
	metering_message_fini(&replay->message);
	metering_free(replay->metering);
	metering_site_free(replay->site);
	map_fini(&replay->groups);
	map_fini(&replay->origins);
	map_fini(&replay->answers);
	arena_free(replay->kept);
	arena_free(replay->arena);
}

static struct burst_now
now_at(int64_t wall)
{
	struct clock_local local = clock_local(wall);

	return metering_now(wall, local.date, local.minute);
}

/* The meters begin with the first record. */
static void
begin_meters(struct replay *replay, int64_t wall)
{
	const struct policy_settings *settings = policy_settings(replay->policy);
	struct burst_now now = now_at(wall);
	const struct burst_settings wanted = {
	    .seed = map_seed_random(),
	    .keys = settings->meter_keys,
	    .learn = settings->learn,
	    .remember = settings->remember,
	};

	replay->site = metering_site_new(&wanted, wall, &now);
	/* The journal knows of them, but not under which policy they would have been sent.
	 */
	metering_without_bounces(replay->site);
	replay->metering = metering_new(replay->site, replay->policy, &now);
	replay->ticked = wall;
}

/* Hours go by, also those in which nobody wrote. */
static void
pass_time(struct replay *replay, int64_t wall)
{
	if (replay->site == NULL)
		begin_meters(replay, wall);
	while (replay->ticked + HOUR <= wall) {
		replay->ticked += HOUR;
		struct burst_now now = now_at(replay->ticked);
		burst_tick(metering_burst(replay->site), &now);
	}
}

/* What the new policy's meters would have read. */
static void
read_meters(struct replay *replay, struct facts *facts, const struct burst_now *now)
{
	struct metering_message *message = &replay->message;

	facts->meters = NULL;
	facts->n_meters = 0;
	facts->has_age = false;
	metering_message_reset(message);
	metering_begin(message, replay->metering, facts, replay->arena, facts->time);
	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++)
		metering_rcpt(message, &facts->rcpt_sample[i]);
	metering_read(message, facts, replay->arena, now);
}

/* What frankd refused because of its own trouble came again, and was charged then. */
static void
charge(struct replay *replay, const struct journal_row *row,
    const struct decision *decision, const struct burst_now *now)
{
	if (decision->on_error.n > 0 || row->on_error.n > 0)
		return;
	if (decision->verdict == VERDICT_ACCEPT || decision->verdict == VERDICT_HOLD)
		metering_charge(&replay->message, decision->flagged, now);
	else
		metering_flag(&replay->message, decision->flagged, now);
}

/* 'set recipients domain': who they were is not known. */
static bool
has_nameless(const struct facts *facts)
{
	return facts->n_rcpt_sample > 0 && facts->rcpt_sample[0].local.n == 0;
}

/* A meter without anybody to count for is no fact that is missing. */
static void
note_unknown(
    struct replay *replay, const struct facts *facts, const struct decision *decision)
{
	for (unsigned fact = 0; fact < FACTS; fact++)
		if (fact != FACT_METER)
			replay->unknown[fact] += decision->unknown >> fact & 1;
	for (uint32_t i = 0; i < facts->n_meters; i++)
		if ((decision->unknown_meters >> i & 1) != 0 &&
		    facts->meters[i].state != READING_NO_KEY)
			replay->unknown_meters[i]++;
	if (replay->metering != NULL &&
	    (facts->n_rcpt_sample < facts->rcpts || has_nameless(facts)))
		replay->cut_rcpts++;
}

static bool
is_signed(const struct decision *decision)
{
	return decision->n_sign > 0 &&
	       (decision->verdict == VERDICT_ACCEPT || decision->verdict == VERDICT_HOLD);
}

static void
compare(
    struct replay *replay, const struct journal_row *row, const struct decision *decision)
{
	struct replay_change change = {
	    .row = row, .decision = decision, .origin = replay->message.origin_name};
	enum verdict was;

	/* What was decided by trouble of ours says nothing about a policy. */
	if (row->on_error.n > 0 || !verdict_of(row->verdict, &was))
		return;
	replay->was[was]++;
	replay->is[decision->verdict]++;
	if (was != decision->verdict) {
		replay->fewer[was]++;
		replay->more[decision->verdict]++;
	}
	replay->signed_more += is_signed(decision) && row->signed_with.n == 0;
	replay->signed_fewer +=
	    !is_signed(decision) && row->signed_with.n > 0 &&
	    (decision->verdict == VERDICT_ACCEPT || decision->verdict == VERDICT_HOLD);
	bool is_relabelled =
	    was == decision->verdict && !view_is(row->label, decision->label);
	replay->relabelled += is_relabelled;
	if (was != decision->verdict || is_relabelled)
		replay_add(replay, &change);
	for (uint32_t i = 0; i < decision->n_watch; i++) {
		change.watch = &decision->watch[i];
		replay_add(replay, &change);
	}
}

void
replay_row(struct replay *replay, const struct journal_row *row)
{
	struct journal_row again = *row;
	struct facts *facts = &again.facts;
	struct decision decision;

	if (row->is_damaged) {
		replay->damaged++;
		return;
	}
	arena_reset(replay->arena);
	pass_time(replay, facts->time);
	struct burst_now now =
	    metering_now(facts->time, facts->local_date, facts->local_minute);
	replay_answers(replay, row, facts);
	read_meters(replay, facts, &now);
	engine_decide(replay->policy, facts, replay->arena, NULL, &decision);
	charge(replay, row, &decision, &now);
	if (facts->time < replay->since) {
		replay->warming++;
		return;
	}
	if (replay->records++ == 0)
		replay->first = facts->time;
	replay->last = facts->time;
	note_unknown(replay, facts, &decision);
	compare(replay, &again, &decision);
}
