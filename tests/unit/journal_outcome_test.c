/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What became of messages, in the journal: batches, places, privacy. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "journal/outcome.h"
#include "journal/place.h"
#include "journal/record.h"
#include "journal/writer.h"
#include "lib/bug.h"

#include "tests/unit/journal_lab.h"

#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static const struct outcome sent = {.time = LAB_TIME,
    .delay_ms = 60,
    .delays_ms = {10, 20, 0, UINT32_MAX},
    .what = TEXT("sent"),
    .queue_id = TEXT("4jX3hQ6zJrz1bY0D"),
    .rcpt = TEXT("bob@rcpt.test"),
    .orig_rcpt = TEXT("list@out.test"),
    .relay = TEXT("mx.rcpt.test[192.0.2.1]:25"),
    .dsn = TEXT("2.0.0"),
    .text = TEXT("250 2.0.0 <Bob@rcpt.test> fine; to=<eve@far.test> too")};

static void
put(struct journal *journal, const struct outcome *outcomes, size_t n, const char *place)
{
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(outcome_add(&batch, &outcomes[i]), 0);
	assert_int_equal(journal_outcomes(journal, n > 0 ? outcomes[0].time : LAB_TIME,
			     buf_view(&batch), view_of(place)),
	    0);
	buf_fini(&batch);
}

static const char *
place_of(const char *dir)
{
	static char text[OUTCOME_PLACE_MAX];
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct buf place = BUF_INIT(OUTCOME_PLACE_MAX);

	journal_place(journal, &place);
	snprintf(text, sizeof(text), "%s", buf_text(&place));
	buf_fini(&place);
	journal_close(journal);
	return text;
}

static int
show(void *context, const struct outcome *outcome)
{
	struct buf *out = context;

	buf_addf(out, "%.*s %.*s", VIEW_ARG(outcome->what), VIEW_ARG(outcome->queue_id));
	if (outcome->rcpt.n > 0)
		buf_addf(out, " to %.*s", VIEW_ARG(outcome->rcpt));
	if (outcome->orig_rcpt.n > 0)
		buf_addf(out, " for %.*s", VIEW_ARG(outcome->orig_rcpt));
	if (outcome->relay.n > 0)
		buf_addf(out, " by %.*s after %u=%u+%u+%u+%u", VIEW_ARG(outcome->relay),
		    outcome->delay_ms, outcome->delays_ms[OUTCOME_BEFORE],
		    outcome->delays_ms[OUTCOME_ACTIVE], outcome->delays_ms[OUTCOME_CONNECT],
		    outcome->delays_ms[OUTCOME_SEND]);
	buf_addf(out, " %.*s: %.*s|", VIEW_ARG(outcome->dsn), VIEW_ARG(outcome->text));
	return 0;
}

static const char *
past_of(const char *dir, const struct journal_past *past)
{
	static char text[8192];
	struct buf out = BUF_INIT(sizeof(text) - 1);
	struct journal_reader *reader = lab_reader(dir);
	struct err err = ERR_INIT;

	assert_int_equal(journal_past_outcomes(reader, past, show, &out, &err), 0);
	snprintf(text, sizeof(text), "%s", buf_text(&out));
	buf_fini(&out);
	journal_reader_close(reader);
	return text;
}

static void
flat_bytes_come_back(void **state)
{
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);
	struct outcome got, large = sent;
	char long_text[OUTCOME_TEXT_MAX + 10];

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	large.text = (struct view){long_text, sizeof(long_text)};
	assert_int_equal(outcome_add(&batch, &sent), 0);
	assert_int_equal(outcome_add(&batch, &large), 0);
	struct view rest = buf_view(&batch);
	assert_int_equal(outcome_take(&rest, &got), 1);
	assert_true(view_is(got.text, sent.text) && view_is(got.what, sent.what));
	assert_true(got.time == sent.time && got.delay_ms == 60 && got.user.n == 0);
	assert_int_equal(outcome_take(&rest, &got), 1);
	assert_int_equal(got.text.n, OUTCOME_TEXT_MAX);
	assert_int_equal(outcome_take(&rest, &got), 0);
	for (size_t n = 1; n < 100; n++) {
		rest = view_head(buf_view(&batch), n);
		assert_int_equal(outcome_take(&rest, &got), -1);
	}
	buf_fini(&batch);
}

static void
outcomes_and_place_are_kept(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct outcome held = {.time = LAB_TIME + LAB_DAY,
	    .what = VIEW("held"),
	    .queue_id = VIEW("80EF3A720C4"),
	    .other_id = VIEW("4jX3hQ6zJrz1bY0D")};
	const struct journal_past all = {.id = VIEW("")},
				  one = {.id = VIEW("4jX3hQ6zJrz1bY0D")},
				  both = {.id = VIEW("4jX3hQ6zJrz1bY0D"),
				      .other_id = VIEW("4jX3hQ6zJrz1bY0D")},
				  later = {.since = LAB_TIME + LAB_SECOND};

	(void)state;
	assert_string_equal(place_of(dir), "");
	put(journal, &sent, 1, "here");
	put(journal, &held, 1, "there");
	/* One more of the day before: the place behind it is the latest. */
	put(journal, &sent, 1, "at last");
	put(journal, NULL, 0, "nothing new");
	assert_int_equal(
	    journal_outcomes(journal, LAB_TIME, VIEW("rubbish"), VIEW("x")), -1);
	/* Days on which the log said nothing. */
	for (int day = 2; day < 8; day++)
		lab_append_id(journal, "lab-1", LAB_TIME + day * LAB_DAY);
	journal_close(journal);
	assert_string_equal(place_of(dir), "nothing new");
#define SENT                                                                               \
	"sent 4jX3hQ6zJrz1bY0D to bob@rcpt.test for list@out.test by "                     \
	"mx.rcpt.test[192.0.2.1]:25 after 60=10+20+0+4294967295 2.0.0: 250 2.0.0 "         \
	"<Bob@rcpt.test> fine; "                                                           \
	"to=<eve@far.test> too|"
	assert_string_equal(past_of(dir, &all), SENT SENT "held 80EF3A720C4 : |");
	assert_string_equal(past_of(dir, &one), SENT SENT);
	assert_string_equal(past_of(dir, &both), SENT SENT "held 80EF3A720C4 : |");
	assert_string_equal(past_of(dir, &later), "held 80EF3A720C4 : |");
}

static void
recipients_are_kept_as_the_site_wants_it(void **state)
{
	const struct journal_past all = {.id = VIEW("")};
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();

	(void)state;
	settings.recipients = JOURNAL_RCPT_DOMAIN;
	struct journal *journal = lab_open(dir, &settings);
	put(journal, &sent, 1, "1");
	journal_close(journal);
	assert_string_equal(past_of(dir, &all),
	    "sent 4jX3hQ6zJrz1bY0D to @rcpt.test by mx.rcpt.test[192.0.2.1]:25 after "
	    "60=10+20+0+4294967295 "
	    "2.0.0: 250 2.0.0 <@rcpt.test> fine; to=<@far.test> too|");

	struct outcome refused = {.time = LAB_TIME, .what = VIEW("rejected")};
	refused.text =
	    VIEW("554 5.7.1 <Eve@far.test>: Relay access denied; from=<a@b.test> "
		 "to=<eve@far.test>, to=<\"x>y\"@else.test> helo=<x> to=<1@x> to=<2@x> "
		 "to=<3@x> to=<4@x> to=<5@x>");
	dir = lab_dir();
	journal = lab_open(dir, &settings);
	put(journal, &refused, 1, "1");
	journal_close(journal);
	assert_string_equal(past_of(dir, &all),
	    "rejected  : 554 5.7.1 <@far.test>: Relay access denied; from=<a@b.test> "
	    "to=<@far.test>, to=<@else.test> helo=<x> to=<@x> to=<@x> to=<@x> to=<@x> "
	    "to=<@x>|");

	dir = lab_dir();
	settings.recipients = JOURNAL_RCPT_HASH;
	journal = lab_open(dir, &settings);
	put(journal, &sent, 1, "1");
	journal_close(journal);
	const char *text = past_of(dir, &all);
	assert_non_null(strstr(text, "to #"));
	assert_null(strstr(text, "bob"));
	assert_null(strstr(text, "Bob"));
	assert_null(strstr(text, "eve"));
	assert_null(strstr(text, "list@"));
}

static void
add_batch(struct buf *out, int64_t time, uint64_t number, const char *place)
{
	struct buf batch = BUF_INIT(OUTCOME_BATCH_MAX);
	struct outcome outcome = sent;

	outcome.time = time;
	assert_int_equal(outcome_add(&batch, &outcome), 0);
	const struct record_outcomes outcomes = {
	    time, number, view_of(place), buf_view(&batch)};
	assert_int_equal(record_add_outcomes(out, &outcomes), 0);
	buf_fini(&batch);
}

/* Around midnight two days are mixed, and one of the two files cannot be written: who dies
 * now must not have a place behind what is not there. */
static void
a_place_is_behind_all_before_it(void **state)
{
	const char *dir = lab_dir();
	const struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct writer *writer = writer_new(dir, &settings, NULL, NULL);
	const struct journal_past all = {.id = VIEW("")};
	struct buf records = BUF_INIT(1 << 20), place = BUF_INIT(OUTCOME_PLACE_MAX);
	const char *blocked = lab_path("journal-2026-03-02.db");
	uint64_t number;

	(void)state;
	assert_int_equal(mkdir(blocked, 0700), 0);
	add_batch(&records, LAB_TIME + LAB_DAY, 1, "first");
	add_batch(&records, LAB_TIME, 2, "second");
	add_batch(&records, LAB_TIME + LAB_DAY, 3, "third");
	assert_int_equal(writer_write(writer, &records), -1);
	assert_int_equal(place_read(dir, &place, &number, NULL), -1);
	assert_string_equal(buf_text(&place), "first");

	assert_int_equal(rmdir(lab_path("journal-2026-03-02.db")), 0);
	assert_int_equal(writer_write(writer, &records), 0);
	assert_int_equal(place_read(dir, &place, &number, NULL), 0);
	assert_string_equal(buf_text(&place), "third");
	writer_free(writer);
	assert_string_equal(past_of(dir, &all), SENT SENT SENT);
	buf_fini(&records);
	buf_fini(&place);
}

static void
keep_report(void *context, struct view text)
{
	buf_add(context, text);
}

static void
says_when_the_place_is_not_known(void **state)
{
	const struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	struct buf said = BUF_INIT(4096);
	struct journal *journal = lab_open(dir, &settings);
	struct err err = ERR_INIT;

	(void)state;
	put(journal, &sent, 1, "here");
	journal_close(journal);
	/* One that was just made is none to complain about. */
	assert_int_equal(close(creat(lab_path("journal-2026-03-03.db"), 0600)), 0);
	assert_int_equal(
	    journal_open(dir, &settings, keep_report, &said, &journal, &err), 0);
	journal_close(journal);
	assert_string_equal(buf_text(&said), "");

	assert_int_equal(mkdir(lab_path("journal-2026-03-04.db"), 0700), 0);
	assert_int_equal(
	    journal_open(dir, &settings, keep_report, &said, &journal, &err), 0);
	struct buf place = BUF_INIT(OUTCOME_PLACE_MAX);
	journal_place(journal, &place);
	assert_string_equal(buf_text(&place), "here");
	journal_close(journal);
	assert_non_null(strstr(buf_text(&said), "journal-2026-03-04.db: "));
	assert_non_null(strstr(buf_text(&said), "outcomes may be there twice"));
	buf_fini(&said);
	buf_fini(&place);
}

/* By its first id, without a look at each row of each day. */
static void
finds_what_was_requeued(void **state)
{
	const struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const char *dir = lab_dir();
	struct journal *journal = lab_open(dir, &settings);
	sqlite3_stmt *stmt;
	sqlite3 *db;

	(void)state;
	put(journal, &sent, 1, "here");
	journal_close(journal);
	assert_int_equal(sqlite3_open(lab_path("journal-2026-03-02.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "EXPLAIN QUERY PLAN SELECT id FROM outcome WHERE"
			     " queue_id = ?1 OR other_id = ?2",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		assert_null(strstr((const char *)sqlite3_column_text(stmt, 3), "SCAN"));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/* A day's file that an earlier frankd has begun. */
static void
begin_day(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(lab_path("journal-2026-03-02.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* It had no parts of delays. */
static void
table_of_before_is_widened(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const struct journal_past all = {.id = VIEW("")};

	(void)state;
	begin_day(
	    "CREATE TABLE outcome("
	    "  id INTEGER PRIMARY KEY, time INTEGER, host TEXT, what TEXT, queue_id TEXT,"
	    "  other_id TEXT, recipient TEXT, original TEXT, domain TEXT, relay TEXT,"
	    "  dsn TEXT, delay INTEGER, user TEXT, client TEXT, sender TEXT, program TEXT,"
	    "  text TEXT);"
	    "INSERT INTO outcome(time, what, queue_id, relay, delay)"
	    "  VALUES(1, 'sent', 'old', 'mx', 7)");
#define OLD "sent old by mx after 7=0+0+0+0 : |"
	assert_string_equal(past_of(dir, &all), OLD);
	for (int i = 0; i < 2; i++) {
		struct journal *journal = lab_open(dir, &settings);
		put(journal, &sent, 1, "1");
		journal_close(journal);
	}
	assert_string_equal(past_of(dir, &all), OLD SENT SENT);
}

/* The first one's was never used. */
static void
table_of_before_is_replaced(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	const struct journal_past all = {.id = VIEW("")};

	(void)state;
	begin_day("CREATE TABLE outcome(id INTEGER PRIMARY KEY, status TEXT)");
	assert_string_equal(past_of(dir, &all), "");
	struct journal *journal = lab_open(dir, &settings);
	put(journal, &sent, 1, "1");
	journal_close(journal);
	assert_string_equal(past_of(dir, &all), SENT);
}

static int
show_action(void *context, const struct journal_action_row *action)
{
	buf_addf(context, "%.*s by %.*s: %.*s|", VIEW_ARG(action->what),
	    VIEW_ARG(action->who), VIEW_ARG(action->text));
	return 0;
}

static void
actions_come_back(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	const struct journal_past one = {.id = VIEW("4jX3hQ6zJrz1bY0D")};
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;

	(void)state;
	journal_action(journal, LAB_TIME, VIEW("release"), VIEW("kim (uid 1000)"),
	    VIEW("2 messages: 80EF3A720C4 4jX3hQ6zJrz1bY0D; asked her"));
	journal_action(
	    journal, LAB_TIME, VIEW("delete"), VIEW("root"), VIEW("1 message: other"));
	journal_close(journal);
	struct journal_reader *reader = lab_reader(dir);
	assert_int_equal(journal_past_actions(reader, &one, show_action, &out, &err), 0);
	assert_string_equal(buf_text(&out),
	    "release by kim (uid 1000): 2 messages: 80EF3A720C4 4jX3hQ6zJrz1bY0D; asked "
	    "her|");
	journal_reader_close(reader);
	buf_fini(&out);
}

static void
some_can_be_asked_for(void **state)
{
	struct outcome refused = sent, elsewhere = sent, held = sent;
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct map domains;

	(void)state;
	refused.what = VIEW("bounced");
	refused.rcpt = VIEW("bob@RCPT.test");
	elsewhere.rcpt = VIEW("bob@else.test");
	held.what = VIEW("held");
	held.rcpt = VIEW("");
	put(journal, (const struct outcome[]){sent, refused, elsewhere, held}, 4, "here");
	journal_close(journal);
	map_init(&domains, map_seed_random());
	(void)map_add(&domains, VIEW("rcpt.test"), &domains);
	struct journal_past past = {.words = VIEW(" sent held ")};
	assert_null(strstr(past_of(dir, &past), "bounced"));
	assert_non_null(strstr(past_of(dir, &past), "bob@else.test"));
	past = (struct journal_past){.domains = &domains};
	assert_null(strstr(past_of(dir, &past), "bob@else.test"));
	assert_non_null(strstr(past_of(dir, &past), "bob@rcpt.test"));
	assert_non_null(strstr(past_of(dir, &past), "bob@RCPT.test"));
	/* It names no recipient. */
	assert_non_null(strstr(past_of(dir, &past), "held"));
	map_fini(&domains);
}

static int
show_brief(void *context, const struct journal_brief *brief)
{
	buf_addf(context, "%.*s %.*s|", VIEW_ARG(brief->queue_id), VIEW_ARG(brief->user));
	return 0;
}

static void
decisions_come_back_in_brief(void **state)
{
	const struct journal_past past = {.since = LAB_TIME + 2 * LAB_SECOND};
	const char *dir = lab_dir();
	struct buf out = BUF_INIT(1000);

	(void)state;
	lab_write(dir, LAB_TIME, 3);
	struct journal_reader *reader = lab_reader(dir);
	assert_int_equal(journal_past_decisions(reader, &past, show_brief, &out, NULL), 0);
	assert_string_equal(buf_text(&out), "lab-2 alice|lab-3 alice|");
	journal_reader_close(reader);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flat_bytes_come_back),
	    cmocka_unit_test(outcomes_and_place_are_kept),
	    cmocka_unit_test(a_place_is_behind_all_before_it),
	    cmocka_unit_test(recipients_are_kept_as_the_site_wants_it),
	    cmocka_unit_test(says_when_the_place_is_not_known),
	    cmocka_unit_test(finds_what_was_requeued),
	    cmocka_unit_test(table_of_before_is_widened),
	    cmocka_unit_test(table_of_before_is_replaced),
	    cmocka_unit_test(actions_come_back),
	    cmocka_unit_test(some_can_be_asked_for),
	    cmocka_unit_test(decisions_come_back_in_brief),
	};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
