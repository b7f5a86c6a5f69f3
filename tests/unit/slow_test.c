/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Where deliveries take longer than before: numbers, stretches, what was held, limits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/deliveries_slow.h"

#define SECOND INT64_C(1000000)

enum { PARTS = 5, QUICK = 3000, LATE = 840000, FAR = 1 << 20 };

/* COUNT messages, each of which took MS. */
struct part {
	unsigned count;
	uint32_t ms;
};

/* Message NUMBER, sent at that second. */
static struct outcome
sent(unsigned number, uint32_t ms)
{
	static char id[32];

	snprintf(id, sizeof(id), "4cX%uz", number);
	return (struct outcome){.time = number * SECOND,
	    .delay_ms = ms,
	    .what = VIEW("sent"),
	    .queue_id = view_of(id),
	    .rcpt = VIEW("a@Slow.test")};
}

static unsigned
give(struct slow *slow, unsigned number, const struct part parts[PARTS],
    int (*each)(void *, const struct outcome *))
{
	for (size_t i = 0; i < PARTS; i++)
		for (unsigned k = 0; k < parts[i].count; k++) {
			const struct outcome outcome = sent(number++, parts[i].ms);
			assert_int_equal(each(slow, &outcome), 0);
		}
	return number;
}

static void
choose(struct slow *slow, const struct part parts[PARTS])
{
	struct delays delays = {0};

	for (size_t i = 0; i < PARTS; i++)
		for (unsigned k = 0; k < parts[i].count; k++)
			delays_add(&delays, parts[i].ms);
	slow_choose(slow, VIEW("slow.test"), &delays);
}

/* All that 'frank deliveries' does: what is given since is message 0, 1 and so on. */
static void
judge(struct slow *slow, const struct part before[PARTS], const struct part since[PARTS])
{
	choose(slow, since);
	give(slow, FAR, before, slow_before);
	if (slow_know_before(slow))
		give(slow, 0, since, slow_since);
	slow_end(slow);
}

static void
a_domain_is_slow_by_numbers(void **state)
{
	static const struct {
		struct part before[PARTS], since[PARTS];
		unsigned first, n; /* 0 messages: it is not slow */
	} cases[] = {
	    /* enough on both sides, and one too few */
	    {{{20, QUICK}}, {{20, LATE}}, 0, 20},
	    {{{19, QUICK}}, {{20, LATE}}, 0, 0},
	    {{{20, QUICK}}, {{19, LATE}}, 0, 0},
	    /* a minute, and less */
	    {{{20, QUICK}}, {{20, SLOW_MS}}, 0, 20},
	    {{{20, QUICK}}, {{20, SLOW_MS - 1}}, 0, 0},
	    {{{20, 0}}, {{20, SLOW_MS}}, 0, 20},
	    /* five times as long, and less; the longest bounds a median */
	    {{{20, 100000}}, {{20, 500000}}, 0, 20},
	    {{{20, 100000}}, {{20, 350000}}, 0, 0},
	    {{{20, UINT32_MAX}}, {{20, UINT32_MAX}}, 0, 0},
	    {{{20, 1500000000}}, {{20, 3400000000}}, 0, 0},
	    /* it began within the time, was quick now and then, and single ones are nothing
	     */
	    {{{20, QUICK}}, {{1000, QUICK}, {30, LATE}}, 1000, 30},
	    {{{20, QUICK}}, {{1, LATE}, {50, QUICK}, {15, LATE}, {4, QUICK}, {15, LATE}},
		51, 34},
	    {{{20, QUICK}}, {{9, LATE}, {50, QUICK}, {9, LATE}, {50, QUICK}, {9, LATE}}, 0,
		0},
	    /* 15 of 20 are ten more; 14 are not */
	    {{{20, QUICK}}, {{10, LATE}, {5, QUICK}, {5, LATE}}, 0, 20},
	    {{{20, QUICK}}, {{10, LATE}, {6, QUICK}, {4, LATE}}, 0, 0},
	    {{{20, QUICK}}, {{9, LATE}, {6, QUICK}, {6, LATE}}, 0, 0},
	    /* one in ten took as long before, and more */
	    {{{45, QUICK}, {5, LATE}}, {{30, LATE}}, 0, 30},
	    {{{44, QUICK}, {6, LATE}}, {{30, LATE}}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slow slow;

		slow_init(&slow);
		judge(&slow, cases[i].before, cases[i].since);
		if (slow.n_list != (cases[i].n > 0))
			fail_msg("case %zu: %zu", i, slow.n_list);
		if (slow.n_list > 0) {
			const struct slow_stretch *most = &slow.list[0]->most;
			if (most->delays.n != cases[i].n ||
			    most->first != cases[i].first * SECOND)
				fail_msg("case %zu: %u since %lld", i,
				    (unsigned)most->delays.n,
				    (long long)(most->first / SECOND));
			assert_true(delays_median(&most->delays) * 5 >= SLOW_MS * 4);
		}
		slow_fini(&slow);
	}
}

static void
it_is_over_when_mail_is_quick_again(void **state)
{
	static const struct part before[PARTS] = {{20, QUICK}};
	static const struct {
		struct part since[PARTS];
		int64_t quick, resumed;
	} cases[] = {
	    {{{30, LATE}}, 0, 0},
	    {{{30, LATE}, {9, QUICK}}, 9, 30},
	    {{{30, LATE}, {5, QUICK}, {5, LATE}, {12, QUICK}}, 12, 40},
	    {{{30, LATE}, {8, QUICK}, {3, LATE}, {8, QUICK}}, 13, 30},
	    {{{30, LATE}, {20, QUICK}, {25, LATE}}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slow slow;

		slow_init(&slow);
		judge(&slow, before, cases[i].since);
		assert_int_equal(slow.n_list, 1);
		const struct slow_place *place = slow.list[0];
		if (place->quick != cases[i].quick ||
		    (place->quick > 0 && place->resumed != cases[i].resumed * SECOND))
			fail_msg("case %zu: %lld since %lld", i, (long long)place->quick,
			    (long long)(place->resumed / SECOND));
		slow_fini(&slow);
	}
}

static void
what_was_held_counts_on_neither_side(void **state)
{
	static const char *const words[] = {"held", "released", "requeued"};
	static const struct part before[PARTS] = {{20, QUICK}}, since[PARTS] = {{20, LATE}};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(words) + 2; i++) {
		bool is_before = i % 2 == 1, is_new_id = i >= 2 * ARRAY_LEN(words);
		struct outcome held = sent(is_before ? FAR + 7 : 7, 0);
		struct slow slow;

		slow_init(&slow);
		held.what = is_new_id ? VIEW("picked-up") : view_of(words[i / 2]);
		held.other_id = is_new_id ? VIEW("4cXolder") : VIEW("");
		slow_held(&slow, &held);
		judge(&slow, before, since);
		assert_int_equal(slow.n_list, 0);
		slow_fini(&slow);
	}
	/* What somebody wrote on this machine was not held. */
	struct outcome local = sent(7, 0);
	struct slow slow;
	slow_init(&slow);
	local.what = VIEW("picked-up");
	slow_held(&slow, &local);
	judge(&slow, before, since);
	assert_int_equal(slow.n_list, 1);
	slow_fini(&slow);
}

static void
recipients_of_one_message_count_once(void **state)
{
	static const struct part before[PARTS] = {{20, QUICK}}, since[PARTS] = {{40, LATE}};
	struct slow slow;

	(void)state;
	slow_init(&slow);
	choose(&slow, since);
	give(&slow, FAR, before, slow_before);
	assert_true(slow_know_before(&slow));
	for (unsigned i = 0; i < 40; i++) {
		const struct outcome outcome = sent(i / 4, LATE);
		slow_since(&slow, &outcome);
	}
	slow_end(&slow);
	assert_int_equal(slow.n_list, 0);
	slow_fini(&slow);
}

static void
domains_and_messages_are_bounded(void **state)
{
	static const struct part before[PARTS] = {{20, QUICK}}, since[PARTS] = {{20, LATE}};
	struct delays delays = {0};
	struct slow slow;

	(void)state;
	slow_init(&slow);
	for (unsigned i = 0; i < SLOW_MORE; i++) {
		slow_choose(&slow, VIEW("quick.test"), &delays);
		delays_add(&delays, SLOW_MS);
	}
	assert_int_equal(slow.places.count, 0);
	for (unsigned i = 0; i < SLOW_PLACES_MAX + 10; i++) {
		char domain[40];

		snprintf(domain, sizeof(domain), "d%u.test", i);
		slow_choose(&slow, view_of(domain), &delays);
	}
	assert_int_equal(slow.places.count, SLOW_PLACES_MAX);
	assert_int_equal(slow.n_places_left_out, 10);
	slow_fini(&slow);

	slow_init(&slow);
	for (unsigned i = 0; i < SLOW_HELD_MAX + 10; i++) {
		struct outcome held = sent(2 * FAR + i, 0);
		held.what = VIEW("held");
		slow_held(&slow, &held);
		slow_held(&slow, &held);
	}
	assert_int_equal(slow.n_held_left_out, 20);
	judge(&slow, before, since);
	assert_int_equal(slow.n_list, 0);
	slow_fini(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_domain_is_slow_by_numbers),
	    cmocka_unit_test(it_is_over_when_mail_is_quick_again),
	    cmocka_unit_test(what_was_held_counts_on_neither_side),
	    cmocka_unit_test(recipients_of_one_message_count_once),
	    cmocka_unit_test(domains_and_messages_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
