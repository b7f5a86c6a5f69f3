/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_MACHINE_H
#define DOCTOR_MACHINE_H

/* What the checks of the machine judge by: each is told what was read, so that a test can
 * say something else. */

#include "doctor/doctor.h"
#include "doctor/world.h"
#include "lib/buf.h"

/* /proc/meminfo, /proc/loadavg. */
void machine_judge_memory(struct view meminfo, struct doctor_report *report);
void machine_judge_load(struct view loadavg, long cpus, struct doctor_report *report);

/* KEPT: as clock_is_kept() has it. */
void machine_judge_clock(int kept, const struct err *err, struct doctor_report *report);

struct machine_disk {
	const char *path;
	uint64_t bytes_free;
	uint64_t files, files_free; /* files 0: it has no fixed number of them */
	uint64_t needed;            /* bytes */
	const char *why;            /* so many are needed */
};
void machine_judge_disk(const struct machine_disk *disk, struct doctor_report *report);

/* Postfix's master(8) by the file with its process id, and PROC, "/proc". IS_ONLY: it is
 * the system's own Postfix, so that any master that runs is it. */
struct machine_master {
	const char *pid_file, *proc;
	bool is_only;
};
void machine_judge_master(
    const struct machine_master *master, struct doctor_report *report);

/* Ask frankd for its 'status --json', for at most a minute: as control_ask(). */
int machine_ask_frankd(
    const struct doctor_world *world, struct buf *status, struct err *err);

/* frankd, by what it answers to 'status --json': CODE as control_ask() has it. */
void machine_judge_frankd(
    int code, struct view status, const struct err *err, struct doctor_report *report);

/* Who keeps the log from filling the disk. ROOT: "" or what stands before all paths;
 * MAILLOG_FILE: of Postfix. */
void machine_judge_logs(
    const char *root, struct view maillog_file, struct doctor_report *report);

/* The value of KEY in JSON that frankd wrote: a string without its quotes, or a number or
 * word. False: it is not there. */
bool machine_member(struct view json, const char *key, struct view *ret_value);

#define MACHINE_CHECK(name)                                                                \
	void name(const struct doctor_world *world, const struct doctor_subject *subject,  \
	    struct doctor_report *report)
MACHINE_CHECK(doctor_check_limits);
MACHINE_CHECK(doctor_check_traffic);

#endif
