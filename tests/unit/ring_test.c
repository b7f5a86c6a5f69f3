/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/ring.h"

#define SECOND ((int64_t)1000000)
#define WIDTH  (60 * SECOND) /* a window of ten minutes */

struct step {
	int64_t at; /* seconds */
	uint64_t add;
	uint64_t want;
};

static void
run(const char *title, const struct step *steps, size_t n)
{
	struct ring ring = {.slot = 0};

	for (size_t i = 0; i < n; i++) {
		uint64_t got;

		if (steps[i].add != 0)
			ring_add(&ring, steps[i].at * SECOND, WIDTH, steps[i].add);
		got = ring_read(&ring, steps[i].at * SECOND, WIDTH);
		if (got != steps[i].want)
			fail_msg("%s, step %zu: got %llu, want %llu", title, i,
			    (unsigned long long)got, (unsigned long long)steps[i].want);
	}
}

static void
reads_by_hand(void **state)
{
	static const struct step leaves[] = {
	    {600, 60, 60},
	    {1199, 0, 60},
	    {1200, 0, 60},
	    {1215, 0, 45}, /* a quarter of the slot that leaves has left */
	    {1259, 0, 1},
	    {1260, 0, 0},
	};
	static const struct step adds[] = {{600, 1, 1}, {660, 2, 3}, {1140, 4, 7},
	    {1230, 8, 15}, {1290, 0, 13}, {1320, 0, 12}};
	static const struct step backwards[] = {{6000, 5, 5}, {5990, 7, 12}, {0, 1, 13},
	    {-50, 1, 14}, {6599, 0, 14}, {6660, 0, 0}};
	static const struct step saturates[] = {
	    {600, UINT64_MAX, UINT32_MAX},
	    {600, 1, UINT32_MAX},
	    {660, UINT32_MAX, 2 * (uint64_t)UINT32_MAX},
	};
	static const struct step years[] = {
	    {600, 9, 9},
	    {10LL * 365 * 86400, 0, 0},
	    {10LL * 365 * 86400 + 1, 3, 3},
	    {1000LL * 365 * 86400, 4, 4},
	    {100000LL * 365 * 86400, 4, 4},
	};

	(void)state;
	run("leaves bit by bit", leaves, ARRAY_LEN(leaves));
	run("adds up", adds, ARRAY_LEN(adds));
	run("time goes backwards", backwards, ARRAY_LEN(backwards));
	run("saturates", saturates, ARRAY_LEN(saturates));
	run("years of silence", years, ARRAY_LEN(years));
}

static void
shows_its_slots(void **state)
{
	struct ring ring = {.slot = 0};
	uint32_t slots[RING_SLOTS];

	(void)state;
	for (uint32_t i = 0; i < 23; i++)
		ring_add(&ring, (600 + 60 * i) * SECOND, WIDTH, i);
	ring_slots(&ring, slots);
	for (uint32_t i = 0; i < RING_SLOTS; i++)
		if (slots[i] != 13 + i)
			fail_msg("slot %u: got %u, want %u", i, slots[i], 13 + i);
}

/* Spiky traffic against a log of every event: how often the ring is on the other side of a
 * limit. */

enum { EVENTS = 60000, LIMIT = 100 };

struct event {
	int64_t at;
	uint64_t amount;
};

static uint64_t random_state = 88172645463325252;

static uint64_t
random_below(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Calm for a while, then a burst of a few seconds to some minutes. */
static void
make_events(struct event *events)
{
	int64_t at = 1000 * SECOND;

	for (size_t i = 0; i < EVENTS;) {
		size_t burst = 1 + random_below(random_below(8) == 0 ? 120 : 12);
		int64_t pace = (int64_t)(1 + random_below(8)) * SECOND;

		at += (int64_t)random_below(900) * SECOND;
		for (; burst > 0 && i < EVENTS; burst--, i++) {
			at += (int64_t)random_below((uint64_t)pace * 2);
			events[i].at = at;
			events[i].amount =
			    1 + (random_below(10) == 0 ? random_below(20) : 0);
		}
	}
}

static void
agrees_with_an_exact_log(void **state)
{
	static struct event events[EVENTS];
	struct ring ring = {.slot = 0};
	uint64_t exact = 0;
	size_t oldest = 0, over = 0, missed = 0, under = 0, wrong = 0;

	(void)state;
	make_events(events);
	for (size_t i = 0; i < EVENTS; i++) {
		bool is_over, is_said;

		exact += events[i].amount;
		for (; events[oldest].at <= events[i].at - 10 * WIDTH; oldest++)
			exact -= events[oldest].amount;
		ring_add(&ring, events[i].at, WIDTH, events[i].amount);
		is_over = exact > LIMIT;
		is_said = ring_read(&ring, events[i].at, WIDTH) > LIMIT;
		over += is_over ? 1 : 0;
		under += is_over ? 0 : 1;
		missed += is_over && !is_said ? 1 : 0;
		wrong += !is_over && is_said ? 1 : 0;
	}
	print_message("missed %.2f %% of %zu, false %.2f %% of %zu\n",
	    100.0 * (double)missed / (double)over, over,
	    100.0 * (double)wrong / (double)under, under);
	/* Enough on both sides to say anything. */
	assert_true(over > EVENTS / 20 && under > EVENTS / 20);
	if (missed * 100 > over * 2 || wrong * 100 > under * 2)
		fail_msg("missed %zu of %zu, false %zu of %zu: want at most 2 %% each",
		    missed, over, wrong, under);
}

/* Never more than eleven slots hold, never less than the ten that are whole. */
static void
stays_within_its_bounds(void **state)
{
	static struct event events[EVENTS];
	struct ring ring = {.slot = 0};
	size_t from_ten = 0, from_eleven = 0;

	(void)state;
	make_events(events);
	for (size_t i = 0; i < EVENTS; i++) {
		int64_t slot = events[i].at / WIDTH;
		uint64_t got, ten = 0, eleven = 0;

		ring_add(&ring, events[i].at, WIDTH, events[i].amount);
		got = ring_read(&ring, events[i].at, WIDTH);
		while (events[from_ten].at / WIDTH < slot - 9)
			from_ten++;
		while (events[from_eleven].at / WIDTH < slot - 10)
			from_eleven++;
		for (size_t j = from_eleven; j <= i; j++) {
			eleven += events[j].amount;
			ten += j >= from_ten ? events[j].amount : 0;
		}
		if (got < ten || got > eleven)
			fail_msg("event %zu: got %llu, want %llu to %llu", i,
			    (unsigned long long)got, (unsigned long long)ten,
			    (unsigned long long)eleven);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_by_hand),
	    cmocka_unit_test(shows_its_slots),
	    cmocka_unit_test(agrees_with_an_exact_log),
	    cmocka_unit_test(stays_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
