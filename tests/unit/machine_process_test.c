/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Postfix's master by a /proc of our own, and frankd by what it answers. */

#include "tests/unit/doctor_lab.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/machine.h"
#include "lib/bug.h"
#include "lib/file.h"

struct proc {
	char root[64], pid_file[128];
};

static void
put(const struct proc *proc, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", proc->root, name);
	assert_int_equal(file_replace(path, 0644, view_of(text), NULL), 0);
}

static void
make_process(const struct proc *proc, const char *pid, const char *name, long ticks)
{
	char path[256], text[512];

	snprintf(path, sizeof(path), "%s/%s", proc->root, pid);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/comm", pid);
	snprintf(text, sizeof(text), "%s\n", name);
	put(proc, path, text);
	snprintf(path, sizeof(path), "%s/stat", pid);
	snprintf(text, sizeof(text),
	    "%s (a) b) (%s) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 %ld 20 21\n",
	    pid, name, ticks);
	put(proc, path, text);
}

static void
make_proc(struct proc *proc)
{
	snprintf(proc->root, sizeof(proc->root), "/tmp/frank-proc.XXXXXX");
	assert_non_null(mkdtemp(proc->root));
	snprintf(proc->pid_file, sizeof(proc->pid_file), "%s/master.pid", proc->root);
	put(proc, "stat", "cpu  1 2 3\nbtime 1767225600\nprocesses 1\n");
}

static void
remove_proc(const struct proc *proc)
{
	static const char *const names[] = {"1/comm", "1/stat", "1", "77/comm", "77/stat",
	    "77", "78/comm", "78/stat", "78", "stat", "master.pid", ""};
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", proc->root, names[i]);
		(void)remove(path);
	}
}

static void
expect(const struct proc *proc, bool is_only, const char *what, const char *want)
{
	const struct machine_master master = {
	    .pid_file = proc->pid_file, .proc = proc->root, .is_only = is_only};
	struct doctor_report *report = lab_report();
	struct buf filled = BUF_INIT(4096);
	const char *at = strstr(want, "PID_FILE");

	if (at != NULL)
		buf_addf(&filled, "%.*s%s%s", (int)(at - want), want, proc->pid_file,
		    at + strlen("PID_FILE"));
	else
		buf_add_text(&filled, want);
	machine_judge_master(&master, report);
	lab_report_end(report, what, buf_text(&filled));
	buf_fini(&filled);
}

#define START                                                                              \
	"> Start it; when it ends again, see what is wrong:\n"                             \
	"> systemctl start postfix\n"                                                      \
	"> postfix check\n"

static void
test_master(void **state)
{
	struct proc proc = {.root = ""};
	long second = sysconf(_SC_CLK_TCK);

	(void)state;
	make_proc(&proc);
	expect(&proc, true, "it never ran",
	    "bad Postfix does not run: PID_FILE: No such file or directory\n" START);
	put(&proc, "master.pid", "         77\n");
	expect(&proc, true, "it is gone",
	    "bad Postfix does not run: the process in its master.pid is gone\n" START);
	make_process(&proc, "77", "master", 3600 * second);
	expect(&proc, false, "it runs",
	    "ok Postfix's master runs as process 77 since 2026-01-01 01:00:00Z\n");
	put(&proc, "77/stat", "77 (a) S) Z 1 2");
	expect(&proc, true, "it has ended, and its parent does not ask",
	    "bad Postfix does not run: the process in its master.pid is gone\n" START);
	put(&proc, "77/stat", "77 (master) S 1 2");
	expect(&proc, true, "since when it does not say",
	    "ok Postfix's master runs as process 77\n");
	put(&proc, "77/comm", "cat\n");
	expect(&proc, true, "somebody else has the number",
	    "bad Postfix does not run: the process in its master.pid is gone\n" START);
	put(&proc, "master.pid", "none\n");
	expect(&proc, true, "no number",
	    "could not tell PID_FILE: there is no process id in it\n");
	remove_proc(&proc);
}

/* As somebody who may not read master.pid: only where this is not root. */
static void
judge_denied(const struct proc *proc)
{
	expect(proc, true, "nobody sees process 1",
	    "could not tell PID_FILE is for root, and the processes do not tell; sudo "
	    "frank doctor does\n");
	make_process(proc, "1", "init", 0);
	expect(proc, true, "no master",
	    "bad Postfix does not run: there is no process called master\n" START);
	make_process(proc, "78", "master", 0);
	expect(proc, true, "one master",
	    "ok Postfix's master runs as process 78 since 2026-01-01 00:00:00Z\n");
	expect(proc, false, "a master, of some Postfix",
	    "could not tell PID_FILE is for root, and the processes do not tell; sudo "
	    "frank doctor does\n");
}

static void
test_denied(void **state)
{
	enum { NOBODY = 65534 };
	bool is_root = geteuid() == 0;
	struct proc proc = {.root = ""};

	(void)state;
	make_proc(&proc);
	put(&proc, "master.pid", "77\n");
	assert_int_equal(chmod(proc.pid_file, 0), 0);
	if (is_root) {
		assert_int_equal(chown(proc.root, NOBODY, NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	judge_denied(&proc);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	remove_proc(&proc);
}

struct answer {
	const char *what;
	int code;
	const char *status;
	struct err err;
	const char *want;
};

#define RUNS "{\"process.start\":\"2026-11-30T08:00:00Z\",\"stopping\":false,"
#define FIRST                                                                              \
	"> Start it; when it ends again, its log says why:\n"                              \
	"> systemctl start frankd\n"                                                       \
	"> journalctl -u frankd -n 20\n"

#define FOLLOW                                                                             \
	"> See that it is there and that frankd may read it ('set maillog' in "            \
	"frank.conf(5)):\n"                                                                \
	"> frank status\n> journalctl -u frankd -n 20\n"

static const struct answer answers[] = {
    {"fine", 0, RUNS "\"keys.ready\":true,\"reload.error\":\"\"}", {.code = ERR_NONE},
	"ok frankd runs since 2026-11-30T08:00:00Z\n"},
    {"no socket", -1, "", {ERR_MISSING, "/run/frank/control.sock: No such file"},
	"bad frankd does not run: /run/frank/control.sock: No such file\n" FIRST},
    {"nobody behind it", -1, "", {ERR_MISSING, "/run/x: no frankd answers there"},
	"bad frankd does not run: /run/x: no frankd answers there\n" FIRST},
    {"not for us", -1, "", {ERR_DENIED, "/run/x: Permission denied"},
	"could not tell frankd does not say how it is: /run/x: Permission denied; it "
	"answers root and the group frank\n"},
    {"it broke off", -1, "", {ERR_IO, "frankd broke off"},
	"could not tell frankd does not say how it is: frankd broke off\n"},
    {"another one's words", 0, "{}", {.code = ERR_NONE},
	"could not tell frankd does not say how it is: its answer is another one\n"},
    {"refused", 64, RUNS "}", {.code = ERR_NONE},
	"could not tell frankd does not say how it is: its answer is another one\n"},
    {"it stops", 0, "{\"process.start\":\"x\",\"stopping\":true}", {.code = ERR_NONE},
	"could not tell frankd is about to stop\n"},
    {"no keys", 0, RUNS "\"keys.ready\":false}", {.code = ERR_NONE},
	"bad frankd runs, but its key process is not there: mail is deferred\n"
	"> journalctl -u frankd\n"},
    {"a reload failed", 0, RUNS "\"keys.ready\":true,\"reload.error\":\"a \\\"b\\\" c\"}",
	{.code = ERR_NONE},
	"ok frankd runs since 2026-11-30T08:00:00Z\n"
	"bad frankd: the last reload failed: a \\\"b\\\" c\n"
	"> frank status\n> journalctl -u frankd\n"},
    {"no follower", 0, RUNS "\"maillog\":\"/l\",\"maillog.ready\":false}",
	{.code = ERR_NONE},
	"ok frankd runs since 2026-11-30T08:00:00Z\n"
	"bad frankd does not follow Postfix's log (/l): what became of mail is not "
	"known\n" FOLLOW},
    {"it may not read", 0,
	RUNS "\"maillog\":\"/l\",\"maillog.ready\":true,\"maillog.trouble\":\"denied\"}",
	{.code = ERR_NONE},
	"ok frankd runs since 2026-11-30T08:00:00Z\n"
	"bad frankd does not follow Postfix's log (/l): denied: what became of mail is "
	"not known\n" FOLLOW},
    {"it follows", 0,
	RUNS "\"maillog\":\"/l\",\"maillog.ready\":true,\"maillog.trouble\":\"\"}",
	{.code = ERR_NONE}, "ok frankd runs since 2026-11-30T08:00:00Z\n"},
    {"none is wanted", 0, RUNS "\"maillog\":\"\",\"maillog.ready\":false}",
	{.code = ERR_NONE}, "ok frankd runs since 2026-11-30T08:00:00Z\n"},
    {"keys are not watched", 0, RUNS "\"keys.ready\":true,\"keys.trouble\":\"full\"}",
	{.code = ERR_NONE},
	"ok frankd runs since 2026-11-30T08:00:00Z\n"
	"bad frankd: the state of the keys: full\n"
	"> frank status\n> journalctl -u frankd\n"},
};

static void
test_frankd(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct doctor_report *report = lab_report();

		machine_judge_frankd(
		    answers[i].code, view_of(answers[i].status), &answers[i].err, report);
		lab_report_end(report, answers[i].what, answers[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_master),
	    cmocka_unit_test(test_denied),
	    cmocka_unit_test(test_frankd),
	};

	return cmocka_run_group_tests_name("machine_process", tests, NULL, NULL);
}
