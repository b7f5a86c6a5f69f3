/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Deliveries are counted: delays, limits, what has changed and when that is over. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)
#define NOW    (20000 * DAY)

enum { ALL = 1 << DELIVERIES_BY_DOMAIN | 1 << DELIVERIES_BY_CODE };

/* Outcome NUMBER of a message of its own. */
static struct outcome
outcome_of(const char *what, unsigned number, const char *rcpt)
{
	static char id[32];

	snprintf(id, sizeof(id), "4cX%uz", number);
	return (struct outcome){.time = NOW,
	    .what = view_of(what),
	    .queue_id = view_of(id),
	    .rcpt = view_of(rcpt),
	    .dsn = view_of(what[0] == 's' ? "2.0.0" : "4.7.28"),
	    .relay = VIEW("mx.far.test[192.0.2.1]:25"),
	    .text = VIEW("host mx.far.test[192.0.2.1] said: 421 4.7.28 too much")};
}

static const struct deliveries_group *
first_group(struct deliveries_count *count, enum deliveries_kind kind, size_t *ret_n)
{
	return deliveries_groups(count, kind, ret_n)[0];
}

static void
medians_are_right_to_a_fifth(void **state)
{
	struct replies *replies = replies_new();

	(void)state;
	for (uint32_t ms = 1; ms < UINT32_MAX / 2; ms += ms / 7 + 1) {
		struct deliveries_count count;
		struct outcome outcome = outcome_of("sent", 1, "a@far.test");
		size_t n;

		deliveries_count_init(&count, ALL, replies, NULL);
		for (unsigned i = 0; i < 5; i++) {
			const uint32_t delays[] = {0, ms, ms, UINT32_MAX, UINT32_MAX};
			outcome.delay_ms = delays[i];
			deliveries_count_outcome(&count, &outcome);
		}
		const struct deliveries_group *group =
		    first_group(&count, DELIVERIES_BY_DOMAIN, &n);
		int64_t got = deliveries_median(group),
			off = got > ms ? got - ms : ms - got;
		if (off * 5 > ms)
			fail_msg("%u ms: %lld", ms, (long long)got);
		assert_int_equal(group->longest_ms, UINT32_MAX);
		deliveries_count_fini(&count);
	}
	replies_free(replies);
}

static void
names_beyond_the_limit_share_one(void **state)
{
	struct replies *replies = replies_new();
	struct deliveries_count count;
	size_t n;

	(void)state;
	deliveries_count_init(&count, ALL, replies, NULL);
	for (unsigned i = 0; i < DELIVERIES_NAMES_MAX + 1000; i++) {
		char rcpt[40];

		snprintf(rcpt, sizeof(rcpt), "a@d%u.test", i);
		const struct outcome outcome = outcome_of("sent", i, rcpt);
		deliveries_count_outcome(&count, &outcome);
	}
	const struct deliveries_group *group =
	    first_group(&count, DELIVERIES_BY_DOMAIN, &n);
	assert_int_equal(n, DELIVERIES_NAMES_MAX + 1);
	assert_true(view_is(group->name, VIEW("(others)")) && !group->has_name);
	assert_int_equal(group->sent, 1000);
	deliveries_count_fini(&count);
	replies_free(replies);
}

static void
those_who_wait_are_counted_up_to_a_limit(void **state)
{
	struct replies *replies = replies_new();
	struct deliveries_count count;
	struct outcome outcome;

	(void)state;
	deliveries_count_init(&count, ALL, replies, NULL);
	for (unsigned i = 0; i < DELIVERIES_OPEN_MAX + 10; i++) {
		outcome = outcome_of("deferred", i, "a@far.test");
		deliveries_count_outcome(&count, &outcome);
	}
	outcome = outcome_of("sent", 7, "a@far.test");
	deliveries_count_outcome(&count, &outcome);
	deliveries_count_end(&count);
	assert_int_equal(count.total.open, DELIVERIES_OPEN_MAX - 1);
	assert_int_equal(count.n_left_out, 10);
	deliveries_count_fini(&count);
	replies_free(replies);
}

/* ---- what has changed ---- */

static void
fail_times(struct changes *changes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct outcome outcome = outcome_of("deferred", i, "a@far.test");

		outcome.time = NOW + i * SECOND;
		changes_failed(changes, &outcome, VIEW("far.test"), NULL);
		changes_failed(changes, &outcome, VIEW("far.test"), NULL);
	}
}

static void
a_change_needs_numbers_and_a_past(void **state)
{
	static const struct {
		unsigned failures;
		const char *before[2];
		int64_t begin; /* of the journal, before the time that is looked at */
		size_t want;
	} cases[] = {
	    {3, {"sent"}, 7 * DAY, 1},
	    {2, {"sent"}, 7 * DAY, 0},
	    {3, {NULL}, 7 * DAY, 0},
	    {3, {"sent", "deferred"}, 7 * DAY, 0},
	    {3, {"sent"}, DAY, 1},
	    {3, {"sent"}, DAY - 1, 0},
	};
	struct replies *replies = replies_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct changes changes;

		changes_init(&changes, replies);
		fail_times(&changes, cases[i].failures);
		(void)changes_narrow(&changes);
		for (size_t k = 0; k < 2 && cases[i].before[k] != NULL; k++) {
			const struct outcome outcome =
			    outcome_of(cases[i].before[k], 99, "b@FAR.test");
			changes_before(&changes, &outcome);
		}
		changes_end(&changes, NOW - cases[i].begin, NOW);
		if (changes.n_list != cases[i].want)
			fail_msg("case %zu: %zu", i, changes.n_list);
		if (changes.n_list > 0)
			assert_int_equal(changes.list[0]->messages, 3);
		changes_fini(&changes);
	}
	replies_free(replies);
}

static void
a_change_is_over_when_mail_goes_again(void **state)
{
	static const struct {
		int64_t sent, again, now; /* seconds after it began; 0: not */
		bool is_over;
	} cases[] = {{10, 0, 10 + CHANGE_QUIET, true}, {10, 0, CHANGE_QUIET, false},
	    {0, 0, 86400, false}, {10, 20, 86400, false}};
	struct replies *replies = replies_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome sent = outcome_of("sent", 50, "a@far.test");
		struct buf out = BUF_INIT(65536);
		struct changes changes;

		changes_init(&changes, replies);
		fail_times(&changes, 3);
		sent.time = NOW + cases[i].sent * SECOND;
		if (cases[i].sent != 0)
			changes_sent(&changes, &sent, VIEW("far.test"));
		if (cases[i].again != 0) {
			struct outcome again = outcome_of("deferred", 51, "a@far.test");
			again.time = NOW + cases[i].again * SECOND;
			changes_failed(&changes, &again, VIEW("far.test"), NULL);
		}
		(void)changes_narrow(&changes);
		changes_before(&changes, &sent);
		changes_end(&changes, NOW - 7 * DAY, NOW);
		assert_int_equal(changes.n_list, 1);
		changes_text(&changes, 10, NOW + cases[i].now * SECOND, &out);
		bool says_over = strstr(buf_text(&out), "over since") != NULL;
		if (says_over != cases[i].is_over)
			fail_msg("case %zu: %s", i, buf_text(&out));
		buf_fini(&out);
		changes_fini(&changes);
	}
	replies_free(replies);
}

static void
domains_with_a_code_are_bounded(void **state)
{
	struct replies *replies = replies_new();
	struct changes changes;

	(void)state;
	changes_init(&changes, replies);
	for (unsigned i = 0; i < CHANGES_MAX + 10; i++) {
		const struct outcome outcome = outcome_of("deferred", i, "a@far.test");
		char domain[40];

		snprintf(domain, sizeof(domain), "d%u.test", i);
		changes_failed(&changes, &outcome, view_of(domain), NULL);
	}
	assert_int_equal(changes.n, CHANGES_MAX);
	assert_int_equal(changes.n_left_out, 10);
	assert_int_equal(changes_narrow(&changes), 0);
	changes_fini(&changes);
	replies_free(replies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(medians_are_right_to_a_fifth),
	    cmocka_unit_test(names_beyond_the_limit_share_one),
	    cmocka_unit_test(those_who_wait_are_counted_up_to_a_limit),
	    cmocka_unit_test(a_change_needs_numbers_and_a_past),
	    cmocka_unit_test(a_change_is_over_when_mail_goes_again),
	    cmocka_unit_test(domains_with_a_code_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
