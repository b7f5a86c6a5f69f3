/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include <string.h>

#include "lib/bug.h"
#include "policy/rule.h"

/* Meters and limits as others see them, and what explain says of them. */

static const char policy_text[] =
    "table <t> { example.com, .example.org }\n"
    "map <plan> file \"owners\"\n"
    "set login-domain example.org\n"
    "meter sent count recipients per origin within 10m floor 20\n"
    "meter fresh count new-recipients per user within 1h to not <t>\n"
    "meter inner count bytes per network within 1d floor 10M to <t>\n"
    "hold sent > 3x usual label \"a\"\n"
    "hold sent > <plan> label \"b\"\n"
    "hold fresh > 5 label \"c\"\n"
    "hold inner >= 1x usual label \"d\"\n"
    "hold age < 14d label \"e\"\n"
    "hold rcpts <= <plan> label \"f\"\n"
    "accept\n";

static const char plan[] = "alice 500\n"
			   "@example.org 100\n"
			   "192.0.2.0/24 50\n"
			   "192.0.2.16/28 40\n"
			   "192.0.2.17 30\n"
			   "2001:db8::/32 1K\n"
			   "local 7\n";

static void
says_what_it_counts(void **state)
{
	struct policy *policy = lab_policy(policy_text, plan, NULL);
	struct fact_address inner = lab_address("x@a.example.org");
	struct fact_address outer = lab_address("x@example.org");
	size_t n;
	const struct policy_meter *meters = policy_meters(policy, &n);

	(void)state;
	assert_int_equal(n, 3);
	assert_int_equal(meters[0].what, METER_RECIPIENTS);
	assert_int_equal(meters[0].whom, METER_PER_ORIGIN);
	assert_int_equal(meters[0].within, 600);
	assert_int_equal(meters[0].floor, 20);
	assert_int_equal(meters[2].floor, 10 << 20);
	assert_int_equal(meters[2].index, 2);
	lab_same_view("fresh", "place", meters[1].place, "frank.conf:5");
	assert_true(policy_meter_counts(policy, &meters[0], &outer));
	assert_true(policy_meter_counts(policy, &meters[1], &outer));
	assert_false(policy_meter_counts(policy, &meters[1], &inner));
	assert_true(policy_meter_counts(policy, &meters[2], &inner));
	assert_false(policy_meter_counts(policy, &meters[2], &outer));
	policy_free(policy);
}

/* The test of verdict I under FACTS: its answer and why. */
static void
judge(const struct policy *policy, size_t i, const struct facts *facts,
    enum match_answer want, const char *want_why)
{
	const struct test *test = policy_verdict_at(policy, i)->tests.at[0];
	const struct derived nothing = {.is_signed = false};
	struct buf why = BUF_INIT(1024);
	enum match_answer answer = policy_test_judge(policy, test, facts, &nothing, &why);

	lab_same(policy_verdict_at(policy, i)->label.p, "why", buf_text(&why), want_why);
	assert_int_equal(answer, want);
	buf_fini(&why);
}

static void
explains_what_is_usual(void **state)
{
	struct policy *policy = lab_policy(policy_text, plan, NULL);
	struct facts facts = lab_facts(PATH_SUBMISSION, "alice", "192.0.2.1");
	struct fact_meter meters[] = {
	    {.name = VIEW("sent"),
		.state = READING_KNOWN,
		.reading = 64,
		.usual_of = USUAL_OWN,
		.usual = 5},
	    {.name = VIEW("fresh"), .state = READING_NO_KEY},
	};

	(void)state;
	judge(policy, 0, &facts, MATCH_UNKNOWN, "the meter could not be read");
	facts.meters = meters;
	facts.n_meters = ARRAY_LEN(meters);
	facts.local_minute = 9 * 60 + 3;
	judge(policy, 0, &facts, MATCH_YES,
	    "64 in 10m; usual for weekdays 09h is 5, 3x usual is 15, floor 20");
	meters[0].reading = 20;
	meters[0].usual_of = USUAL_SITE;
	facts.local_weekday = 6;
	judge(policy, 0, &facts, MATCH_NO,
	    "20 in 10m; usual for weekends 09h is 5 (the site's median), 3x usual is 15, "
	    "floor 20");
	meters[0].usual_of = USUAL_UNKNOWN;
	judge(policy, 0, &facts, MATCH_UNKNOWN,
	    "20 in 10m; usual for weekends 09h is not known yet");
	judge(policy, 2, &facts, MATCH_UNKNOWN, "there is no user to count for");
	meters[0].usual_of = USUAL_OWN;
	meters[0].usual = UINT64_MAX / 2;
	judge(policy, 0, &facts, MATCH_NO,
	    "20 in 10m; usual for weekends 09h is 9223372036854775807, 3x usual is "
	    "18446744073709551615, floor 20");
	judge(policy, 4, &facts, MATCH_UNKNOWN,
	    "when this login was first seen is not known");
	facts.has_age = true;
	facts.age = 14 * 86400 - 1;
	judge(policy, 4, &facts, MATCH_YES, "first seen 1209599s ago");
	facts.age++;
	judge(policy, 4, &facts, MATCH_NO, "first seen 14d ago");
	policy_free(policy);
}

static void
asks_maps_for_the_origin(void **state)
{
	static const struct {
		enum fact_path path;
		const char *user, *client;
		enum match_answer want;
		const char *why;
	} cases[] = {
	    {PATH_SUBMISSION, "Alice", "192.0.2.17", MATCH_YES,
		"35; <plan> gives Alice 500"},
	    {PATH_SUBMISSION, "bob", "192.0.2.17", MATCH_YES, "35; <plan> gives bob 100"},
	    {PATH_SUBMISSION, "bob@example.net", "192.0.2.17", MATCH_NO,
		"35; <plan> has no entry for bob@example.net"},
	    {PATH_RELAY, "", "192.0.2.17", MATCH_NO, "35; <plan> gives 192.0.2.17 30"},
	    {PATH_RELAY, "", "192.0.2.18", MATCH_YES, "35; <plan> gives 192.0.2.18 40"},
	    {PATH_RELAY, "", "192.0.2.1", MATCH_YES, "35; <plan> gives 192.0.2.1 50"},
	    {PATH_RELAY, "", "2001:db8:1::1", MATCH_YES,
		"35; <plan> gives 2001:db8:1::1 1024"},
	    {PATH_RELAY, "", "198.51.100.1", MATCH_NO,
		"35; <plan> has no entry for 198.51.100.1"},
	    {PATH_LOCAL, "", "", MATCH_NO, "35; <plan> gives local 7"},
	};
	struct policy *policy = lab_policy(policy_text, plan, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts =
		    lab_facts(cases[i].path, cases[i].user, cases[i].client);

		facts.rcpts = 35;
		judge(policy, 5, &facts, cases[i].want, cases[i].why);
	}
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_it_counts),
	    cmocka_unit_test(explains_what_is_usual),
	    cmocka_unit_test(asks_maps_for_the_origin),
	};

	return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
