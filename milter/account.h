/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_ACCOUNT_H
#define MILTER_ACCOUNT_H

/*
 * Who a process runs as. Names come from the policy ('set user' and friends); where a name
 * does not exist, an unused number of ACCOUNT_SPARE and up stands in, so that a demo needs
 * no accounts. Not started as root: everything stays under the one uid.
 */

#include <sys/types.h>

#include <stdbool.h>

#include "lib/err.h"
#include "lib/view.h"

enum { ACCOUNT_SPARE = 60800, ACCOUNT_SPARES = 64, ACCOUNT_GROUPS_MAX = 4 };

struct account {
	uid_t uid;
	gid_t gid;
	bool is_spare; /* the name did not exist */
	char name[64];
	gid_t more[ACCOUNT_GROUPS_MAX]; /* that the process is in, too */
	unsigned n_more;
};

/* NTH: which spare number to take, so that two missing names get two numbers. */
int account_find(
    struct view name, unsigned nth, struct account *ret_account, struct err *err);
int account_find_group(
    struct view name, unsigned nth, gid_t *ret_gid, bool *ret_is_spare, struct err *err);

/* Make it a member of group NAME, if there is such a group. */
void account_add_group(struct account *account, const char *name);

/* Give up root for good: groups, gid, uid; not dumpable; checked. A no-op when not root. */
int account_become(const struct account *account, struct err *err);

#endif
