/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "metering/metering.h"

#include "tests/bench/sim.h"

/*
 * A message as frankd sees it: the facts that milter/session.c would fill in, the meters,
 * the engine, and what is charged. No signature is made and no DNS asked.
 */

enum { MEMORY = 4 << 20, TEXT = 64, DOMAINS = 3000 };

struct sim_judge {
	struct policy *policy;
	struct metering_site *site;
	struct metering *metering;
	struct arena *arena;
	struct metering_message message;
	struct view origin; /* of the last message */
	uint32_t minute;    /* of the last tick */
};

static const char keys[] = "- example.org s2026 rsa-sha256 1767225600\n";

static struct policy *
load(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;
	char dir[4096];
	struct bundle *bundle;
	struct policy *policy;
	struct diag diag;

	snprintf(dir, sizeof(dir), "%.*s", n > 0 ? (int)n : 1, n > 0 ? path : ".");
	bundle = bundle_new(dir);
	must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE), view_of(keys), NULL) == 0);
	diag_init(&diag);
	policy = policy_load(
	    bundle, slash != NULL ? slash + 1 : path, (struct map_seed){1, 2}, 0, &diag);
	if (diag.out.n > 0)
		fprintf(stderr, "%s", buf_text(&diag.out));
	if (policy == NULL)
		exit(2);
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

static struct burst_now
now_of(int64_t time)
{
	struct clock_local local = clock_local(time);

	return metering_now(time - SIM_BEGIN + 1, local.date, local.minute);
}

struct sim_judge *
sim_judge_new(const char *path)
{
	struct sim_judge *judge = mem_zeroed(1, sizeof(*judge));
	struct burst_now now = now_of(SIM_BEGIN);
	struct err err = ERR_INIT;

	must(clock_set_zone("UTC", &err) == 0);
	judge->policy = load(path);
	const struct policy_settings *settings = policy_settings(judge->policy);
	const struct burst_settings burst = {
	    .seed = {3, 4},
	    .keys = settings->meter_keys,
	    .learn = settings->learn,
	    .remember = settings->remember,
	};
	judge->site = metering_site_new(&burst, SIM_BEGIN, &now);
	metering_without_bounces(judge->site);
	judge->metering = metering_new(judge->site, judge->policy, &now);
	judge->arena = arena_new(MEMORY);
	metering_message_init(&judge->message);
	return judge;
}

void
sim_judge_free(struct sim_judge *judge)
{
	metering_message_fini(&judge->message);
	metering_free(judge->metering);
	metering_site_free(judge->site);
	arena_free(judge->arena);
	policy_free(judge->policy);
	free(judge);
}

static struct fact_address
address(struct sim_judge *judge, struct view local, struct view domain)
{
	char text[TEXT * 2];
	int n =
	    snprintf(text, sizeof(text), "%.*s@%.*s", VIEW_ARG(local), VIEW_ARG(domain));

	must(n > 0 && n < (int)sizeof(text));
	return (struct fact_address){
	    arena_view(judge->arena, (struct view){text, (size_t)n}), local, domain};
}

/* A few domains have most of the world's addresses. */
static struct fact_address
rcpt_address(struct sim_judge *judge, const struct sim_person *people, uint64_t rcpt)
{
	uint64_t domain = rcpt % 7 < 4 ? rcpt % 7 : rcpt % DOMAINS;
	char name[TEXT], at[TEXT];

	if (rcpt == SIM_POSTMASTER)
		return address(judge, VIEW("postmaster"), VIEW("example.org"));
	if (rcpt < SIM_LOGINS)
		return address(judge, view_of(people[rcpt].login), VIEW("example.org"));
	snprintf(name, sizeof(name), "r%" PRIx64, rcpt);
	snprintf(at, sizeof(at), "d%" PRIu64 ".example.com", domain);
	return address(judge, arena_view(judge->arena, view_of(name)),
	    arena_view(judge->arena, view_of(at)));
}

static void
take_rcpts(struct sim_judge *judge, const struct sim_person *people,
    const struct sim_mail *mail, const uint64_t *rcpts, struct facts *facts)
{
	uint32_t n_tests = policy_rcpt_tests(judge->policy);
	uint32_t *fits = arena_array(judge->arena, n_tests + 1, sizeof(*fits));
	struct fact_address *sample =
	    arena_array(judge->arena, FACTS_RCPT_SAMPLE, sizeof(*sample));

	must(fits != NULL && sample != NULL);
	for (uint32_t i = 0; i < mail->n; i++) {
		struct fact_address rcpt = rcpt_address(judge, people, rcpts[i]);

		for (uint32_t test = 0; test < n_tests; test++)
			fits[test] += policy_rcpt_fits(judge->policy, test, &rcpt);
		metering_rcpt(&judge->message, &rcpt);
		if (i < FACTS_RCPT_SAMPLE)
			sample[facts->n_rcpt_sample++] = rcpt;
	}
	facts->rcpts = mail->n;
	facts->rcpt_sample = sample;
	facts->rcpt_fits = fits;
	facts->n_rcpt_fits = n_tests;
}

static void
tick(struct sim_judge *judge, const struct burst_now *now)
{
	if (judge->minute == now->minute)
		return;
	judge->minute = now->minute;
	metering_turn_begin(judge->site);
	burst_tick(metering_burst(judge->site), now);
	metering_turn_end(judge->site);
}

bool
sim_judge_key(const struct sim_judge *judge, uint32_t meter, struct view *ret_meter,
    struct view *ret_key)
{
	size_t n;
	const struct policy_meter *meters = policy_meters(judge->policy, &n);

	if (meter > n)
		return false;
	/* One more: the origin, for lines that ask no meter. */
	*ret_meter = meter < n ? meters[meter].name : VIEW("origin");
	*ret_key = meter < n ? metering_key_name(&judge->message, meter) : judge->origin;
	return true;
}

static void
charge(
    struct sim_judge *judge, const struct decision *decision, const struct burst_now *now)
{
	if (decision->verdict == VERDICT_ACCEPT || decision->verdict == VERDICT_HOLD)
		metering_charge(&judge->message, decision->flagged, now);
	else
		metering_flag(&judge->message, decision->flagged, now);
}

static void
tell(const struct sim_judge *judge, const struct decision *decision,
    const struct facts *facts, struct sim_verdict *ret_verdict)
{
	const struct policy_meter *meter = decision->meter;
	size_t n;

	(void)policy_meters(judge->policy, &n);
	*ret_verdict =
	    (struct sim_verdict){.verdict = decision->verdict, .label = decision->label};
	must(sim_judge_key(judge, meter != NULL ? meter->index : (uint32_t)n,
	    &ret_verdict->meter, &ret_verdict->key));
	if (meter == NULL)
		return;
	ret_verdict->within = meter->within * SIM_SECOND;
	ret_verdict->reading = facts->meters[meter->index].reading;
	ret_verdict->usual = facts->meters[meter->index].usual;
}

void
sim_judge_mail(struct sim_judge *judge, const struct sim_person *people,
    const struct sim_mail *mail, const uint64_t *rcpts, struct sim_verdict *ret_verdict)
{
	const struct sim_person *person = &people[mail->person];
	struct clock_local local = clock_local(mail->time);
	struct burst_now now = now_of(mail->time);
	struct decision decision;

	tick(judge, &now);
	arena_reset(judge->arena);
	metering_message_reset(&judge->message);
	bool is_shop = person->trade == TRADE_SHOP;
	struct facts facts = {
	    .time = mail->time,
	    .local_date = local.date,
	    .local_minute = local.minute,
	    .local_weekday = local.weekday,
	    .path = is_shop ? PATH_LOCAL : PATH_SUBMISSION,
	    .user = is_shop ? VIEW_NONE : view_of(person->login),
	    .client = mail->client,
	    .helo = is_shop ? VIEW_NONE : VIEW("[192.168.1.2]"),
	    .queue_id = VIEW("4cXyZ71kq"),
	    .sender = address(judge, view_of(person->login), VIEW("example.org")),
	    .size = 5000,
	};
	facts.author = facts.sender;
	judge->origin = view_of(person->login);
	metering_begin(&judge->message, judge->metering, &facts, judge->arena, mail->time);
	take_rcpts(judge, people, mail, rcpts, &facts);
	metering_read(&judge->message, &facts, judge->arena, &now);
	decision = (struct decision){0};
	engine_decide(judge->policy, &facts, judge->arena, NULL, &decision);
	must(decision.on_error.n == 0);
	charge(judge, &decision, &now);

	tell(judge, &decision, &facts, ret_verdict);
}
