/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "doctor/machine.h"

/* Does somebody put the log away before it fills the disk? */

enum {
	/* No rotation, or one that does not work: a busy server writes some 100 MB a day.
	 */
	LOG_MOST = 2000,
	/* So much without a rule in sight. */
	LOG_UNROTATED = 100,
	MB = 1 << 20,
	RULE_MAX = 1 << 20,
};

/* Is the log, by its path or a pattern for its directory, in the file? 1, 0, -1. */
static int
file_names(const char *path, const char *log)
{
	struct buf text = BUF_INIT(RULE_MAX);
	struct err err = ERR_INIT;
	int result = file_read(path, &text, &err);

	if (result == 0)
		result = view_has(buf_view(&text), view_of(log)) ||
			 view_has(buf_view(&text), VIEW("/var/log/*.log")) ||
			 view_has(buf_view(&text), VIEW("/var/log/mail*"));
	buf_fini(&text);
	return result;
}

/* Has logrotate a rule for LOG? 1, 0; -1: not all of them can be read. */
static int
is_rotated(const char *root, const char *log)
{
	char folder[PATH_MAX], path[2 * PATH_MAX];
	struct dirent *entry;
	bool is_all = true;
	int found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/etc/logrotate.conf", root);
	if (file_names(path, log) == 1)
		return 1;
	snprintf(folder, sizeof(folder), "%s/etc/logrotate.d", root);
	dir = opendir(folder);
	if (dir == NULL)
		return errno == ENOENT ? 0 : -1;
	while (found != 1 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		found = file_names(path, log);
		is_all &= found != -1;
	}
	closedir(dir);
	return found == 1 ? 1 : is_all ? 0 : -1;
}

static void
remedy_rule(const char *log, struct doctor_report *report, struct doctor_finding *finding)
{
	doctor_remedy(report, finding,
	    "In /etc/logrotate.d/mail:\n%s {\n\tweekly\n\trotate 4\n\tcompress\n"
	    "\tdelaycompress\n\tmissingok\n\tpostrotate\n"
	    "\t\t/usr/lib/rsyslog/rsyslog-rotate\n\tendscript\n}",
	    log);
}

/* A file that syslog writes. */
static void
judge_file(const char *root, const char *log, uint64_t size, struct doctor_report *report)
{
	int rotated = is_rotated(root, log);

	if (size / MB >= LOG_MOST)
		remedy_rule(log, report,
		    doctor_say(report, DOCTOR_BAD, "%s has grown to %" PRIu64 " MB", log,
			size / MB));
	else if (rotated == 1)
		doctor_say(report, DOCTOR_OK, "%s has %" PRIu64 " MB, and logrotate a rule",
		    log, size / MB);
	else if (rotated == 0 && size / MB >= LOG_UNROTATED)
		remedy_rule(log, report,
		    doctor_say(report, DOCTOR_BAD,
			"%s has grown to %" PRIu64 " MB, and logrotate has no rule for it",
			log, size / MB));
	else
		doctor_say(report, DOCTOR_UNKNOWN,
		    "%s has %" PRIu64 " MB; what puts it away is not known here", log,
		    size / MB);
}

/* The file of maillog_file: postlogd(8) writes it, and 'postfix logrotate' puts it away. */
static void
judge_own(const char *root, struct view maillog_file, struct doctor_report *report)
{
	char path[PATH_MAX];
	struct stat st;

	if (view_starts(maillog_file, VIEW("/dev/"))) {
		doctor_say(report, DOCTOR_UNKNOWN,
		    "maillog_file is %.*s: who keeps that is not known here",
		    VIEW_ARG(maillog_file));
		return;
	}
	snprintf(path, sizeof(path), "%s%.*s", root, VIEW_ARG(maillog_file));
	if (stat(path, &st) == -1)
		doctor_say(report, DOCTOR_UNKNOWN, "maillog_file: %.*s: %s",
		    VIEW_ARG(maillog_file), strerror(errno));
	else if ((uint64_t)st.st_size / MB >= LOG_MOST)
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD, "%.*s has grown to %" PRIu64 " MB",
			VIEW_ARG(maillog_file), (uint64_t)st.st_size / MB),
		    "Once a week, by cron:\npostfix logrotate");
	else
		doctor_say(report, DOCTOR_OK, "%.*s has %" PRIu64 " MB",
		    VIEW_ARG(maillog_file), (uint64_t)st.st_size / MB);
}

void
machine_judge_logs(const char *root, struct view maillog_file, struct doctor_report *report)
{
	static const char *const logs[] = {
	    "/var/log/mail.log", "/var/log/maillog", "/var/log/mail/mail.log"};
	static const char *const journals[] = {"/var/log/journal", "/run/log/journal"};
	char path[PATH_MAX];
	struct stat st;

	if (maillog_file.n > 0) {
		judge_own(root, maillog_file, report);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		snprintf(path, sizeof(path), "%s%s", root, logs[i]);
		if (stat(path, &st) == 0)
			judge_file(root, logs[i], (uint64_t)st.st_size, report);
	}
	for (size_t i = 0; i < ARRAY_LEN(journals) && report->first == NULL; i++) {
		snprintf(path, sizeof(path), "%s%s", root, journals[i]);
		if (stat(path, &st) == 0)
			doctor_say(report, DOCTOR_OK,
			    "journald has the log, and keeps it within its limits");
	}
	if (report->first == NULL)
		doctor_say(report, DOCTOR_UNKNOWN, "where the log goes is not known here");
}
