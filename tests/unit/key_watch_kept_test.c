/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "tests/unit/watch_lab.h"

/* What is known of keys after a restart, and what 'frank key list' gets. */

static bool rename_fails;
static unsigned renames;

/* In place of the system's, so that a file cannot be set aside. */
int
rename(const char *from, const char *to)
{
	renames++;
	if (!rename_fails)
		return renameat(AT_FDCWD, from, AT_FDCWD, to);
	errno = EACCES;
	return -1;
}

static void
move(const char *from, const char *to)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", lab_path(from));
	assert_int_equal(rename(path, lab_path(to)), 0);
}

static void
damage(void)
{
	FILE *file = fopen(lab_path("state.db"), "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("noise, ", file);
	fclose(file);
}

static void
test_restart(void **state)
{
	struct watch_lab *lab = *state;
	struct key_watch_status status;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "before", "s2025",
	    "key example.org/s2025: published everywhere, signs from now on\n");
	key_watch_free(lab->watch);
	lab->is_silent = true;
	watch_lab_begin(lab);
	lab->generation.number = 2;
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "after, and DNS does not answer", "s2025", "");

	/* A file that is none: said, and begun anew. */
	key_watch_free(lab->watch);
	damage();
	watch_lab_begin(lab);
	assert_non_null(strstr(buf_text(&lab->said), "! state.db: damaged"));
	assert_non_null(strstr(buf_text(&lab->said), "set aside"));
	lab->is_silent = false;
	lab->generation.number = 3;
	watch_lab_seconds(lab, 2);
	key_watch_status(lab->watch, &status);
	assert_string_equal(status.trouble, "");
}

/* A clock that is set back stops neither the sweep nor what is written. */
static void
test_clock(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_seconds(lab, 2);
	unsigned asked = lab->asked;
	lab->now -= 86400;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	assert_int_equal(lab->asked, asked + 3);

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	key_watch_free(lab->watch);
	lab->now -= 86400;
	watch_lab_begin(lab);
	char now[CLOCK_TEXT];
	clock_rfc3339(lab->now * 1000000, now);
	char want[64];
	snprintf(want, sizeof(want), "\"last-ready\":\"%s\"", now);
	watch_lab_expect_row(lab, "from the future", "s2025", want);
}

static void
test_list(void **state)
{
	struct watch_lab *lab = *state;
	struct buf list = BUF_INIT(60000);

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect_row(lab, "new", "s2026",
	    "\"state\":\"unpublished\",\"stage\":\"pending\",\"signs\":false");
	watch_lab_expect_row(lab, "in use", "s2025",
	    "\"state\":\"ready\",\"stage\":\"active\",\"signs\":true");
	watch_lab_expect_row(lab, "never seen, and old", "s2024", "\"stage\":\"pending");
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect_row(lab, "new", "s2026", "\"stage\":\"active\"");
	watch_lab_expect_row(lab, "replaced", "s2025",
	    "\"state\":\"ready\",\"stage\":\"retiring\",\"signs\":false");
	lab->now += WATCH_QUEUE_SECONDS + 300 - 2;
	watch_lab_expect_row(lab, "almost", "s2025", "\"stage\":\"retiring\"");
	lab->now += WATCH_PASS_SECONDS;
	watch_lab_expect_row(lab, "gone from all queues", "s2025", "\"stage\":\"retired\"");

	struct key_counts counts;
	key_watch_count(lab->watch, &lab->generation, &counts);
	assert_int_equal(counts.ready, 2);
	assert_int_equal(counts.faulty, 0);

	/* What does not fit says where to go on. */
	list.limit = 4500;
	key_watch_list(lab->watch, &lab->generation, VIEW(""), 1, &list);
	assert_non_null(strstr(buf_text(&list), "\"selector\":\"s2024\""));
	assert_null(strstr(buf_text(&list), "\"selector\":\"n2026\""));
	assert_non_null(strstr(buf_text(&list), "{\"next\":"));
	buf_fini(&list);
}

/* A damaged one that stays where it is: said once, tried once a minute, and mended as soon
 * as it can be. */
static void
test_not_set_aside(void **state)
{
	static const char said[] = "! state.db cannot be set aside, remove it: damaged: "
				   "file is not a database\n";
	struct watch_lab *lab = *state;
	struct key_watch_status status;

	key_watch_free(lab->watch);
	damage();
	rename_fails = true;
	watch_lab_begin(lab);
	assert_string_equal(buf_text(&lab->said), said);
	buf_reset(&lab->said);
	renames = 0;
	watch_lab_seconds(lab, 1);
	assert_true(renames > 0);
	assert_string_equal(buf_text(&lab->said), said);
	buf_reset(&lab->said);
	key_watch_status(lab->watch, &status);
	assert_non_null(strstr(status.trouble, "cannot be set aside"));
	unsigned in_one_try = renames;
	watch_lab_seconds(lab, 50);
	assert_int_equal(renames, in_one_try);
	watch_lab_seconds(lab, 60);
	assert_int_equal(renames, 2 * in_one_try);
	assert_string_equal(buf_text(&lab->said), "");
	rename_fails = false;
	watch_lab_seconds(lab, 61);
	watch_lab_expect_kept(lab, "it could be moved", "s2024 s2025 s2026 ");
	key_watch_status(lab->watch, &status);
	assert_string_equal(status.trouble, "");
}

/* Nor can a key be forgotten then, and it is when it can. */
static void
test_not_forgotten(void **state)
{
	struct watch_lab *lab = *state;
	struct state_key row = {
	    .domain = VIEW("example.org"), .selector = VIEW("old"), .since = 1};
	struct err err = ERR_INIT;
	bool is_damaged;

	watch_lab_seconds(lab, 2);
	assert_int_equal(state_keys_write(lab->dir, &row, 1, &is_damaged, &err), 0);
	key_watch_free(lab->watch);
	watch_lab_begin(lab);
	lab->is_silent = true;
	watch_lab_expect_kept(lab, "before", "old s2024 s2025 s2026 ");
	move("state.db", "good");
	damage();
	rename_fails = true;
	watch_lab_seconds(lab, 10);
	assert_non_null(strstr(buf_text(&lab->said), "! state.db cannot be set aside"));
	buf_reset(&lab->said);
	rename_fails = false;
	move("good", "state.db");
	watch_lab_expect_kept(lab, "still there", "old s2024 s2025 s2026 ");
	watch_lab_seconds(lab, 61);
	watch_lab_expect_kept(lab, "a minute later", "s2024 s2025 s2026 ");
	assert_string_equal(buf_text(&lab->said), "");
}

/* The policy with KEYS comes into force, and frankd goes on for two seconds. */
static void
reload(struct watch_lab *lab, const char *keys)
{
	_Atomic(struct key_state *) states[WATCH_LAB_KEYS + 1];
	struct generation before = lab->generation;

	memcpy(states, lab->states, sizeof(states));
	before.states = states;
	watch_lab_load(lab, &lab->generation, keys);
	memset(lab->states, 0, sizeof(lab->states));
	key_watch_commit(lab->watch, &before, &lab->generation);
	policy_free(before.policy);
	watch_lab_seconds(lab, 2);
}

static void
days(struct watch_lab *lab, int64_t n)
{
	lab->now += n * 86400;
	lab->mono += n * 86400;
	watch_lab_seconds(lab, 2);
}

#define WITHOUT_S2026                                                                      \
	"- example.net n2026 ed25519-sha256 1767225600\n"                                  \
	"- example.org s2025 ed25519-sha256 1735689600\n"
#define WITH_S2026 WITHOUT_S2026 "- example.org s2026 ed25519-sha256 1767225600\n"

static void
test_forgotten(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect_kept(lab, "three of example.org", "s2024 s2025 s2026 ");
	days(lab, 200);
	watch_lab_expect_kept(lab, "as long as they are there", "s2024 s2025 s2026 ");
	/* s2024 never was published; s2026 has signed until now. */
	reload(lab, WITHOUT_S2026);
	days(lab, 94);
	watch_lab_expect_kept(lab, "not yet", "s2025 s2026 ");
	days(lab, 2);
	watch_lab_expect_kept(lab, "gone for long", "s2025 ");
	/* They come back, and are what they were. */
	reload(lab, WITH_S2026 "- example.org s2024 ed25519-sha256 1700000000\n");
	watch_lab_expect_kept(lab, "back", "s2024 s2025 s2026 ");
	watch_lab_expect_row(lab, "back", "s2024", "\"state\":\"unpublished\"");
	watch_lab_expect_row(lab, "back", "s2026", "\"state\":\"ready\"");
}

/* It went while frankd did not run, and nobody noted when; nor does anybody when it comes
 * back. */
static void
test_forgotten_by_restarts(void **state)
{
	static const struct {
		const char *keys, *want;
	} restarts[] = {
	    {WITHOUT_S2026, "s2025 s2026 "},
	    {WITH_S2026, "s2025 s2026 "},
	    {WITHOUT_S2026, "s2025 s2026 "},
	    {WITHOUT_S2026, "s2025 "},
	};
	struct watch_lab *lab = *state;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, 2);
	days(lab, 200);
	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++) {
		key_watch_free(lab->watch);
		policy_free(lab->generation.policy);
		watch_lab_load(lab, &lab->generation, restarts[i].keys);
		watch_lab_begin(lab);
		watch_lab_seconds(lab, 2);
		days(lab, 60);
		watch_lab_expect_kept(lab, restarts[i].keys, restarts[i].want);
	}
}

/* The only key of its domain was gone, and comes back with KEYS: that it was is over. */
static void
alone_and_back(struct watch_lab *lab, const char *keys)
{
	watch_lab_publish(lab, "n2026", true);
	watch_lab_expect_row(lab, "new", "n2026", "\"replaced\":\"\"");
	watch_lab_learn(lab, "n2026");
	watch_lab_seconds(lab, 2);
	reload(lab, "- example.org s2026 ed25519-sha256 1767225600\n");
	days(lab, 2);
	key_watch_free(lab->watch);
	policy_free(lab->generation.policy);
	watch_lab_load(lab, &lab->generation, keys);
	watch_lab_begin(lab);
	watch_lab_expect_row(lab, "gone since", "n2026", "\"replaced\":\"2026-");
	watch_lab_seconds(lab, 2);
	watch_lab_expect_row(lab, "back", "n2026", "\"replaced\":\"\"");
}

static void
test_alone_and_back(void **state)
{
	alone_and_back(*state, WITHOUT_S2026);
}

/* With a name it signs where a rule says so, and is not chosen among others. */
static void
test_named_and_back(void **state)
{
	alone_and_back(*state, "named example.net n2026 ed25519-sha256 1767225600\n");
}

/* In a round of each day all of them are looked at. */
static void
test_many_are_forgotten(void **state)
{
	enum { MANY = 2500 };
	struct watch_lab *lab = *state;
	struct state_key *rows = calloc(MANY, sizeof(rows[0]));
	char selectors[MANY][8];
	struct err err = ERR_INIT;
	bool is_damaged;

	assert_non_null(rows);
	for (int i = 0; i < MANY; i++) {
		snprintf(selectors[i], sizeof(selectors[i]), "o%d", i);
		rows[i] = (struct state_key){.domain = VIEW("example.org"),
		    .selector = view_of(selectors[i]),
		    .algorithm = ALGORITHM_ED25519,
		    .since = 1};
	}
	assert_int_equal(state_keys_write(lab->dir, rows, MANY, &is_damaged, &err), 0);
	free(rows);
	key_watch_free(lab->watch);
	watch_lab_begin(lab);
	watch_lab_seconds(lab, 60);
	watch_lab_expect_kept(lab, "after a minute", "s2024 s2025 s2026 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WATCH_TEST(test_restart),
	    WATCH_TEST(test_clock),
	    WATCH_TEST(test_not_set_aside),
	    WATCH_TEST(test_list),
	    WATCH_TEST(test_forgotten),
	    WATCH_TEST(test_forgotten_by_restarts),
	    WATCH_TEST(test_not_forgotten),
	    WATCH_TEST(test_alone_and_back),
	    WATCH_TEST(test_named_and_back),
	    WATCH_TEST(test_many_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
