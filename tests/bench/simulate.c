/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What a policy catches, and how often it is wrong: see sim.h.
 *
 *	simulate [-v [-v]] POLICY [SEED ...]
 *
 * A line for each kind of attack: how many there were and how many had at least one message
 * held; the share of the recipients that was kept from them; at the median, when their
 * first message was held and how many they had reached by then. Without a seed all the
 * twenty, a line for each seed, and the kinds over all of them. -v: also which lines of the
 * policy were wrong, and about whom; -v -v: each time. Fails when a bar is missed, by any
 *seed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/* Those that the shipped policy was made with. */
static const uint64_t named_seeds[] = {101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
    111, 112, 113, 114, 115, 116, 117, 118, 119, 120};

static const struct bars {
	double kinds[SIM_KINDS], all, false_alarms;
	uint64_t loud_reached;
} bars = {
    .kinds = {[SIM_LOUD] = 0.9,
	[SIM_SLOW] = 0.9,
	[SIM_WIDE] = 0.9,
	[SIM_CROWD] = 0.9,
	[SIM_REPLY] = 0.6},
    .all = 0.95,
    .false_alarms = 0.2,
    .loud_reached = 40,
};

/* Of one seed, or of several. */
struct figures {
	struct sim_attack *attacks;
	size_t n;
	struct sim_result sum; /* but for its attacks */
};

static void
add(struct figures *figures, const struct sim_result *result)
{
	struct sim_result *sum = &figures->sum;
	size_t n = figures->n + result->n_attacks;

	figures->attacks = mem_resize(figures->attacks, n, sizeof(*figures->attacks));
	memcpy(figures->attacks + figures->n, result->attacks,
	    result->n_attacks * sizeof(*figures->attacks));
	figures->n = n;
	sum->mails += result->mails;
	sum->false_alarms += result->false_alarms;
	sum->held_falsely += result->held_falsely;
	sum->collateral += result->collateral;
	sum->asked += result->asked;
	sum->answered += result->answered;
	sum->user_months += result->user_months;
}

static int
by_size(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

struct kind_figures {
	size_t n, noticed;
	uint64_t would, reached;
	uint64_t minutes, reached_before; /* medians */
};

/* KIND, or SIM_KINDS for all. */
static struct kind_figures
look_at(const struct figures *figures, enum sim_kind kind)
{
	struct kind_figures found = {0};
	uint64_t *minutes = mem_zeroed(figures->n + 1, sizeof(*minutes));
	uint64_t *reached = mem_zeroed(figures->n + 1, sizeof(*reached));

	for (size_t i = 0; i < figures->n; i++) {
		const struct sim_attack *attack = &figures->attacks[i];

		if (kind != SIM_KINDS && attack->kind != kind)
			continue;
		if (attack->held != 0)
			minutes[found.noticed++] =
			    (uint64_t)(attack->held - attack->began) / (60 * SIM_SECOND);
		reached[found.n++] = attack->reached_before;
		found.would += attack->would;
		found.reached += attack->reached;
	}
	qsort(minutes, found.noticed, sizeof(*minutes), by_size);
	qsort(reached, found.n, sizeof(*reached), by_size);
	found.minutes = minutes[found.noticed / 2];
	found.reached_before = reached[found.n / 2];
	free(minutes);
	free(reached);
	return found;
}

static double
caught(const struct kind_figures *found)
{
	return found->would != 0 ? 1 - (double)found->reached / (double)found->would : 1;
}

static double
rate(const struct figures *figures)
{
	return (double)figures->sum.false_alarms / figures->sum.user_months;
}

static void
print_kinds(const struct figures *figures)
{
	for (unsigned kind = 0; kind < SIM_KINDS; kind++) {
		struct kind_figures found = look_at(figures, (enum sim_kind)kind);

		printf("%-11s %3zu attacks  %3zu noticed  %5.1f%% caught  median %3llum to "
		       "the hold  median %3llu recipients reached before it\n",
		    sim_kinds[kind], found.n, found.noticed, 100 * caught(&found),
		    (unsigned long long)found.minutes,
		    (unsigned long long)found.reached_before);
	}
	printf("%llu false alarms in %.0f user-months, %.3f each; innocent messages held: "
	       "%llu by them, %llu beside attacks, of %llu\n",
	    (unsigned long long)figures->sum.false_alarms, figures->sum.user_months,
	    rate(figures), (unsigned long long)figures->sum.held_falsely,
	    (unsigned long long)figures->sum.collateral,
	    (unsigned long long)figures->sum.mails);
	printf("postmaster was reached by %llu of %llu whose mail was held\n",
	    (unsigned long long)figures->sum.answered,
	    (unsigned long long)figures->sum.asked);
}

static void
print_last(const struct figures *figures)
{
	struct kind_figures all = look_at(figures, SIM_KINDS);

	printf("caught %.1f%% false %.3f per user-month reached-median %llu\n",
	    100 * caught(&all), rate(figures), (unsigned long long)all.reached_before);
}

static void
print_seed(uint64_t seed, const struct figures *figures)
{
	printf("seed %-5llu", (unsigned long long)seed);
	for (unsigned kind = 0; kind < SIM_KINDS; kind++) {
		struct kind_figures found = look_at(figures, (enum sim_kind)kind);

		printf(" %s %.1f%%", sim_kinds[kind], 100 * caught(&found));
		if (kind == SIM_LOUD)
			printf(" (%llu)", (unsigned long long)found.reached_before);
	}
	printf("  ");
	print_last(figures);
}

static void
print_wrong(const struct sim_result *result)
{
	for (size_t i = 0; i < SIM_LABELS && result->labels[i].text[0] != '\0'; i++)
		printf("  \"%s\": %llu false alarms with %llu messages, %llu messages of "
		       "attacks\n",
		    result->labels[i].text,
		    (unsigned long long)result->labels[i].false_alarms,
		    (unsigned long long)result->labels[i].innocent,
		    (unsigned long long)result->labels[i].attacks);
	for (unsigned trade = 0; trade < TRADES; trade++)
		if (result->by_trade[trade] != 0)
			printf("  %s: %llu false alarms with %llu messages\n",
			    sim_trades[trade], (unsigned long long)result->by_trade[trade],
			    (unsigned long long)result->held_by_trade[trade]);
}

static bool
misses(const struct figures *figures)
{
	struct kind_figures all = look_at(figures, SIM_KINDS);
	bool is_missed = false;

	for (unsigned kind = 0; kind < SIM_KINDS; kind++) {
		struct kind_figures found = look_at(figures, (enum sim_kind)kind);

		if (caught(&found) < bars.kinds[kind]) {
			printf("  missed: %s has to be %.0f%%\n", sim_kinds[kind],
			    100 * bars.kinds[kind]);
			is_missed = true;
		}
		if (kind == SIM_LOUD && found.reached_before > bars.loud_reached) {
			printf("  missed: loud ones may reach %llu at the median\n",
			    (unsigned long long)bars.loud_reached);
			is_missed = true;
		}
	}
	if (caught(&all) < bars.all || rate(figures) > bars.false_alarms) {
		printf("  missed: all together have to be %.0f%%, with %.1f false alarms\n",
		    100 * bars.all, bars.false_alarms);
		is_missed = true;
	}
	if (figures->sum.answered < figures->sum.asked) {
		printf("  missed: who is held has to reach postmaster\n");
		is_missed = true;
	}
	return is_missed;
}

static void
run(const char *policy, uint64_t seed, int verbose, struct figures *ret_figures)
{
	static struct sim_result result;

	result.is_telling = verbose > 1;
	sim_run(policy, seed, &result);
	*ret_figures = (struct figures){0};
	add(ret_figures, &result);
	if (verbose > 0)
		print_wrong(&result);
	memcpy(&ret_figures->sum, &result, sizeof(result));
}

int
main(int argc, char **argv)
{
	int at = 1, verbose = 0;

	for (; at < argc && strcmp(argv[at], "-v") == 0; at++)
		verbose++;
	bool is_named = argc <= at + 1, is_missed = false;
	size_t n = is_named ? ARRAY_LEN(named_seeds) : (size_t)(argc - at - 1);
	struct figures all = {0};

	if (argc <= at) {
		fprintf(stderr, "usage: simulate [-v [-v]] POLICY [SEED ...]\n");
		return 2;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t seed =
		    is_named ? named_seeds[i] : strtoull(argv[at + 1 + (int)i], NULL, 10);
		struct figures one;

		run(argv[at], seed, verbose, &one);
		if (n > 1)
			print_seed(seed, &one);
		is_missed |= misses(&one);
		add(&all, &one.sum);
		free(one.attacks);
		fflush(stdout);
	}
	print_kinds(&all);
	print_last(&all);
	free(all.attacks);
	return is_missed;
}
