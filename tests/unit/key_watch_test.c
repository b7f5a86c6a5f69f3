/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/watch_lab.h"

/*
 * A rotation as frankd sees it: which key signs at each moment, what is said about it, that
 * a new selector is noticed without mail, and what a reload changes.
 */

static void
test_rotation(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_expect(lab, "nothing is known", "s2026", "");
	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "the old one is there", "s2025",
	    "key example.org/s2025: published everywhere, signs from now on\n");
	watch_lab_publish(lab, "s2026", true);
	lab->is_lagging = true;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "at one of two servers", "s2025",
	    "key example.org/s2026: published, but ns2.example.org does not have it yet\n");
	watch_lab_seconds(lab, 2 * WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "still", "s2025", "");
	lab->is_lagging = false;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "at both", "s2026",
	    "key example.org/s2026: published everywhere, signs from now on instead of "
	    "s2025\n");
	lab->is_silent = true;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "no answers", "s2026", "");
}

/* It signs like any other: its mail is what is being tested. */
static void
test_testing(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	buf_reset(&lab->said);
	lab->is_testing = true;
	watch_lab_publish(lab, "s2026", true);
	lab->is_lagging = true;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "at one of two servers", "s2025",
	    "key example.org/s2026: published, but ns2.example.org does not have it yet\n");
	lab->is_lagging = false;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(lab, "at both", "s2026",
	    "key example.org/s2026: published everywhere, as testing (t=y), signs from now "
	    "on instead of s2025\n");
	watch_lab_expect_row(
	    lab, "ready", "s2026", "\"fault\":\"it is published as testing (t=y)");
}

/* The old key is published, but not everywhere; the new one is not. */
static void
test_first_start(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	lab->is_lagging = true;
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "no key was ever ready", "s2025",
	    "key example.org/s2025: published, but ns2.example.org does not have it yet, "
	    "signs from now on\n");
	lab->is_lagging = false;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect(
	    lab, "everywhere", "s2025", "key example.org/s2025: published everywhere\n");
}

static void
test_loss(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, 2);
	buf_reset(&lab->said);
	watch_lab_publish(lab, "s2026", false);
	watch_lab_learn(lab, "s2026");
	watch_lab_learn(lab, "s2026");
	watch_lab_expect(lab, "the new one is lost", "s2025",
	    "! key example.org/s2026 is no longer published: there is no TXT record: "
	    "publish the one that 'frank key check' shows; s2025 signs from now on\n");
	lab->now += 10;
	watch_lab_learn(lab, "s2025");
	watch_lab_publish(lab, "s2025", false);
	watch_lab_learn(lab, "s2025");
	watch_lab_expect(lab, "both are lost", "s2025",
	    "! key example.org/s2025 is no longer published: there is no TXT record: "
	    "publish the one that 'frank key check' shows; it goes on signing, no other "
	    "key is ready\n");
	watch_lab_publish(lab, "s2026", true);
	watch_lab_learn(lab, "s2026");
	watch_lab_expect(lab, "the new one is back", "s2026",
	    "key example.org/s2026: published again, signs from now on instead of s2025\n");
	struct key_watch_status status;
	key_watch_status(lab->watch, &status);
	assert_int_equal(status.lost, 2);
}

/* Bounded, and only where there is a choice. */
static void
test_sweep(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_seconds(lab, 1);
	/* Three of example.org; example.net has one. */
	assert_int_equal(lab->asked, 3);
	assert_int_equal(lab->asked_public, 3);
	watch_lab_seconds(lab, WATCH_PASS_SECONDS - 1);
	assert_int_equal(lab->asked, 3);
	watch_lab_seconds(lab, 2);
	assert_int_equal(lab->asked, 6);
	assert_int_equal(lab->asked_public, 3);
	/* A new policy is looked at soon. */
	lab->generation.number++;
	watch_lab_seconds(lab, 1);
	assert_int_equal(lab->asked, 9);
}

static void
test_without_keys(void **state)
{
	struct watch_lab *lab = *state;
	struct fact_key fact = {.state = KEY_UNKNOWN};
	struct buf list = BUF_INIT(60000);
	size_t n;
	const struct policy_key *keys = policy_keys(lab->generation.policy, &n);

	lab->keys_are_gone = true;
	assert_true(key_watch_fact(lab->watch, &lab->generation, &keys[3], NULL, &fact));
	assert_int_equal(fact.state, KEY_UNKNOWN);
	/* One patience of the key process, not one for each key. */
	lab->asked_public = 0;
	key_watch_list(lab->watch, &lab->generation, VIEW(""), 0, &list);
	assert_int_equal(lab->asked_public, 1);
	buf_fini(&list);
}

/* A reload after which the older file is the newest. */
static void
test_switch(void **state)
{
	struct watch_lab *lab = *state;
	_Atomic(struct key_state *) states[WATCH_LAB_KEYS + 1] = {NULL};
	struct generation before = lab->generation, after = before;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, 2);
	buf_reset(&lab->said);
	watch_lab_expect_row(lab, "before", "s2025", "\"stage\":\"retiring\"");
	lab->now += WATCH_QUEUE_SECONDS + 1000;
	watch_lab_expect_row(lab, "long after", "s2025", "\"stage\":\"retired\"");
	watch_lab_load(lab, &after,
	    "- example.net n2026 ed25519-sha256 1767225600\n"
	    "- example.org s2024 ed25519-sha256 1700000000\n"
	    "- example.org s2025 ed25519-sha256 1772441000\n"
	    "- example.org s2026 ed25519-sha256 1767225600\n");
	after.states = states;
	lab->generation = after;
	key_watch_commit(lab->watch, &before, &lab->generation);
	watch_lab_expect(lab, "the older one touched", "s2025",
	    "key example.org/s2025: loaded, signs from now on instead of s2026\n");
	watch_lab_expect_row(lab, "just replaced", "s2026", "\"stage\":\"retiring\"");
	watch_lab_expect_row(lab, "back", "s2025", "\"stage\":\"active\"");
	watch_lab_expect_row(lab, "back", "s2025", "\"replaced\":\"\"");
	/* And back again: what it signed in between counts. */
	after = lab->generation;
	lab->generation = before;
	key_watch_commit(lab->watch, &after, &lab->generation);
	watch_lab_expect_row(lab, "back and forth", "s2025", "\"stage\":\"retiring\"");
	policy_free(after.policy);
}

/* An answer for a key that nobody has looked at since the reload. */
static void
test_learn_by_name(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, 2);
	memset(lab->states, 0, sizeof(lab->states));
	watch_lab_publish(lab, "s2026", false);
	watch_lab_learn(lab, "s2026");
	watch_lab_expect_row(lab, "learned", "s2026", "\"state\":\"unpublished\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WATCH_TEST(test_rotation),
	    WATCH_TEST(test_testing),
	    WATCH_TEST(test_first_start),
	    WATCH_TEST(test_loss),
	    WATCH_TEST(test_sweep),
	    WATCH_TEST(test_without_keys),
	    WATCH_TEST(test_switch),
	    WATCH_TEST(test_learn_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
