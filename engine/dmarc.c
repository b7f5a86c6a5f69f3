/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/align.h"

#include "engine/dmarc.h"

/* What DMARC will come to at receivers, both at those that have a public suffix list and at
 * those that walk the tree: the worse counts. */

enum { WHY_MAX = 2048 };

struct view
dmarc_spf_domain(const struct deciding *deciding)
{
	if (deciding->facts->sender.text.n > 0)
		return deciding->facts->sender.domain;
	return policy_settings(deciding->policy)->helo;
}

static struct view
organizational(struct view known, struct view domain)
{
	return known.n > 0 ? known : align_organizational(domain);
}

static bool
spf_aligns(const struct dmarc_way *way, struct view domain, struct view author)
{
	if (domain.n == 0)
		return false;
	if (way->is_strict_spf || view_is(domain, author))
		return view_is(domain, author);
	return view_is(
	    organizational(way->sender, domain), organizational(way->author, author));
}

/* From a parent of the author's domain the walk finds the same Organizational Domain,
 * unless it begins above that. */
bool
dmarc_key_aligns(const struct dmarc_way *way, struct view key_domain, struct view author)
{
	if (way->is_strict_dkim || view_is(key_domain, author))
		return view_is(key_domain, author);
	if (way->author.n == 0)
		return align_relaxed(key_domain, author);
	return align_is_within(author, key_domain) &&
	       align_is_within(key_domain, way->author);
}

/* Ed25519 does not count: few receivers verify it. A key that is published as testing does
 * where there is no better one. */
static enum fact_dmarc
by_signatures(const struct deciding *deciding, struct dmarc_way *way)
{
	const struct decision *decision = deciding->decision;
	const struct facts *facts = deciding->facts;
	enum fact_dmarc best = facts->is_signed_already ? DMARC_UNKNOWN : DMARC_FAIL;

	for (uint32_t i = 0; i < decision->n_sign; i++) {
		const struct policy_key *key = decision->sign[i];
		enum fact_key_state state;

		if (key->algorithm != ALGORITHM_RSA ||
		    !dmarc_key_aligns(way, key->domain, facts->author.domain))
			continue;
		state = deciding_key_state(deciding, key);
		if (state == KEY_UNKNOWN && best != DMARC_PASS)
			best = DMARC_UNKNOWN;
		if (state != KEY_READY)
			continue;
		way->key = key;
		way->is_testing = deciding_key_is_testing(deciding, key);
		best = DMARC_PASS;
		if (!way->is_testing)
			break;
	}
	return best;
}

static enum fact_dmarc
by_spf(const struct deciding *deciding, struct dmarc_way *way)
{
	const struct facts *facts = deciding->facts;

	way->spf_aligns = spf_aligns(way, dmarc_spf_domain(deciding), facts->author.domain);
	if (!way->spf_aligns)
		return DMARC_FAIL;
	if (facts->spf == SPF_UNKNOWN || facts->spf == SPF_TEMPERROR)
		return DMARC_UNKNOWN;
	return facts->spf == SPF_PASS ? DMARC_PASS : DMARC_FAIL;
}

static void
judge_way(const struct deciding *deciding, struct dmarc_way *way)
{
	enum fact_dmarc signatures, spf;

	if (way->record == DMARC_RECORD_UNKNOWN)
		return;
	way->result = DMARC_NONE;
	if (way->record == DMARC_RECORD_ABSENT)
		return;
	way->result = DMARC_PASS;
	signatures = by_signatures(deciding, way);
	if (signatures == DMARC_PASS && !way->is_testing)
		return;
	spf = by_spf(deciding, way);
	if (spf == DMARC_PASS) {
		way->key = NULL;
		way->is_testing = false;
	} else if (signatures != DMARC_PASS)
		way->result = spf == DMARC_UNKNOWN || signatures == DMARC_UNKNOWN
				  ? DMARC_UNKNOWN
				  : DMARC_FAIL;
}

/* fail, unknown, pass (by a key that is being tested, or well), none; the worst first */
static bool
is_worse(const struct dmarc_way *a, const struct dmarc_way *b)
{
	static const unsigned ranks[] = {
	    [DMARC_FAIL] = 0, [DMARC_UNKNOWN] = 1, [DMARC_PASS] = 2, [DMARC_NONE] = 3};

	if (a->record == DMARC_RECORD_UNKNOWN || b->record == DMARC_RECORD_UNKNOWN)
		return b->record == DMARC_RECORD_UNKNOWN &&
		       a->record != DMARC_RECORD_UNKNOWN;
	if (a->result != b->result)
		return ranks[a->result] < ranks[b->result];
	if (a->is_testing != b->is_testing)
		return a->is_testing;
	return a->record > b->record;
}

static void
explain(
    struct deciding *deciding, const struct dmarc_way *way, const struct dmarc_way *other)
{
	char text[WHY_MAX] = "";
	struct buf why = BUF_OVER(text);

	if (deciding->trace == NULL && way->result != DMARC_FAIL)
		return;
	dmarc_say(deciding, way, other, &why);
	deciding->derived.dmarc_why = deciding_keep(deciding, &why);
	if (deciding->trace != NULL) {
		deciding->trace->dmarc = way->result;
		deciding->trace->dmarc_why = deciding->derived.dmarc_why;
	}
	if (way->result == DMARC_FAIL)
		deciding->decision->dmarc_why = deciding->derived.dmarc_why;
}

void
dmarc_predict(struct deciding *deciding)
{
	const struct facts *facts = deciding->facts;
	struct derived *derived = &deciding->derived;
	struct dmarc_way list = {.name = "the public suffix list",
	    .record = facts->dmarc_record,
	    .is_strict_spf = facts->is_strict_spf,
	    .is_strict_dkim = facts->is_strict_dkim,
	    .domain = facts->dmarc_domain};
	struct dmarc_way tree = {.name = "the tree walk",
	    .record = facts->tree.record,
	    .is_strict_spf = facts->tree.is_strict_spf,
	    .is_strict_dkim = facts->tree.is_strict_dkim,
	    .domain = facts->tree.domain,
	    .author = facts->tree.author,
	    .sender = facts->tree.spf};
	const struct dmarc_way *worse;

	derived->dmarc = facts->dmarc_said;
	if (facts->dmarc_said != DMARC_UNKNOWN || facts->unclear.n > 0 ||
	    facts->author.domain.n == 0)
		return;
	judge_way(deciding, &list);
	judge_way(deciding, &tree);
	worse = is_worse(&tree, &list) ? &tree : &list;
	derived->dmarc = worse->result;
	if (worse->record > DMARC_RECORD_ABSENT)
		explain(deciding, worse, worse == &list ? &tree : &list);
}
