/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_STATE_DB_H
#define JOURNAL_STATE_DB_H

/* What the files that keep something in DIR/state.db share: where it is, and what is done
 * when it fails. */

#include <limits.h>
#include <stdbool.h>

#include "journal/db.h"

int state_db_path(char path[PATH_MAX], const char *dir, struct err *err);

/*
 * DB has failed, or could not be opened (NULL): it is closed, and set aside when it is
 * damaged, which *ret_is_damaged says unless that failed, too. ERR has the failure, and is
 * told where. -1.
 */
int state_db_failed(const char *path, sqlite3 *db, bool *ret_is_damaged, struct err *err);

#endif
