/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "tests/unit/journal_lab.h"

static bool
address_is(
    const struct fact_address *a, const char *text, const char *local, const char *domain)
{
	return view_is(a->text, view_of(text)) && view_is(a->local, view_of(local)) &&
	       view_is(a->domain, view_of(domain));
}

/* ---- what goes in comes out ---- */

static int
check_row(void *context, const struct journal_row *row)
{
	const struct facts *facts = &row->facts;
	int *seen = context;

	(*seen)++;
	assert_true(view_is(row->host, VIEW("mail.example.org")));
	assert_true(view_is(row->verdict, VIEW("hold")));
	assert_true(view_is(row->place, VIEW("frank.conf:41")));
	assert_true(view_is(row->label, VIEW("account takeover?")));
	assert_true(view_is(row->signed_with, VIEW("example.org/s2026:rsa-sha256")));
	assert_true(view_is(row->tags, VIEW("X-One: 1\nX-Two: 2")));
	assert_true(view_is(row->notes, VIEW("seen")));
	assert_true(view_is(row->watch, VIEW("reject frank.conf:52 new")));
	assert_true(view_is(row->key, VIEW("alice")));
	assert_true(view_is(row->policy, VIEW("9f3c1a00")));
	assert_int_equal(row->micros, 1234);
	assert_int_equal(row->reply.n, 0);
	assert_int_equal(facts->time, LAB_TIME);
	assert_int_equal(facts->local_date, 20260302);
	assert_int_equal(facts->local_minute, 603);
	assert_int_equal(facts->local_weekday, 1);
	assert_int_equal(facts->path, PATH_SUBMISSION);
	assert_true(view_is(facts->user, VIEW("alice")));
	assert_true(view_is(facts->helo, VIEW("laptop")));
	assert_int_equal(facts->client.family, ADDR_IPV4);
	assert_int_equal(facts->client.bytes[3], 99);
	assert_true(
	    address_is(&facts->sender, "alice@example.org", "alice", "example.org"));
	assert_true(address_is(&facts->author, "a.b@example.org", "a.b", "example.org"));
	assert_int_equal(facts->rcpts, 3);
	assert_int_equal(facts->n_rcpt_sample, 3);
	assert_true(address_is(
	    &facts->rcpt_sample[1], "\"c@d\"@example.com", "\"c@d\"", "example.com"));
	assert_true(address_is(&facts->rcpt_sample[2], "postmaster", "postmaster", ""));
	assert_int_equal(facts->n_rcpt_fits, 2);
	assert_int_equal(facts->rcpt_fits[0], 3);
	assert_int_equal(facts->rcpt_fits[1], 0);
	assert_int_equal(facts->size, 4321);
	assert_int_equal(facts->fragile, FRAGILE_EIGHT_BIT);
	return 0;
}

static void
row_comes_back_whole(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct journal_reader *reader;
	int seen = 0;

	(void)state;
	lab_append_id(journal, "4cXyZ71kq", LAB_TIME);
	journal_close(journal);
	reader = lab_reader(dir);
	assert_int_equal(
	    journal_find(reader, VIEW("4cXyZ71kq"), check_row, &seen, NULL), 0);
	assert_int_equal(seen, 1);
	assert_int_equal(
	    journal_find(reader, VIEW("<m1@example.org>"), check_row, &seen, NULL), 0);
	assert_int_equal(
	    journal_find(reader, VIEW("m1@example.org"), check_row, &seen, NULL), 0);
	assert_int_equal(seen, 3);
	assert_int_equal(journal_find(reader, VIEW("4cXyZ71k"), check_row, &seen, NULL), 0);
	assert_int_equal(journal_find(reader, VIEW("<>"), check_row, &seen, NULL), 0);
	assert_int_equal(seen, 3);
	journal_reader_close(reader);
}

/* ---- text from outside ---- */

struct hostile_check {
	struct view want;
	int seen;
};

static int
check_hostile(void *context, const struct journal_row *row)
{
	struct hostile_check *check = context;

	check->seen++;
	assert_true(view_is(row->facts.user, check->want));
	assert_true(view_is(row->facts.queue_id, check->want));
	assert_true(view_is(row->facts.message_id, check->want));
	assert_true(view_is(row->facts.sender.text, check->want));
	assert_true(view_is(row->facts.author.text, check->want));
	assert_true(view_is(row->label, check->want));
	assert_true(view_is(row->facts.rcpt_sample[0].text, check->want));
	return 0;
}

static void
hostile_text_is_only_text(void **state)
{
	const struct view hostile[] = {
	    VIEW("'; DROP TABLE decision; --"),
	    VIEW("\"; DROP TABLE k; --@example.org"),
	    VIEW("a\0b"),
	    VIEW("\xff\xfe\x80 not UTF-8 \xc0\xaf"),
	    VIEW("\033[2J\033]0;owned\007"),
	    VIEW("line\r\nfeed\xe2\x80\xa8"),
	    VIEW("%s%n%x ?1 ?2 :name $name"),
	    VIEW("{\"verdict\": \"accept\"}"),
	};
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct fact_address address = {hostile[i], hostile[i], VIEW_NONE};
		struct lab_record lab;

		lab_record_init(&lab, "", LAB_TIME);
		lab.facts.user = lab.facts.helo = lab.facts.queue_id =
		    lab.facts.message_id = hostile[i];
		lab.facts.sender = lab.facts.author = lab.rcpts[0] = address;
		lab.record.label = lab.record.tags = lab.record.notes = hostile[i];
		lab_append(journal, &lab);
	}
	journal_close(journal);

	struct journal_reader *reader = lab_reader(dir);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct journal_filter filter = {.user = hostile[i]};
		struct hostile_check check = {hostile[i], 0};
		struct err err = ERR_INIT;

		if (journal_find(reader, hostile[i], check_hostile, &check, &err) == -1)
			fail_msg("find %zu: %s", i, err.text);
		if (journal_scan(reader, &filter, check_hostile, &check, &err) == -1)
			fail_msg("scan %zu: %s", i, err.text);
		if (check.seen != 2)
			fail_msg("text %zu: got %d rows, want 2", i, check.seen);
	}
	journal_reader_close(reader);
}

/* ---- days ---- */

static void
midnight_begins_a_new_file(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	const int64_t midnight = LAB_TIME - LAB_TIME % LAB_DAY + LAB_DAY;
	const struct journal_filter all = {.since = 0}, late = {.since = midnight};

	(void)state;
	for (int i = 0; i < 6; i++) { /* mixed, as around midnight */
		char id[] = {'q', (char)('0' + i), '\0'};

		lab_append_id(journal, id, midnight + (i % 2 == 0 ? -i - 1 : i));
	}
	journal_close(journal);
	assert_int_equal(access(lab_path("journal-2026-03-02.db"), F_OK), 0);
	assert_int_equal(access(lab_path("journal-2026-03-03.db"), F_OK), 0);
	assert_int_equal(lab_scan(dir, &all).count, 6);
	struct lab_rows rows = lab_scan(dir, &late);
	assert_int_equal(rows.count, 3);
	assert_string_equal(rows.ids[0], "q1");
	assert_int_equal(lab_find(dir, "q4").count, 1);
}

static void
clock_set_back_loses_nothing(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct journal_status status;

	(void)state;
	lab_append_id(journal, "before", LAB_TIME);
	for (int back = 1; back <= 5; back++)
		lab_append_id(journal, "back", LAB_TIME - back * LAB_DAY);
	lab_append_id(journal, "no clock yet", 0);
	lab_append_id(journal, "after", LAB_TIME + 1);
	journal_close(journal);
	assert_int_equal(lab_count(dir), 8);
	assert_int_equal(lab_find(dir, "back").count, 5);
	assert_int_equal(access(lab_path("journal-1970-01-01.db"), F_OK), 0);

	journal = lab_open(dir, &settings);
	journal_status(journal, &status);
	assert_string_equal(status.trouble, "");
	journal_close(journal);
}

static void
old_days_are_removed(void **state)
{
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal;
	struct err err = ERR_INIT;

	(void)state;
	lab_write(dir, LAB_TIME - 31 * LAB_DAY, 1);
	lab_write(dir, LAB_TIME - 30 * LAB_DAY, 1);
	assert_int_equal(
	    file_create(lab_path("journal-2025-01-01.db.old"), 0600, VIEW("x"), &err), 0);
	lab_write(dir, LAB_TIME, 1);
	assert_int_equal(access(lab_path("journal-2026-01-30.db"), F_OK), -1);
	assert_int_equal(access(lab_path("journal-2026-01-31.db"), F_OK), 0);
	assert_int_equal(access(lab_path("journal-2025-01-01.db.old"), F_OK), 0);

	settings.keep_days = 0; /* for ever */
	journal = lab_open(dir, &settings);
	lab_append_id(journal, "much later", LAB_TIME + 60 * LAB_DAY);
	journal_close(journal);
	assert_int_equal(access(lab_path("journal-2026-01-31.db"), F_OK), 0);
}

static void
past_days_are_plain_files(void **state)
{
	const char *dir = lab_dir();
	struct buf head = BUF_INIT(1 << 20);
	struct stat st;

	(void)state;
	lab_write(dir, LAB_TIME, 3);
	assert_int_equal(access(lab_path("journal-2026-03-02.db-wal"), F_OK), -1);
	assert_int_equal(file_read(lab_path("journal-2026-03-02.db"), &head, NULL), 0);
	assert_int_equal(head.p[18], 1); /* no WAL */
	assert_int_equal(stat(lab_path("journal-2026-03-02.db"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	buf_fini(&head);
}

/* ---- privacy ---- */

static int
keep_recipients(void *context, const struct journal_row *row)
{
	struct buf *out = context;

	for (uint32_t i = 0; i < row->facts.n_rcpt_sample; i++)
		buf_addf(out, "%.*s ", VIEW_ARG(row->facts.rcpt_sample[i].text));
	return 0;
}

static void
write_private(const char *dir, enum journal_privacy privacy, struct buf *out)
{
	const struct journal_filter last = {.newest = 1};
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal_reader *reader;
	struct journal *journal;

	settings.recipients = privacy;
	journal = lab_open(dir, &settings);
	lab_append_id(journal, "p", LAB_TIME);
	journal_close(journal);
	reader = lab_reader(dir);
	buf_reset(out);
	assert_int_equal(journal_scan(reader, &last, keep_recipients, out, NULL), 0);
	journal_reader_close(reader);
}

static void
recipients_are_kept_as_told(void **state)
{
	struct buf out = BUF_INIT(1000), file = BUF_INIT(1 << 20);
	const char *dir = lab_dir();
	struct stat st;
	char first[200];

	(void)state;
	write_private(dir, JOURNAL_RCPT_DOMAIN, &out);
	assert_string_equal(buf_text(&out), "@example.net @example.com @ ");
	write_private(dir, JOURNAL_RCPT_HASH, &out);
	assert_int_equal(out.n, 3 * 18);
	assert_int_equal(out.p[0], '#');
	snprintf(first, sizeof(first), "%s", buf_text(&out));
	write_private(dir, JOURNAL_RCPT_HASH, &out);
	assert_string_equal(buf_text(&out), first); /* the same address, the same hash */
	assert_int_equal(stat(lab_path("secret"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	/* Nowhere in the file, not even in pages that were given up. */
	assert_int_equal(file_read(lab_path("journal-2026-03-02.db"), &file, NULL), 0);
	assert_null(memmem(file.p, file.n, "bob", 3));

	unlink(lab_path("secret"));
	write_private(dir, JOURNAL_RCPT_HASH, &out);
	assert_string_not_equal(buf_text(&out), first);
	buf_fini(&out);
	buf_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(row_comes_back_whole),
	    cmocka_unit_test(hostile_text_is_only_text),
	    cmocka_unit_test(midnight_begins_a_new_file),
	    cmocka_unit_test(clock_set_back_loses_nothing),
	    cmocka_unit_test(old_days_are_removed),
	    cmocka_unit_test(past_days_are_plain_files),
	    cmocka_unit_test(recipients_are_kept_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, lab_tear_down);
}
