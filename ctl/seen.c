/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/seen.h"

enum { KEY_SHOWN = 1024 };

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
add_domain(struct view domain, struct buf *out)
{
	if (domain.n == 0)
		return;
	buf_add_text(out, " (");
	escape_add(out, domain, ESCAPE_MAX);
	buf_add_char(out, ')');
}

/* Shown where it is not the list's over again. */
static bool
is_tree_other(const struct facts *facts)
{
	return facts->tree.record != DMARC_RECORD_UNKNOWN &&
	       (facts->tree.record != facts->dmarc_record ||
		   !view_is(facts->tree.domain, facts->dmarc_domain));
}

static void
add_dmarc(const struct facts *facts, struct buf *out)
{
	buf_addf(out, "   dmarc-policy %s", fact_dmarc_record_name(facts->dmarc_record));
	add_domain(facts->dmarc_domain, out);
	if (is_tree_other(facts)) {
		buf_addf(out, ", by the tree walk %s",
		    fact_dmarc_record_name(facts->tree.record));
		add_domain(facts->tree.domain, out);
	}
}

static void
add_key(const struct fact_key *key, struct buf *out)
{
	buf_add_text(out, "   key ");
	escape_add(out, key->selector, ESCAPE_MAX);
	buf_addf(out, " %s%s", fact_key_state_name(key->state),
	    key->is_testing ? ", testing (t=y)" : "");
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

/* r or s: how strictly domains must align. */
static void
json_strictness(struct json *json, const char *key, bool is_strict)
{
	json_string(json, key, is_strict ? VIEW("s") : VIEW("r"));
}

static void
json_dmarc(const struct facts *facts, struct json *json)
{
	const struct fact_dmarc_tree *tree = &facts->tree;

	if (facts->dmarc_record != DMARC_RECORD_UNKNOWN)
		json_string(json, "frank.dmarc_policy",
		    view_of(fact_dmarc_record_name(facts->dmarc_record)));
	json_known(json, "frank.dmarc_domain", facts->dmarc_domain);
	if (facts->dmarc_record > DMARC_RECORD_ABSENT) {
		json_strictness(json, "frank.dmarc_aspf", facts->is_strict_spf);
		json_strictness(json, "frank.dmarc_adkim", facts->is_strict_dkim);
	}
	if (tree->record != DMARC_RECORD_UNKNOWN)
		json_string(json, "frank.dmarc_tree_policy",
		    view_of(fact_dmarc_record_name(tree->record)));
	json_known(json, "frank.dmarc_tree_domain", tree->domain);
	if (tree->record > DMARC_RECORD_ABSENT) {
		json_strictness(json, "frank.dmarc_tree_aspf", tree->is_strict_spf);
		json_strictness(json, "frank.dmarc_tree_adkim", tree->is_strict_dkim);
	}
}

/* "s2026/example.org=ready", "s2027/example.org=ready,testing" */
static void
json_keys(const struct facts *facts, struct json *json)
{
	struct buf text = BUF_INIT(KEY_SHOWN);

	if (facts->n_keys == 0)
		return;
	json_array(json, "frank.keys");
	for (uint32_t i = 0; i < facts->n_keys; i++) {
		const struct fact_key *key = &facts->keys[i];

		buf_reset(&text);
		buf_addf(&text, "%.*s/%.*s=%s%s", VIEW_ARG(key->selector),
		    VIEW_ARG(key->domain), fact_key_state_name(key->state),
		    key->is_testing ? ",testing" : "");
		json_string(json, NULL, buf_view(&text));
	}
	json_end(json);
	buf_fini(&text);
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
	if (facts->spf_opinion != SEEN_UNKNOWN)
		json_string(
		    json, "frank.spf_opinion", view_of(fact_seen_name(facts->spf_opinion)));
	json_dmarc(facts, json);
	json_keys(facts, json);
}
