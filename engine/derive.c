/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/align.h"
#include "engine/deciding.h"
#include "lib/escape.h"

/*
 * The second phase: what receivers will find, from the signatures that will be on the
 * message and from what was looked up.
 */

enum { WHY_MAX = 768 };

static const struct fact_key *
fact_of(const struct deciding *deciding, const struct policy_key *key)
{
	return fact_key_find(deciding->facts, key->domain, key->selector);
}

static enum fact_key_state
state_of(const struct deciding *deciding, const struct policy_key *key)
{
	const struct fact_key *fact = fact_of(deciding, key);

	return fact != NULL ? fact->state : KEY_UNKNOWN;
}

/* The better one first: published, perhaps so, published wrong, not at all. */
static unsigned
rank(enum fact_key_state state)
{
	static const unsigned ranks[] = {[KEY_READY] = 3,
	    [KEY_UNKNOWN] = 2,
	    [KEY_MISMATCHED] = 1,
	    [KEY_UNPUBLISHED] = 0};

	return ranks[state];
}

static void
derive_key(struct deciding *deciding)
{
	struct derived *derived = &deciding->derived;
	const struct decision *decision = deciding->decision;

	for (uint32_t i = 0; i < decision->n_sign; i++) {
		enum fact_key_state state = state_of(deciding, decision->sign[i]);

		if (derived->key.n > 0 && rank(state) <= rank(derived->key_state))
			continue;
		derived->key = decision->sign[i]->selector;
		derived->key_state = state;
	}
}

/* One who disagrees is enough; without one, one who agrees. */
static void
add_opinion(struct derived *derived, enum fact_seen opinion, struct view of)
{
	if (opinion == SEEN_UNKNOWN || derived->opinion == SEEN_DISAGREES)
		return;
	if (derived->opinion == SEEN_AGREES && opinion == SEEN_AGREES)
		return;
	derived->opinion = opinion;
	derived->opinion_why = opinion == SEEN_DISAGREES ? of : VIEW("");
}

static void
derive_opinion(struct deciding *deciding)
{
	const struct decision *decision = deciding->decision;

	for (uint32_t i = 0; i < decision->n_sign; i++) {
		const struct fact_key *fact = fact_of(deciding, decision->sign[i]);

		if (fact != NULL)
			add_opinion(
			    &deciding->derived, fact->opinion, decision->sign[i]->selector);
	}
	add_opinion(&deciding->derived, deciding->facts->spf_opinion, VIEW("SPF"));
}

/* The domain that SPF speaks for: the sender's; of bounces the name in HELO (RFC
 * 7489 3.1.2). */
static struct view
spf_domain(const struct deciding *deciding)
{
	if (deciding->facts->sender.text.n > 0)
		return deciding->facts->sender.domain;
	return policy_settings(deciding->policy)->helo;
}

static bool
aligns(struct view domain, struct view author, bool is_strict)
{
	if (domain.n == 0)
		return false;
	return view_is(domain, author) || (!is_strict && align_relaxed(domain, author));
}

static enum fact_dmarc
by_spf(const struct deciding *deciding)
{
	const struct facts *facts = deciding->facts;

	if (!aligns(spf_domain(deciding), facts->author.domain, facts->is_strict_spf))
		return DMARC_FAIL;
	if (facts->spf == SPF_UNKNOWN || facts->spf == SPF_TEMPERROR)
		return DMARC_UNKNOWN;
	return facts->spf == SPF_PASS ? DMARC_PASS : DMARC_FAIL;
}

/* Ed25519 does not count: few receivers verify it. */
static enum fact_dmarc
by_signatures(const struct deciding *deciding, const struct policy_key **ret_key)
{
	const struct decision *decision = deciding->decision;
	const struct facts *facts = deciding->facts;
	enum fact_dmarc best = facts->is_signed_already ? DMARC_UNKNOWN : DMARC_FAIL;

	*ret_key = NULL;
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		const struct policy_key *key = decision->sign[i];
		enum fact_key_state state = state_of(deciding, key);

		if (key->algorithm != ALGORITHM_RSA ||
		    !aligns(key->domain, facts->author.domain, facts->is_strict_dkim))
			continue;
		if (state == KEY_READY) {
			*ret_key = key;
			return DMARC_PASS;
		}
		if (state == KEY_UNKNOWN)
			best = DMARC_UNKNOWN;
	}
	return best;
}

static void
why_spf(const struct deciding *deciding, enum fact_dmarc spf, struct buf *why)
{
	struct view domain = spf_domain(deciding);

	buf_addf(why, "SPF is %s for ", fact_spf_name(deciding->facts->spf));
	escape_add(why, domain.n > 0 ? domain : VIEW("no domain"), ESCAPE_MAX);
	if (spf == DMARC_PASS) {
		buf_add_text(why, ", which aligns");
	} else if (!aligns(domain, deciding->facts->author.domain,
		       deciding->facts->is_strict_spf)) {
		buf_add_text(why, ", which does not align with ");
		escape_add(why, deciding->facts->author.domain, ESCAPE_MAX);
	}
}

static void
why_keys(const struct deciding *deciding, struct buf *why)
{
	const struct decision *decision = deciding->decision;

	if (deciding->facts->is_signed_already)
		buf_add_text(why, "; it came with a signature of the author's domain");
	if (decision->n_sign == 0)
		buf_add_text(why, "; nothing signs");
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		const struct policy_key *key = decision->sign[i];

		buf_addf(why, "; %.*s", VIEW_ARG(key->selector));
		if (key->algorithm != ALGORITHM_RSA)
			buf_add_text(why, " is Ed25519, which few verify");
		else if (!aligns(key->domain, deciding->facts->author.domain,
			     deciding->facts->is_strict_dkim))
			buf_addf(why, " of %.*s does not align", VIEW_ARG(key->domain));
		else
			buf_addf(why, " is %s",
			    state_of(deciding, key) == KEY_UNKNOWN
				? "in an unknown state"
				: fact_key_state_name(state_of(deciding, key)));
	}
}

static void
explain_dmarc(struct deciding *deciding, enum fact_dmarc spf, const struct policy_key *key)
{
	char text[WHY_MAX] = "";
	struct buf why = BUF_OVER(text);

	if (deciding->trace == NULL)
		return;
	if (key != NULL) {
		buf_addf(&why, "%.*s is aligned and published", VIEW_ARG(key->selector));
	} else {
		why_spf(deciding, spf, &why);
		if (spf != DMARC_PASS)
			why_keys(deciding, &why);
	}
	deciding->derived.dmarc_why = deciding_keep(deciding, &why);
}

static void
derive_dmarc(struct deciding *deciding)
{
	const struct facts *facts = deciding->facts;
	struct derived *derived = &deciding->derived;
	const struct policy_key *key;
	enum fact_dmarc spf, signatures;

	derived->dmarc = facts->dmarc_said;
	if (facts->dmarc_said != DMARC_UNKNOWN || facts->unclear.n > 0 ||
	    facts->author.domain.n == 0 || facts->dmarc_record == DMARC_RECORD_UNKNOWN)
		return;
	if (facts->dmarc_record == DMARC_RECORD_ABSENT) {
		derived->dmarc = DMARC_NONE;
		return;
	}
	spf = by_spf(deciding);
	signatures = by_signatures(deciding, &key);
	if (spf == DMARC_PASS || signatures == DMARC_PASS)
		derived->dmarc = DMARC_PASS;
	else if (spf == DMARC_FAIL && signatures == DMARC_FAIL)
		derived->dmarc = DMARC_FAIL;
	explain_dmarc(deciding, spf, key);
}

void
derive(struct deciding *deciding)
{
	deciding->derived.is_signed = deciding->decision->is_signed;
	derive_key(deciding);
	derive_opinion(deciding);
	if (policy_asks(deciding->policy, FACT_DMARC))
		derive_dmarc(deciding);
}
