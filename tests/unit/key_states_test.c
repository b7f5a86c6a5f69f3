/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What is learned of a key from DNS, step by step, and what of it is kept over a restart.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/key_states.h"

enum { FINGERPRINT = 7, TTL = 300 };

/* What an answer of DNS says. */
enum says {
	GOOD,
	ABSENT, /* no such name */
	REVOKED,
	OTHER,     /* another key than ours */
	TESTING,   /* ours, with t=y */
	STRICT,    /* ours, with t=s: our signatures have no i= */
	NO_SHA256, /* ours, with an h= that leaves it out */
	NO_EMAIL,  /* ours, with an s= that leaves it out */
	NO_ANSWER, /* a time-out */
	FAILED,    /* SERVFAIL */
	/* Of every server: */
	ALL,     /* three of three */
	SOME,    /* two of three answered, one has it */
	ALONE,   /* one of three answered, and has it */
	NOBODY,  /* none answered: the resolver's word */
	NONE,    /* there is none: the same */
	UNASKED, /* the resolver's word, and nobody has asked any */
};

static struct dns_key_reply
reply_of(enum says says)
{
	struct dns_key_reply reply = {.state = DNS_FOUND};
	static const uint32_t servers[][3] = {[ALL] = {3, 3, 3},
	    [SOME] = {3, 2, 1},
	    [ALONE] = {3, 1, 1},
	    [NOBODY] = {3, 0, 0},
	    [UNASKED] = {0, 0, 0}};

	reply.published.algorithm = SIGN_RSA_SHA256;
	reply.published.bits = 2048;
	memset(
	    reply.published.fingerprint, says == OTHER ? 8 : FINGERPRINT, KEY_FINGERPRINT);
	if (says >= ALL) {
		reply.n_servers = servers[says][0];
		reply.n_answered = servers[says][1];
		reply.n_same = servers[says][2];
		reply.has_no_servers = says == NONE;
		if (says == SOME)
			snprintf(reply.lagging, sizeof(reply.lagging), "ns2.example.org");
	} else if (says == ABSENT) {
		reply.state = DNS_NO_NAME;
	} else if (says == REVOKED) {
		reply.published.bits = 0;
		reply.published.faults = KEY_FAULT_REVOKED;
	} else if (says >= TESTING && says <= NO_EMAIL) {
		static const unsigned faults[] = {[TESTING] = KEY_FAULT_TESTING,
		    [STRICT] = KEY_FAULT_STRICT,
		    [NO_SHA256] = KEY_FAULT_HASH,
		    [NO_EMAIL] = KEY_FAULT_SERVICE};
		reply.published.faults = faults[says];
	} else if (says == NO_ANSWER) {
		reply.state = DNS_NO_ANSWER;
	} else if (says == FAILED) {
		reply.state = DNS_FAILED;
	}
	return reply;
}

static struct key_state *
enter(struct key_states *states, const char *selector, uint8_t fingerprint, int64_t now)
{
	struct key_identity identity = {.domain = VIEW("example.org"),
	    .selector = view_of(selector),
	    .algorithm = ALGORITHM_RSA};

	memset(identity.fingerprint, fingerprint, KEY_FINGERPRINT);
	return key_states_enter(states, &identity, now);
}

static enum key_event
learn(struct key_states *states, struct key_state *state, enum says says, int64_t now)
{
	struct dns_key_reply reply = reply_of(says);

	return says >= ALL ? key_states_learn_everywhere(states, state, &reply, now)
			   : key_states_learn(states, state, &reply, TTL, now);
}

struct step {
	enum says says;
	enum key_event event;
	enum fact_key_state state;
	int64_t since, last_ready; /* steps are 10 apart, from 10 on */
};

enum { STEPS_MAX = 8 };

static const struct life {
	const char *name;
	size_t n;
	struct step steps[STEPS_MAX];
} lives[] = {
    {"a new key", 6,
	{{ABSENT, KEY_EVENT_NONE, KEY_UNPUBLISHED, 10, 0},
	    {GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 20, 0},
	    {SOME, KEY_EVENT_LAGS, KEY_UNKNOWN, 20, 0},
	    {SOME, KEY_EVENT_NONE, KEY_UNKNOWN, 20, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 50, 50},
	    {GOOD, KEY_EVENT_NONE, KEY_READY, 50, 60}}},
    {"servers that do not answer do not count", 2,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {ALONE, KEY_EVENT_READY, KEY_READY, 20, 20}}},
    {"no server answers", 2,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {NOBODY, KEY_EVENT_READY, KEY_READY, 20, 20}}},
    {"there is no server", 2,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {NONE, KEY_EVENT_READY, KEY_READY, 20, 20}}},
    {"no server was asked", 2,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {UNASKED, KEY_EVENT_NONE, KEY_UNKNOWN, 0, 0}}},
    {"lost and back", 5,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 20, 20},
	    {ABSENT, KEY_EVENT_LOST, KEY_UNPUBLISHED, 30, 20},
	    {ABSENT, KEY_EVENT_NONE, KEY_UNPUBLISHED, 30, 20},
	    {GOOD, KEY_EVENT_BACK, KEY_READY, 50, 50}}},
    {"revoked, then another key", 4,
	{{GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 20, 20},
	    {REVOKED, KEY_EVENT_LOST, KEY_UNPUBLISHED, 30, 20},
	    {OTHER, KEY_EVENT_NONE, KEY_MISMATCHED, 40, 20}}},
    {"published wrong from the beginning", 4,
	{{OTHER, KEY_EVENT_FAULTY, KEY_MISMATCHED, 10, 0},
	    {OTHER, KEY_EVENT_NONE, KEY_MISMATCHED, 10, 0},
	    {TESTING, KEY_EVENT_ASK, KEY_UNKNOWN, 30, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 40, 40}}},
    {"it is being tested, or of the very domain only", 4,
	{{TESTING, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 20, 20},
	    {STRICT, KEY_EVENT_NONE, KEY_READY, 20, 30},
	    {TESTING, KEY_EVENT_NONE, KEY_READY, 20, 40}}},
    {"not for our signatures", 6,
	{{NO_SHA256, KEY_EVENT_FAULTY, KEY_MISMATCHED, 10, 0},
	    {GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 20, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 30, 30},
	    {NO_EMAIL, KEY_EVENT_LOST, KEY_MISMATCHED, 40, 30},
	    {GOOD, KEY_EVENT_BACK, KEY_READY, 50, 50},
	    {NO_SHA256, KEY_EVENT_LOST, KEY_MISMATCHED, 60, 50}}},
    {"trouble with DNS changes nothing", 6,
	{{NO_ANSWER, KEY_EVENT_NONE, KEY_UNKNOWN, 0, 0},
	    {GOOD, KEY_EVENT_ASK, KEY_UNKNOWN, 0, 0},
	    {ALL, KEY_EVENT_READY, KEY_READY, 30, 30},
	    {FAILED, KEY_EVENT_NONE, KEY_READY, 30, 30},
	    {NO_ANSWER, KEY_EVENT_NONE, KEY_READY, 30, 30},
	    {SOME, KEY_EVENT_NONE, KEY_READY, 30, 30}}},
};

static void
test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		struct key_states *states = key_states_new((struct map_seed){1, 2});
		struct key_state *key = enter(states, "s2026", FINGERPRINT, 0);
		for (size_t j = 0; j < lives[i].n; j++) {
			const struct step *step = &lives[i].steps[j];
			struct key_seen seen;
			enum key_event event =
			    learn(states, key, step->says, 10 * (int64_t)(j + 1));
			key_states_read(states, key, &seen);
			if (event != step->event || seen.state != step->state ||
			    seen.since != step->since ||
			    seen.last_ready != step->last_ready)
				fail_msg("%s, step %zu: got event %d, %s since %lld, ready "
					 "%lld; want event %d, %s since %lld, ready %lld",
				    lives[i].name, j, (int)event,
				    fact_key_state_name(seen.state), (long long)seen.since,
				    (long long)seen.last_ready, (int)step->event,
				    fact_key_state_name(step->state),
				    (long long)step->since, (long long)step->last_ready);
		}
		key_states_free(states);
	}
}

/* What a message is told of a record with t=y, over a restart too. */
static void
test_testing(void **state)
{
	struct key_states *states = key_states_new((struct map_seed){1, 2});
	struct key_states *after = key_states_new((struct map_seed){3, 4});
	struct fact_key fact = {.state = KEY_UNKNOWN};
	struct state_key row;

	(void)state;
	struct key_state *key = enter(states, "s2026", FINGERPRINT, 0);
	learn(states, key, TESTING, 1);
	assert_false(key_states_fact(states, key, &fact));
	assert_false(fact.is_testing);
	learn(states, key, ALL, 2);
	assert_true(key_states_fact(states, key, &fact));
	assert_int_equal(fact.state, KEY_READY);
	assert_true(fact.is_testing);
	assert_int_equal(key_states_take_changed(states, &row, 1), 1);
	key_states_restore(after, &row);
	(void)key_states_fact(after, enter(after, "s2026", FINGERPRINT, 3), &fact);
	assert_true(fact.is_testing);
	learn(states, key, GOOD, 4);
	assert_true(key_states_fact(states, key, &fact));
	assert_false(fact.is_testing);
	key_states_free(states);
	key_states_free(after);
}

/* A file that was replaced under an old name is another key. */
static void
test_same_name(void **state)
{
	struct key_states *states = key_states_new((struct map_seed){1, 2});
	struct key_state *found[KEY_STATES_SAME_MAX];
	struct key_seen seen;

	(void)state;
	struct key_state *one = enter(states, "s2026", FINGERPRINT, 1);
	struct key_state *two = enter(states, "s2026", 8, 2);
	assert_ptr_not_equal(one, two);
	assert_ptr_equal(enter(states, "s2026", FINGERPRINT, 3), one);
	assert_ptr_equal(enter(states, "s2026", 8, 3), two);
	assert_int_equal(
	    key_states_find(states, VIEW("example.org"), VIEW("s2026"), found), 2);
	assert_int_equal(
	    key_states_find(states, VIEW("example.org"), VIEW("s2025"), found), 0);
	assert_int_equal(
	    key_states_find(states, VIEW("example.or"), VIEW("gs2026"), found), 0);
	learn(states, one, GOOD, 4);
	learn(states, two, GOOD, 4);
	key_states_read(states, two, &seen);
	assert_int_equal(seen.state, KEY_MISMATCHED);
	assert_int_equal(seen.first_seen, 2);
	key_states_free(states);
}

static void
test_rows(void **state)
{
	struct key_states *before = key_states_new((struct map_seed){1, 2});
	struct key_states *after = key_states_new((struct map_seed){3, 4});
	struct state_key rows[4];
	struct fact_key fact = {.state = KEY_UNKNOWN};
	struct key_seen seen;

	(void)state;
	struct key_state *key = enter(before, "s2026", FINGERPRINT, 1);
	assert_int_equal(key_states_take_changed(before, rows, 4), 0);
	learn(before, key, GOOD, 2);
	learn(before, key, ALL, 3);
	key_states_replace(before, key, 4);
	assert_int_equal(key_states_take_changed(before, rows, 4), 1);
	assert_int_equal(rows[0].state, KEY_READY);
	assert_int_equal(rows[0].last_ready, 3);
	assert_int_equal(rows[0].replaced, 4);
	assert_int_equal(rows[0].ttl, TTL);
	assert_int_equal(key_states_take_changed(before, rows + 1, 3), 0);
	/* What could not be written comes again. */
	key_states_give_back(before, rows, 1);
	assert_int_equal(key_states_take_changed(before, rows, 4), 1);
	/* That it is still so is not written each time. */
	learn(before, key, GOOD, 3600);
	assert_int_equal(key_states_take_changed(before, rows + 1, 3), 0);
	learn(before, key, GOOD, 7 * 3600);
	assert_int_equal(key_states_take_changed(before, rows, 4), 1);
	assert_int_equal(rows[0].last_ready, 7 * 3600);

	key_states_restore(after, &rows[0]);
	key = enter(after, "s2026", FINGERPRINT, 90000);
	assert_false(key_states_fact(after, key, &fact));
	assert_int_equal(fact.state, KEY_READY);
	assert_int_equal(fact.last_ready, 7 * 3600);
	key_states_read(after, key, &seen);
	assert_int_equal(seen.first_seen, 1);
	assert_true(seen.is_everywhere);
	/* It was ready once: the resolver is enough. */
	learn(after, key, ABSENT, 90001);
	assert_int_equal(learn(after, key, GOOD, 90002), KEY_EVENT_BACK);
	assert_true(key_states_fact(after, key, &fact));
	key_states_free(before);
	key_states_free(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lives),
	    cmocka_unit_test(test_testing),
	    cmocka_unit_test(test_same_name),
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
