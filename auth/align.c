/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include <libpsl.h>

#include "auth/align.h"

enum { DOMAIN_MAX = 255 };

struct view
align_organizational(struct view domain)
{
	char text[DOMAIN_MAX + 1];
	const char *found;

	if (domain.n == 0 || domain.n > DOMAIN_MAX || domain.p[0] == '[' ||
	    memchr(domain.p, '\0', domain.n) != NULL)
		return domain;
	memcpy(text, domain.p, domain.n);
	text[domain.n] = '\0';
	found = psl_registrable_domain(psl_builtin(), text);
	return found != NULL ? view_from(domain, (size_t)(found - text)) : domain;
}

bool
align_relaxed(struct view signing_domain, struct view author_domain)
{
	if (signing_domain.n == 0 || author_domain.n == 0)
		return false;
	return view_is(
	    align_organizational(signing_domain), align_organizational(author_domain));
}

static bool
is_parent(struct view parent, struct view domain)
{
	return domain.n > parent.n && domain.p[domain.n - parent.n - 1] == '.' &&
	       view_ends(domain, parent);
}

bool
align_key_may_sign(struct view key_domain, struct view author_domain)
{
	if (key_domain.n == 0)
		return false;
	if (view_is(key_domain, author_domain))
		return true;
	return is_parent(key_domain, author_domain) &&
	       align_relaxed(key_domain, author_domain);
}
