/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_CANON_SCAN_H
#define AUTH_CANON_SCAN_H

/*
 * Looking through text sixteen bytes at a time, in the vector extensions that gcc and clang
 * share. In ordinary mail nothing is found, and the whole chunk is hashed as it stands.
 */

#include "auth/sign.h"

/*
 * Where the first white space stands that relaxed may change: a tab, a blank before white
 * space or CR, a blank at the end. TEXT's length when there is none.
 */
size_t canon_scan_odd_blank(struct view text);

/* Sets eight_bit, nul and bare_cr; of a CR at the very end the caller must see what
 * follows. */
void canon_scan_bytes(struct view text, struct sign_seen *seen);

#endif
