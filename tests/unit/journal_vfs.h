/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_JOURNAL_VFS_H
#define TESTS_UNIT_JOURNAL_VFS_H

/*
 * The system's file layer under SQLite, with calls that fail when told to: what a full or
 * dying disk does, without one.
 */

#include <stdbool.h>

void vfs_install(void); /* once; becomes SQLite's default */

/* The N-th write or sync from now on fails, and with AND_ON every one after it. 0: none. */
void vfs_fail_write(unsigned n, bool and_on);
void vfs_fail_sync(unsigned n, bool and_on);
/* Did the failure that was asked for happen? */
bool vfs_has_failed(void);

#endif
