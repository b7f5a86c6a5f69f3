/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/* Who there is. */

/* Numbers of the world that are in somebody's book at the beginning lie apart from those
 * of strangers. */
#define ACQUAINTED ((uint64_t)1 << 40)

enum { BOOK_ROOM = 64 };

const char *const sim_trades[TRADES] = {
    [TRADE_OFFICE] = "office",
    [TRADE_PRIVATE] = "private",
    [TRADE_SUPPORT] = "support",
    [TRADE_SALES] = "sales",
    [TRADE_CLUB] = "club",
    [TRADE_INVOICES] = "invoices",
    [TRADE_MACHINE] = "machine",
    [TRADE_NEWSLETTER] = "newsletter",
    [TRADE_SHOP] = "shop",
};

/* How many of each, and what they are like. Medians; people differ. */
static const struct kind {
	uint32_t n;
	double rate, free_days, fresh, group;
	uint32_t book;
} kinds[TRADES] = {
    [TRADE_OFFICE] = {318, 14, 0.06, 0.05, 0.02, 120},
    [TRADE_PRIVATE] = {110, 1.5, 1.1, 0.10, 0.01, 50},
    [TRADE_SUPPORT] = {15, 45, 0.3, 0.45, 0, 150},
    [TRADE_SALES] = {22, 28, 0.05, 0.18, 0.01, 200},
    [TRADE_CLUB] = {15, 4, 0.8, 0.06, 0.02, 80},
    [TRADE_INVOICES] = {8, 12, 0.02, 0.05, 0.02, 120},
    [TRADE_MACHINE] = {10, 60, 1, 0, 0, 3},
    [TRADE_NEWSLETTER] = {2, 1, 0, 0.05, 0, 20},
    [TRADE_SHOP] = {1, 450, 0.9, 0.85, 0, 400},
};

void
book_add(struct sim_book *book, uint64_t rcpt)
{
	if (book->n == book->room) {
		book->room = book->room != 0 ? book->room * 2 : BOOK_ROOM;
		book->rcpts = mem_resize(book->rcpts, book->room, sizeof(*book->rcpts));
	}
	book->rcpts[book->n++] = rcpt;
}

/* The one in place R comes about as often as 1 / R says. */
uint64_t
book_draw(const struct sim_book *book, struct rng *rng)
{
	uint32_t rank = (uint32_t)pow((double)book->n + 1, rng_unit(rng));

	return book->rcpts[rank - 1 < book->n ? rank - 1 : book->n - 1];
}

/* Colleagues above all stand in front. */
static void
fill_book(struct sim_person *person, uint32_t n, struct rng *rng)
{
	double colleagues = person->trade == TRADE_PRIVATE ? 0.05 : 0.6;

	for (uint32_t i = 0; i < n; i++)
		if (rng_chance(rng, i < n / 4 ? colleagues : colleagues / 4))
			book_add(&person->book, rng_below(rng, SIM_LOGINS));
		else
			book_add(&person->book, ACQUAINTED + (rng_next(rng) >> 34));
}

static void
fill_list(struct sim_person *person, struct rng *rng)
{
	uint32_t n = 0;

	if (person->trade == TRADE_CLUB)
		n = rng_from(rng, 25, 90);
	else if (person->trade == TRADE_INVOICES)
		n = rng_from(rng, 150, 400);
	else if (person->trade == TRADE_NEWSLETTER)
		n = rng_from(rng, 500, 2000);
	for (uint32_t i = 0; i < n; i++)
		book_add(&person->list, ACQUAINTED + (rng_next(rng) >> 34));
	person->list_weekday = rng_from(rng, 1, 5);
	person->list_hour = rng_from(rng, 9, 20);
}

static void
add_hours(struct sim_person *person, double from, double to, double weight)
{
	for (int hour = 0; hour < 24; hour++) {
		double begin = hour > from ? hour : from;
		double end = hour + 1 < to ? hour + 1 : to;

		if (end > begin)
			person->shape[hour] += weight * (end - begin) / (to - from);
	}
}

static void
make_shape(struct sim_person *person, struct rng *rng)
{
	double sum = 0, begin = rng_real(rng, 6.5, 10), noon = rng_real(rng, 11.5, 13);

	switch (person->trade) {
	case TRADE_MACHINE:
		add_hours(person, 0, 24, 1);
		break;
	case TRADE_SHOP:
		add_hours(person, 7, 18, 0.4);
		add_hours(person, 18, 23, 0.45);
		add_hours(person, 0, 24, 0.15);
		break;
	case TRADE_PRIVATE:
	case TRADE_CLUB:
		add_hours(person, 7, 23, 0.4);
		add_hours(person, rng_real(rng, 17, 20), 23, 0.6);
		break;
	case TRADE_OFFICE:
	case TRADE_SUPPORT:
	case TRADE_SALES:
	case TRADE_INVOICES:
	case TRADE_NEWSLETTER:
	case TRADES:
		add_hours(person, begin, noon, 0.5);
		add_hours(person, noon + 0.75, begin + rng_real(rng, 7.5, 10), 0.45);
		add_hours(person, 19, 23, rng_real(rng, 0, 0.15));
		break;
	}
	for (int hour = 0; hour < 24; hour++)
		sum += person->shape[hour];
	for (int hour = 0; hour < 24; hour++)
		person->shape[hour] /= sum;
}

static void
make_absences(struct sim_person *person, struct rng *rng)
{
	person->away = person->back = person->trip = person->trip_end = -1;
	if (person->trade == TRADE_MACHINE || person->trade == TRADE_SHOP ||
	    person->trade == TRADE_SUPPORT || person->trade == TRADE_NEWSLETTER)
		return;
	if (rng_chance(rng, 0.3)) {
		person->away = (int)rng_below(rng, SIM_DAYS);
		person->back = person->away + (int)rng_from(rng, 4, 15);
	}
	if (rng_chance(rng, 0.15)) {
		person->trip = (int)rng_below(rng, SIM_DAYS);
		person->trip_end = person->trip + (int)rng_from(rng, 3, 8);
		person->trip_shift = (int)rng_from(rng, 0, 19) - 9;
		person->trip_home = place_world(rng);
	}
}

static void
make_place(struct sim_person *person, struct rng *rng)
{
	person->desk = place_office(rng_below(rng, 3));
	person->home = place_home(rng);
	person->n_homes = person->trade == TRADE_SUPPORT ? rng_from(rng, 2, 4) : 1;
	if (person->home.family == ADDR_IPV4 && person->n_homes == 1 &&
	    rng_chance(rng, 0.2))
		person->home_days = rng_from(rng, 1, 20);
	person->carrier = rng_below(rng, 1000);
	person->is_roaming = rng_chance(rng, 0.04);
	person->phone = rng_chance(rng, 0.6) ? rng_real(rng, 0.05, 0.4) : 0;
	person->webmail = rng_chance(rng, 0.2) ? rng_real(rng, 0.1, 0.9) : 0;
}

static void
make_person(
    struct sim_person *person, uint32_t number, enum sim_trade trade, struct rng *rng)
{
	const struct kind *kind = &kinds[trade];

	*person = (struct sim_person){.trade = trade};
	snprintf(person->login, sizeof(person->login), "%s%03u", sim_trades[trade], number);
	person->rate = rng_lognormal(rng, kind->rate, trade == TRADE_SHOP ? 0.2 : 0.6);
	person->free_days = kind->free_days * rng_lognormal(rng, 1, 0.5);
	person->fresh = fmin(kind->fresh * rng_lognormal(rng, 1, 0.5), 0.9);
	person->group = kind->group * rng_lognormal(rng, 1, 0.5);
	make_shape(person, rng);
	make_place(person, rng);
	make_absences(person, rng);
	fill_list(person, rng);
	uint32_t n = (uint32_t)(kind->book * rng_lognormal(rng, 1, 0.5)) + 2;
	/* Some are new: theirs begins with a few colleagues. */
	if ((trade == TRADE_OFFICE || trade == TRADE_PRIVATE) && rng_chance(rng, 0.06)) {
		person->born = (int)rng_from(rng, 2, SIM_DAYS - 5);
		n = 3;
	}
	fill_book(person, n, rng);
}

static void
make_days(struct sim_site *site)
{
	struct rng *rng = &site->rng;
	int four = SIM_QUIET_DAYS + 4 + 7 * (int)rng_below(rng, 5);
	int one = SIM_QUIET_DAYS + 2 + 7 * (int)rng_below(rng, 5);

	for (int day = 0; day < SIM_DAYS; day++) {
		bool is_holiday = (day >= four && day < four + 4) || day == one;

		site->holiday[day] = is_holiday ? 0.04 : 1;
		site->sale[day] = rng_chance(rng, 0.04) ? rng_real(rng, 2, 4) : 1;
	}
	site->holiday[four + 4] = 1.6;
}

void
site_init(struct sim_site *site, uint64_t seed)
{
	uint32_t number = 0;

	rng_seed(&site->rng, seed);
	for (unsigned trade = 0; trade < TRADES; trade++)
		for (uint32_t i = 0; i < kinds[trade].n; i++) {
			must(number < SIM_PEOPLE);
			make_person(&site->people[number], number, (enum sim_trade)trade,
			    &site->rng);
			number++;
		}
	must(number == SIM_PEOPLE && site->people[SIM_SHOP].trade == TRADE_SHOP);
	/* The one of which the admin told the policy. */
	struct sim_person *news = &site->people[SIM_SHOP - 1];
	must(news->trade == TRADE_NEWSLETTER);
	snprintf(news->login, sizeof(news->login), "newsletter");
	make_days(site);
}

void
site_fini(struct sim_site *site)
{
	for (size_t i = 0; i < SIM_PEOPLE; i++) {
		free(site->people[i].book.rcpts);
		free(site->people[i].list.rcpts);
	}
}
