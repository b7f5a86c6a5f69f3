/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_DAY_PRIVATE_H
#define JOURNAL_DAY_PRIVATE_H

/* Shared by day.c (the file), day_rows.c and day_outcomes.c (what is put into it). */

#include "journal/day.h"

/* Row ROW is to be found by ID; there is room for DAY_KEYS_MAX. */
void day_remember_key(struct day *day, struct view id, int64_t row);

/* Put what was remembered into the look-up table, within a transaction. */
int day_index_rows(struct day *day, int64_t mono, struct err *err);

int day_step(struct day *day, sqlite3_stmt *stmt, struct err *err); /* and reset */

/* A recipient as the site wants it kept: see journal.h. Not to be copied. */
struct day_address {
	struct view text, domain; /* p NULL: not kept */
	char hash[20];
};
void day_keep_address(const struct fact_address *address, const struct day_privacy *privacy,
    struct day_address *ret_kept);

int day_add_outcomes(struct day *day, const struct record_outcomes *outcomes,
    const struct day_privacy *privacy, struct view host, struct err *err);

#endif
