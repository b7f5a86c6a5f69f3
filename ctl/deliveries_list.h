/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_DELIVERIES_LIST_H
#define CTL_DELIVERIES_LIST_H

/* frank deliveries --list: the attempts that delivered nothing, one by one; the newest are
 * kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/outcome.h"
#include "lib/buf.h"

enum { DELIVERIES_LIST_MAX = 100000 };

struct deliveries_list {
	char **lines; /* a ring of 'size' */
	size_t size;
	uint64_t n; /* ever */
	bool is_json;
};

/* Of the newest N, or DELIVERIES_LIST_MAX if that is less. */
void deliveries_list_init(struct deliveries_list *list, size_t n, bool is_json);
void deliveries_list_fini(struct deliveries_list *list);
/* LOGIN: NULL: not known. What was sent, or is no delivery, is passed over. */
void deliveries_list_add(
    struct deliveries_list *list, const struct outcome *outcome, const struct view *login);
void deliveries_list_print(const struct deliveries_list *list, struct buf *out);

#endif
