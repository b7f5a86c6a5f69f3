/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYLIST_H
#define AUTH_KEYLIST_H

/*
 * The list of keys as a policy gets to see it: its file POLICY_KEYS_FILE (policy/policy.h),
 * one line a key in the order of the set, so that a line's number is the key's index.
 */

#include "auth/keyset.h"
#include "lib/buf.h"

void keyset_list(const struct keyset *set, struct buf *out);

#endif
