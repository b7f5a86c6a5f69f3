/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/advice.h"

/* Facts to text. */

enum { WORD_BYTES_MAX = 4096 };

/* WORD goes into OUT when there is room. */
static void
add_word(struct buf *out, struct buf *word)
{
	size_t blank = out->n > 0 ? 1 : 0;

	if (word->n > 0 && !word->full && !out->full &&
	    out->n + blank + word->n <= ADVICE_TEXT_MAX) {
		if (blank > 0)
			buf_add_char(out, ' ');
		buf_add(out, buf_view(word));
	}
	buf_reset(word);
}

/* Text that came from outside, in bytes that a word may have. */
static void
add_encoded(struct buf *word, struct view text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c <= ' ' || c >= 0x7F || c == '%' || c == '=' || c == '/' || c == '"' ||
		    c == '#')
			buf_addf(word, "%%%02X", c);
		else
			buf_add_char(word, (char)c);
	}
}

static void
print_text(const char *name, struct view text, struct buf *out, struct buf *word)
{
	if (text.n > 0) {
		buf_addf(word, "%s=", name);
		add_encoded(word, text);
	}
	add_word(out, word);
}

static void
print_names(const struct facts *facts, struct buf *out, struct buf *word)
{
	char text[ADDR_TEXT];

	if (facts->spf != SPF_UNKNOWN)
		buf_addf(word, "spf=%s", fact_spf_name(facts->spf));
	add_word(out, word);
	if (facts->spf_egress.family != ADDR_NONE)
		buf_addf(word, "spf-from=%s", addr_text(facts->spf_egress, text));
	add_word(out, word);
	print_text("spf-term", facts->spf_term, out, word);
	if (facts->spf_opinion != SEEN_UNKNOWN)
		buf_addf(word, "receiver=%s", fact_seen_name(facts->spf_opinion));
	add_word(out, word);
	if (facts->dmarc_record != DMARC_RECORD_UNKNOWN)
		buf_addf(
		    word, "dmarc-policy=%s", fact_dmarc_record_name(facts->dmarc_record));
	add_word(out, word);
	print_text("dmarc-domain", facts->dmarc_domain, out, word);
	if (facts->tree.record != DMARC_RECORD_UNKNOWN)
		buf_addf(word, "tree.dmarc-policy=%s",
		    fact_dmarc_record_name(facts->tree.record));
	add_word(out, word);
	print_text("tree.dmarc-domain", facts->tree.domain, out, word);
	print_text("tree.author", facts->tree.author, out, word);
	print_text("tree.sender", facts->tree.spf, out, word);
	if (facts->dmarc_said != DMARC_UNKNOWN)
		buf_addf(word, "dmarc=%s", fact_dmarc_name(facts->dmarc_said));
	add_word(out, word);
	if (facts->has_age)
		buf_addf(word, "age=%llus", (unsigned long long)facts->age);
	add_word(out, word);
}

static void
print_flags(const struct facts *facts, struct buf *out, struct buf *word)
{
	const struct {
		bool is_set;
		const char *text;
	} flags[] = {
	    {facts->is_strict_spf, "aspf=s"},
	    {facts->is_strict_dkim, "adkim=s"},
	    {facts->tree.is_strict_spf, "tree.aspf=s"},
	    {facts->tree.is_strict_dkim, "tree.adkim=s"},
	    {facts->is_signed_already, "signed-already=yes"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].is_set)
			buf_add_text(word, flags[i].text);
		add_word(out, word);
	}
}

static void
print_key(const struct fact_key *key, struct buf *word)
{
	buf_add_text(word, "key.");
	add_encoded(word, key->selector);
	buf_add_char(word, '/');
	add_encoded(word, key->domain);
	buf_addf(word, "=%s", fact_key_state_name(key->state));
	if (key->is_published)
		buf_add_text(word, ",published");
	if (key->is_testing)
		buf_add_text(word, ",testing");
	if (key->last_ready > 0)
		buf_addf(word, ",%lld", (long long)key->last_ready);
	if (key->opinion != SEEN_UNKNOWN)
		buf_addf(word, ",%s", fact_seen_name(key->opinion));
}

static void
print_meter(const struct fact_meter *meter, struct buf *out, struct buf *word)
{
	if (meter->state == READING_UNKNOWN)
		return;
	buf_addf(word, "meter.%.*s=", VIEW_ARG(meter->name));
	if (meter->state == READING_NO_KEY)
		buf_add_text(word, "none");
	else if (meter->state == READING_EXEMPT)
		buf_add_text(word, "exempt");
	else
		buf_addf(word, "%llu", (unsigned long long)meter->reading);
	add_word(out, word);
	if (meter->usual_of == USUAL_UNKNOWN)
		return;
	buf_addf(word, "usual.%.*s=%llu%s", VIEW_ARG(meter->name),
	    (unsigned long long)meter->usual, meter->usual_of == USUAL_SITE ? ",site" : "");
	add_word(out, word);
}

static void
print_lookup(const struct fact_lookup *lookup, struct buf *word)
{
	static const char *const answers[] = {[ANSWER_UNKNOWN] = "unknown",
	    [ANSWER_NONE] = "none",
	    [ANSWER_FOUND] = "found:"};

	buf_addf(word, "map.%.*s", VIEW_ARG(lookup->map));
	if (lookup->key.n > 0) {
		buf_add_char(word, '/');
		add_encoded(word, lookup->key);
	}
	buf_addf(word, "=%s", answers[lookup->answer]);
	if (lookup->answer == ANSWER_FOUND)
		add_encoded(word, lookup->values);
}

void
advice_print(const struct facts *facts, struct buf *out)
{
	char bytes[WORD_BYTES_MAX];
	struct buf word = {
	    .p = bytes, .n = 0, .size = sizeof(bytes), .limit = sizeof(bytes) - 1};

	print_names(facts, out, &word);
	print_flags(facts, out, &word);
	for (uint32_t i = 0; i < facts->n_keys; i++) {
		print_key(&facts->keys[i], &word);
		add_word(out, &word);
	}
	for (uint32_t i = 0; i < facts->n_meters; i++)
		print_meter(&facts->meters[i], out, &word);
	for (uint32_t i = 0; i < facts->n_lookups; i++) {
		print_lookup(&facts->lookups[i], &word);
		add_word(out, &word);
	}
}
