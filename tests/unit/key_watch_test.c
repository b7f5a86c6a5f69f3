/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A rotation as frankd sees it: which key signs at each moment, what is said about it, that
 * a new selector is noticed without mail, what is known after a restart, and what 'frank
 * key list' gets.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bundle.h"
#include "lib/clock.h"
#include "milter/key_watch.h"
#include "milter/key_watch_private.h"
#include "tests/unit/journal_lab.h"

enum { KEYS = 4, NOW = 1772442000 };

static const char policy_text[] = "keys \"keys\"\n"
				  "match path submission owns author sign\n"
				  "accept\n";
static const char keys_text[] = "- example.net n2026 ed25519-sha256 1767225600\n"
				"- example.org s2024 ed25519-sha256 1700000000\n"
				"- example.org s2025 ed25519-sha256 1735689600\n"
				"- example.org s2026 ed25519-sha256 1767225600\n";
/* The i-th key's 32 bytes are this letter. */
static const char *const publics[KEYS] = {
    "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4=",
    "NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ=",
    "NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU=",
    "NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY=",
};

struct fixture {
	struct generation generation;
	_Atomic(struct key_state *) states[KEYS + 1];
	struct key_watch *watch;
	const char *dir;
	int64_t now, mono;
	bool is_published[KEYS], was_published[KEYS], is_lagging, is_silent, keys_are_gone;
	unsigned asked, asked_public;
	struct buf said;
};

static struct generation *
fake_hold(void *context)
{
	struct fixture *fixture = context;

	return &fixture->generation;
}

static void
fake_let_go(void *context, struct generation *generation)
{
	struct fixture *fixture = context;

	assert_ptr_equal(generation, &fixture->generation);
}

static int
fake_public(void *context, struct generation *generation, const struct policy_key *key,
    struct buf *out, struct err *err)
{
	struct fixture *fixture = context;

	(void)generation;
	fixture->asked_public++;
	if (fixture->keys_are_gone)
		return err_set(err, ERR_TEMP, "no key process");
	buf_add_text(out, publics[key->index]);
	return 0;
}

static size_t
key_of(const struct fixture *fixture, struct view selector)
{
	size_t n;
	const struct policy_key *keys = policy_keys(fixture->generation.policy, &n);

	assert_int_equal(n, KEYS);
	for (size_t i = 0; i < n; i++)
		if (view_is(keys[i].selector, selector))
			return i;
	fail_msg("no key %.*s", VIEW_ARG(selector));
	return 0;
}

static bool
fake_ask(
    void *context, const struct dns_question *question, struct dns_reply_head *ret_reply)
{
	struct fixture *fixture = context;
	size_t i = key_of(fixture, question->selector);
	struct key_published *published = &ret_reply->key.published;
	struct err err = ERR_INIT;

	fixture->asked++;
	memset(ret_reply, 0, sizeof(*ret_reply));
	ret_reply->kind = question->kind;
	ret_reply->ttl = 300;
	if (fixture->is_silent)
		return false;
	ret_reply->key.state = fixture->is_published[i] ? DNS_FOUND : DNS_NO_NAME;
	published->algorithm = SIGN_ED25519_SHA256;
	published->bits = 256;
	assert_int_equal(key_fingerprint(SIGN_ED25519_SHA256, view_of(publics[i]),
			     published->fingerprint, &err),
	    0);
	if (question->kind == DNS_ASK_KEY_EVERYWHERE) {
		ret_reply->key.n_servers = ret_reply->key.n_answered = 2;
		ret_reply->key.n_same = fixture->is_lagging ? 1 : 2;
		if (fixture->is_lagging)
			snprintf(ret_reply->key.lagging, DNS_TEXT_MAX, "ns2.example.org");
	}
	/* As the DNS client tells of what is new. */
	if (question->kind == DNS_ASK_KEY &&
	    fixture->is_published[i] != fixture->was_published[i]) {
		fixture->was_published[i] = fixture->is_published[i];
		key_watch_learn(fixture->watch, question, ret_reply);
	}
	return true;
}

static void
fake_say(void *context, bool is_bad, struct view text)
{
	struct fixture *fixture = context;

	buf_addf(&fixture->said, "%s%.*s\n", is_bad ? "! " : "", VIEW_ARG(text));
}

static int64_t
fake_now(void *context)
{
	const struct fixture *fixture = context;

	return fixture->now;
}

static int64_t
fake_mono(void *context)
{
	const struct fixture *fixture = context;

	return fixture->mono;
}

static void
watch_begin(struct fixture *fixture)
{
	const struct key_watch_calls calls = {.context = fixture,
	    .hold = fake_hold,
	    .let_go = fake_let_go,
	    .ask = fake_ask,
	    .public_half = fake_public,
	    .say = fake_say,
	    .now = fake_now,
	    .mono = fake_mono};

	memset(fixture->states, 0, sizeof(fixture->states));
	fixture->watch = key_watch_new(&calls, (struct map_seed){1, 2}, fixture->dir);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct bundle *bundle = bundle_new(NULL);
	struct err err = ERR_INIT;
	struct diag diag;

	assert_non_null(fixture);
	diag_init(&diag);
	assert_int_equal(
	    bundle_put(bundle, VIEW("frank.conf"), VIEW(policy_text), &err), 0);
	assert_int_equal(
	    bundle_put(bundle, VIEW(POLICY_KEYS_FILE), VIEW(keys_text), &err), 0);
	fixture->generation.policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	if (fixture->generation.policy == NULL)
		fail_msg("%s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	fixture->generation.number = 1;
	fixture->generation.states = fixture->states;
	fixture->now = NOW;
	fixture->dir = lab_dir();
	buf_init(&fixture->said, 65536);
	watch_begin(fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	key_watch_free(fixture->watch);
	policy_free(fixture->generation.policy);
	buf_fini(&fixture->said);
	free(fixture);
	lab_remove();
	return 0;
}

static void
seconds(struct fixture *fixture, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fixture->now++;
		fixture->mono++;
		key_watch_step(fixture->watch);
	}
}

static void
expect(struct fixture *fixture, const char *when, const char *signs, const char *said)
{
	const struct policy_key *key = key_watch_chosen(
	    fixture->watch, &fixture->generation, VIEW("example.org"), ALGORITHM_ED25519);

	if (!view_is(key->selector, view_of(signs)))
		fail_msg("%s: %.*s signs, want %s", when, VIEW_ARG(key->selector), signs);
	if (strcmp(buf_text(&fixture->said), said) != 0)
		fail_msg("%s: said\n%swant\n%s", when, buf_text(&fixture->said), said);
	buf_reset(&fixture->said);
}

static void
publish(struct fixture *fixture, const char *selector, bool is_published)
{
	fixture->is_published[key_of(fixture, view_of(selector))] = is_published;
}

static void
test_rotation(void **state)
{
	struct fixture *fixture = *state;

	expect(fixture, "nothing is known", "s2026", "");
	publish(fixture, "s2025", true);
	seconds(fixture, 2);
	expect(fixture, "the old one is there", "s2025",
	    "key example.org/s2025: published everywhere, signs from now on\n");
	publish(fixture, "s2026", true);
	fixture->is_lagging = true;
	seconds(fixture, WATCH_PASS_SECONDS);
	expect(fixture, "at one of two servers", "s2025",
	    "key example.org/s2026: published, but ns2.example.org does not have it yet\n");
	seconds(fixture, 2 * WATCH_PASS_SECONDS);
	expect(fixture, "still", "s2025", "");
	fixture->is_lagging = false;
	seconds(fixture, WATCH_PASS_SECONDS);
	expect(fixture, "at both", "s2026",
	    "key example.org/s2026: published everywhere, signs from now on instead of "
	    "s2025\n");
	fixture->is_silent = true;
	seconds(fixture, WATCH_PASS_SECONDS);
	expect(fixture, "no answers", "s2026", "");
}

/* The old key is published, but not everywhere; the new one is not. */
static void
test_first_start(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "s2025", true);
	fixture->is_lagging = true;
	seconds(fixture, 2);
	expect(fixture, "no key was ever ready", "s2025",
	    "key example.org/s2025: published, but ns2.example.org does not have it yet, "
	    "signs from now on\n");
	fixture->is_lagging = false;
	seconds(fixture, WATCH_PASS_SECONDS);
	expect(fixture, "everywhere", "s2025",
	    "key example.org/s2025: published everywhere\n");
}

/* REPLY for SELECTOR comes, as DNS is now. */
static void
learn(struct fixture *fixture, const char *selector)
{
	struct dns_question question = {.kind = DNS_ASK_KEY,
	    .domain = VIEW("example.org"),
	    .selector = view_of(selector),
	    .is_ours = true};
	struct dns_reply_head reply;

	assert_true(fake_ask(fixture, &question, &reply));
	key_watch_learn(fixture->watch, &question, &reply);
}

static void
test_loss(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "s2025", true);
	publish(fixture, "s2026", true);
	seconds(fixture, 2);
	buf_reset(&fixture->said);
	publish(fixture, "s2026", false);
	learn(fixture, "s2026");
	learn(fixture, "s2026");
	expect(fixture, "the new one is lost", "s2025",
	    "! key example.org/s2026 is no longer published: there is no TXT record: "
	    "publish the one that 'frank key check' shows; s2025 signs from now on\n");
	fixture->now += 10;
	learn(fixture, "s2025");
	publish(fixture, "s2025", false);
	learn(fixture, "s2025");
	expect(fixture, "both are lost", "s2025",
	    "! key example.org/s2025 is no longer published: there is no TXT record: "
	    "publish the one that 'frank key check' shows; it goes on signing, no other "
	    "key is ready\n");
	publish(fixture, "s2026", true);
	learn(fixture, "s2026");
	expect(fixture, "the new one is back", "s2026",
	    "key example.org/s2026: published again, signs from now on instead of s2025\n");
	struct key_watch_status status;
	key_watch_status(fixture->watch, &status);
	assert_int_equal(status.lost, 2);
}

static void
test_restart(void **state)
{
	struct fixture *fixture = *state;
	struct key_watch_status status;

	publish(fixture, "s2025", true);
	seconds(fixture, 2);
	expect(fixture, "before", "s2025",
	    "key example.org/s2025: published everywhere, signs from now on\n");
	key_watch_free(fixture->watch);
	fixture->is_silent = true;
	watch_begin(fixture);
	fixture->generation.number = 2;
	seconds(fixture, 2);
	expect(fixture, "after, and DNS does not answer", "s2025", "");

	/* A file that is none: said, and begun anew. */
	key_watch_free(fixture->watch);
	FILE *file = fopen(lab_path("state.db"), "w");
	for (int i = 0; i < 1000; i++)
		fputs("noise, ", file);
	fclose(file);
	watch_begin(fixture);
	assert_non_null(strstr(buf_text(&fixture->said), "! state.db: damaged"));
	assert_non_null(strstr(buf_text(&fixture->said), "set aside"));
	fixture->is_silent = false;
	fixture->generation.number = 3;
	seconds(fixture, 2);
	key_watch_status(fixture->watch, &status);
	assert_string_equal(status.trouble, "");
}

/* Bounded, and only where there is a choice. */
static void
test_sweep(void **state)
{
	struct fixture *fixture = *state;

	seconds(fixture, 1);
	/* Three of example.org; example.net has one. */
	assert_int_equal(fixture->asked, 3);
	assert_int_equal(fixture->asked_public, 3);
	seconds(fixture, WATCH_PASS_SECONDS - 1);
	assert_int_equal(fixture->asked, 3);
	seconds(fixture, 2);
	assert_int_equal(fixture->asked, 6);
	assert_int_equal(fixture->asked_public, 3);
	/* A new policy is looked at soon. */
	fixture->generation.number++;
	seconds(fixture, 1);
	assert_int_equal(fixture->asked, 9);
}

static void
test_without_keys(void **state)
{
	struct fixture *fixture = *state;
	struct fact_key fact = {.state = KEY_UNKNOWN};
	struct buf list = BUF_INIT(60000);
	size_t n;
	const struct policy_key *keys = policy_keys(fixture->generation.policy, &n);

	fixture->keys_are_gone = true;
	assert_true(
	    key_watch_fact(fixture->watch, &fixture->generation, &keys[3], NULL, &fact));
	assert_int_equal(fact.state, KEY_UNKNOWN);
	/* One patience of the key process, not one for each key. */
	fixture->asked_public = 0;
	key_watch_list(fixture->watch, &fixture->generation, VIEW(""), 0, &list);
	assert_int_equal(fixture->asked_public, 1);
	buf_fini(&list);
}

static void
expect_row(
    struct fixture *fixture, const char *when, const char *selector, const char *want)
{
	struct buf list = BUF_INIT(60000);
	char mark[64];
	struct view rest, line;
	bool is_found = false;

	key_watch_list(fixture->watch, &fixture->generation, VIEW("example.org"), 0, &list);
	snprintf(mark, sizeof(mark), "\"selector\":\"%s\"", selector);
	rest = buf_view(&list);
	while (view_cut(&rest, '\n', &line)) {
		char text[4096];
		snprintf(text, sizeof(text), "%.*s", VIEW_ARG(line));
		if (strstr(text, mark) == NULL)
			continue;
		is_found = true;
		if (strstr(text, want) == NULL)
			fail_msg("%s: no %s in %s", when, want, text);
	}
	assert_true(is_found);
	buf_fini(&list);
}

static void
load_keys(struct fixture *fixture, struct generation *generation, const char *keys)
{
	struct bundle *bundle = bundle_new(NULL);
	struct err err = ERR_INIT;
	struct diag diag;

	diag_init(&diag);
	assert_int_equal(
	    bundle_put(bundle, VIEW("frank.conf"), VIEW(policy_text), &err), 0);
	assert_int_equal(
	    bundle_put(bundle, VIEW(POLICY_KEYS_FILE), view_of(keys), &err), 0);
	generation->policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	assert_non_null(generation->policy);
	generation->number = fixture->generation.number + 1;
	diag_fini(&diag);
	bundle_free(bundle);
}

/* A reload after which the older file is the newest. */
static void
test_switch(void **state)
{
	struct fixture *fixture = *state;
	_Atomic(struct key_state *) states[KEYS + 1] = {NULL};
	struct generation before = fixture->generation, after = before;

	publish(fixture, "s2025", true);
	publish(fixture, "s2026", true);
	seconds(fixture, 2);
	buf_reset(&fixture->said);
	expect_row(fixture, "before", "s2025", "\"stage\":\"retiring\"");
	fixture->now += WATCH_QUEUE_SECONDS + 1000;
	expect_row(fixture, "long after", "s2025", "\"stage\":\"retired\"");
	load_keys(fixture, &after,
	    "- example.net n2026 ed25519-sha256 1767225600\n"
	    "- example.org s2024 ed25519-sha256 1700000000\n"
	    "- example.org s2025 ed25519-sha256 1772441000\n"
	    "- example.org s2026 ed25519-sha256 1767225600\n");
	after.states = states;
	fixture->generation = after;
	key_watch_commit(fixture->watch, &before, &fixture->generation);
	expect(fixture, "the older one touched", "s2025",
	    "key example.org/s2025: loaded, signs from now on instead of s2026\n");
	expect_row(fixture, "just replaced", "s2026", "\"stage\":\"retiring\"");
	expect_row(fixture, "back", "s2025", "\"stage\":\"active\"");
	expect_row(fixture, "back", "s2025", "\"replaced\":\"\"");
	/* And back again: what it signed in between counts. */
	after = fixture->generation;
	fixture->generation = before;
	key_watch_commit(fixture->watch, &after, &fixture->generation);
	expect_row(fixture, "back and forth", "s2025", "\"stage\":\"retiring\"");
	policy_free(after.policy);
}

/* An answer for a key that nobody has looked at since the reload. */
static void
test_learn_by_name(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, "s2025", true);
	publish(fixture, "s2026", true);
	seconds(fixture, 2);
	memset(fixture->states, 0, sizeof(fixture->states));
	publish(fixture, "s2026", false);
	learn(fixture, "s2026");
	expect_row(fixture, "learned", "s2026", "\"state\":\"unpublished\"");
}

/* A clock that is set back stops neither the sweep nor what is written. */
static void
test_clock(void **state)
{
	struct fixture *fixture = *state;

	seconds(fixture, 2);
	unsigned asked = fixture->asked;
	fixture->now -= 86400;
	seconds(fixture, WATCH_PASS_SECONDS);
	assert_int_equal(fixture->asked, asked + 3);

	publish(fixture, "s2025", true);
	seconds(fixture, WATCH_PASS_SECONDS);
	key_watch_free(fixture->watch);
	fixture->now -= 86400;
	watch_begin(fixture);
	char now[CLOCK_TEXT];
	clock_rfc3339(fixture->now * 1000000, now);
	char want[64];
	snprintf(want, sizeof(want), "\"last-ready\":\"%s\"", now);
	expect_row(fixture, "from the future", "s2025", want);
}

static void
test_list(void **state)
{
	struct fixture *fixture = *state;
	struct buf list = BUF_INIT(60000);

	publish(fixture, "s2025", true);
	seconds(fixture, 2);
	expect_row(fixture, "new", "s2026",
	    "\"state\":\"unpublished\",\"stage\":\"pending\",\"signs\":false");
	expect_row(fixture, "in use", "s2025",
	    "\"state\":\"ready\",\"stage\":\"active\",\"signs\":true");
	expect_row(fixture, "never seen, and old", "s2024", "\"stage\":\"pending");
	publish(fixture, "s2026", true);
	seconds(fixture, WATCH_PASS_SECONDS);
	expect_row(fixture, "new", "s2026", "\"stage\":\"active\"");
	expect_row(fixture, "replaced", "s2025",
	    "\"state\":\"ready\",\"stage\":\"retiring\",\"signs\":false");
	fixture->now += WATCH_QUEUE_SECONDS + 300 - 2;
	expect_row(fixture, "almost", "s2025", "\"stage\":\"retiring\"");
	fixture->now += WATCH_PASS_SECONDS;
	expect_row(fixture, "gone from all queues", "s2025", "\"stage\":\"retired\"");

	struct key_counts counts;
	key_watch_count(fixture->watch, &fixture->generation, &counts);
	assert_int_equal(counts.ready, 2);
	assert_int_equal(counts.faulty, 0);

	/* What does not fit says where to go on. */
	list.limit = 4500;
	key_watch_list(fixture->watch, &fixture->generation, VIEW(""), 1, &list);
	assert_non_null(strstr(buf_text(&list), "\"selector\":\"s2024\""));
	assert_null(strstr(buf_text(&list), "\"selector\":\"n2026\""));
	assert_non_null(strstr(buf_text(&list), "{\"next\":"));
	buf_fini(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_rotation, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_first_start, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_loss, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_sweep, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_without_keys, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_switch, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_learn_by_name, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_clock, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
