/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "journal/writer.h"

enum { DIR_MODE = 0750 };

void
writer_set(struct writer *writer, const struct journal_settings *settings)
{
	bool was_required = writer->settings.mode == JOURNAL_MODE_REQUIRED;

	writer->settings = *settings;
	snprintf(writer->host, sizeof(writer->host), "%.*s", VIEW_ARG(settings->host));
	writer->settings.host = view_of(writer->host);
	if (was_required == (settings->mode == JOURNAL_MODE_REQUIRED))
		return;
	for (size_t i = 0; i < WRITER_DAYS; i++)
		day_close(&writer->days[i]);
}

struct writer *
writer_new(const char *dir, const struct journal_settings *settings, journal_report *report,
    void *context)
{
	struct writer *writer = mem_zeroed(1, sizeof(*writer));

	snprintf(writer->dir, sizeof(writer->dir), "%s", dir);
	writer->report = report;
	writer->context = context;
	writer->record = mem_zeroed(1, sizeof(*writer->record));
	writer_set(writer, settings);
	return writer;
}

int
writer_check_dir(struct writer *writer, struct err *err)
{
	if (file_make_dir(writer->dir, DIR_MODE, (uid_t)-1, (gid_t)-1, err) == -1)
		return -1;
	if (access(writer->dir, R_OK | W_OK | X_OK) == -1)
		return err_sys(err, "%s cannot be written to", writer->dir);
	return 0;
}

void
writer_trouble(
    struct writer *writer, const char *name, enum db_fault fault, const struct err *err)
{
	int64_t now = clock_mono();
	char text[sizeof(writer->trouble) + 64];

	snprintf(
	    writer->trouble, sizeof(writer->trouble), "%.100s: %.150s", name, err->text);
	if (writer->report == NULL || (writer->reported[fault] != 0 &&
					  now - writer->reported[fault] < WRITER_REPORT_US))
		return;
	writer->reported[fault] = now;
	snprintf(text, sizeof(text), "%s; %llu records lost so far", writer->trouble,
	    (unsigned long long)writer->lost);
	writer->report(writer->context, view_of(text));
}

static void
report_recovery(struct writer *writer, const char *name)
{
	char text[sizeof(writer->trouble) + 64];

	if (writer->trouble[0] == '\0')
		return;
	writer->trouble[0] = '\0';
	snprintf(text, sizeof(text), "%s: written again; %llu records lost in all", name,
	    (unsigned long long)writer->lost);
	if (writer->report != NULL)
		writer->report(writer->context, view_of(text));
}

/* The slot of NUMBER if it is open, else one to open it in: a free one, or the one used
 * longest ago. */
static struct day *
choose_slot(struct writer *writer, int64_t number)
{
	struct day *best = &writer->days[0];

	for (size_t i = 0; i < WRITER_DAYS; i++) {
		struct day *day = &writer->days[i];

		if (day->db != NULL && day->number == number)
			return day;
		if (best->db != NULL && (day->db == NULL || day->used < best->used))
			best = day;
	}
	return best;
}

static int64_t
today_at_most(int64_t number)
{
	int64_t today = day_of(clock_now().wall);

	return number < today ? number : today;
}

static int
open_day(struct writer *writer, int64_t number, struct day **ret_day,
    enum db_fault *ret_fault, struct err *err)
{
	struct day *day = choose_slot(writer, number);
	char path[PATH_MAX];

	*ret_day = day;
	if (day->db != NULL && day->number == number) {
		if (day_is_in_place(day))
			return 0;
		day_close(day); /* somebody moved or removed the file */
	}
	if (day->db != NULL)
		day_finish(day, NULL);
	*ret_fault = DB_OTHER;
	day_path(writer->dir, number, path);
	snprintf(day->path, sizeof(day->path), "%s", path);
	if (writer_check_dir(writer, err) == -1)
		return -1;
	writer_keep(writer, today_at_most(number));
	return day_open(day, path, number, writer->settings.mode == JOURNAL_MODE_REQUIRED,
	    ret_fault, err);
}

static int
find_privacy(struct writer *writer, struct day_privacy *ret_privacy, struct err *err)
{
	enum journal_privacy recipients = writer->settings.recipients;

	if (recipients == JOURNAL_RCPT_HASH && !writer->has_secret) {
		if (writer_secret(writer->dir, &writer->secret, err) == -1)
			return -1;
		writer->has_secret = true;
	}
	*ret_privacy = (struct day_privacy){recipients, writer->secret};
	return 0;
}

/*
 * Is the record of HEAD written with the others of day NUMBER? Batches of outcomes come one
 * after the other, also where two days are mixed: the place behind one of them says that
 * all before it are there. *WAITS, false before the first record: one of another day does.
 */
static bool
goes_with(const struct record_head *head, int64_t number, bool *waits)
{
	bool is_of_day = head->kind != RECORD_GONE && day_of(head->time) == number;

	if (head->kind != RECORD_OUTCOMES)
		return is_of_day;
	*waits = *waits || !is_of_day;
	return !*waits;
}

/* One transaction: the records of BATCH that belong to DAY. */
static int
write_rows(struct writer *writer, struct day *day, struct view batch, uint64_t *ret_rows,
    struct err *err)
{
	struct day_privacy privacy;
	struct record_head head;
	uint64_t rows = 0;
	int64_t time = 0;
	bool waits = false;

	if (find_privacy(writer, &privacy, err) == -1 || day_begin(day, err) == -1)
		return -1;
	for (; batch.n > 0; batch = view_from(batch, head.bytes)) {
		must(record_head(batch.p, batch.n, &head) == 0);
		if (!goes_with(&head, day->number, &waits))
			continue;
		must(record_decode(batch.p, batch.n, writer->record) == 0);
		if (day_add(day, writer->record, &privacy, writer->settings.host, err) ==
		    -1)
			return -1;
		time = head.time;
		rows++;
	}
	if (writer->lost > writer->lost_noted &&
	    day_add_dropped(
		day, time, writer->lost - writer->lost_noted, writer->trouble, err) == -1)
		return -1;
	*ret_rows = rows;
	return day_commit(day, clock_mono(), err);
}

static void
drop_rows(struct buf *batch, int64_t number)
{
	struct record_head head;
	bool waits = false;

	for (size_t at = 0; at < batch->n; at += head.bytes) {
		must(record_head(batch->p + at, batch->n - at, &head) == 0);
		if (goes_with(&head, number, &waits))
			record_drop(batch->p + at);
	}
}

static int
write_day(struct writer *writer, struct buf *batch, int64_t number)
{
	struct err err = ERR_INIT;
	enum db_fault fault = DB_OTHER;
	struct day *day;
	uint64_t rows;

	for (int attempt = 0; attempt < 2; attempt++) {
		if (open_day(writer, number, &day, &fault, &err) == 0) {
			if (write_rows(writer, day, buf_view(batch), &rows, &err) == 0) {
				writer->written += rows;
				writer->lost_noted = writer->lost;
				drop_rows(batch, number);
				report_recovery(writer, day_name(day));
				return 0;
			}
			fault = err.code == ERR_NONE ? DB_OTHER : db_fault(day->db);
		}
		day_close(day);
		writer_trouble(writer, day_name(day), fault, &err);
		if (fault != DB_CORRUPT)
			break;
		day_set_aside(day->path);
	}
	return -1;
}

int
writer_write(struct writer *writer, struct buf *batch)
{
	struct record_head head;

	for (size_t at = 0; at < batch->n; at += head.bytes) {
		must(record_head(batch->p + at, batch->n - at, &head) == 0);
		if (head.kind != RECORD_GONE &&
		    write_day(writer, batch, day_of(head.time)) == -1)
			return -1;
	}
	return 0;
}

int
writer_write_policy(struct writer *writer, const struct writer_policy *policy)
{
	struct err err = ERR_INIT;
	enum db_fault fault;
	char path[PATH_MAX];

	for (int attempt = 0; attempt < 2; attempt++) {
		if (policies_write(writer->dir, policy, &fault, &err) == 0)
			return 0;
		writer_trouble(writer, "policies.db", fault, &err);
		if (fault != DB_CORRUPT ||
		    file_join(path, sizeof(path), writer->dir, "policies.db") == -1)
			break;
		day_set_aside(path);
	}
	return -1;
}

void
writer_tidy(struct writer *writer)
{
	int64_t now = clock_mono(), today = day_of(clock_now().wall);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < WRITER_DAYS; i++) {
		struct day *day = &writer->days[i];
		int result = 0;

		if (day->db == NULL)
			continue;
		if (day->number < today && now - day->used >= DAY_IDLE_US)
			result = day_finish(day, &err);
		else if (now - day->indexed >= DAY_INDEX_US)
			result = day_index(day, now, &err);
		if (result == -1)
			day_close(day); /* the next writer of it does what is left */
	}
}

void
writer_free(struct writer *writer)
{
	int64_t today = day_of(clock_now().wall);

	for (size_t i = 0; i < WRITER_DAYS; i++) {
		struct day *day = &writer->days[i];

		if (day->db == NULL)
			continue;
		if (day->number < today)
			day_finish(day, NULL);
		else
			day_index(day, clock_mono(), NULL);
		day_close(day);
	}
	free(writer->record);
	free(writer);
}
