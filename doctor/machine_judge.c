/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/bug.h"

#include "doctor/machine.h"

enum {
	/* Below this the kernel begins to kill: some smtpd, the key process, a resolver. */
	MEMORY_LEAST_KB = 64 << 10,
	MEMORY_LEAST_PERCENT = 3,
	/* Over 15 minutes, so that a nightly job is none. */
	LOAD_PER_CPU = 4,
	LOAD_DIGITS = 100, /* "0.52" */
	/* Every message in the queue is a file or two. */
	FILES_LEAST = 5000,
	/* Times what is needed: few messages away from that. */
	ROOM = 4,
	KB = 1024,
	MB = 1 << 20,
	NUMBER_MAX = 2000000000,
};

/* "MemAvailable:    123456 kB" */
static bool
find_kb(struct view meminfo, const char *name, unsigned long long *ret_kb)
{
	struct view line, key, number;

	while (view_cut(&meminfo, '\n', &line)) {
		if (!view_cut(&line, ':', &key) || !view_is(key, view_of(name)))
			continue;
		line = view_trim(line);
		(void)view_cut(&line, ' ', &number);
		return view_number(number, NUMBER_MAX, ret_kb);
	}
	return false;
}

void
machine_judge_memory(struct view meminfo, struct doctor_report *report)
{
	unsigned long long total, available, swap = 0;

	if (!find_kb(meminfo, "MemTotal", &total) ||
	    !find_kb(meminfo, "MemAvailable", &available)) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "/proc/meminfo does not say what is free");
		return;
	}
	(void)find_kb(meminfo, "SwapFree", &swap);
	bool is_low = available + swap < MEMORY_LEAST_KB ||
		      (available + swap) * 100 < total * MEMORY_LEAST_PERCENT;
	struct doctor_finding *finding = doctor_say(report, is_low ? DOCTOR_BAD : DOCTOR_OK,
	    "%llu of %llu MB are free, and %llu MB of swap", available / KB, total / KB,
	    swap / KB);
	if (is_low)
		doctor_remedy(
		    report, finding, "See who has it:\nps axo rss,comm --sort=-rss | head");
}

void
machine_judge_load(struct view loadavg, long cpus, struct doctor_report *report)
{
	struct view one, five, fifteen, whole = VIEW_NONE;
	unsigned long long load;

	if (cpus < 1 || !view_cut(&loadavg, ' ', &one) || !view_cut(&loadavg, ' ', &five) ||
	    !view_cut(&loadavg, ' ', &fifteen)) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "/proc/loadavg does not say how busy it is");
		return;
	}
	struct view rest = fifteen;
	(void)view_cut(&rest, '.', &whole);
	if (!view_number(whole, NUMBER_MAX, &load)) {
		doctor_say(
		    report, DOCTOR_UNKNOWN, "/proc/loadavg does not say how busy it is");
		return;
	}
	bool is_high = load >= (unsigned long long)cpus * LOAD_PER_CPU;
	struct doctor_finding *finding =
	    doctor_say(report, is_high ? DOCTOR_BAD : DOCTOR_OK,
		"over 15 minutes %.*s processes were running or waiting, on %ld CPU%s",
		VIEW_ARG(fifteen), cpus, cpus == 1 ? "" : "s");
	if (is_high)
		doctor_remedy(report, finding, "See who:\ntop -o %%CPU");
}

void
machine_judge_clock(int kept, const struct err *err, struct doctor_report *report)
{
	if (kept == -1)
		doctor_say(
		    report, DOCTOR_UNKNOWN, "the kernel does not say: %s", err->text);
	else if (kept == 1)
		doctor_say(report, DOCTOR_OK, "the clock is kept in time");
	else
		doctor_remedy(report,
		    doctor_say(
			report, DOCTOR_BAD, "nothing has kept the clock in time for long"),
		    "Let NTP keep it; where this finds nothing to do that with, install "
		    "chrony:\n"
		    "timedatectl set-ntp true");
}

static void
judge_files(const struct machine_disk *disk, struct doctor_report *report)
{
	if (disk->files == 0 || disk->files_free >= FILES_LEAST)
		return;
	doctor_remedy(report,
	    doctor_say(report, DOCTOR_BAD,
		"%s: its disk has room for %" PRIu64 " more files (inodes)", disk->path,
		disk->files_free),
	    "See where they are:\ndu --inodes -x \"$(df --output=target %s | tail -1)\" | "
	    "sort -n | tail",
	    disk->path);
}

void
machine_judge_disk(const struct machine_disk *disk, struct doctor_report *report)
{
	const char *path = disk->path;
	uint64_t free_mb = disk->bytes_free / MB, needed = disk->needed / MB;

	if (disk->bytes_free < disk->needed)
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"%s: %" PRIu64 " MB are free, and %" PRIu64 " are needed: %s", path,
			free_mb, needed, disk->why),
		    "See what can go:\ndu -xm \"$(df --output=target %s | tail -1)\" | "
		    "sort -n | tail",
		    path);
	else if (disk->bytes_free / ROOM < disk->needed)
		doctor_remedy(report,
		    doctor_say(report, DOCTOR_BAD,
			"%s: %" PRIu64 " MB are free, which is soon less than the %" PRIu64
			" that are needed: %s",
			path, free_mb, needed, disk->why),
		    "See what can go:\ndu -xm \"$(df --output=target %s | tail -1)\" | "
		    "sort -n | tail",
		    path);
	else
		doctor_say(report, DOCTOR_OK, "%s: %" PRIu64 " MB are free", path, free_mb);
	judge_files(disk, report);
}
