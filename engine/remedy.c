/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "engine/deciding.h"
#include "lib/escape.h"

/*
 * What to do about a message that nothing signs. Each begins with "if", where it would give
 * somebody a right: the message may as well be a forgery, rightly left unsigned.
 */

enum { REMEDY_MAX = 1536 };

static const char change_it[] = ", then 'frank reload'";

static void
remedy_inbound(const struct facts *facts, struct buf *out)
{
	char text[ADDR_TEXT];

	buf_add_text(out, "the client ");
	if (facts->client.family != ADDR_NONE)
		buf_addf(out, "%s ", addr_text(facts->client, text));
	buf_add_text(out, "has no login and is not in 'set trusted'. If it is ours, add it "
			  "there. If it logged in, the MTA did not show {auth_authen}: see "
			  "milter_mail_macros");
}

/* A rule that fits found no key that may sign for the author. */
static void
remedy_missing(const struct deciding *deciding, struct buf *out)
{
	const struct missing *missing = &deciding->missing;
	const struct policy_key *key = missing->key;
	struct view domain = deciding->facts->author.domain;
	bool has_own = key != NULL && view_is(key->domain, domain);
	bool may_sign = false; /* 'sign' alone, with a key that is there already */

	for (unsigned i = 0; i < ALGORITHMS; i++)
		may_sign |= policy_choose_key(deciding->policy, domain,
				(enum policy_algorithm)i, false, deciding->facts) != NULL;
	if (missing->signer != NULL && key != NULL)
		buf_add_text(out, "receivers would not count it; ");
	if (missing->signer == NULL && has_own) {
		buf_addf(out, "'sign with %.*s' in %.*s lets it sign%s",
		    VIEW_ARG(key->name), VIEW_ARG(missing->rule->place), change_it);
	} else if (missing->signer == NULL && key != NULL) {
		buf_addf(out, "'sign with %.*s' in a rule for author .%.*s lets it sign%s",
		    VIEW_ARG(key->domain), VIEW_ARG(key->domain), change_it);
	} else if (may_sign) {
		buf_add_text(out, "there is a key for ");
		escape_add(out, domain, ESCAPE_MAX);
		buf_add_text(out, ": 'sign' without 'with' uses it");
	} else {
		buf_add_text(out, "if the domain is ours, 'frank key new ");
		escape_add(out, domain, ESCAPE_MAX);
		buf_add_text(out, "' makes a key; publish its record");
		if (missing->signer != NULL)
			buf_add_text(out, ", and 'sign' without 'with'");
		buf_add_text(out, change_it);
	}
}

/* What TEST, of a table, did not find there; empty: not one entry that could be added. */
static struct view
not_found(const struct facts *facts, const struct test *test)
{
	if (test->operand != OPERAND_TABLE || test->negated)
		return VIEW_NONE;
	if (test->fact == FACT_AUTHOR)
		return facts->author.domain;
	if (test->fact == FACT_SENDER)
		return facts->sender.domain;
	return test->fact == FACT_USER ? facts->user : VIEW_NONE;
}

/* No sign rule fits: RULE came nearest, and TEST, where there is one, said no. */
static void
remedy_miss(const struct deciding *deciding, const struct rule *rule,
    const struct test *test, struct buf *out)
{
	const struct facts *facts = deciding->facts;
	struct view entry = test != NULL ? not_found(facts, test) : VIEW_NONE;

	if (test != NULL && test->fact == FACT_OWNS && !test->negated)
		policy_owns_remedy(deciding->policy,
		    test->operand == OPERAND_OWN_SENDER ? &facts->sender : &facts->author,
		    facts, out);
	if (out->n > 0)
		return;
	if (test != NULL && test->fact == FACT_PATH) {
		buf_addf(out,
		    "if mail of this path is to be signed, add 'match path %s ... sign'%s",
		    fact_path_name(facts->path), change_it);
	} else if (entry.n > 0) {
		buf_add_text(out, "if it is ours, add ");
		escape_add(out, entry, ESCAPE_MAX);
		buf_addf(out, " to <%.*s>%s", VIEW_ARG(test->table->name), change_it);
	} else {
		buf_addf(out,
		    "if it is to be signed, change the rule %.*s or add one that fits%s",
		    VIEW_ARG(rule->place), change_it);
	}
}

void
remedy_find(struct deciding *deciding)
{
	const struct rule *nearest = deciding->nearest;
	size_t test = deciding->nearest_test;
	char text[REMEDY_MAX] = "";
	struct buf out = BUF_OVER(text);

	if (deciding->facts->path == PATH_INBOUND)
		remedy_inbound(deciding->facts, &out);
	else if (sign_obstacle(deciding).n > 0)
		buf_add_text(&out, "the From field must hold exactly one address, with its "
				   "domain; the program that wrote it has to change");
	else if (deciding->no_key.n > 0)
		remedy_missing(deciding, &out);
	else if (nearest == NULL)
		buf_addf(&out,
		    "add one above the first verdict, such as 'match path submission  owns "
		    "author  sign'%s",
		    change_it);
	else
		remedy_miss(deciding, nearest,
		    test < nearest->tests.n ? nearest->tests.at[test] : NULL, &out);
	deciding->trace->remedy = deciding_keep(deciding, &out);
}
