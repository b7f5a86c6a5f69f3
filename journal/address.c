/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "journal/address.h"

struct fact_address
address_split(struct view text, struct view domain)
{
	struct fact_address address = {.text = text, .local = text, .domain = VIEW_NONE};

	/* A text that was cut for its length has lost its domain: then all of it is local.
	 */
	if (domain.n == 0 || text.n <= domain.n || !view_ends(text, domain) ||
	    text.p[text.n - domain.n - 1] != '@')
		return address;
	address.local = view_head(text, text.n - domain.n - 1);
	address.domain = view_from(text, text.n - domain.n);
	return address;
}
