/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_OURSELVES_H
#define DOCTOR_OURSELVES_H

/* What the checks of ourselves judge by: each is told what was read, so that a test can say
 * something else. */

#include "doctor/doctor.h"
#include "doctor/world.h"

enum {
	OURSELVES_KEYS_SHOWN = 20
}; /* so many notes are shown, and how many more there are */

/* NOTES: of 'frank check', lines; SOURCES: of the policy. */
void ourselves_judge_keys(const struct doctor_world *world, struct doctor_report *report);

struct ourselves_journal {
	uint64_t days;  /* files, without today's */
	uint64_t bytes; /* in all of these */
	uint64_t bytes_free;
	uint64_t keep_days;
};
/* Is there room for as many days as are to be kept? */
void ourselves_judge_room(
    const struct ourselves_journal *journal, struct doctor_report *report);
/* The days in DIR, read; false: said. */
bool ourselves_read_journal(const char *dir, int64_t now,
    struct ourselves_journal *ret_journal, struct doctor_report *report);
/* Does DIR belong to USER, who has to write there? */
void ourselves_judge_owner(const char *dir, struct view user, struct doctor_report *report);
/* What frankd says of it in 'status --json'. */
void ourselves_judge_status(struct view status, struct doctor_report *report);

/* LISTED: what 'apt list --upgradable' prints; the lists are AGE seconds old, -1: not
 * known.
 */
void ourselves_judge_updates(struct view listed, int64_t age, struct doctor_report *report);

/* LIST_TIME: as suffixes_time() has it; NOW: wall, seconds. */
void ourselves_judge_suffixes(
    int64_t list_time, const char *file, int64_t now, struct doctor_report *report);

#endif
