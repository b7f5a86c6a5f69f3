/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_TAGLIST_H
#define AUTH_TAGLIST_H

/* Tag lists (RFC 6376 3.2), the form of key records and of DMARC records. Pure. */

#include <stdbool.h>

#include "lib/view.h"

struct tag {
	struct view name, value; /* without blanks around them; the value may be empty */
};

/*
 * The next tag of *REST, which moves behind it. 1; 0: there is none any more; -1: what
 * stands there is none (an empty one too, unless it is the last), and the next call goes on
 * behind it.
 */
int tag_take(struct view *rest, struct tag *ret_tag);

/* Does the list LIST, separated by colons, have ENTRY? */
bool tag_value_has(struct view list, struct view entry);

#endif
