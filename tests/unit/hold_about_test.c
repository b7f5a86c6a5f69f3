/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/hold_change.h"

/*
 * What is said before mail on hold is released, returned or deleted, and what after it; and
 * when a signature would not do any more.
 */

enum { NOW = 1772442000 /* 2026-03-02 09:00:00Z */, MANY = 12 };

struct lab {
	struct hold_change change;
	struct held_message messages[MANY];
	struct hold_item items[MANY], refused[MANY];
	char ids[MANY][16];
};

/* N messages of alice's, of the last two hours. */
static void
lab_init(struct lab *lab, size_t n)
{
	memset(lab, 0, sizeof(*lab));
	for (size_t i = 0; i < n; i++) {
		snprintf(lab->ids[i], sizeof(lab->ids[i]), "4cXyZ7%05zu", i);
		lab->messages[i] = (struct held_message){.state = HELD_OURS,
		    .id = view_of(lab->ids[i]),
		    .sender = VIEW("alice@example.org"),
		    .origin = VIEW("alice@example.org"),
		    .rcpt = VIEW("bob@example.net"),
		    .rcpts = i == 0 ? 12 : 1,
		    .arrival = NOW - 7200 + (int64_t)i * 600};
		lab->items[i].message = &lab->messages[i];
		lab->refused[i].message = &lab->messages[i];
	}
	lab->change = (struct hold_change){.verb = POSTFIX_RELEASE,
	    .now = NOW,
	    .items = lab->items,
	    .n = n,
	    .refused = lab->refused,
	    .lifetime = 5 * 86400,
	    .origins = {VIEW("alice@example.org")},
	    .n_origins = 1};
}

static void
expect_about(struct lab *lab, const char *want)
{
	struct buf out = BUF_INIT(65536);

	hold_about(&lab->change, &out);
	hold_question(&lab->change, &out);
	assert_string_equal(buf_text(&out), want);
	buf_fini(&out);
}

static void
says_what_it_is_about(void **state)
{
	struct lab lab;

	(void)state;
	lab_init(&lab, 1);
	expect_about(&lab, "1 message of alice@example.org to 12 recipients, held since "
			   "2026-03-02 07:00Z\n"
			   "  4cXyZ700000       2h  bob@example.net and 11 more\n"
			   "release it? [y/N] ");
	lab_init(&lab, MANY);
	lab.change.n_old = 1;
	lab.change.trust = 7200;
	lab.change.n_others = 1;
	lab.change.n_gone = 2;
	expect_about(&lab,
	    "12 messages of alice@example.org to 23 recipients, held since 2026-03-02 "
	    "07:00Z\n"
	    "  4cXyZ700000       2h  bob@example.net and 11 more\n"
	    "  4cXyZ700001       1h  bob@example.net\n"
	    "  4cXyZ700002       1h  bob@example.net\n"
	    "  4cXyZ700003      90m  bob@example.net\n"
	    "  4cXyZ700004      80m  bob@example.net\n"
	    "  4cXyZ700005      70m  bob@example.net\n"
	    "  4cXyZ700006      60m  bob@example.net\n"
	    "  4cXyZ700007      50m  bob@example.net\n"
	    "  4cXyZ700008      40m  bob@example.net\n"
	    "  4cXyZ700009      30m  bob@example.net\n"
	    "  and 2 more\n"
	    "1 of them is older than 5d and will bounce after one attempt\n"
	    "meters will not count mail of alice@example.org for 2h\n"
	    "1 more was put on hold by somebody else: --others takes it, too\n"
	    "2 of those named are not on hold: 'frank explain ID' has what became of one\n"
	    "release them? [y/N] ");
}

static void
fits_a_terminal(void **state)
{
	struct lab lab;
	struct buf out = BUF_INIT(65536);
	struct view rest, line = VIEW("");

	(void)state;
	lab_init(&lab, 2);
	lab.messages[0].id = VIEW("ABCDEFGHIJKLMNOPQRST");
	lab.messages[0].rcpt =
	    VIEW("a-very-long-local-part-that-nobody-has@a-very-long-domain.example.net");
	lab.messages[0].rcpts = 4000000000U;
	lab.messages[1].rcpt = VIEW("\033[2J\"evil\"@example.net");
	lab.change.origins[0] =
	    VIEW("another-long-local-part-that-nobody-has@a-long-domain.example.org");
	hold_about(&lab.change, &out);
	rest = buf_view(&out);
	while (view_cut(&rest, '\n', &line))
		assert_true(line.n <= 80);
	assert_null(strchr(buf_text(&out), '\033'));
	buf_fini(&out);
}

static void
says_what_is_refused(void **state)
{
	struct lab lab;

	(void)state;
	lab_init(&lab, 3);
	lab.change.n = 0;
	lab.change.n_refused = 3;
	lab.refused[0].fault = HOLD_EXPIRED;
	lab.refused[1].fault = HOLD_KEY_RETIRED;
	lab.refused[2].fault = HOLD_KEY_RETIRED;
	struct buf out = BUF_INIT(65536);
	hold_about(&lab.change, &out);
	assert_string_equal(buf_text(&out),
	    "1 refused: their signature has expired (set signature-lifetime)\n"
	    "2 refused: signed with a key that is retired\n"
	    "  4cXyZ700000       2h  bob@example.net and 11 more\n"
	    "  4cXyZ700001       1h  bob@example.net\n"
	    "  4cXyZ700002       1h  bob@example.net\n"
	    "  --force releases them all the same; bounce lets the sender send them "
	    "anew\n");
	buf_fini(&out);
}

static void
asks_what_fits(void **state)
{
	static const struct {
		enum postfix_verb verb;
		size_t n;
		const char *question, *result;
	} cases[] = {
	    {POSTFIX_BOUNCE, 1, "return it to the sender? [y/N] ",
		"4cXyZ700000: expired, released from hold\n"
		"1 returned to the sender, 0 gone meanwhile\n"},
	    {POSTFIX_DELETE, 2, "delete them? Nobody will be told. [y/N] ",
		"4cXyZ700000: removed\n4cXyZ700001: removed\n"
		"2 deleted, 0 gone meanwhile\n"},
	    {POSTFIX_RELEASE, MANY, "release them? [y/N] ",
		"12 released, 0 gone meanwhile\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf question = BUF_INIT(1024), out = BUF_INIT(65536);
		struct lab lab;

		lab_init(&lab, cases[i].n);
		lab.change.verb = cases[i].verb;
		for (size_t j = 0; j < cases[i].n; j++)
			lab.items[j].is_done = true;
		hold_question(&lab.change, &question);
		assert_string_equal(buf_text(&question), cases[i].question);
		const struct hold_result result = {.n_done = cases[i].n};
		hold_came_of_it(&lab.change, &result, &out);
		assert_string_equal(buf_text(&out), cases[i].result);
		buf_fini(&question);
		buf_fini(&out);
	}
}

static void
says_what_is_left(void **state)
{
	const struct hold_result result = {
	    .n_done = 9, .n_gone = 1, .n_left = 2, .n_late = 3};
	struct buf out = BUF_INIT(65536);
	struct lab lab;

	(void)state;
	lab_init(&lab, MANY);
	hold_came_of_it(&lab.change, &result, &out);
	assert_string_equal(buf_text(&out),
	    "9 released, 1 gone meanwhile\n"
	    "2 are on hold still: run this again\n"
	    "3 will leave when Postfix next runs its queue\n");
	buf_fini(&out);
}

/* ---- signatures ---- */

static const struct {
	const char *signed_with;
	int64_t age; /* seconds since it was decided */
	enum hold_fault want;
} signatures[] = {
    {"", 0, HOLD_FINE},
    {"example.org/now:rsa-sha256", 0, HOLD_FINE},
    {"example.org/now:rsa-sha256", 3599, HOLD_FINE},
    {"example.org/now:rsa-sha256", 3600, HOLD_EXPIRED},
    {"", 3600, HOLD_FINE},
    {"example.org/now:ed25519-sha256", 0, HOLD_KEY_GONE},
    {"example.org/gone:rsa-sha256", 0, HOLD_KEY_GONE},
    {"example.org/retired:rsa-sha256", 0, HOLD_KEY_RETIRED},
    {"example.org/there:rsa-sha256", 0, HOLD_FINE},
    {"example.org/retiring:rsa-sha256", 0, HOLD_FINE},
    {"example.org/lost:rsa-sha256", 0, HOLD_KEY_UNPUBLISHED},
    {"example.org/gone:rsa-sha256 example.org/now:rsa-sha256", 0, HOLD_FINE},
    {"example.org/lost:rsa-sha256 example.org/gone:rsa-sha256", 0, HOLD_KEY_UNPUBLISHED},
};

static const struct {
	const char *selector, *stage, *state;
	bool signs;
} running[] = {
    {"now", "active", "unpublished", true},
    {"retired", "retired", "unknown", false},
    {"there", "retired", "ready", false},
    {"retiring", "retiring", "unknown", false},
    {"lost", "retiring", "mismatched", false},
    /* One with a name, and the same without: the better one counts. */
    {"lost", "pending", "unpublished", false},
};

static void
judges_signatures(void **state)
{
	struct hold_keys keys = {.lifetime = 3600, .are_known = true};
	struct running_key made[ARRAY_LEN(running)]; /* keys points to them */
	struct arena *arena = arena_new(0);

	(void)state;
	map_init(&keys.by_name, map_seed_random());
	for (size_t i = 0; i < ARRAY_LEN(running); i++) {
		made[i] = (struct running_key){.domain = VIEW("example.org"),
		    .algorithm = VIEW("rsa-sha256"),
		    .selector = view_of(running[i].selector),
		    .stage = view_of(running[i].stage),
		    .state = view_of(running[i].state),
		    .signs = running[i].signs};
		hold_keys_add(&keys, &made[i], arena);
	}
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
		const struct held_message message = {.state = HELD_OURS,
		    .decided = (NOW - signatures[i].age) * INT64_C(1000000),
		    .signed_with = view_of(signatures[i].signed_with)};
		enum hold_fault got = hold_fault_of(&keys, &message, NOW);
		if (got != signatures[i].want)
			fail_msg("'%s' after %lld s: got %d, want %d",
			    signatures[i].signed_with, (long long)signatures[i].age, got,
			    signatures[i].want);
	}
	/* Nobody can be asked: nothing is wrong that anybody knows of. */
	keys.are_known = false;
	const struct held_message message = {.state = HELD_OURS,
	    .decided = NOW * INT64_C(1000000),
	    .signed_with = VIEW("example.org/gone:rsa-sha256")};
	assert_int_equal(hold_fault_of(&keys, &message, NOW), HOLD_FINE);
	map_fini(&keys.by_name);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_it_is_about),
	    cmocka_unit_test(fits_a_terminal),
	    cmocka_unit_test(says_what_is_refused),
	    cmocka_unit_test(asks_what_fits),
	    cmocka_unit_test(says_what_is_left),
	    cmocka_unit_test(judges_signatures),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
