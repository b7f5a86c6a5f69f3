/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/*
 * What the innocent write. Counts of an hour are negative binomial (a Poisson number with a
 * gamma mean), and days differ too; so does how many strangers a day brings. Half of an
 * hour's mail comes at once.
 */

enum {
	SUNDAY = 0,
	MONDAY = 1,
	FRIDAY = 5,
	SATURDAY = 6,
	PART = 50, /* recipients that a list's software puts into one message */
};

struct day {
	struct sim_site *site;
	struct sim_post *post;
	int number;
	int weekday;
	int64_t begin;
	bool is_weekend;
};

static bool
is_human(const struct sim_person *person)
{
	return person->trade != TRADE_MACHINE && person->trade != TRADE_NEWSLETTER &&
	       person->trade != TRADE_SHOP;
}

static uint64_t
draw_stranger(const struct day *day, struct sim_person *person)
{
	uint64_t stranger = post_stranger(day->post);

	/* Half of them are written to again, and some of these often. */
	if (person->trade != TRADE_SHOP && rng_chance(&day->site->rng, 0.5)) {
		book_add(&person->book, stranger);
		uint32_t at = rng_below(&day->site->rng, person->book.n);
		uint64_t *rcpts = person->book.rcpts;
		rcpts[person->book.n - 1] = rcpts[at];
		rcpts[at] = stranger;
	}
	return stranger;
}

static void
add_rcpt(const struct day *day, struct sim_person *person, double fresh)
{
	struct rng *rng = &day->site->rng;
	uint64_t rcpt = rng_chance(rng, fresh) ? draw_stranger(day, person)
					       : book_draw(&person->book, rng);

	post_rcpt(day->post, rcpt);
}

static void
begin_mail(const struct day *day, struct sim_person *person, int64_t time)
{
	post_begin(day->post, time, (uint32_t)(person - day->site->people),
	    place_of(person, time, &day->site->rng));
}

/* To a department, a class, all who had that Cc: the same ones from the top of the book. */
static void
write_group(const struct day *day, struct sim_person *person)
{
	struct rng *rng = &day->site->rng;
	uint32_t n = (uint32_t)rng_lognormal(rng, 9, 0.6);

	for (uint32_t i = 0; i < n + 1 && i < person->book.n; i++)
		if (rng_chance(rng, 0.03))
			post_rcpt(day->post, draw_stranger(day, person));
		else
			post_rcpt(day->post, person->book.rcpts[i]);
}

static void
write_mail(const struct day *day, struct sim_person *person, int64_t time)
{
	struct rng *rng = &day->site->rng;
	double chance = rng_unit(rng);
	uint32_t n = 1;

	begin_mail(day, person, time);
	if (rng_chance(rng, person->group)) {
		write_group(day, person);
		return;
	}
	if (is_human(person))
		n = chance < 0.72   ? 1
		    : chance < 0.88 ? 2
		    : chance < 0.97 ? rng_from(rng, 3, 5)
				    : rng_from(rng, 6, 12);
	for (uint32_t i = 0; i < n; i++)
		add_rcpt(
		    day, person, i == 0 ? person->fresh_today : person->fresh_today / 2);
}

static void
write_hour(const struct day *day, struct sim_person *person, int hour, double mean)
{
	struct rng *rng = &day->site->rng;
	double shape = is_human(person) ? 1.2 : 6;
	uint32_t n = rng_poisson(rng, mean * rng_mood(rng, shape));
	int64_t begin = day->begin + hour * SIM_HOUR;
	int64_t sitting = begin + (int64_t)(rng_unit(rng) * 0.8 * (double)SIM_HOUR);

	for (uint32_t i = 0; i < n; i++) {
		bool is_sitting = rng_chance(rng, 0.5);
		double part = is_sitting ? 0.2 : 1;
		int64_t into = (int64_t)(rng_unit(rng) * part * (double)SIM_HOUR);

		write_mail(day, person, (is_sitting ? sitting : begin) + into);
	}
}

/* Everybody on the list, in messages of PER recipients. */
static void
write_list(const struct day *day, struct sim_person *person, double hour, uint32_t per,
    double seconds)
{
	struct rng *rng = &day->site->rng;
	int64_t time = day->begin + (int64_t)(hour * (double)SIM_HOUR);
	/* Lists change a little; now and then by many. */
	double fresh = rng_chance(rng, 0.05) ? 0.1 : 0.01;

	for (uint32_t i = 0; i < person->list.n; i++) {
		if (i % per == 0) {
			begin_mail(day, person, time);
			time += (int64_t)(seconds * rng_mood(rng, 2) * (double)SIM_SECOND);
		}
		if (rng_chance(rng, fresh))
			person->list.rcpts[i] = post_stranger(day->post);
		post_rcpt(day->post, person->list.rcpts[i]);
	}
}

/* N messages to RCPTS each, most of them strangers: a campaign, an invitation, a search for
 * a plumber. */
static void
write_around(const struct day *day, struct sim_person *person, uint32_t n, uint32_t rcpts,
    double hours)
{
	struct rng *rng = &day->site->rng;
	double begin = rng_real(rng, 9, 20 - hours);

	for (uint32_t i = 0; i < n; i++) {
		double hour = begin + hours * rng_unit(rng);

		begin_mail(day, person, day->begin + (int64_t)(hour * (double)SIM_HOUR));
		for (uint32_t j = 0; j < rcpts; j++)
			add_rcpt(day, person, 0.7);
	}
}

static void
write_storm(const struct day *day, struct sim_person *person)
{
	struct rng *rng = &day->site->rng;
	int64_t begin = day->begin + (int64_t)(rng_unit(rng) * 23 * (double)SIM_HOUR);
	uint32_t n = (uint32_t)rng_lognormal(rng, 50, 0.7);

	for (uint32_t i = 0; i < n; i++)
		write_mail(
		    day, person, begin + (int64_t)(rng_unit(rng) * 0.7 * (double)SIM_HOUR));
}

/* Is the next working day in another month? January and February 2026 end on a weekend. */
static bool
is_last_of_month(const struct day *day)
{
	return day->number == 25 || day->number == 53;
}

static void
write_specials(const struct day *day, struct sim_person *person)
{
	struct rng *rng = &day->site->rng;
	double hour = person->list_hour + rng_real(rng, -0.7, 0.9);

	if (person->trade == TRADE_CLUB && day->weekday == (int)person->list_weekday)
		write_list(day, person, hour, 100, 1);
	if (person->trade == TRADE_NEWSLETTER && day->weekday == (int)person->list_weekday)
		write_list(day, person, hour, person->list.n > 1000 ? 1 : PART, 1.5);
	if (person->trade == TRADE_INVOICES && is_last_of_month(day))
		write_list(day, person, rng_real(rng, 10, 15), 1, 15);
	if (person->trade == TRADE_MACHINE && rng_chance(rng, 0.1))
		write_storm(day, person);
	if (person->trade == TRADE_SALES && !day->is_weekend && rng_chance(rng, 0.1))
		write_around(day, person, rng_from(rng, 15, 60), 1, 3);
	/* About once in a year. */
	if (is_human(person) && rng_chance(rng, 1.0 / 365))
		write_around(day, person, rng_from(rng, 1, 3), rng_from(rng, 6, 14), 1);
}

static double
weight_of(const struct day *day, const struct sim_person *person)
{
	const struct sim_site *site = day->site;
	double weight = day->is_weekend ? person->free_days : 1;

	if (person->trade == TRADE_SHOP)
		return weight * site->sale[day->number];
	if (person->trade == TRADE_MACHINE)
		return weight;
	if (day->number >= person->away && day->number < person->back)
		return 0.02;
	if (day->number == person->back)
		weight *= 1.6;
	return weight * site->holiday[day->number];
}

static bool
is_travelling(const struct day *day, const struct sim_person *person)
{
	return day->number >= person->trip && day->number < person->trip_end;
}

static void
write_day(const struct day *day, struct sim_person *person)
{
	struct rng *rng = &day->site->rng;
	double weight = weight_of(day, person);
	int shift = is_travelling(day, person) ? person->trip_shift : 0;

	person->is_at_home = rng_chance(rng, 0.25);
	person->mood = is_human(person) ? rng_mood(rng, 4) : 1;
	person->fresh_today = person->fresh;
	if (is_human(person))
		person->fresh_today *= rng_mood(rng, 0.8);
	/* A new account introduces itself. */
	if (person->born > 0 && day->number < person->born + 5)
		person->fresh_today += 0.4;
	person->fresh_today = fmin(person->fresh_today, 0.9);
	for (int hour = 0; hour < 24; hour++) {
		double part = person->shape[(hour + shift + 24) % 24];

		if (part > 0)
			write_hour(
			    day, person, hour, person->rate * weight * person->mood * part);
	}
	if (weight > 0.1)
		write_specials(day, person);
}

void
traffic_day(struct sim_site *site, int day, struct sim_post *post)
{
	int weekday = (day + MONDAY) % 7;
	struct day context = {
	    .site = site,
	    .post = post,
	    .number = day,
	    .weekday = weekday,
	    .begin = SIM_BEGIN + day * SIM_DAY,
	    .is_weekend = weekday == SUNDAY || weekday == SATURDAY,
	};

	for (size_t i = 0; i < SIM_PEOPLE; i++)
		if (site->people[i].born <= day)
			write_day(&context, &site->people[i]);
}
