/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "tests/unit/journal_lab.h"

static void
filters_choose(void **state)
{
	const struct {
		const char *name;
		struct journal_filter filter;
		size_t want;
	} cases[] = {
	    {"all", {.since = 0}, 6},
	    {"user", {.user = VIEW("alice")}, 5},
	    {"user in capitals", {.user = VIEW("ALICE")}, 5},
	    {"user nobody", {.user = VIEW("alic")}, 0},
	    {"sender address", {.sender = VIEW("carol@sub.example.org")}, 1},
	    {"author's address", {.sender = VIEW("A.B@example.org")}, 5},
	    {"sender domain", {.sender = VIEW("example.org")}, 5},
	    {"author's domain", {.sender = VIEW("far.example")}, 1},
	    {"sender @domain", {.sender = VIEW("@sub.example.org")}, 1},
	    {"to an address", {.to = VIEW("Bob@example.net")}, 6},
	    {"to nobody", {.to = VIEW("ob@example.net")}, 0},
	    {"to a domain", {.to = VIEW("example.com")}, 6},
	    {"to @domain", {.to = VIEW("@example.com")}, 6},
	    {"to the end of a domain", {.to = VIEW("ample.com")}, 0},
	    {"to a quoted address", {.to = VIEW("\"c@d\"@example.com")}, 6},
	    {"to half of one", {.to = VIEW("d\"@example.com")}, 0},
	    {"to a name alone", {.to = VIEW("postmaster")}, 6},
	    {"newest to", {.newest = 2, .to = VIEW("bob@example.net")}, 2},
	    {"to and from", {.to = VIEW("example.net"), .user = VIEW("carol")}, 1},
	    {"verdict", {.verdict = VIEW("accept")}, 1},
	    {"rule by label", {.rule = VIEW("account takeover?")}, 6},
	    {"rule by place", {.rule = VIEW("frank.conf:41")}, 6},
	    {"rule by line", {.rule = VIEW("41")}, 6},
	    {"rule by end of line", {.rule = VIEW("1")}, 0},
	    {"since", {.since = LAB_TIME + 4 * LAB_SECOND}, 3},
	    {"until", {.until = LAB_TIME + 4 * LAB_SECOND}, 3},
	    {"newest", {.newest = 2}, 2},
	    {"more than there are", {.newest = 60}, 6},
	    {"newest that fit", {.newest = 2, .sender = VIEW("example.org")}, 2},
	};
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal;
	struct lab_record lab;

	(void)state;
	lab_write(dir, LAB_TIME, 5);
	journal = lab_open(dir, &settings);
	lab_record_init(&lab, "other", LAB_TIME + 6 * LAB_SECOND);
	lab.facts.user = VIEW("carol");
	lab.facts.sender = (struct fact_address){
	    VIEW("carol@sub.example.org"), VIEW("carol"), VIEW("sub.example.org")};
	lab.facts.author = (struct fact_address){
	    VIEW("carol@far.example"), VIEW("carol"), VIEW("far.example")};
	lab.record.verdict = VIEW("accept");
	lab_append(journal, &lab);
	journal_close(journal);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab_rows rows = lab_scan(dir, &cases[i].filter);

		if (rows.count != cases[i].want)
			fail_msg("%s: got %zu rows, want %zu", cases[i].name, rows.count,
			    cases[i].want);
	}
}

static void
add_outcome(struct journal *journal, const char *id, int64_t time, const char *rcpt,
    const char *orig_rcpt)
{
	const struct outcome outcome = {.time = time,
	    .what = VIEW("sent"),
	    .queue_id = view_of(id),
	    .rcpt = view_of(rcpt),
	    .orig_rcpt = view_of(orig_rcpt)};
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);

	assert_int_equal(outcome_add(&batch, &outcome), 0);
	assert_int_equal(
	    journal_outcomes(journal, time, buf_view(&batch), VIEW("here")), 0);
	buf_fini(&batch);
}

/* An alias leads elsewhere, and of many recipients a decision has the first ones. */
static void
to_whom_the_log_says(void **state)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	struct journal *journal = lab_open(dir, &settings);
	const struct journal_filter found = {.to = VIEW("erin@far.test")};
	const struct journal_filter alias = {.to = VIEW("team@far.test")};
	const struct journal_filter newest = {.to = VIEW("erin@far.test"), .newest = 1};

	(void)state;
	lab_append_id(journal, "again", LAB_TIME);
	/* In the same second, of which the log has no part. */
	lab_append_id(journal, "late", LAB_TIME + 100 * LAB_SECOND + LAB_SECOND / 2);
	lab_append_id(journal, "again", LAB_TIME + 200 * LAB_SECOND);
	add_outcome(
	    journal, "late", LAB_TIME + 100 * LAB_SECOND, "erin@far.test", "team@far.test");
	add_outcome(journal, "again", LAB_TIME + LAB_SECOND, "erin@far.test", NULL);
	journal_close(journal);
	struct lab_rows rows = lab_scan(dir, &found);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.times[0], LAB_TIME);
	assert_string_equal(rows.ids[1], "late");
	rows = lab_scan(dir, &alias);
	assert_int_equal(rows.count, 1);
	rows = lab_scan(dir, &newest);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.ids[0], "late");
}

/* Unknown is not no: where domains alone are kept, everybody in one may be meant. */
static void
to_whom_is_not_kept(void **state)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	const struct journal_filter here = {.to = VIEW("nobody@example.net")};
	const struct journal_filter elsewhere = {.to = VIEW("bob@example.org")};

	(void)state;
	settings.recipients = JOURNAL_RCPT_DOMAIN;
	struct journal *journal = lab_open(dir, &settings);
	lab_append_id(journal, "a", LAB_TIME);
	journal_close(journal);
	assert_int_equal(lab_scan(dir, &here).count, 1);
	assert_int_equal(lab_scan(dir, &elsewhere).count, 0);
}

/* Those of a day, and as the newest ones. */
static void
only_these_queue_ids(void **state)
{
	const char *dir = lab_dir();
	struct map ids;

	(void)state;
	lab_write(dir, LAB_TIME, 5);
	map_init(&ids, map_seed_random());
	struct journal_filter filter = {.queue_ids = &ids};
	assert_int_equal(lab_scan(dir, &filter).count, 0);
	(void)map_add(&ids, VIEW("lab-2"), &ids);
	(void)map_add(&ids, VIEW("lab-4"), &ids);
	(void)map_add(&ids, VIEW("LAB-5"), &ids);
	struct lab_rows rows = lab_scan(dir, &filter);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.ids[1], "lab-4");
	filter.newest = 1;
	rows = lab_scan(dir, &filter);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.ids[0], "lab-4");
	filter.verdict = VIEW("accept");
	assert_int_equal(lab_scan(dir, &filter).count, 0);
	map_fini(&ids);
}

static void
newest_reach_over_days(void **state)
{
	const struct journal_filter filter = {.newest = 4};
	const char *dir = lab_dir();

	(void)state;
	for (int day = 0; day < 3; day++)
		lab_write(dir, LAB_TIME + day * LAB_DAY, 2);
	struct lab_rows rows = lab_scan(dir, &filter);
	assert_int_equal(rows.count, 4);
	assert_int_equal(rows.times[0], LAB_TIME + LAB_DAY + LAB_SECOND);
	assert_int_equal(rows.times[3], LAB_TIME + 2 * LAB_DAY + 2 * LAB_SECOND);
}

static void
each_may_stop(void **state)
{
	const struct journal_filter all = {.since = 0};
	struct lab_rows rows = {.stop_after = 2};
	const char *dir = lab_dir();
	struct journal_reader *reader;

	(void)state;
	lab_write(dir, LAB_TIME, 5);
	reader = lab_reader(dir);
	assert_int_equal(journal_scan(reader, &all, lab_keep, &rows, NULL), 7);
	assert_int_equal(rows.count, 2);
	journal_reader_close(reader);
}

/* While it is written, by a reader that was there before: also rows without an index yet.
 */
static void
follows_what_is_written(void **state)
{
	const struct journal_filter all = {.since = 0}, last = {.newest = 1};
	struct journal_settings settings = lab_settings(JOURNAL_MODE_REQUIRED);
	const char *dir = lab_dir();
	struct journal *journal = lab_open(dir, &settings);
	struct journal_reader *reader;
	struct lab_rows rows = {.count = 0};

	(void)state;
	lab_append_id(journal, "a", LAB_TIME);
	reader = lab_reader(dir);
	assert_int_equal(journal_follow(reader, &all, lab_keep, &rows, NULL), 0);
	assert_int_equal(rows.count, 0);
	lab_append_id(journal, "b", LAB_TIME + 1);
	assert_int_equal(journal_scan(reader, &last, lab_keep, &rows, NULL), 0);
	lab_append_id(journal, "c", LAB_TIME + 2);
	lab_append_id(journal, "d", LAB_TIME + LAB_DAY); /* in a file that was not there */
	assert_int_equal(journal_follow(reader, &all, lab_keep, &rows, NULL), 0);
	assert_int_equal(journal_follow(reader, &all, lab_keep, &rows, NULL), 0);
	assert_int_equal(rows.count, 3);
	assert_string_equal(rows.ids[0], "b");
	assert_string_equal(rows.ids[1], "c");
	assert_string_equal(rows.ids[2], "d");
	assert_int_equal(lab_find(dir, "c").count, 1);
	journal_reader_close(reader);
	journal_close(journal);
}

enum { MANY = 100000 };

static void
finds_one_in_many(void **state)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	struct journal *journal = lab_open(dir, &settings);
	struct journal_status status;
	char id[20], message_id[40];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		struct lab_record lab;

		snprintf(id, sizeof(id), "Q%d", i);
		snprintf(message_id, sizeof(message_id), "%d@example.org", i);
		lab_record_init(&lab, id, LAB_TIME + i);
		lab.facts.message_id = view_of(message_id);
		lab_append(journal, &lab);
		do {
			journal_status(journal, &status);
			if (status.queued_bytes > JOURNAL_QUEUE_MAX / 2)
				usleep(10000);
		} while (status.queued_bytes > JOURNAL_QUEUE_MAX / 2);
	}
	assert_int_equal(
	    lab_find(dir, "Q17").count, 1); /* from the look-up table, while it grows */
	journal_close(journal);
	for (int i = 0; i < MANY; i += 9973) {
		snprintf(id, sizeof(id), "Q%d", i);
		snprintf(message_id, sizeof(message_id), "<%d@example.org>", i);
		assert_int_equal(lab_find(dir, id).count, 1);
		assert_int_equal(lab_find(dir, message_id).count, 1);
	}
	assert_int_equal(lab_find(dir, "Q100000").count, 0);
}

static void
policies_are_kept_by_hash(void **state)
{
	const struct view packed = VIEW("all\0of it");
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	struct journal *journal = lab_open(dir, &settings);
	struct journal_reader *reader = lab_reader(dir);
	struct buf out = BUF_INIT(1000);

	(void)state;
	assert_int_equal(journal_policy_read(reader, VIEW("aabbccdd"), &out, NULL), 0);
	assert_int_equal(journal_policy_newest(reader, &out, NULL), 0);
	journal_policy(journal, LAB_TIME, VIEW("aabbccdd"), packed);
	journal_policy(journal, LAB_TIME + 1, VIEW("aabbccee"), VIEW("other"));
	journal_policy(journal, LAB_TIME + 2, VIEW("aabbccdd"), packed);
	journal_close(journal);

	assert_int_equal(journal_policy_read(reader, VIEW("aabbccdd"), &out, NULL), 1);
	assert_true(view_is(buf_view(&out), packed));
	buf_reset(&out);
	assert_int_equal(journal_policy_read(reader, VIEW("aabbcce"), &out, NULL), 1);
	assert_string_equal(buf_text(&out), "other");
	assert_int_equal(journal_policy_read(reader, VIEW("aabbcc"), &out, NULL), -1);
	assert_int_equal(journal_policy_read(reader, VIEW("aabbc"), &out, NULL), 0);
	assert_int_equal(journal_policy_read(reader, VIEW("ffffffff"), &out, NULL), 0);
	buf_reset(&out);
	assert_int_equal(journal_policy_newest(reader, &out, NULL), 1);
	assert_string_equal(buf_text(&out), "aabbccdd");
	journal_reader_close(reader);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(filters_choose),
	    cmocka_unit_test(to_whom_the_log_says),
	    cmocka_unit_test(to_whom_is_not_kept),
	    cmocka_unit_test(only_these_queue_ids),
	    cmocka_unit_test(newest_reach_over_days),
	    cmocka_unit_test(each_may_stop),
	    cmocka_unit_test(follows_what_is_written),
	    cmocka_unit_test(finds_one_in_many),
	    cmocka_unit_test(policies_are_kept_by_hash),
	};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
