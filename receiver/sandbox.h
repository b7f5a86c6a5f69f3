/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_SANDBOX_H
#define RECEIVER_SANDBOX_H

/*
 * Nothing to reach: an empty root directory, no new descriptors, files, processes or
 * privileges, and little memory. In this order, in the process that is to be confined:
 *
 *	close what is not needed; open the log (its socket will be out of reach);
 *	receiver_new() or verify_warm_up(), so that what libraries load late is loaded
 *	sandbox_root()		as root; not root: does nothing
 *	give up root		account_become(): groups, gid, uid
 *	start threads		none can be started later
 *	sandbox_limits()
 *	then read the first byte that somebody else wrote
 */

#include <stddef.h>

#include "lib/err.h"

enum {
	SANDBOX_MEMORY = 256 << 20, /* bytes of address space; the daemon's receiver */
	SANDBOX_FILES = 16,         /* descriptors; those that are open stay */
};

/* Make EMPTY_DIR the root directory: it must exist, be root's, closed to others' writing,
 * and empty. */
int sandbox_root(const char *empty_dir, struct err *err);

/*
 * At most MEMORY bytes of address space, what is in use now included. No files are written
 * (SIGXFSZ is ignored), no processes or threads started (root may still), no core dumped;
 * nobody else can look in.
 */
int sandbox_limits(size_t memory, struct err *err);

/* Less of that, for a process that reads what strangers wrote and needs threads and files:
 * bounds memory and FILES, no core dumped, no privileges to be had, nobody looks in. */
int sandbox_bounds(size_t memory, unsigned files, struct err *err);

#endif
