/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "doctor/firewall_nft.h"

/* Tables, chains and sets as nft lists them, a line each. */

enum { DEPTH_MAX = 24 }; /* of blocks in blocks; the kernel allows 16 jumps */

enum place { OUTSIDE, IN_TABLE, IN_CHAIN, IN_SET, IN_OTHER };

struct block {
	enum place place;
	struct firewall_chain *chain;
	struct nft_set *set;
};

struct nft_text {
	struct firewall_rules rules;
	struct block blocks[DEPTH_MAX];
	size_t depth;         /* may be more than is kept */
	const char *elements; /* of a set, that go on over lines; NULL: none do */
};

static void
begin_block(struct nft_text *text, struct block block)
{
	if (text->depth < DEPTH_MAX)
		text->blocks[text->depth] = block;
	else
		text->rules.is_cut = true;
	text->depth++;
}

static void
end_block(struct nft_text *text)
{
	if (text->depth > 0)
		text->depth--;
}

/* "inet filter" */
static void
begin_table(struct nft_text *text, struct view name)
{
	static const char *const every[] = {"inet", "bridge", "netdev", NULL};
	bool is_v4 = text->rules.ask->family == ADDR_IPV4;
	struct view rest = name, family = VIEW("");

	firewall_table_begin(&text->rules, name);
	(void)firewall_word(&rest, false, &family);
	text->rules.table->is_for_us = firewall_is_one_of(family, every) ||
				       view_is(family, is_v4 ? VIEW("ip") : VIEW("ip6"));
	begin_block(text, (struct block){.place = IN_TABLE});
}

static struct nft_set *
begin_set(struct nft_text *text, struct view name)
{
	struct firewall_rules *rules = &text->rules;
	struct nft_set *set;

	if (rules->n_sets == FIREWALL_RULES_MAX) {
		rules->is_cut = true;
		return NULL;
	}
	rules->n_sets++;
	set = arena_alloc(rules->arena, sizeof(*set));
	set->elements = VIEW("}");
	(void)map_add(&rules->sets, name, set);
	return set;
}

/* "chain output {", and the like */
static void
begin_in_table(struct nft_text *text, struct view line)
{
	static const char *const sets[] = {"map", "meter", "set", NULL};
	struct view what = VIEW(""), name = VIEW(""), rest = line;
	struct block block = {.place = IN_OTHER};

	(void)firewall_word(&rest, false, &what);
	(void)firewall_word(&rest, false, &name);
	if (view_is(what, VIEW("chain"))) {
		block.place = IN_CHAIN;
		block.chain = firewall_chain_get(&text->rules, name);
		block.chain->is_there = true;
	} else if (firewall_is_one_of(what, sets)) {
		block.set = begin_set(text, name);
		block.place = block.set != NULL ? IN_SET : IN_OTHER;
	}
	begin_block(text, block);
}

/* "type filter hook output priority 0; policy drop;" */
static void
read_hook(struct firewall_chain *chain, struct view line)
{
	static const char *const hooks[] = {"output", "postrouting", "egress", NULL};
	static const char *const partial[] = {"bridge", "netdev", NULL};
	struct view rest = chain->table->name, family = VIEW(""), word = VIEW("");

	(void)firewall_word(&rest, false, &family);
	rest = line;
	while (!view_is(word, VIEW("hook")) && firewall_word(&rest, false, &word))
		continue;
	if (!firewall_word(&rest, false, &word) || !firewall_is_one_of(word, hooks))
		return;
	chain->is_base = true;
	chain->is_partial = view_is(word, VIEW("egress")) ||
			    view_starts(line, VIEW("type nat ")) ||
			    firewall_is_one_of(family, partial);
	if (view_has(line, VIEW(" policy drop;"))) {
		chain->policy.target = FIREWALL_STOP;
		chain->policy.text = VIEW("policy drop");
	}
}

static void
read_in_chain(struct nft_text *text, struct firewall_chain *chain, struct view line)
{
	struct firewall_chain *block = NULL;

	if (view_starts(line, VIEW("type ")) && view_has(line, VIEW(" hook "))) {
		read_hook(chain, line);
		return;
	}
	if (view_starts(line, VIEW("comment ")))
		return;
	if (view_ends(line, VIEW("{"))) {
		block = firewall_chain_new(&text->rules, chain->name);
		block->is_there = true;
		begin_block(text, (struct block){.place = IN_CHAIN, .chain = block});
	}
	nft_read_rule(&text->rules, chain, block, line);
}

static void
read_in_set(struct nft_text *text, struct nft_set *set, struct view line)
{
	static const struct view head = {"elements = {", 12};

	if (view_starts(line, VIEW("flags ")))
		set->is_open |= view_has(line, VIEW("dynamic"));
	if (view_starts(line, head))
		text->elements = line.p + head.n;
	if (text->elements == NULL || !view_ends(line, VIEW("}")))
		return;
	set->elements =
	    (struct view){text->elements, (size_t)(line.p + line.n - text->elements)};
	text->elements = NULL;
}

static void
read_in_table(struct nft_text *text, struct view line)
{
	if (view_ends(line, VIEW("{")))
		begin_in_table(text, line);
	else if (view_starts(line, VIEW("flags ")))
		text->rules.table->is_dormant |= view_has(line, VIEW("dormant"));
}

static struct block
innermost(const struct nft_text *text)
{
	if (text->depth == 0)
		return (struct block){.place = OUTSIDE};
	if (text->depth > DEPTH_MAX)
		return (struct block){.place = IN_OTHER};
	return text->blocks[text->depth - 1];
}

static void
read_line(struct nft_text *text, struct view line)
{
	const struct block block = innermost(text);
	struct view rest, name;

	if (line.p[0] == '}' && text->elements == NULL) {
		end_block(text);
		if (view_ends(line, VIEW("{")))
			begin_block(text, (struct block){.place = IN_OTHER});
		return;
	}
	switch (block.place) {
	case OUTSIDE:
		rest = view_from(line, sizeof("table ") - 1);
		if (view_starts(line, VIEW("table ")) && view_cut(&rest, '{', &name))
			begin_table(text, view_trim(name));
		break;
	case IN_TABLE:
		read_in_table(text, line);
		break;
	case IN_CHAIN:
		read_in_chain(text, block.chain, line);
		break;
	case IN_SET:
		read_in_set(text, block.set, line);
		break;
	case IN_OTHER:
		if (view_ends(line, VIEW("{")))
			begin_block(text, (struct block){.place = IN_OTHER});
		break;
	}
}

struct firewall_look
firewall_read_nft(struct view text, const struct firewall_ask *ask, struct arena *arena)
{
	struct nft_text reading = {.depth = 0};
	struct firewall_look look;
	struct view line;

	firewall_rules_init(&reading.rules, text, ask, arena);
	while (!reading.rules.is_cut && view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		/* A remark; but "# xt_owner" is a condition. */
		if (line.n > 0 && (line.p[0] != '#' || view_starts(line, VIEW("# xt_"))))
			read_line(&reading, line);
	}
	/* It was cut off. */
	if (reading.depth > 0 || reading.elements != NULL)
		reading.rules.is_cut = true;
	look = firewall_judge(&reading.rules);
	firewall_rules_fini(&reading.rules);
	return look;
}
