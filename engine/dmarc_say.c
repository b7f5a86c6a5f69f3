/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"

#include "engine/dmarc.h"

static void
say_text(struct buf *why, struct view text)
{
	escape_add(why, text, ESCAPE_MAX);
}

static void
say_spf(const struct deciding *deciding, const struct dmarc_way *way, struct buf *why)
{
	const struct facts *facts = deciding->facts;
	struct view domain = dmarc_spf_domain(deciding);

	if (domain.n == 0) {
		buf_add_text(why, "SPF has no domain to go by");
		return;
	}
	if (facts->spf == SPF_PASS)
		buf_add_text(why, "SPF passes for ");
	else if (facts->spf == SPF_FAIL)
		buf_add_text(why, "SPF fails for ");
	else
		buf_addf(why, "SPF is %s for ", fact_spf_name(facts->spf));
	say_text(why, domain);
	if (facts->spf != SPF_PASS && facts->spf_term.n > 0) {
		buf_add_text(why, " (");
		say_text(why, facts->spf_term);
		buf_add_char(why, ')');
	}
	if (!way->spf_aligns) {
		buf_add_text(why, ", which does not align with ");
		say_text(why, facts->author.domain);
	} else if (facts->spf == SPF_PASS)
		buf_add_text(why, ", which aligns");
}

static void
say_key(const struct deciding *deciding, const struct dmarc_way *way,
    const struct policy_key *key, struct buf *why)
{
	enum fact_key_state state = deciding_key_state(deciding, key);

	say_text(why, key->selector);
	if (key->algorithm != ALGORITHM_RSA) {
		buf_add_text(why, " is Ed25519, which few verify");
	} else if (!dmarc_key_aligns(way, key->domain, deciding->facts->author.domain)) {
		buf_add_text(why, " of ");
		say_text(why, key->domain);
		buf_add_text(why, " does not align");
	} else if (state == KEY_UNKNOWN) {
		buf_add_text(why, " is in an unknown state");
	} else
		buf_addf(why, " is %s", fact_key_state_name(state));
}

static void
say_signatures(
    const struct deciding *deciding, const struct dmarc_way *way, struct buf *why)
{
	const struct decision *decision = deciding->decision;
	struct view author = deciding->facts->author.domain;

	if (deciding->facts->is_signed_already)
		buf_add_text(why, "; it came with a signature of the author's domain");
	if (decision->n_sign == 0 && policy_has_key_for(deciding->policy, author)) {
		buf_add_text(why, "; nothing signs");
		return;
	}
	buf_add_text(why, "; no ready key for ");
	say_text(why, author);
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		buf_add_text(why, i == 0 ? ": " : ", ");
		say_key(deciding, way, decision->sign[i], why);
	}
}

static void
say_asked(const struct deciding *deciding, const struct dmarc_way *way, struct buf *why)
{
	static const char *const asks[] = {
	    [DMARC_RECORD_UNKNOWN] = "",
	    [DMARC_RECORD_ABSENT] = "",
	    [DMARC_RECORD_NONE] = "to do nothing about it",
	    [DMARC_RECORD_QUARANTINE] = "to quarantine",
	    [DMARC_RECORD_REJECT] = "to reject",
	};

	say_text(why, way->domain.n > 0 ? way->domain : deciding->facts->author.domain);
	buf_addf(why, " asks receivers %s", asks[way->record]);
}

static void
say_other(const struct deciding *deciding, const struct dmarc_way *way,
    const struct dmarc_way *other, struct buf *why)
{
	static const char *const results[] = {
	    [DMARC_UNKNOWN] = "it is unknown",
	    [DMARC_PASS] = "it would pass",
	    [DMARC_FAIL] = "it would fail",
	    [DMARC_NONE] = "there is no record",
	};

	if (other->record == DMARC_RECORD_UNKNOWN ||
	    (other->result == way->result && other->record == way->record))
		return;
	buf_addf(why, " (by %s; by %s ", way->name, other->name);
	if (other->result != way->result)
		buf_add_text(why, results[other->result]);
	else
		say_asked(deciding, other, why);
	buf_add_char(why, ')');
}

void
dmarc_say(const struct deciding *deciding, const struct dmarc_way *way,
    const struct dmarc_way *other, struct buf *why)
{
	if (way->key != NULL) {
		say_text(why, way->key->selector);
		buf_add_text(why, way->is_testing
				      ? " is aligned, and published as testing (t=y): some "
					"receivers treat what it signs as unsigned"
				      : " is aligned and published");
		return;
	}
	say_spf(deciding, way, why);
	if (way->result == DMARC_PASS)
		return;
	say_signatures(deciding, way, why);
	if (way->result == DMARC_FAIL) {
		buf_add_text(why, "; ");
		say_asked(deciding, way, why);
	}
	say_other(deciding, way, other, why);
}
