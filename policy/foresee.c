/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/judge.h"

/* What receivers will make of it: SPF, DMARC, keys in DNS, and what their software said. */

/* BITS in the order of an enum whose zero is "unknown". */
static enum match_answer
among(const struct test *test, unsigned value)
{
	if ((test->bits & 1U << value) != 0)
		return MATCH_YES;
	/* Unknown is a value for who asks for it, and no answer for who does not. */
	return value == 0 && (test->bits & 1U) == 0 ? MATCH_UNKNOWN : MATCH_NO;
}

/* Why nobody asked; empty: somebody did. */
static struct view
why_unasked(const struct policy_settings *settings, const struct facts *facts)
{
	if (facts->path == PATH_INBOUND || facts->path == PATH_REENTRY)
		return VIEW("not asked for mail of this path");
	if (settings->n_egress == 0)
		return VIEW("'set egress' does not say which addresses receivers see");
	if (facts->sender.text.n == 0 && settings->helo.n == 0)
		return VIEW("receivers go by HELO for the null sender, and there is no "
			    "'set helo'");
	if (facts->sender.text.n > 0 && facts->sender.domain.n == 0)
		return VIEW("the sender has no domain");
	return VIEW_NONE;
}

enum match_answer
judge_spf(const struct policy *policy, const struct test *test, const struct facts *facts,
    struct buf *why)
{
	char text[ADDR_TEXT];

	why_add(why, view_of(fact_spf_name(facts->spf)));
	if (why != NULL && facts->spf_egress.family != ADDR_NONE)
		buf_addf(why, " from %s", addr_text(facts->spf_egress, text));
	if (why != NULL && facts->spf_term.n > 0) {
		buf_add_text(why, ": ");
		why_add(why, facts->spf_term);
	} else if (why != NULL && facts->spf == SPF_UNKNOWN) {
		struct view unasked = why_unasked(policy_settings(policy), facts);
		if (unasked.n > 0)
			buf_addf(why, ": %.*s", VIEW_ARG(unasked));
	}
	return among(test, facts->spf);
}

enum match_answer
judge_dmarc(const struct test *test, const struct derived *derived, struct buf *why)
{
	why_add(why, view_of(fact_dmarc_name(derived->dmarc)));
	if (why != NULL && derived->dmarc_why.n > 0) {
		buf_add_text(why, ": ");
		buf_add(why, derived->dmarc_why);
	}
	return among(test, derived->dmarc);
}

/* Which way found what, where the two differ. */
static void
why_ways(const struct facts *facts, struct buf *why)
{
	if (why == NULL || facts->dmarc_record == facts->tree.record ||
	    facts->dmarc_record == DMARC_RECORD_UNKNOWN ||
	    facts->tree.record == DMARC_RECORD_UNKNOWN)
		return;
	buf_addf(why, " (by the public suffix list %s, by the tree walk %s)",
	    fact_dmarc_record_name(facts->dmarc_record),
	    fact_dmarc_record_name(facts->tree.record));
}

enum match_answer
judge_dmarc_policy(const struct test *test, const struct facts *facts, struct buf *why)
{
	enum fact_dmarc_record asked = fact_dmarc_asked(facts);

	if (asked == DMARC_RECORD_UNKNOWN) {
		why_add(why, VIEW("unknown"));
		return MATCH_UNKNOWN;
	}
	if (asked == DMARC_RECORD_ABSENT) {
		why_add(why, VIEW("there is no record"));
		return MATCH_NO;
	}
	why_add(why, view_of(fact_dmarc_record_name(asked)));
	why_ways(facts, why);
	return (test->bits & 1U << (asked - DMARC_RECORD_NONE)) != 0 ? MATCH_YES : MATCH_NO;
}

enum match_answer
judge_key(const struct test *test, const struct derived *derived, struct buf *why)
{
	if (derived->key.n == 0) {
		why_add(why, VIEW("nothing signs"));
		return MATCH_NO;
	}
	why_add(why, derived->key);
	if (why != NULL)
		buf_addf(why, " is %s%s", fact_key_state_name(derived->key_state),
		    derived->key_is_testing ? ", published as testing (t=y)" : "");
	return among(test, derived->key_state);
}

enum match_answer
judge_receiver(const struct derived *derived, struct buf *why)
{
	if (derived->opinion == SEEN_UNKNOWN) {
		why_add(why, VIEW("no opinion yet"));
		return MATCH_UNKNOWN;
	}
	why_add(why, view_of(fact_seen_name(derived->opinion)));
	if (why != NULL && derived->opinion_why.n > 0) {
		buf_add_text(why, ": ");
		buf_add(why, derived->opinion_why);
	}
	return derived->opinion == SEEN_DISAGREES ? MATCH_YES : MATCH_NO;
}
