/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "engine/dmarc.h"

/*
 * The second phase: what receivers will find, from the signatures that will be on the
 * message and from what was looked up.
 */

static const struct fact_key *
fact_of(const struct deciding *deciding, const struct policy_key *key)
{
	return fact_key_find(deciding->facts, key->domain, key->selector);
}

enum fact_key_state
deciding_key_state(const struct deciding *deciding, const struct policy_key *key)
{
	const struct fact_key *fact = fact_of(deciding, key);

	return fact != NULL ? fact->state : KEY_UNKNOWN;
}

bool
deciding_key_is_testing(const struct deciding *deciding, const struct policy_key *key)
{
	const struct fact_key *fact = fact_of(deciding, key);

	return fact != NULL && fact->state == KEY_READY && fact->is_testing;
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
		enum fact_key_state state = deciding_key_state(deciding, decision->sign[i]);

		if (derived->key.n > 0 && rank(state) <= rank(derived->key_state))
			continue;
		derived->key = decision->sign[i]->selector;
		derived->key_state = state;
		derived->key_is_testing =
		    deciding_key_is_testing(deciding, decision->sign[i]);
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

void
derive(struct deciding *deciding)
{
	deciding->derived.is_signed = deciding->decision->is_signed;
	derive_key(deciding);
	derive_opinion(deciding);
	dmarc_predict(deciding);
}
