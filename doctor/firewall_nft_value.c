/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "doctor/firewall_nft.h"

/* What a condition is compared with: one value, a list of them, a set that has a name. */

enum { ELEMENTS_MAX = 1 << 22 };

/* "25", "20-30 counter packets 0 bytes 0 : drop" */
struct element {
	struct view key;
	enum firewall_match match;
	enum firewall_target target;
	struct firewall_chain *to;
};

void
nft_go_on(struct nft_reading *at)
{
	at->is_there = firewall_word(&at->rest, false, &at->word);
	if (!at->is_there) {
		at->word = VIEW("");
	} else if (at->word.n > 1 && view_ends(at->word, VIEW(","))) {
		/* The ',' behind an element is a word of its own. */
		at->word.n--;
		at->rest.p--;
		at->rest.n++;
	}
}

bool
nft_is_word(const struct nft_reading *at, const char *text)
{
	return at->is_there && view_is(at->word, view_of(text));
}

void
nft_skip_block(struct nft_reading *at)
{
	size_t depth = 0;

	do {
		if (nft_is_word(at, "{"))
			depth++;
		else if (nft_is_word(at, "}"))
			depth--;
		nft_go_on(at);
	} while (at->is_there && depth > 0);
}

static bool
is_end(const struct nft_reading *at)
{
	return !at->is_there || nft_is_word(at, ",") || nft_is_word(at, "}");
}

/* What an element counts and is called; false: there is more to it, such as its end. */
static bool
take_notes(struct nft_reading *at)
{
	static const char *const with_one[] = {"packets", "bytes", "comment", NULL};
	bool is_plain = true;

	while (!is_end(at) && !nft_is_word(at, ":")) {
		if (firewall_is_one_of(at->word, with_one))
			nft_go_on(at);
		else
			is_plain &= nft_is_word(at, "counter");
		nft_go_on(at);
	}
	return is_plain;
}

/* The word is the element's first, and then that of the next, or "}"; false: none. */
static bool
next_element(struct nft_reading *at, enum firewall_kind kind, struct element *ret_element)
{
	struct element *element = ret_element;

	if (!at->is_there || nft_is_word(at, "}"))
		return false;
	if (at->rules->n_elements++ == ELEMENTS_MAX)
		at->rules->is_cut = true;
	if (at->rules->is_cut)
		return false;
	*element = (struct element){.key = at->word, .target = FIREWALL_UNKNOWN};
	element->match = view_is(element->key, VIEW("*"))
			     ? FIREWALL_YES
			     : firewall_match_value(at->rules, kind, element->key);
	nft_go_on(at);
	if (!take_notes(at))
		element->match = firewall_match_both(element->match, FIREWALL_PERHAPS);
	if (nft_is_word(at, ":")) {
		nft_go_on(at);
		(void)nft_take_verdict(at, &element->target, &element->to);
	}
	while (!is_end(at))
		nft_go_on(at);
	if (nft_is_word(at, ","))
		nft_go_on(at);
	return true;
}

/* Reading LIST at the first element of the list that AT stands before, which moves behind
 * it; the set, where the list has a name. False: there is no such set. */
static bool
begin_list(struct nft_reading *at, struct nft_reading *list, const struct nft_set **ret_set)
{
	*list = *at;
	*ret_set = NULL;
	if (nft_is_word(at, "{")) {
		nft_skip_block(at);
	} else {
		*ret_set = map_get(&at->rules->sets, view_from(at->word, 1));
		nft_go_on(at);
		if (*ret_set == NULL)
			return false;
		list->rest = (*ret_set)->elements;
	}
	nft_go_on(list);
	return true;
}

static enum firewall_match
take_list(struct nft_reading *at, enum firewall_kind kind)
{
	enum firewall_match match = FIREWALL_NO;
	const struct nft_set *set;
	struct nft_reading list;
	struct element element;

	if (!begin_list(at, &list, &set))
		return FIREWALL_PERHAPS;
	while (match != FIREWALL_YES && next_element(&list, kind, &element)) {
		match = firewall_match_either(match, element.match);
		/* Lists of hosts are long, and hardly one is all hosts. */
		if (kind == FIREWALL_HOST && match == FIREWALL_PERHAPS)
			break;
	}
	if (set != NULL && set->is_open && match == FIREWALL_NO)
		return FIREWALL_PERHAPS;
	return match;
}

static bool
is_list(const struct nft_reading *at)
{
	return nft_is_word(at, "{") || view_starts(at->word, VIEW("@"));
}

/* "0x2", "0x2 / 0x1,0x2,0x4,0x10" */
static enum firewall_match
take_one(struct nft_reading *at, enum firewall_kind kind)
{
	const struct view value = at->word;
	enum firewall_match match;

	nft_go_on(at);
	if (kind != FIREWALL_FLAGS || !nft_is_word(at, "/"))
		return firewall_match_value(at->rules, kind, value);
	nft_go_on(at);
	match = firewall_match_flags(value, at->word);
	nft_go_on(at);
	return match;
}

enum firewall_match
nft_take_values(struct nft_reading *at, enum firewall_kind kind)
{
	static const char *const orders[] = {"<", "<=", ">", ">=", NULL};
	static const char *const bits[] = {"&", "|", "^", "<<", ">>", NULL};
	const struct view operator= at->word;
	bool is_not = nft_is_word(at, "!=") || nft_is_word(at, "!");
	enum firewall_match match;

	if (firewall_is_one_of(operator, bits))
		return FIREWALL_PERHAPS;
	if (firewall_is_one_of(operator, orders)) {
		nft_go_on(at);
		match = firewall_match_compare(at->rules, kind, operator, at->word);
		nft_go_on(at);
		return match;
	}
	if (is_not || nft_is_word(at, "=="))
		nft_go_on(at);
	if (nft_is_word(at, "map")) {
		nft_go_on(at);
		kind = FIREWALL_NOT_UNDERSTOOD;
	}
	match = is_list(at) ? take_list(at, kind) : take_one(at, kind);
	if (!is_not)
		return match;
	/* What has no interface where it came in: kernels differ on whether that is another
	 * one. */
	return kind == FIREWALL_IN ? FIREWALL_PERHAPS : firewall_match_not(match);
}

static void
add(struct nft_reading *at, enum firewall_match match, const struct element *element)
{
	struct firewall_rule rule = at->rule;

	rule.match = firewall_match_both(rule.match, match);
	rule.target = element->target;
	rule.to = element->to;
	firewall_rule_add(at->rules, at->chain, &rule);
}

void
nft_take_vmap(struct nft_reading *at, enum firewall_kind kind)
{
	struct element element, other = {.match = FIREWALL_NO};
	enum firewall_match match = FIREWALL_NO;
	const struct nft_set *set = NULL;
	struct nft_reading list;
	bool is_known = is_list(at) && begin_list(at, &list, &set);

	while (is_known && match != FIREWALL_YES && next_element(&list, kind, &element)) {
		if (view_is(element.key, VIEW("*"))) {
			other = element;
			continue;
		}
		add(at, element.match, &element);
		match = firewall_match_either(match, element.match);
	}
	if (other.match != FIREWALL_NO && match != FIREWALL_YES)
		add(at, match == FIREWALL_NO ? other.match : FIREWALL_PERHAPS, &other);
	/* A list that goes on behind this line, or that packets add to. */
	bool is_whole = is_known && (match == FIREWALL_YES || nft_is_word(&list, "}"));
	element = (struct element){.target = FIREWALL_UNKNOWN};
	if (!is_whole || (set != NULL && set->is_open))
		add(at, FIREWALL_PERHAPS, &element);
}
