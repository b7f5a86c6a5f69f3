/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/bug.h"
#include "policy/advice.h"
#include "policy/ascii.h"
#include "policy/value.h"

/* Text to facts. */

typedef bool read_word(struct facts *facts, struct view value);

static bool
read_spf(struct facts *facts, struct view value)
{
	return fact_spf_of(value, &facts->spf);
}

static bool
read_spf_from(struct facts *facts, struct view value)
{
	return addr_parse(value, &facts->spf_egress, NULL) == 0;
}

static bool
read_receiver(struct facts *facts, struct view value)
{
	return fact_seen_of(value, &facts->spf_opinion);
}

static bool
read_dmarc(struct facts *facts, struct view value)
{
	return fact_dmarc_of(value, &facts->dmarc_said);
}

static bool
read_dmarc_policy(struct facts *facts, struct view value)
{
	return fact_dmarc_record_of(value, &facts->dmarc_record);
}

static bool
read_strictness(struct view value, bool *ret_is_strict)
{
	if (!view_is(value, VIEW("s")) && !view_is(value, VIEW("r")))
		return false;
	*ret_is_strict = value.p[0] == 's';
	return true;
}

static bool
read_aspf(struct facts *facts, struct view value)
{
	return read_strictness(value, &facts->is_strict_spf);
}

static bool
read_adkim(struct facts *facts, struct view value)
{
	return read_strictness(value, &facts->is_strict_dkim);
}

static bool
read_signed_already(struct facts *facts, struct view value)
{
	if (!view_is(value, VIEW("yes")) && !view_is(value, VIEW("no")))
		return false;
	facts->is_signed_already = value.p[0] == 'y';
	return true;
}

static bool
read_age(struct facts *facts, struct view value)
{
	facts->has_age = value_duration(value, &facts->age);
	return facts->has_age || view_is(value, VIEW("unknown"));
}

static bool
read_tree_policy(struct facts *facts, struct view value)
{
	return fact_dmarc_record_of(value, &facts->tree.record);
}

static bool
read_tree_aspf(struct facts *facts, struct view value)
{
	return read_strictness(value, &facts->tree.is_strict_spf);
}

static bool
read_tree_adkim(struct facts *facts, struct view value)
{
	return read_strictness(value, &facts->tree.is_strict_dkim);
}

static const struct {
	const char *name;
	read_word *read;
} words[] = {
    {"spf", read_spf},
    {"spf-from", read_spf_from},
    {"receiver", read_receiver},
    {"dmarc", read_dmarc},
    {"dmarc-policy", read_dmarc_policy},
    {"tree.dmarc-policy", read_tree_policy},
    {"tree.aspf", read_tree_aspf},
    {"tree.adkim", read_tree_adkim},
    {"aspf", read_aspf},
    {"adkim", read_adkim},
    {"signed-already", read_signed_already},
    {"age", read_age},
};

static int
hex_of(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* TEXT without its %XX; borrowed where it has none. */
static bool
decode(struct advice *advice, struct view text, struct view *ret_text)
{
	char *plain;
	size_t n = 0;

	if (!view_has_char(text, '%')) {
		*ret_text = text;
		return true;
	}
	plain = arena_alloc(advice->arena, text.n + 1);
	if (plain == NULL)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int high, low;

		if (text.p[i] != '%') {
			plain[n++] = text.p[i];
			continue;
		}
		if (i + 2 >= text.n)
			return false;
		high = hex_of(text.p[i + 1]);
		low = hex_of(text.p[i + 2]);
		if (high < 0 || low < 0)
			return false;
		plain[n++] = (char)(high * 16 + low);
		i += 2;
	}
	*ret_text = (struct view){plain, n};
	return true;
}

/* "ready", "ready,testing,1772441100", "unpublished,disagrees", "unknown,published" */
static bool
read_key_value(struct view value, struct fact_key *key)
{
	unsigned long long seconds;
	struct view part;

	if (!view_cut(&value, ',', &part) || !fact_key_state_of(part, &key->state))
		return false;
	while (view_cut(&value, ',', &part)) {
		if (view_number(part, INT64_MAX, &seconds))
			key->last_ready = (int64_t)seconds;
		else if (view_is(part, VIEW("published")))
			key->is_published = true;
		else if (view_is(part, VIEW("testing")))
			key->is_testing = true;
		else if (!fact_seen_of(part, &key->opinion))
			return false;
	}
	return true;
}

/* TEXT as the journal has it, or in quotes as a person writes it in a case. */
static bool
read_text(struct advice *advice, struct view text, struct view *ret_text)
{
	if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"') {
		*ret_text = view_head(view_from(text, 1), text.n - 2);
		return true;
	}
	return decode(advice, text, ret_text);
}

static const struct {
	const char *name;
	size_t at;
} texts[] = {
    {"spf-term", offsetof(struct facts, spf_term)},
    {"dmarc-domain", offsetof(struct facts, dmarc_domain)},
    {"tree.dmarc-domain", offsetof(struct facts, tree.domain)},
    {"tree.author", offsetof(struct facts, tree.author)},
    {"tree.sender", offsetof(struct facts, tree.spf)},
};

static int
read_key(struct advice *advice, struct view name, struct view value)
{
	struct fact_key key = {.state = KEY_UNKNOWN}, *added;
	struct view selector;

	if (!read_key_value(value, &key) || !view_cut(&name, '/', &selector) ||
	    name.p == NULL || !decode(advice, selector, &key.selector) ||
	    !decode(advice, name, &key.domain))
		return -1;
	added = advice_add_key(advice);
	if (added == NULL)
		return -1;
	*added = key;
	return 1;
}

static int
read_lookup(struct advice *advice, struct view name, struct view value)
{
	struct fact_lookup lookup = {.answer = ANSWER_UNKNOWN}, *added;
	struct view key;

	if (!view_cut(&name, '/', &lookup.map) || lookup.map.n == 0)
		return -1;
	key = name;
	if (key.p != NULL && !decode(advice, key, &lookup.key))
		return -1;
	if (view_is(value, VIEW("none")))
		lookup.answer = ANSWER_NONE;
	else if (view_starts(value, VIEW("found:")))
		lookup.answer = ANSWER_FOUND;
	else if (!view_is(value, VIEW("unknown")))
		return -1;
	if (lookup.answer == ANSWER_FOUND &&
	    !decode(advice, view_from(value, 6), &lookup.values))
		return -1;
	added = advice_add_lookup(advice);
	if (added == NULL)
		return -1;
	*added = lookup;
	return 1;
}

int
advice_read(struct advice *advice, struct view name, struct view value)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_is(name, view_of(words[i].name)))
			return words[i].read(advice->facts, value) ? 1 : -1;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (view_is(name, view_of(texts[i].name)))
			return read_text(advice, value,
				   (struct view *)(void *)((char *)advice->facts +
							   texts[i].at))
				   ? 1
				   : -1;
	if (view_starts(name, VIEW("meter.")))
		return advice_read_meter(advice, view_from(name, 6), value);
	if (view_starts(name, VIEW("usual.")))
		return advice_read_usual(advice, view_from(name, 6), value);
	if (view_starts(name, VIEW("key.")))
		return read_key(advice, view_from(name, 4), value);
	if (view_starts(name, VIEW("map.")))
		return read_lookup(advice, view_from(name, 4), value);
	return 0;
}
