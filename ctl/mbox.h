/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_MBOX_H
#define CTL_MBOX_H

/* A file of messages, one behind the other (RFC 4155). Pure. */

#include <stdbool.h>

#include "lib/view.h"

/* The next message of *REST, without the line "From ..." before it; *REST moves behind it.
 * What stands before the first such line is the end of another, and left out. False: there
 * is no more. */
bool mbox_next(struct view *rest, struct view *ret_message);

/* Has the header of MESSAGE the Message-ID that has ID in it? Not those of what it answers.
 */
bool mbox_has_id(struct view message, struct view id);

#endif
