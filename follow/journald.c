/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-journal.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "maillog/maillog.h"

#include "follow/source.h"

/* journald's word that it has dropped what somebody logged, as more than its rate limit. */
#define IS_DROPPED "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e"
#define MAIL       "SYSLOG_FACILITY=2"

enum { PLACE_MAX = 1000 };

static const char place_head[] = "journal ";

struct journald {
	sd_journal *journal;
	const char *directory;
	uint32_t postfix_uid;
	struct source_calls calls;
	/* Cursors of the last entry, and of that before it; empty: none yet. */
	char place[PLACE_MAX], before[PLACE_MAX];
	char program[128], message[MAILLOG_LINE_MAX + 1];
};

static int
fail(struct err *err, int code)
{
	errno = -code;
	return err_sys(err, "journald's files");
}

static void
gap(const struct journald *source, const char *text)
{
	source->calls.gap(source->calls.context, text);
}

bool
source_has_journald(void)
{
	return true;
}

/* What cannot be read is passed over by libsystemd without a word. A journal has an entry,
 * if only journald's own. */
static int
check_readable(struct journald *source, struct err *err)
{
	int code = sd_journal_seek_head(source->journal);

	if (code >= 0)
		code = sd_journal_next(source->journal);
	if (code < 0)
		return fail(err, code);
	return code > 0
		   ? 0
		   : err_set(err, ERR_DENIED,
			 "there is no journal of journald's that can be read: its files "
			 "are for the group systemd-journal");
}

static int
open_files(struct journald *source, struct err *err)
{
	int code;

	if (source->journal != NULL)
		sd_journal_close(source->journal);
	source->journal = NULL;
	code = source->directory != NULL
		   ? sd_journal_open_directory(&source->journal, source->directory, 0)
		   : sd_journal_open(
			 &source->journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
	if (code >= 0 && check_readable(source, err) == -1)
		return -1;
	if (code >= 0)
		code = sd_journal_add_match(source->journal, MAIL, 0);
	if (code >= 0)
		code = sd_journal_add_disjunction(source->journal);
	if (code >= 0)
		code = sd_journal_add_match(source->journal, IS_DROPPED, 0);
	if (code >= 0) /* makes it look out for new entries */
		code = sd_journal_get_fd(source->journal);
	return code >= 0 ? 0 : fail(err, code);
}

static void
note_place(struct journald *source)
{
	char *cursor;

	if (sd_journal_get_cursor(source->journal, &cursor) < 0)
		return;
	memcpy(source->before, source->place, sizeof(source->before));
	snprintf(source->place, sizeof(source->place), "%s", cursor);
	free(cursor);
}

static int
go_to_end(struct journald *source, struct err *err)
{
	int code = sd_journal_seek_tail(source->journal);

	if (code >= 0)
		code = sd_journal_previous(source->journal);
	if (code > 0) /* who comes after us goes on here, too */
		note_place(source);
	else if (code == 0) /* there is nothing: from the first that comes */
		code = sd_journal_seek_head(source->journal);
	return code >= 0 ? 0 : fail(err, code);
}

/* Behind the entry at CURSOR, or at the first one after it that is still there. */
static int
go_behind(struct journald *source, const char *cursor, struct err *err)
{
	int code = sd_journal_seek_cursor(source->journal, cursor);

	if (code >= 0)
		code = sd_journal_next(source->journal);
	if (code > 0 && sd_journal_test_cursor(source->journal, cursor) > 0)
		return 0;
	if (code < 0 && code != -EINVAL)
		return fail(err, code);
	gap(source, "journald has dropped the entry up to which its journal was read: what "
		    "was logged since then may be missing");
	if (code == -EINVAL) /* no cursor at all */
		return go_to_end(source, err);
	/* Again, without the step: what it went to is what comes next. */
	code = sd_journal_seek_cursor(source->journal, cursor);
	return code >= 0 ? 0 : fail(err, code);
}

static int
journald_begin(void *self, struct view place, struct err *err)
{
	struct journald *source = self;
	const struct view head = VIEW(place_head);

	if (open_files(source, err) == -1)
		return -1;
	place = view_starts(place, head) ? view_from(place, head.n) : VIEW("");
	snprintf(source->place, sizeof(source->place), "%.*s", VIEW_ARG(place));
	return source->place[0] != '\0' ? go_behind(source, source->place, err)
					: go_to_end(source, err);
}

/* The value of FIELD, cut to SIZE. False: the entry has none. */
static bool
get(struct journald *source, const char *field, char *into, size_t size)
{
	const void *data;
	size_t n, head = strlen(field) + 1;

	if (sd_journal_get_data(source->journal, field, &data, &n) < 0 || n < head)
		return false;
	n -= head;
	if (n >= size)
		n = size - 1;
	memcpy(into, (const char *)data + head, n);
	into[n] = '\0';
	return true;
}

static bool
is_postfix(struct journald *source)
{
	char uid[16];
	unsigned long long number;

	return get(source, "SYSLOG_IDENTIFIER", source->program, sizeof(source->program)) &&
	       get(source, "MESSAGE", source->message, sizeof(source->message)) &&
	       strchr(source->program, '/') != NULL &&
	       get(source, "_UID", uid, sizeof(uid)) &&
	       view_number(view_of(uid), UINT32_MAX, &number) &&
	       (number == 0 || number == source->postfix_uid);
}

static bool
is_about_dropped(struct journald *source)
{
	char id[64], number[32] = "some", unit[128] = "somebody", text[512], from[16];

	if (!get(source, "MESSAGE_ID", id, sizeof(id)) ||
	    strcmp(id, strchr(IS_DROPPED, '=') + 1) != 0)
		return false;
	/* Anybody can log that; journald itself says so in this way. */
	if (!get(source, "_TRANSPORT", from, sizeof(from)) || strcmp(from, "driver") != 0)
		return true;
	(void)get(source, "N_DROPPED", number, sizeof(number));
	(void)get(source, "OBJECT_SYSTEMD_UNIT", unit, sizeof(unit));
	snprintf(text, sizeof(text),
	    "journald has dropped %s messages of %s, which logs more than its "
	    "RateLimitBurst= "
	    "in journald.conf(5): outcomes are missing",
	    number, unit);
	if (strstr(unit, "postfix") != NULL || strcmp(unit, "somebody") == 0)
		gap(source, text);
	return true;
}

static int
journald_next(void *self, int64_t now, struct source_entry *ret_entry, struct err *err)
{
	struct journald *source = self;
	int code;

	(void)now;
	for (;;) {
		uint64_t time;

		code = sd_journal_next(source->journal);
		if (code == 0 && sd_journal_wait(source->journal, 0) > SD_JOURNAL_NOP)
			code = sd_journal_next(source->journal);
		if (code <= 0)
			return code < 0 ? fail(err, code) : 0;
		note_place(source);
		if (is_about_dropped(source) || !is_postfix(source))
			continue;
		if (sd_journal_get_realtime_usec(source->journal, &time) < 0)
			continue;
		*ret_entry = (struct source_entry){
		    (int64_t)time, view_of(source->program), view_of(source->message)};
		return 1;
	}
}

static void
journald_place(void *self, struct buf *out)
{
	const struct journald *source = self;

	if (source->place[0] != '\0')
		buf_addf(out, "%s%s", place_head, source->place);
}

static void
journald_place_before(void *self, struct buf *out)
{
	const struct journald *source = self;

	if (source->before[0] != '\0')
		buf_addf(out, "%s%s", place_head, source->before);
}

static void
journald_free(void *self)
{
	struct journald *source = self;

	if (source->journal != NULL)
		sd_journal_close(source->journal);
	free(source);
}

int
source_of_journald(const char *directory, uint32_t postfix_uid,
    const struct source_calls *calls, struct source *ret_source, struct err *err)
{
	struct journald *source = mem_zeroed(1, sizeof(*source));

	(void)err;
	source->directory = directory;
	source->postfix_uid = postfix_uid;
	source->calls = *calls;
	*ret_source = (struct source){source, journald_begin, journald_next, journald_place,
	    journald_place_before, journald_free};
	return 0;
}
