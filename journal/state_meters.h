/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_STATE_METERS_H
#define JOURNAL_STATE_METERS_H

/*
 * What DIR/state.db keeps for the meters: what is usual for each key, the recipients that
 * each origin wrote to (as keyed hashes), since when logins are known, and who is exempt.
 * As state.h: a file that is damaged is set aside and begun anew.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/map.h"
#include "lib/view.h"

/* One row, unique by (kind, meter, key); what is in it is the meters' own affair. */
struct state_row {
	uint32_t kind;
	struct view meter;
	uint64_t key;
	struct view name;
	uint32_t seen, first; /* hours of the meters' time */
	struct view data;
};

/*
 * Every row in DIR, by kind and then by 'seen'. 1; 0: there is no such file yet; -1: it
 * could not be read, *ret_is_damaged when it was set aside; or EACH failed (-1). Text lives
 * until EACH returns.
 */
typedef int state_row_each(void *context, const struct state_row *row, struct err *err);
int state_rows_read(const char *dir, state_row_each *each, void *context,
    bool *ret_is_damaged, struct err *err);

/*
 * Write rows in place of those with the same (kind, meter, key), all or none: begin, then
 * any number of puts and forgets, then end, which makes it safe, or with IS_GOOD false
 * leaves the file as it was. After a failed begin there is nothing to end.
 */
struct state_rows;
int state_rows_begin(
    const char *dir, struct state_rows **ret_rows, bool *ret_is_damaged, struct err *err);
int state_rows_put(struct state_rows *rows, const struct state_row *row, struct err *err);
/* Take out rows of KINDS (1 << kind) that were seen before the hour OLDER. */
int state_rows_forget(
    struct state_rows *rows, unsigned kinds, uint32_t older, struct err *err);
int state_rows_end(
    struct state_rows *rows, bool is_good, bool *ret_is_damaged, struct err *err);

/* Who is exempt from meters until when (wall, microseconds). Written in place of all that
 * were. */
struct state_exemption {
	struct view name;
	int64_t until;
};
int state_exemptions_read(const char *dir,
    void (*each)(void *context, const struct state_exemption *exemption), void *context,
    bool *ret_is_damaged, struct err *err);
int state_exemptions_write(const char *dir, const struct state_exemption *exemptions,
    size_t n, bool *ret_is_damaged, struct err *err);

/* The key for what the meters hash, made from DIR/secret, which is made at first use. */
int state_meters_seed(const char *dir, struct map_seed *ret_seed, struct err *err);

#endif
