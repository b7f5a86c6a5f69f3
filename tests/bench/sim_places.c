/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/bench/sim.h"

/* From where somebody writes. */

enum {
	OFFICES = 3,
	HOMES = 300,       /* networks of homes: some have two or three of our logins */
	RESIDENCES = 3000, /* these, and the same providers' others */
	CARRIERS = 40,
	WORLD = 20000,
	MOVE_DAY = 31,
	MORNING = 8,
	EVENING = 18,
};

static struct addr
ipv4(uint32_t network, uint32_t host)
{
	/* 10.0.0.0/8, so many /24. */
	return (struct addr){.family = ADDR_IPV4,
	    .bytes = {10, (uint8_t)(network >> 8), (uint8_t)network, (uint8_t)host}};
}

static struct addr
ipv6(uint32_t network, uint64_t host)
{
	struct addr addr = {.family = ADDR_IPV6, .bytes = {0x20, 0x01, 0x0d, 0xb8}};

	for (int i = 0; i < 4; i++)
		addr.bytes[7 - i] = (uint8_t)(network >> i * 8);
	for (int i = 0; i < 8; i++)
		addr.bytes[15 - i] = (uint8_t)(host >> i * 8);
	return addr;
}

struct addr
place_office(uint32_t office)
{
	return ipv4(office % OFFICES, 1);
}

/* One of the offices changes its provider. */
static struct addr
place_moved(struct addr desk)
{
	return addr_is(desk, place_office(0)) ? ipv4(OFFICES + 1, 1) : desk;
}

static struct addr
place_webmail(void)
{
	return ipv4(OFFICES, 10);
}

struct addr
place_home(struct rng *rng)
{
	if (rng_chance(rng, 0.3))
		return ipv6(0x10000 + rng_below(rng, 1 << 20), rng_next(rng));
	return ipv4(0x3000 + rng_below(rng, HOMES), rng_from(rng, 1, 254));
}

struct addr
place_residence(struct rng *rng)
{
	if (rng_chance(rng, 0.3))
		return ipv6(0x10000 + rng_below(rng, 1 << 20), rng_next(rng));
	return ipv4(0x3000 + rng_below(rng, RESIDENCES), rng_from(rng, 1, 254));
}

struct addr
place_carrier(uint32_t carrier, uint32_t host)
{
	return ipv4(0x2000 + carrier % CARRIERS, host % 254 + 1);
}

struct addr
place_world(struct rng *rng)
{
	if (rng_chance(rng, 0.1))
		return ipv6(0x200000 + rng_below(rng, 1 << 20), rng_next(rng));
	return ipv4(0x8000 + rng_below(rng, WORLD), rng_from(rng, 1, 254));
}

struct addr
place_beside(struct addr client, struct rng *rng)
{
	if (client.family == ADDR_IPV6)
		client.bytes[15] = (uint8_t)rng_from(rng, 1, 254);
	else
		client.bytes[3] = (uint8_t)rng_from(rng, 1, 254);
	return client;
}

/* An IPv6 host takes another address each day; a telephone is given one by its carrier. */
static struct addr
telephone(const struct sim_person *person, int64_t day, struct rng *rng)
{
	uint32_t host = (uint32_t)(day * 37 + person->carrier * 11);

	if (person->is_roaming)
		host = rng_below(rng, 254);
	else if (rng_chance(rng, 0.2))
		host += 1;
	return place_carrier(person->carrier, host);
}

static struct addr
at_home(const struct sim_person *person, int64_t day, struct rng *rng)
{
	struct addr client = person->home;

	if (person->n_homes > 1)
		client.bytes[client.family == ADDR_IPV6 ? 7 : 1] ^=
		    (uint8_t)(rng_below(rng, person->n_homes) << 1);
	if (person->home_days != 0) {
		uint32_t other = (uint32_t)day / person->home_days * 7919;

		return ipv4(0x3000 + (person->carrier + other) % HOMES, other % 254 + 1);
	}
	if (client.family == ADDR_IPV6)
		client.bytes[15] = (uint8_t)day;
	return client;
}

struct addr
place_of(const struct sim_person *person, int64_t time, struct rng *rng)
{
	int64_t day = time / SIM_DAY, hour = time / SIM_HOUR % 24;
	int since = (int)((time - SIM_BEGIN) / SIM_DAY);
	bool is_weekend = (day + 4) % 7 == 0 || (day + 4) % 7 == 6;

	if (person->trade == TRADE_SHOP)
		return (struct addr){.family = ADDR_NONE};
	if (person->trade == TRADE_MACHINE || person->trade == TRADE_NEWSLETTER)
		return person->desk;
	if (rng_chance(rng, person->webmail))
		return place_webmail();
	if (rng_chance(rng, person->phone))
		return telephone(person, day, rng);
	if (since >= person->trip && since < person->trip_end) {
		/* The hotel; sometimes a train, a café. */
		if (rng_chance(rng, 0.15))
			return place_world(rng);
		struct addr hotel = person->trip_home;
		hotel.bytes[2] = (uint8_t)(hotel.bytes[2] + since / 2);
		return hotel;
	}
	if (person->trade != TRADE_PRIVATE && !person->is_at_home && !is_weekend &&
	    hour >= MORNING && hour < EVENING)
		return since < MOVE_DAY ? person->desk : place_moved(person->desk);
	return at_home(person, day, rng);
}
