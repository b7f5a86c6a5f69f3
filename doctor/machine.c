/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/statvfs.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/file.h"

#include "doctor/machine.h"
#include "doctor/postfix_private.h"

/* Reading what the checks of the machine judge by. */

enum {
	PROC_FILE_MAX = 64 << 10,
	STATUS_MAX = 1 << 20,
	MB = 1 << 20,
	/* A busy day's journal, and what SQLite needs beside it. */
	STATE_NEEDED_MB = 200,
	/* For the log and the rest, however small messages may be. */
	QUEUE_NEEDED_MB = 50,
	NUMBER_MAX = 2000000000,
};

static MACHINE_CHECK(check_master)
{
	char pid_file[PATH_MAX];
	struct view queue;
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report) ||
	    !look_value(&look, NULL, "queue_directory", &queue))
		return;
	snprintf(pid_file, sizeof(pid_file), "%.*s/pid/master.pid", VIEW_ARG(queue));
	const struct machine_master master = {.pid_file = pid_file,
	    .proc = "/proc",
	    .is_only = world->postfix_config == NULL};
	machine_judge_master(&master, report);
}

static void
collect(void *context, int is_error, struct view text)
{
	if (!is_error)
		buf_add(context, text);
}

int
machine_ask_frankd(const struct doctor_world *world, struct buf *status, struct err *err)
{
	const char *words[] = {"status", "--json"};

	if (world->control == NULL)
		return err_set(err, ERR_CONFIG, "its control socket is not known");
	return control_ask(world->control, words, ARRAY_LEN(words), collect, status, err);
}

static MACHINE_CHECK(check_frankd)
{
	struct buf status = BUF_INIT(STATUS_MAX);
	struct err err = ERR_INIT;
	int code = machine_ask_frankd(world, &status, &err);

	(void)subject;
	machine_judge_frankd(code < 0 ? -1 : code, buf_view(&status), &err, report);
	buf_fini(&status);
}

static void
judge_directory(
    const char *path, uint64_t needed, const char *why, struct doctor_report *report)
{
	struct statvfs fs;

	if (statvfs(path, &fs) == -1) {
		doctor_say(report, DOCTOR_UNKNOWN, "%s: %s", path, strerror(errno));
		return;
	}
	const struct machine_disk disk = {.path = path,
	    .bytes_free = (uint64_t)fs.f_bavail * fs.f_frsize,
	    .files = fs.f_files,
	    .files_free = fs.f_favail,
	    .needed = needed,
	    .why = why};
	machine_judge_disk(&disk, report);
}

/* What smtpd(8) wants to be free before it takes a message. */
static bool
queue_needs(const struct look *look, uint64_t *ret_bytes)
{
	unsigned long long least, message;
	struct view minfree, size;

	if (!look_value(look, NULL, "queue_minfree", &minfree) ||
	    !look_value(look, NULL, "message_size_limit", &size))
		return false;
	if (!view_number(minfree, INT64_MAX / 2, &least) ||
	    !view_number(size, INT64_MAX / 2, &message)) {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "queue_minfree or message_size_limit is no number");
		return false;
	}
	if (least == 0)
		least = message + message / 2;
	*ret_bytes =
	    least > (uint64_t)QUEUE_NEEDED_MB * MB ? least : (uint64_t)QUEUE_NEEDED_MB * MB;
	return true;
}

static MACHINE_CHECK(check_disk)
{
	struct view queue;
	struct look look;
	uint64_t needed;

	(void)subject;
	if (look_begin(&look, world, report) &&
	    look_value(&look, NULL, "queue_directory", &queue) &&
	    queue_needs(&look, &needed))
		judge_directory(arena_text(report->arena, queue), needed,
		    "with less Postfix takes no mail", report);
	if (world->state_dir == NULL) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "the directory of the journal is not known");
		return;
	}
	judge_directory(
	    world->state_dir, (uint64_t)STATE_NEEDED_MB * MB, "for the journal", report);
}

static bool
read_proc(const char *path, struct buf *out, struct doctor_report *report)
{
	struct err err = ERR_INIT;

	if (file_read(path, out, &err) == 0)
		return true;
	doctor_say(report, DOCTOR_UNKNOWN, "%s", err.text);
	return false;
}

static MACHINE_CHECK(check_memory)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);

	(void)world;
	(void)subject;
	if (read_proc("/proc/meminfo", &text, report))
		machine_judge_memory(buf_view(&text), report);
	buf_fini(&text);
}

static MACHINE_CHECK(check_load)
{
	struct buf text = BUF_INIT(PROC_FILE_MAX);

	(void)world;
	(void)subject;
	if (read_proc("/proc/loadavg", &text, report))
		machine_judge_load(buf_view(&text), sysconf(_SC_NPROCESSORS_ONLN), report);
	buf_fini(&text);
}

static MACHINE_CHECK(check_clock)
{
	struct err err = ERR_INIT;
	int kept = clock_is_kept(&err);

	(void)world;
	(void)subject;
	machine_judge_clock(kept, &err, report);
}

static MACHINE_CHECK(check_logs)
{
	struct view maillog_file;
	struct look look;

	(void)subject;
	if (look_begin(&look, world, report) &&
	    look_value_or_none(&look, NULL, "maillog_file", &maillog_file))
		machine_judge_logs("", maillog_file, report);
}

const struct doctor_check doctor_machine[] = {
    {"machine-postfix", DOCTOR_ONCE, "without master nothing is taken or sent",
	check_master},
    {"machine-frankd", DOCTOR_ONCE, "without frankd Postfix defers all mail", check_frankd},
    {"machine-disk", DOCTOR_ONCE,
	"with a full disk Postfix takes no mail, and the journal has gaps", check_disk},
    {"machine-memory", DOCTOR_ONCE, "when memory runs out, the kernel kills what it likes",
	check_memory},
    {"machine-load", DOCTOR_ONCE, "on a machine that cannot keep up, answers come too late",
	check_load},
    {"machine-clock", DOCTOR_ONCE,
	"a wrong clock makes signatures of tomorrow, and logs that nobody can join",
	check_clock},
    {"machine-limits", DOCTOR_ONCE,
	"limits that contradict one another come to light when there is most to do",
	doctor_check_limits},
    {"machine-traffic", DOCTOR_ONCE,
	"a limit that suits nobody's mail keeps it back, or costs it, day after day",
	doctor_check_traffic},
    {"machine-logs", DOCTOR_ONCE, "a log that nobody puts away fills the disk", check_logs},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
