/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/*
 * Attacks on logins whose password is known. Most write to strangers only; a third takes
 * part of its recipients from the victim's own book.
 */

const char *const sim_kinds[SIM_KINDS] = {
    [SIM_LOUD] = "loud",
    [SIM_SLOW] = "slow",
    [SIM_WIDE] = "wide",
    [SIM_CROWD] = "crowd",
    [SIM_REPLY] = "reply-chain",
};

static const uint32_t numbers[SIM_KINDS] = {
    [SIM_LOUD] = 12,
    [SIM_SLOW] = 10,
    [SIM_WIDE] = 10,
    [SIM_CROWD] = 8,
    [SIM_REPLY] = 24,
};

enum { KNOWN_FROM_DAY = 7, CROWD_MAX = 40 };

static bool
is_working_day(int day)
{
	return day % 7 < 5;
}

void
attacks_init(struct sim_attacks *attacks, uint64_t seed)
{
	struct rng *rng = &attacks->rng;

	*attacks = (struct sim_attacks){0};
	rng_seed(rng, seed ^ 0xa77ac4);
	for (unsigned kind = 0; kind < SIM_KINDS; kind++)
		for (uint32_t i = 0; i < numbers[kind]; i++) {
			struct sim_attack *attack = &attacks->at[attacks->n++];

			attack->kind = (enum sim_kind)kind;
			do
				attack->day =
				    (int)rng_from(rng, SIM_QUIET_DAYS, SIM_DAYS - 2);
			while (kind == SIM_REPLY && !is_working_day(attack->day));
		}
	must(attacks->n <= SIM_ATTACKS_MAX);
}

struct attacking {
	struct rng *rng;
	const struct sim_site *site;
	struct sim_post *post;
	struct sim_attack *attack;
	int32_t number;
	double known; /* share of the recipients that are the victim's own */
};

static void
write_one(struct attacking *attacking, uint32_t victim, int64_t time, struct addr client,
    uint32_t rcpts)
{
	const struct sim_book *book = &attacking->site->people[victim].book;
	struct rng *rng = attacking->rng;

	post_begin(attacking->post, time, victim, client);
	attacking->post->mails[attacking->post->n - 1].attack = attacking->number;
	for (uint32_t i = 0; i < rcpts; i++)
		if (rng_chance(rng, attacking->known))
			post_rcpt(attacking->post, book_draw(book, rng));
		else
			post_rcpt(attacking->post, post_stranger(attacking->post));
	attacking->attack->would += rcpts;
}

/* With a history: neither new nor idle, and one that logs in. */
static uint32_t
choose(struct attacking *attacking)
{
	for (;;) {
		uint32_t victim = rng_below(attacking->rng, SIM_LOGINS);

		if (attacking->site->people[victim].born + KNOWN_FROM_DAY <
		    attacking->attack->day)
			return victim;
	}
}

static int64_t
at_hour(const struct attacking *attacking, double hour)
{
	return SIM_BEGIN + attacking->attack->day * SIM_DAY +
	       (int64_t)(hour * (double)SIM_HOUR);
}

static int64_t
seconds(double n)
{
	return (int64_t)(n * (double)SIM_SECOND);
}

static uint32_t
choose_rcpts(struct rng *rng)
{
	double chance = rng_unit(rng);

	return chance < 0.4   ? 1
	       : chance < 0.6 ? rng_from(rng, 2, 5)
	       : chance < 0.8 ? rng_from(rng, 6, 20)
			      : rng_from(rng, 21, 95);
}

/* Mostly from elsewhere; now and then malware on the victim's own machine, or his webmail.
 */
static struct addr
from_where(struct attacking *attacking, double hour, struct addr elsewhere)
{
	const struct sim_person *victim =
	    &attacking->site->people[attacking->attack->victim];

	return rng_chance(attacking->rng, 0.15)
		   ? place_of(victim, at_hour(attacking, hour), attacking->rng)
		   : elsewhere;
}

/* As fast as it goes, at any time. */
static void
loud(struct attacking *attacking)
{
	struct rng *rng = attacking->rng;
	uint32_t victim = attacking->attack->victim, rcpts = choose_rcpts(rng);
	uint32_t all = (uint32_t)ceil(fmin(fmax(rng_lognormal(rng, 1000, 0.8), 300), 6000));
	double pause = 60 / rng_real(rng, 5, 120);
	double begin = rng_real(rng, 0, 24);
	struct addr client = from_where(attacking, begin, place_world(rng));
	int64_t time = at_hour(attacking, begin);

	for (uint32_t n = 0; n < all; n += rcpts) {
		struct addr from =
		    rng_chance(rng, 0.2) ? place_beside(client, rng) : client;
		write_one(attacking, victim, time, from, rcpts);
		time += seconds(pause * rng_mood(rng, 3));
	}
}

/* One message every three minutes, all night. */
static void
slow(struct attacking *attacking)
{
	struct rng *rng = attacking->rng;
	double begin = rng_real(rng, 21.5, 23.5), end = begin + rng_real(rng, 7, 9);
	struct addr client = from_where(attacking, begin,
	    rng_chance(rng, 0.5) ? place_world(rng) : place_residence(rng));
	int64_t time = at_hour(attacking, begin);

	while (time < at_hour(attacking, end)) {
		write_one(attacking, attacking->attack->victim, time, client,
		    rng_chance(rng, 0.85) ? 1 : 2);
		time += seconds(180 * rng_real(rng, 0.8, 1.2));
	}
}

/* Many addresses, most of them of other people's homes. */
static void
wide(struct attacking *attacking)
{
	struct rng *rng = attacking->rng;
	struct addr clients[80];
	uint32_t n_clients = rng_from(rng, 15, 80), n = rng_from(rng, 120, 800);
	double hours = rng_real(rng, 1, 10), begin = rng_real(rng, 0, 24);
	uint32_t most = rng_from(rng, 1, 3);

	for (uint32_t i = 0; i < n_clients; i++)
		clients[i] = rng_chance(rng, 0.5) ? place_world(rng) : place_residence(rng);
	for (uint32_t i = 0; i < n; i++)
		write_one(attacking, attacking->attack->victim,
		    at_hour(attacking, begin + hours * i / n),
		    clients[rng_below(rng, n_clients)], rng_from(rng, 1, most));
}

static struct addr
crowd_network(struct rng *rng)
{
	return rng_chance(rng, 0.2)
		   ? place_carrier(rng_below(rng, 1000), rng_below(rng, 254))
		   : place_world(rng);
}

/* Many logins of one network, few messages each: one after the other, or all at once. */
static void
crowd(struct attacking *attacking)
{
	struct rng *rng = attacking->rng;
	struct addr network = crowd_network(rng);
	uint32_t n_logins = rng_from(rng, 15, CROWD_MAX), each = rng_from(rng, 2, 6);
	uint32_t most = rng_from(rng, 1, 4), logins[CROWD_MAX];
	double minutes = rng_real(rng, 15, 120), begin = rng_real(rng, 0, 24);
	bool is_in_turn = rng_chance(rng, 0.5);

	logins[0] = attacking->attack->victim;
	for (uint32_t i = 1; i < n_logins; i++)
		logins[i] = choose(attacking);
	for (uint32_t i = 0; i < n_logins * each; i++) {
		uint32_t at = is_in_turn ? i / each : i % n_logins;
		double hour = begin + minutes / 60 * i / (n_logins * each);

		write_one(attacking, logins[at], at_hour(attacking, hour),
		    place_beside(network, rng), rng_from(rng, 1, most));
	}
}

/* In working hours, from a home nearby, like an answer to each. */
static void
reply(struct attacking *attacking)
{
	struct rng *rng = attacking->rng;
	uint32_t n = rng_from(rng, 12, 40);
	double begin = rng_real(rng, 8, 12), hours = rng_real(rng, 2, 6);
	struct addr client = from_where(attacking, begin, place_residence(rng));

	for (uint32_t i = 0; i < n; i++)
		write_one(attacking, attacking->attack->victim,
		    at_hour(attacking, begin + hours * rng_unit(rng)), client,
		    rng_chance(rng, 0.85) ? 1 : 2);
}

void
attacks_day(struct sim_attacks *attacks, const struct sim_site *site, int day,
    struct sim_post *post)
{
	static void (*const writes[SIM_KINDS])(struct attacking *) = {
	    [SIM_LOUD] = loud,
	    [SIM_SLOW] = slow,
	    [SIM_WIDE] = wide,
	    [SIM_CROWD] = crowd,
	    [SIM_REPLY] = reply,
	};

	for (size_t i = 0; i < attacks->n; i++) {
		struct attacking attacking = {.rng = &attacks->rng,
		    .site = site,
		    .post = post,
		    .attack = &attacks->at[i],
		    .number = (int32_t)i};

		if (attacking.attack->day != day)
			continue;
		if (attacking.attack->kind != SIM_REPLY && rng_chance(&attacks->rng, 0.33))
			attacking.known = rng_real(&attacks->rng, 0, 0.5);
		attacking.attack->victim = choose(&attacking);
		writes[attacking.attack->kind](&attacking);
	}
}
