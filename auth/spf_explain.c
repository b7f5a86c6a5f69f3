/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* The explanation of "fail": RFC 7208 6.2. Whatever is wrong with it, there is none then.
 */

static bool
is_text(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return false;
	return true;
}

/* As much as there is room for. */
static void
explanation_add(struct spf_run *run, struct view text)
{
	size_t room = SPF_EXPLANATION_MAX - run->explanation_n;

	text = view_head(text, room);
	if (text.n > 0)
		memcpy(run->explanation + run->explanation_n, text.p, text.n);
	run->explanation_n += text.n;
}

static bool
explanation_expand(struct spf_run *run, struct view text, struct view domain)
{
	char piece[SPF_PIECE_MAX];
	struct view rest = text, part;
	struct spf_token token;

	while (rest.n > 0 && run->explanation_n < SPF_EXPLANATION_MAX) {
		if (!spf_token_take(&rest, SPF_MACROS_EXPLAIN, &token))
			BUG("an explanation that had been checked");
		enum spf_got got = spf_token_expand(run, &token, domain, piece, &part);

		if (got == SPF_GOT_PENDING)
			return false;
		explanation_add(run, got == SPF_GOT_FOUND ? part : VIEW("unknown"));
	}
	if (!is_text((struct view){run->explanation, run->explanation_n}))
		run->explanation_n = 0;
	return true;
}

bool
spf_explain(struct spf_run *run, struct view exp, struct view domain)
{
	char expanded[SPF_DOMAIN_MAX + 1], normal[SPF_NAME_SIZE];
	struct view target = VIEW_NONE, name;
	const struct dns_answer *answer = NULL;
	const char *why;
	enum spf_got got = spf_domain_expand(run, exp, domain, expanded, &target);

	run->explanation_n = 0;
	if (got == SPF_GOT_FOUND && spf_name(target, normal, &name))
		got = spf_ask(run, DNS_TXT, name, &answer);
	if (got == SPF_GOT_PENDING)
		return false;
	if (answer == NULL || got != SPF_GOT_FOUND || answer->n != 1 || answer->is_cut)
		return true;
	struct view text = answer->records[0].data;
	return !spf_macros_check(text, SPF_MACROS_EXPLAIN, &why) ||
	       explanation_expand(run, text, domain);
}
