/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/machine.h"
#include "doctor/ourselves.h"

enum { MB = 1 << 20, ENTRY_MAX = 16384, NAME_BYTES = 256 };

/* "journal-2026-11-30.db", and not TODAY's. */
static bool
is_past_day(const char *name, const char *today)
{
	char own[64];
	struct view text = view_of(name);

	snprintf(own, sizeof(own), "journal-%s.db", today);
	return text.n == strlen(own) && view_starts(text, VIEW("journal-")) &&
	       view_ends(text, VIEW(".db")) && !view_is(text, view_of(own));
}

static void
read_days(DIR *dir, int64_t now, struct ourselves_journal *journal)
{
	char today[CLOCK_TEXT];
	struct dirent *entry;
	struct stat st;

	(void)clock_day(now, today);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_past_day(entry->d_name, today) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		journal->days++;
		journal->bytes += (uint64_t)st.st_size;
	}
}

bool
ourselves_read_journal(const char *path, int64_t now, struct ourselves_journal *ret_journal,
    struct doctor_report *report)
{
	struct ourselves_journal journal = {.days = 0};
	struct statvfs fs;
	DIR *dir = opendir(path);

	if (dir == NULL || statvfs(path, &fs) == -1) {
		doctor_say(report, DOCTOR_UNKNOWN, "%s: %s%s", path, strerror(errno),
		    errno == EACCES ? "; it is for root and the group frank" : "");
		if (dir != NULL)
			closedir(dir);
		return false;
	}
	read_days(dir, now, &journal);
	journal.bytes_free = (uint64_t)fs.f_bavail * fs.f_frsize;
	closedir(dir);
	*ret_journal = journal;
	return true;
}

void
ourselves_judge_room(const struct ourselves_journal *journal, struct doctor_report *report)
{
	uint64_t a_day, missing, needed;

	if (journal->days == 0) {
		doctor_say(report, DOCTOR_UNKNOWN,
		    "the journal has no whole day yet: how much it takes is not known");
		return;
	}
	a_day = journal->bytes / journal->days;
	missing =
	    journal->keep_days > journal->days ? journal->keep_days - journal->days : 0;
	needed = a_day * missing;
	if (needed <= journal->bytes_free) {
		doctor_say(report, DOCTOR_OK,
		    "the journal has %" PRIu64 " days of %" PRIu64 " MB", journal->days,
		    a_day / MB);
		return;
	}
	doctor_remedy(report,
	    doctor_say(report, DOCTOR_BAD,
		"the journal takes %" PRIu64 " MB a day; for 'set keep %" PRIu64
		"d' %" PRIu64 " MB more are needed, and %" PRIu64 " are free",
		a_day / MB, journal->keep_days, needed / MB, journal->bytes_free / MB),
	    "In frank.conf, and then 'frank reload':\nset keep %" PRIu64 "d",
	    journal->days + (a_day > 0 ? journal->bytes_free / 2 / a_day : 0));
}

void
ourselves_judge_owner(const char *dir, struct view user, struct doctor_report *report)
{
	char buffer[ENTRY_MAX], name[NAME_BYTES];
	struct passwd entry, *found = NULL;
	struct stat st;

	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(user));
	if (stat(dir, &st) == -1)
		return; /* said already */
	if (getpwnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 || found == NULL)
		doctor_say(report, DOCTOR_UNKNOWN,
		    "there is no user '%s' ('set user'): whose %s should be is not known",
		    name, dir);
	else if (st.st_uid == found->pw_uid && (st.st_mode & S_IWUSR) != 0)
		doctor_say(report, DOCTOR_OK, "%s belongs to %s", dir, name);
	else
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"%s is %04o and belongs to user %u: frankd, which runs as %s, "
			"cannot write there",
			dir, st.st_mode & 07777U, st.st_uid, name),
		    "chown %s %s\nchmod 0750 %s", name, dir, dir);
}

void
ourselves_judge_status(struct view status, struct doctor_report *report)
{
	struct view trouble, lost;

	if (machine_member(status, "journal.trouble", &trouble) && trouble.n > 0)
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD, "frankd cannot write the journal: %.*s",
			VIEW_ARG(trouble)),
		    "frank status\njournalctl -u frankd");
	if (machine_member(status, "journal.lost", &lost) && !view_is(lost, VIEW("0")))
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"frankd has lost %.*s records since it began: those messages are "
			"not in the journal",
			VIEW_ARG(lost)),
		    "journalctl -u frankd");
}
