/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What meters cost a message, without the daemon around them: its envelope counted, the
 * meters read into the facts, the policy judged, the charge; for 10,000 logins. The same
 * policy without meters is subtracted.
 *
 *	metering_bench
 */

#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/clock.h"
#include "metering/metering.h"

enum { LOGINS = 10000, MESSAGES = 400000, ROUNDS = 5 };

#define RULES                                                                              \
	"accept path inbound\n"                                                            \
	"reject path submission not owns author\n"                                         \
	"hold rcpts > 100 label \"many\"\n"
#define METERS                                                                             \
	"meter sent   count recipients     per origin  within 10m floor 20\n"              \
	"meter fresh  count new-recipients per origin  within 1h  floor 15\n"              \
	"meter spread count rcpt-domains   per origin  within 1h\n"                        \
	"meter crowd  count users          per network within 1h  floor 10\n"
#define HOLDS                                                                              \
	"hold fresh > 40000 sent > 8x usual label \"a\"\n"                                 \
	"hold crowd > 300000 label \"b\"\n"                                                \
	"hold spread > 60000 label \"c\"\n"                                                \
	"hold sent > 100000 label \"d\"\n"

static struct policy *
load(const char *text)
{
	struct bundle *bundle = bundle_new(NULL);
	struct diag diag;

	must(bundle_put(bundle, VIEW("frank.conf"), view_of(text), NULL) == 0);
	diag_init(&diag);
	struct policy *policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	must(policy != NULL);
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

struct bench {
	const struct policy *policy;
	struct metering *metering;
	struct metering_message message;
	struct arena *arena;
	struct burst_now now;
};

static void
one(struct bench *bench, unsigned number)
{
	char user[48];
	int n = snprintf(user, sizeof(user), "user%u@example.org", number % LOGINS);
	struct fact_address self = {
	    {user, (size_t)n}, {user, (size_t)n - 12}, VIEW("example.org")};
	const struct fact_address rcpt = {
	    VIEW("friend@example.net"), VIEW("friend"), VIEW("example.net")};
	struct facts facts = {.path = PATH_SUBMISSION,
	    .user = {user, (size_t)n},
	    .client = {.family = ADDR_IPV4, .bytes = {192, 0, (uint8_t)number, 1}},
	    .sender = self,
	    .author = self,
	    .rcpts = 1,
	    .rcpt_sample = &rcpt,
	    .n_rcpt_sample = 1,
	    .size = 4096};
	struct decision decision;

	arena_reset(bench->arena);
	bench->now.mono += 1000;
	metering_message_reset(&bench->message);
	metering_begin(&bench->message, bench->metering, &facts, bench->arena, 1);
	metering_rcpt(&bench->message, &rcpt);
	metering_read(&bench->message, &facts, bench->arena, &bench->now);
	engine_decide(bench->policy, &facts, bench->arena, NULL, &decision);
	metering_charge(&bench->message, decision.flagged, &bench->now);
}

/* Microseconds of a message, the best of some rounds. */
static double
run(const char *text, bool has_meters)
{
	const struct burst_settings settings = {
	    .seed = {1, 2}, .keys = 100000, .learn = 14 * 86400, .remember = 180 * 86400};
	struct bench bench = {.now = {1, burst_minute(20260302, 540)}};
	struct metering_site *site =
	    metering_site_new(&settings, INT64_C(1772442000000000), &bench.now);
	struct policy *policy = load(text);
	double best = 1e9;

	bench.policy = policy;
	bench.metering = metering_new(site, policy, &bench.now);
	must((bench.metering != NULL) == has_meters);
	bench.arena = arena_new(1 << 20);
	metering_message_init(&bench.message);
	for (unsigned round = 0; round < ROUNDS; round++) {
		int64_t began = clock_mono();

		for (unsigned i = 0; i < MESSAGES; i++)
			one(&bench, i);
		double each = (double)(clock_mono() - began) / MESSAGES;
		best = each < best ? each : best;
	}
	metering_message_fini(&bench.message);
	arena_free(bench.arena);
	metering_free(bench.metering);
	policy_free(policy);
	metering_site_free(site);
	return best;
}

int
main(void)
{
	double without = run(RULES "accept\n", false);
	double with = run(METERS RULES HOLDS "accept\n", true);

	printf("%.2f\n", with - without);
	return 0;
}
