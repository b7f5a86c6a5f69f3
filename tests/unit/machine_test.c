/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Memory, load, clock, disks and logs: each as it should be, not so, and not to be known.
 */

#include "tests/unit/doctor_lab.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "doctor/machine.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

struct said {
	const char *what, *text, *want;
};

static const struct said memory[] = {
    {"fine", "MemTotal:  8000000 kB\nMemAvailable: 4000000 kB\nSwapFree: 1024 kB\n",
	"ok 3906 of 7812 MB are free, and 1 MB of swap\n"},
    {"without swap", "MemTotal:  8000000 kB\nMemAvailable: 4000000 kB\n",
	"ok 3906 of 7812 MB are free, and 0 MB of swap\n"},
    {"little of much", "MemTotal: 8000000 kB\nMemAvailable: 200000 kB\nSwapFree: 0 kB\n",
	"bad 195 of 7812 MB are free, and 0 MB of swap\n"
	"> See who has it:\n> ps axo rss,comm --sort=-rss | head\n"},
    {"little", "MemTotal: 500000 kB\nMemAvailable: 60000 kB\nSwapFree: 5000 kB\n",
	"bad 58 of 488 MB are free, and 4 MB of swap\n"
	"> See who has it:\n> ps axo rss,comm --sort=-rss | head\n"},
    {"swap counts", "MemTotal: 500000 kB\nMemAvailable: 60000 kB\nSwapFree: 50000 kB\n",
	"ok 58 of 488 MB are free, and 48 MB of swap\n"},
    {"an old kernel", "MemTotal: 500000 kB\nMemFree: 1000 kB\n",
	"could not tell /proc/meminfo does not say what is free\n"},
    {"nothing", "", "could not tell /proc/meminfo does not say what is free\n"},
};

static void
test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(memory); i++) {
		struct doctor_report *report = lab_report();

		machine_judge_memory(view_of(memory[i].text), report);
		lab_report_end(report, memory[i].what, memory[i].want);
	}
}

static const struct said load[] = {
    {"fine", "9.00 8.50 7.99 3/1000 4711\n",
	"ok over 15 minutes 7.99 processes were running or waiting, on 2 CPUs\n"},
    {"too much", "0.10 0.20 8.00 3/1000 4711\n",
	"bad over 15 minutes 8.00 processes were running or waiting, on 2 CPUs\n"
	"> See who:\n> top -o %CPU\n"},
    {"no numbers", "a b c d\n",
	"could not tell /proc/loadavg does not say how busy it is\n"},
    {"nothing", "", "could not tell /proc/loadavg does not say how busy it is\n"},
};

static void
test_load(void **state)
{
	struct doctor_report *report;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(load); i++) {
		report = lab_report();
		machine_judge_load(view_of(load[i].text), 2, report);
		lab_report_end(report, load[i].what, load[i].want);
	}
	report = lab_report();
	machine_judge_load(VIEW("0.1 0.1 3.99 1/2 3"), 1, report);
	lab_report_end(report, "one CPU",
	    "ok over 15 minutes 3.99 processes were running or waiting, on 1 CPU\n");
	report = lab_report();
	machine_judge_load(VIEW("0.1 0.1 3.99 1/2 3"), -1, report);
	lab_report_end(report, "how many CPUs is not known",
	    "could not tell /proc/loadavg does not say how busy it is\n");
}

static void
test_clock(void **state)
{
	static const struct {
		int kept;
		const char *want;
	} cases[] = {
	    {1, "ok the clock is kept in time\n"},
	    {0, "bad nothing has kept the clock in time for long\n"
		"> Let NTP keep it; where this finds nothing to do that with, install "
		"chrony:\n"
		"> timedatectl set-ntp true\n"},
	    {-1, "could not tell the kernel does not say: adjtimex: not permitted\n"},
	};
	const struct err err = {.text = "adjtimex: not permitted"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		machine_judge_clock(cases[i].kept, &err, report);
		lab_report_end(report, "clock", cases[i].want);
	}
}

#define MB ((uint64_t)1 << 20)

static void
test_disk(void **state)
{
	static const struct {
		struct machine_disk disk;
		const char *want;
	} cases[] = {
	    {{"/q", 4000 * MB, 100000, 50000, 1000 * MB, "so it is"},
		"ok /q: 4000 MB are free\n"},
	    {{"/q", 3999 * MB, 100000, 50000, 1000 * MB, "so it is"},
		"bad /q: 3999 MB are free, which is soon less than the 1000 that are "
		"needed: so it is\n"
		"> See what can go:\n"
		"> du -xm \"$(df --output=target /q | tail -1)\" | sort -n | tail\n"},
	    {{"/q", 999 * MB, 0, 0, 1000 * MB, "so it is"},
		"bad /q: 999 MB are free, and 1000 are needed: so it is\n"
		"> See what can go:\n"
		"> du -xm \"$(df --output=target /q | tail -1)\" | sort -n | tail\n"},
	    {{"/q", 9000 * MB, 100000, 4999, 1000 * MB, "so it is"},
		"ok /q: 9000 MB are free\n"
		"bad /q: its disk has room for 4999 more files (inodes)\n"
		"> See where they are:\n"
		"> du --inodes -x \"$(df --output=target /q | tail -1)\" | sort -n | "
		"tail\n"},
	    {{"/q", 9000 * MB, 0, 0, 1000 * MB, "no fixed number of files"},
		"ok /q: 9000 MB are free\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		machine_judge_disk(&cases[i].disk, report);
		lab_report_end(report, cases[i].disk.why, cases[i].want);
	}
}

/* A root of our own, with a log of MB megabytes (with a hole) and a rule for it. */
static void
make_file(const char *root, const char *name, long megabytes, const char *text)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, megabytes << 20), 0);
	assert_true(write(fd, text, view_of(text).n) != -1);
	close(fd);
}

static void
make_root(char root[64])
{
	static const char *const folders[] = {"etc", "etc/logrotate.d", "var", "var/log"};
	char path[4096];

	snprintf(root, 64, "%s", "/tmp/frank-machine.XXXXXX");
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

static void
remove_root(const char *root)
{
	static const char *const names[] = {"etc/logrotate.d/rsyslog", "var/log/mail.log",
	    "var/log/own.log", "var/log/journal", "etc/logrotate.d", "etc", "var/log",
	    "var", ""};
	char path[4096];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		(void)remove(path);
	}
}

static void
expect_logs(const char *root, const char *maillog_file, const char *want)
{
	struct doctor_report *report = lab_report();

	machine_judge_logs(root, view_of(maillog_file), report);
	lab_report_end(report, maillog_file, want);
}

#define RULE                                                                               \
	"> In /etc/logrotate.d/mail:\n"                                                    \
	"> /var/log/mail.log {\n> \tweekly\n> \trotate 4\n> \tcompress\n"                  \
	"> \tdelaycompress\n> \tmissingok\n> \tpostrotate\n"                               \
	"> \t\t/usr/lib/rsyslog/rsyslog-rotate\n> \tendscript\n> }\n"

static void
test_logs(void **state)
{
	char root[64], path[128];

	(void)state;
	make_root(root);
	expect_logs(root, "", "could not tell where the log goes is not known here\n");
	snprintf(path, sizeof(path), "%s/var/log/journal", root);
	assert_int_equal(mkdir(path, 0755), 0);
	expect_logs(root, "", "ok journald has the log, and keeps it within its limits\n");
	make_file(root, "var/log/mail.log", 20, "");
	expect_logs(root, "",
	    "could not tell /var/log/mail.log has 20 MB; what puts it away is not known "
	    "here\n");
	make_file(root, "var/log/mail.log", 120, "");
	expect_logs(root, "",
	    "bad /var/log/mail.log has grown to 120 MB, and logrotate has no rule for "
	    "it\n" RULE);
	make_file(root, "etc/logrotate.d/rsyslog", 0, "/var/log/mail.log\n{\n}\n");
	expect_logs(root, "", "ok /var/log/mail.log has 120 MB, and logrotate a rule\n");
	make_file(root, "var/log/mail.log", 2001, "");
	expect_logs(root, "", "bad /var/log/mail.log has grown to 2001 MB\n" RULE);

	expect_logs(root, "/dev/stdout",
	    "could not tell maillog_file is /dev/stdout: who keeps that is not known "
	    "here\n");
	expect_logs(root, "/var/log/own.log",
	    "could not tell maillog_file: /var/log/own.log: No such file or directory\n");
	make_file(root, "var/log/own.log", 3, "");
	expect_logs(root, "/var/log/own.log", "ok /var/log/own.log has 3 MB\n");
	make_file(root, "var/log/own.log", 2000, "");
	expect_logs(root, "/var/log/own.log",
	    "bad /var/log/own.log has grown to 2000 MB\n"
	    "> Once a week, by cron:\n> postfix logrotate\n");
	remove_root(root);
}

static void
expect_says(const char *name, const struct doctor_world *world, const char *want)
{
	const struct doctor_subject nothing = {.domain = VIEW_NONE};
	const struct doctor_check *check = doctor_machine;
	struct doctor_report *report = lab_report();

	while (check->name != NULL && !view_is(view_of(check->name), view_of(name)))
		check++;
	must(check->name != NULL);
	check->run(world, &nothing, report);
	lab_report_end(report, name, want);
}

/* What could not be found out is no fault. */
static void
test_nowhere(void **state)
{
	const struct doctor_world world = {.postfix_fault = VIEW("there is no postconf")};
#define NO_POSTFIX "could not tell Postfix cannot be looked at: there is no postconf\n"

	(void)state;
	expect_says("machine-postfix", &world, NO_POSTFIX);
	expect_says("machine-logs", &world, NO_POSTFIX);
	expect_says("machine-disk", &world,
	    NO_POSTFIX "could not tell the directory of the journal is not known\n");
	expect_says("machine-frankd", &world,
	    "could not tell frankd does not say how it is: its control socket is "
	    "not "
	    "known\n");
}

/* What the system says here, whatever it is, is one of the three. */
static void
test_here(void **state)
{
	struct err err = ERR_INIT;
	int kept = clock_is_kept(&err);

	(void)state;
	assert_true(kept >= -1 && kept <= 1);
	assert_int_equal(kept == -1, err.code != ERR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_load),
	    cmocka_unit_test(test_clock),
	    cmocka_unit_test(test_disk),
	    cmocka_unit_test(test_logs),
	    cmocka_unit_test(test_nowhere),
	    cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
