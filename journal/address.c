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

/* What stands behind the last '@'; all of it, if there is none. */
static struct view
domain_of(struct view text)
{
	while (view_has_char(text, '@'))
		text = view_from(text, 1);
	return text;
}

bool
address_is_to(struct view to, struct view address, struct view domain)
{
	const struct view whose = domain_of(to);

	if (address.n > 0 && address.p[0] == '@') {
		domain = view_from(address, 1);
		address = VIEW_NONE;
	}
	if (whose.n == 0)
		return false;
	if (address.n == 0)
		return view_is_nocase(domain, whose);
	/* Longer by a local part. */
	return view_is_nocase(to.n > whose.n + 1 ? address : domain_of(address),
	    to.n > whose.n + 1 ? to : whose);
}
