/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "doctor/machine.h"

/* Do Postfix's master and frankd run, and since when? */

enum {
	PROC_FILE_MAX = 64 << 10,
	PID_MAX = 1 << 30,
	FIELD_START = 22 - 2, /* of /proc/PID/stat, counted behind the name */
	SECOND = 1000000,
};

/* 0, or -1 and errno as err has it. */
static int
read_proc(
    const struct machine_master *master, const char *name, struct buf *out, struct err *err)
{
	char path[PATH_MAX];

	if (file_join(path, sizeof(path), master->proc, name) == -1)
		return err_set(err, ERR_LIMIT, "the path is too long");
	return file_read(path, out, err);
}

/* The fields of /proc/PID/stat behind the name, which stands in parentheses and may hold
 * anything. */
static struct view
behind_name(struct view stat)
{
	size_t n = stat.n;

	while (n > 0 && stat.p[n - 1] != ')')
		n--;
	return view_from(stat, n + 1);
}

/* Has process PID ended, but nobody has asked what became of it? It keeps its name. */
static bool
is_zombie(const struct machine_master *master, unsigned long long pid)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);
	char path[64];

	snprintf(path, sizeof(path), "%llu/stat", pid);
	(void)read_proc(master, path, &text, NULL);
	struct view state = behind_name(buf_view(&text));
	bool is = view_starts(state, VIEW("Z")) || view_starts(state, VIEW("X"));
	buf_fini(&text);
	return is;
}

/* Is process PID one that is called "master", and runs? 1, 0; -1: it cannot be seen. */
static int
is_master(const struct machine_master *master, unsigned long long pid)
{
	struct buf name = BUF_INIT(PROC_FILE_MAX);
	struct err err = ERR_INIT;
	char path[64];
	int result;

	snprintf(path, sizeof(path), "%llu/comm", pid);
	result = read_proc(master, path, &name, &err);
	if (result == 0)
		result = view_is(view_trim(buf_view(&name)), VIEW("master")) &&
			 !is_zombie(master, pid);
	else
		result = err.code == ERR_MISSING ? 0 : -1;
	buf_fini(&name);
	return result;
}

/* "btime 1764500000" of /proc/stat: when the system came up, seconds. */
static bool
boot_time(const struct machine_master *master, unsigned long long *ret_seconds)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX << 4);
	struct view rest, line;
	bool found = false;

	if (read_proc(master, "stat", &text, NULL) == 0) {
		rest = buf_view(&text);
		while (!found && view_cut(&rest, '\n', &line))
			found =
			    view_starts(line, VIEW("btime ")) &&
			    view_number(view_from(line, 6), PID_MAX * 8ULL, ret_seconds);
	}
	buf_fini(&text);
	return found;
}

/* When PID began: wall, microseconds. */
static bool
start_time(const struct machine_master *master, unsigned long long pid, int64_t *ret_start)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);
	unsigned long long boot, ticks = 0;
	struct view rest, field = VIEW_NONE;
	long per_second = sysconf(_SC_CLK_TCK);
	char path[64];
	bool found;

	snprintf(path, sizeof(path), "%llu/stat", pid);
	found = read_proc(master, path, &text, NULL) == 0 && per_second > 0;
	rest = behind_name(buf_view(&text));
	for (int i = 0; found && i < FIELD_START; i++)
		found = view_cut(&rest, ' ', &field);
	found = found && view_number(field, UINT64_MAX >> 1, &ticks) &&
		boot_time(master, &boot);
	buf_fini(&text);
	if (found)
		*ret_start = (int64_t)(boot + ticks / (unsigned long)per_second) * SECOND;
	return found;
}

static void
say_runs(const struct machine_master *master, unsigned long long pid,
    struct doctor_report *report)
{
	char text[CLOCK_TEXT];
	int64_t start;

	if (start_time(master, pid, &start))
		doctor_say(report, DOCTOR_OK,
		    "Postfix's master runs as process %llu since %s", pid,
		    clock_text(start, text));
	else
		doctor_say(report, DOCTOR_OK, "Postfix's master runs as process %llu", pid);
}

static void
say_stopped(const char *why, struct doctor_report *report)
{
	doctor_remedy(report,
	    doctor_say(report, DOCTOR_BAD, "Postfix does not run: %s", why),
	    "Start it; when it ends again, see what is wrong:\n"
	    "systemctl start postfix\npostfix check");
}

/* The first process called "master"; 0: there is none that can be seen. */
static unsigned long long
find_master(const struct machine_master *master)
{
	DIR *dir = opendir(master->proc);
	unsigned long long pid, found = 0;
	struct dirent *entry;

	if (dir == NULL)
		return 0;
	while (found == 0 && (entry = readdir(dir)) != NULL)
		if (view_number(view_of(entry->d_name), PID_MAX, &pid) &&
		    is_master(master, pid) == 1)
			found = pid;
	closedir(dir);
	return found;
}

/* Its file is root's: look for the process. */
static void
judge_by_processes(const struct machine_master *master, struct doctor_report *report)
{
	struct buf first = BUF_INIT(PROC_FILE_MAX);
	unsigned long long pid = find_master(master);
	/* Who cannot see process 1 sees only his own. */
	bool sees_all = read_proc(master, "1/comm", &first, NULL) == 0;

	buf_fini(&first);
	if (pid != 0 && master->is_only)
		say_runs(master, pid, report);
	else if (pid == 0 && sees_all)
		say_stopped("there is no process called master", report);
	else
		doctor_say(report, DOCTOR_UNKNOWN,
		    "%s is for root, and the processes do not tell; sudo frank doctor does",
		    master->pid_file);
}

void
machine_judge_master(const struct machine_master *master, struct doctor_report *report)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);
	struct err err = ERR_INIT;
	unsigned long long pid = 0;
	int result = file_read(master->pid_file, &text, &err);
	bool is_number = view_number(view_trim(buf_view(&text)), PID_MAX, &pid) && pid > 0;

	buf_fini(&text);
	if (result == -1 && err.code == ERR_MISSING) {
		say_stopped(err.text, report);
	} else if (result == -1 && err.code == ERR_DENIED) {
		judge_by_processes(master, report);
	} else if (result == -1 || !is_number) {
		doctor_say(report, DOCTOR_UNKNOWN, "%s: %s", master->pid_file,
		    result == -1 ? err.text : "there is no process id in it");
	} else {
		int is_there = is_master(master, pid);

		if (is_there == 1)
			say_runs(master, pid, report);
		else if (is_there == 0)
			say_stopped("the process in its master.pid is gone", report);
		else
			doctor_say(
			    report, DOCTOR_UNKNOWN, "process %llu cannot be seen", pid);
	}
}

bool
machine_member(struct view json, const char *key, struct view *ret_value)
{
	char quoted[128];
	struct view rest = json;
	size_t n;

	int length = snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	const struct view wanted = {quoted, (size_t)length};
	while (rest.n > 0 && !view_starts(rest, wanted))
		rest = view_from(rest, 1);
	if (rest.n == 0)
		return false;
	rest = view_from(rest, wanted.n);
	bool is_string = view_starts(rest, VIEW("\""));
	rest = view_from(rest, is_string);
	for (n = 0; n < rest.n; n++) {
		if (is_string && rest.p[n] == '\\')
			n++;
		else if (is_string ? rest.p[n] == '"'
				   : rest.p[n] == ',' || rest.p[n] == '}')
			break;
	}
	*ret_value = view_head(rest, n);
	return true;
}

/* A member that says what is wrong, when it is not empty. */
static void
judge_trouble(
    struct view status, const char *key, const char *what, struct doctor_report *report)
{
	struct view text;

	if (machine_member(status, key, &text) && text.n > 0)
		doctor_remedy(report,
		    doctor_say(
			report, DOCTOR_BAD, "frankd: %s: %.*s", what, VIEW_ARG(text)),
		    "frank status\njournalctl -u frankd");
}

/* Without it nobody learns what became of mail. */
static void
judge_follower(struct view status, struct doctor_report *report)
{
	struct view log, ready, trouble = VIEW("");

	if (!machine_member(status, "maillog", &log) || log.n == 0 ||
	    !machine_member(status, "maillog.ready", &ready))
		return;
	(void)machine_member(status, "maillog.trouble", &trouble);
	if (view_is(ready, VIEW("true")) && trouble.n == 0)
		return;
	doctor_remedy(report,
	    doctor_say(report, DOCTOR_BAD,
		"frankd does not follow Postfix's log (%.*s)%s%.*s: what became of mail "
		"is not known",
		VIEW_ARG(log), trouble.n > 0 ? ": " : "", VIEW_ARG(trouble)),
	    "See that it is there and that frankd may read it ('set maillog' in "
	    "frank.conf(5)):\nfrank status\njournalctl -u frankd -n 20");
}

void
machine_judge_frankd(
    int code, struct view status, const struct err *err, struct doctor_report *report)
{
	struct view start = VIEW_NONE, keys, stopping;

	if (code == -1 && err->code == ERR_MISSING) {
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD, "frankd does not run: %s", err->text),
		    "Start it; when it ends again, its log says why:\n"
		    "systemctl start frankd\njournalctl -u frankd -n 20");
		return;
	}
	if (code != 0 || !machine_member(status, "process.start", &start)) {
		doctor_say(report, DOCTOR_UNKNOWN, "frankd does not say how it is: %s%s",
		    code == -1 ? err->text : "its answer is another one",
		    code == -1 && err->code == ERR_DENIED
			? "; it answers root and the group frank"
			: "");
		return;
	}
	if (machine_member(status, "stopping", &stopping) &&
	    view_is(stopping, VIEW("true")))
		doctor_say(report, DOCTOR_UNKNOWN, "frankd is about to stop");
	else if (machine_member(status, "keys.ready", &keys) &&
		 view_is(keys, VIEW("false")))
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"frankd runs, but its key process is not there: mail is deferred"),
		    "journalctl -u frankd");
	else
		doctor_say(report, DOCTOR_OK, "frankd runs since %.*s", VIEW_ARG(start));
	judge_follower(status, report);
	judge_trouble(status, "reload.error", "the last reload failed", report);
	judge_trouble(status, "tables.trouble", "a table of Postfix", report);
	judge_trouble(status, "keys.trouble", "the state of the keys", report);
	judge_trouble(status, "incidents.trouble", "incidents", report);
	judge_trouble(status, "notices.trouble", "notifications", report);
	judge_trouble(status, "meters.trouble", "the meters", report);
}
