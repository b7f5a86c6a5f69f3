/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/align.h"
#include "auth/align_private.h"

enum { DOMAIN_MAX = 255 };

/* NULL: the one that is built in. Set once, when the process begins. */
static const psl_ctx_t *list_in_use;

const psl_ctx_t *
align_list(void)
{
	return list_in_use != NULL ? list_in_use : psl_builtin();
}

void
align_use(const psl_ctx_t *list)
{
	list_in_use = list;
}

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
	found = psl_registrable_domain(align_list(), text);
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

bool
align_is_within(struct view domain, struct view parent)
{
	if (domain.n <= parent.n)
		return view_is(domain, parent);
	return parent.n > 0 && domain.p[domain.n - parent.n - 1] == '.' &&
	       view_ends(domain, parent);
}

bool
align_key_may_sign(struct view key_domain, struct view author_domain)
{
	if (key_domain.n == 0 || !align_is_within(author_domain, key_domain))
		return false;
	return key_domain.n == author_domain.n || align_relaxed(key_domain, author_domain);
}
