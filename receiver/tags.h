/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_TAGS_H
#define RECEIVER_TAGS_H

/*
 * The tags of a DKIM-Signature (RFC 6376 3.2), as far as one must know them before somebody
 * else's parser does. Pure, any thread; views into what they were given.
 */

#include <stdbool.h>

#include "lib/view.h"

/*
 * The value of the first tag of that name, without white space around it. p is NULL when
 * there is none.
 */
struct view tag_find(struct view value, struct view name);

/* Whether a list such as "From : To" names it, in any case. */
bool tag_list_names(struct view list, struct view name);

#endif
