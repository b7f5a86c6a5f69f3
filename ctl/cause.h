/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CAUSE_H
#define CTL_CAUSE_H

/*
 * Why a message was not taken, as frank(1) shows it: the entries of replies.conf
 * (frank-replies(5)). Those in the directory of the configuration come first, then those
 * that were installed.
 */

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/view.h"
#include "replies/replies.h"

#include "ctl/ctl.h"

enum { CAUSE_WIDTH = 78 };

/* replies_free() what it gives. -1: ERR says which file, and why. */
int cause_load(const struct ctl *ctl, struct replies **ret_replies, struct err *err);
/* One file alone. */
int cause_load_file(const char *path, struct replies **ret_replies, struct err *err);

/* Its class and name, what it means, what to do and where that stands: lines of at most
 * CAUSE_WIDTH columns, each behind INDENT blanks. */
void cause_text(const struct replies_entry *entry, size_t indent, struct buf *out);
/* TEXT, escaped, broken at blanks; the first line goes on where OUT is, at COLUMN. */
void cause_wrap(struct buf *out, struct view text, size_t column);

/* Into the object that is open; ENTRY NULL: nothing is known. */
void cause_json(const struct replies_entry *entry, struct json *json);

#endif
