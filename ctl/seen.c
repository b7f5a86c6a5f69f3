/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/seen.h"

static void
add_spf(const struct facts *facts, struct buf *out)
{
	char address[ADDR_TEXT];

	buf_addf(out, "  spf %s", fact_spf_name(facts->spf));
	if (facts->spf_egress.family != ADDR_NONE)
		buf_addf(out, " from %s", addr_text(facts->spf_egress, address));
	if (facts->spf_term.n > 0) {
		buf_add_text(out, " (");
		escape_add(out, facts->spf_term, ESCAPE_MAX);
		buf_add_char(out, ')');
	}
}

static void
add_dmarc(const struct facts *facts, struct buf *out)
{
	buf_addf(out, "   dmarc-policy %s", fact_dmarc_record_name(facts->dmarc_record));
	if (facts->dmarc_domain.n > 0) {
		buf_add_text(out, " (");
		escape_add(out, facts->dmarc_domain, ESCAPE_MAX);
		buf_add_char(out, ')');
	}
	if (facts->tree.record != DMARC_RECORD_UNKNOWN &&
	    facts->tree.record != facts->dmarc_record)
		buf_addf(out, ", by the tree walk %s",
		    fact_dmarc_record_name(facts->tree.record));
}

static void
add_key(const struct fact_key *key, struct buf *out)
{
	buf_add_text(out, "   key ");
	escape_add(out, key->selector, ESCAPE_MAX);
	buf_addf(out, " %s", fact_key_state_name(key->state));
}

static bool
is_anything_known(const struct facts *facts)
{
	bool is_known =
	    facts->spf != SPF_UNKNOWN || facts->dmarc_record != DMARC_RECORD_UNKNOWN;

	for (uint32_t i = 0; i < facts->n_keys; i++)
		is_known = is_known || facts->keys[i].state != KEY_UNKNOWN;
	return is_known;
}

void
seen_text(const struct facts *facts, struct buf *out)
{
	if (!is_anything_known(facts))
		return;
	add_spf(facts, out);
	add_dmarc(facts, out);
	for (uint32_t i = 0; i < facts->n_keys; i++)
		add_key(&facts->keys[i], out);
	buf_add_char(out, '\n');
}

static void
json_known(struct json *json, const char *key, struct view text)
{
	if (text.n > 0)
		json_string(json, key, text);
}

void
seen_json(const struct facts *facts, struct json *json)
{
	char address[ADDR_TEXT];

	if (facts->spf != SPF_UNKNOWN)
		json_string(json, "frank.spf", view_of(fact_spf_name(facts->spf)));
	if (facts->spf_egress.family != ADDR_NONE)
		json_string(json, "frank.spf_egress",
		    view_of(addr_text(facts->spf_egress, address)));
	json_known(json, "frank.spf_term", facts->spf_term);
	if (facts->dmarc_record != DMARC_RECORD_UNKNOWN)
		json_string(json, "frank.dmarc_policy",
		    view_of(fact_dmarc_record_name(facts->dmarc_record)));
	json_known(json, "frank.dmarc_domain", facts->dmarc_domain);
}
