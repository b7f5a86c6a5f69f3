/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "tests/unit/journal_lab.h"

static char own_dir[PATH_MAX];

static void
empty(void)
{
	DIR *listing = opendir(own_dir);
	const struct dirent *entry;
	char path[2 * PATH_MAX];

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", own_dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(listing);
}

void
lab_remove(void)
{
	if (own_dir[0] == '\0')
		return;
	empty();
	rmdir(own_dir);
	own_dir[0] = '\0';
}

int
lab_tear_down(void **state)
{
	(void)state;
	lab_remove();
	return 0;
}

const char *
lab_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	lab_remove();
	snprintf(
	    own_dir, sizeof(own_dir), "%s/journal-lab-XXXXXX", tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(own_dir) != NULL);
	return own_dir;
}

const char *
lab_path(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", own_dir, name);
	return path;
}

void
lab_record_init(struct lab_record *lab, const char *queue_id, int64_t time)
{
	*lab = (struct lab_record){
	    .rcpts = {{VIEW("bob@example.net"), VIEW("bob"), VIEW("example.net")},
		{VIEW("\"c@d\"@example.com"), VIEW("\"c@d\""), VIEW("example.com")},
		{VIEW("postmaster"), VIEW("postmaster"), VIEW_NONE}},
	    .fits = {3, 0},
	};
	lab->facts = (struct facts){
	    .time = time,
	    .local_date = 20260302,
	    .local_minute = 603,
	    .local_weekday = 1,
	    .path = PATH_SUBMISSION,
	    .user = VIEW("alice"),
	    .client = {ADDR_IPV4, {192, 0, 2, 99}},
	    .helo = VIEW("laptop"),
	    .queue_id = view_of(queue_id),
	    .message_id = VIEW("m1@example.org"),
	    .sender = {VIEW("alice@example.org"), VIEW("alice"), VIEW("example.org")},
	    .author = {VIEW("a.b@example.org"), VIEW("a.b"), VIEW("example.org")},
	    .rcpts = 3,
	    .rcpt_sample = lab->rcpts,
	    .n_rcpt_sample = 3,
	    .rcpt_fits = lab->fits,
	    .n_rcpt_fits = 2,
	    .size = 4321,
	    .fragile = FRAGILE_EIGHT_BIT,
	};
	lab->record = (struct journal_record){
	    .facts = &lab->facts,
	    .verdict = VIEW("hold"),
	    .place = VIEW("frank.conf:41"),
	    .label = VIEW("account takeover?"),
	    .key = VIEW("alice"),
	    .signed_with = VIEW("example.org/s2026:rsa-sha256"),
	    .tags = VIEW("X-One: 1\nX-Two: 2"),
	    .notes = VIEW("seen"),
	    .watch = VIEW("reject frank.conf:52 new"),
	    .policy = VIEW("9f3c1a00"),
	    .micros = 1234,
	};
}

int
lab_keep(void *context, const struct journal_row *row)
{
	struct lab_rows *rows = context;

	must(rows->count < LAB_ROWS);
	snprintf(rows->ids[rows->count], sizeof(rows->ids[0]), "%.*s",
	    VIEW_ARG(row->facts.queue_id));
	rows->times[rows->count] = row->facts.time;
	rows->count++;
	return rows->stop_after != 0 && rows->count == (size_t)rows->stop_after ? 7 : 0;
}

struct journal_settings
lab_settings(enum journal_mode mode)
{
	return (struct journal_settings){
	    .mode = mode,
	    .recipients = JOURNAL_RCPT_FULL,
	    .keep_days = 30,
	    .host = VIEW("mail.example.org"),
	};
}

void
lab_write(const char *where, int64_t time, int n)
{
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal;

	must(journal_open(where, &settings, NULL, NULL, &journal, NULL) == 0);
	for (int i = 1; i <= n; i++) {
		struct lab_record lab;
		char id[20];

		snprintf(id, sizeof(id), "lab-%d", i);
		lab_record_init(&lab, id, time + i * LAB_SECOND);
		must(journal_append(journal, &lab.record, NULL) == 0);
	}
	journal_close(journal);
}

struct journal *
lab_open(const char *dir, const struct journal_settings *settings)
{
	struct journal *journal = NULL;
	struct err err = ERR_INIT;

	if (journal_open(dir, settings, NULL, NULL, &journal, &err) == -1)
		fail_msg("journal_open: %s", err.text);
	return journal;
}

struct journal_reader *
lab_reader(const char *dir)
{
	struct journal_reader *reader = NULL;
	struct err err = ERR_INIT;

	if (journal_reader_open(dir, &reader, &err) == -1)
		fail_msg("journal_reader_open: %s", err.text);
	return reader;
}

void
lab_append(struct journal *journal, const struct lab_record *lab)
{
	struct err err = ERR_INIT;

	if (journal_append(journal, &lab->record, &err) == -1)
		fail_msg("journal_append: %s", err.text);
}

void
lab_append_id(struct journal *journal, const char *id, int64_t time)
{
	struct lab_record lab;

	lab_record_init(&lab, id, time);
	lab_append(journal, &lab);
}

struct lab_rows
lab_find(const char *dir, const char *id)
{
	struct journal_reader *reader = lab_reader(dir);
	struct lab_rows rows = {.count = 0};
	struct err err = ERR_INIT;

	if (journal_find(reader, view_of(id), lab_keep, &rows, &err) == -1)
		fail_msg("journal_find %s: %s", id, err.text);
	journal_reader_close(reader);
	return rows;
}

struct lab_rows
lab_scan(const char *dir, const struct journal_filter *filter)
{
	struct journal_reader *reader = lab_reader(dir);
	struct lab_rows rows = {.count = 0};
	struct err err = ERR_INIT;

	if (journal_scan(reader, filter, lab_keep, &rows, &err) == -1)
		fail_msg("journal_scan: %s", err.text);
	journal_reader_close(reader);
	return rows;
}

size_t
lab_count(const char *dir)
{
	const struct journal_filter all = {.since = 0};

	return lab_scan(dir, &all).count;
}
