/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "doctor/firewall_rules.h"

/*
 * Which ends a chain may come to. Each chain is gone through once; nobody can make that
 * more than the number of rules.
 */

enum { DEPTH_MAX = 64 }; /* the kernel follows nft's jumps 16 deep */

void
firewall_rules_init(struct firewall_rules *rules, struct view text,
    const struct firewall_ask *ask, struct arena *arena)
{
	*rules = (struct firewall_rules){.ask = ask, .arena = arena};
	rules->end = &rules->first;
	rules->is_untracked =
	    view_has(text, VIEW("notrack")) || view_has(text, VIEW("NOTRACK"));
	map_init(&rules->chains, ask->seed);
	map_init(&rules->sets, ask->seed);
	firewall_table_begin(rules, VIEW(""));
}

void
firewall_rules_fini(struct firewall_rules *rules)
{
	map_fini(&rules->chains);
	map_fini(&rules->sets);
}

void
firewall_table_begin(struct firewall_rules *rules, struct view name)
{
	map_fini(&rules->chains);
	map_fini(&rules->sets);
	map_init(&rules->chains, rules->ask->seed);
	map_init(&rules->sets, rules->ask->seed);
	rules->table = arena_alloc(rules->arena, sizeof(*rules->table));
	rules->table->name = name;
}

struct firewall_chain *
firewall_chain_new(struct firewall_rules *rules, struct view name)
{
	struct firewall_chain *chain;

	if (rules->n_chains == FIREWALL_RULES_MAX) {
		rules->is_cut = true;
		return rules->first;
	}
	chain = arena_alloc(rules->arena, sizeof(*chain));
	chain->table = rules->table;
	chain->name = name;
	chain->end = &chain->first;
	chain->policy = (struct firewall_rule){.chain = chain,
	    .match = FIREWALL_YES,
	    .target = FIREWALL_ACCEPT,
	    .text = VIEW("policy accept")};
	*rules->end = chain;
	rules->end = &chain->next;
	rules->n_chains++;
	return chain;
}

struct firewall_chain *
firewall_chain_get(struct firewall_rules *rules, struct view name)
{
	struct firewall_chain *chain = map_get(&rules->chains, name);

	if (chain != NULL)
		return chain;
	chain = firewall_chain_new(rules, name);
	if (!rules->is_cut)
		(void)map_add(&rules->chains, name, chain);
	return chain;
}

void
firewall_rule_add(struct firewall_rules *rules, struct firewall_chain *chain,
    const struct firewall_rule *rule)
{
	struct firewall_rule *kept;

	if (rule->match == FIREWALL_NO || rule->target == FIREWALL_NEXT)
		return;
	if (rules->n_rules == FIREWALL_RULES_MAX) {
		rules->is_cut = true;
		return;
	}
	rules->n_rules++;
	kept = arena_alloc(rules->arena, sizeof(*kept));
	*kept = *rule;
	kept->next = NULL;
	kept->chain = chain;
	*chain->end = kept;
	chain->end = &kept->next;
}

static void add_up(struct firewall_chain *chain, unsigned depth);

static void
blame(struct firewall_chain *chain, const struct firewall_rule *first,
    const struct firewall_rule *last)
{
	if (chain->cause == NULL)
		chain->cause = first;
	if (last != NULL)
		chain->surest = last;
}

/* What comes of the chain that RULE leads to. */
static unsigned
follow(struct firewall_chain *chain, const struct firewall_rule *rule, unsigned depth)
{
	struct firewall_chain *to = rule->to;

	if (to == NULL || !to->is_there || to->state == FIREWALL_BUSY ||
	    depth >= DEPTH_MAX) {
		blame(chain, rule, rule);
		return FIREWALL_MAY_ALL | FIREWALL_MAY_FALL;
	}
	add_up(to, depth + 1);
	blame(chain, to->cause, to->surest);
	return to->may;
}

/* Whether nothing goes on behind RULE. */
static bool
add_rule(struct firewall_chain *chain, const struct firewall_rule *rule, unsigned depth)
{
	static const unsigned may[] = {
	    [FIREWALL_ACCEPT] = FIREWALL_MAY_PASS,
	    [FIREWALL_STOP] = FIREWALL_MAY_STOP,
	    [FIREWALL_RETURN] = FIREWALL_MAY_FALL,
	    [FIREWALL_TURN] = FIREWALL_MAY_TURN,
	    [FIREWALL_UNKNOWN] = FIREWALL_MAY_ALL | FIREWALL_MAY_FALL,
	};
	bool is_sure = rule->match == FIREWALL_YES;
	unsigned found;

	if (rule->target == FIREWALL_JUMP) {
		found = follow(chain, rule, depth);
		chain->may |= found & ~(unsigned)FIREWALL_MAY_FALL;
		return is_sure && (found & FIREWALL_MAY_FALL) == 0;
	}
	if (rule->target == FIREWALL_GOTO) {
		chain->may |= follow(chain, rule, depth);
		return is_sure;
	}
	chain->may |= may[rule->target];
	if (rule->target != FIREWALL_ACCEPT && rule->target != FIREWALL_RETURN)
		blame(chain, rule, rule);
	return is_sure && rule->target != FIREWALL_UNKNOWN;
}

static void
add_up(struct firewall_chain *chain, unsigned depth)
{
	if (chain->state == FIREWALL_DONE)
		return;
	chain->state = FIREWALL_BUSY;
	const struct firewall_rule *rule = chain->first;
	while (rule != NULL && !add_rule(chain, rule, depth))
		rule = rule->next;
	if (rule == NULL)
		chain->may |= FIREWALL_MAY_FALL;
	chain->state = FIREWALL_DONE;
}

static struct firewall_look
look_at(enum firewall_verdict verdict, const struct firewall_chain *base,
    const struct firewall_rule *rule)
{
	struct firewall_look look = {.verdict = verdict};

	if (verdict == FIREWALL_OPEN)
		return look;
	look.rule = rule->text;
	look.table = rule->chain->table->name;
	look.chain = rule->chain->name;
	look.base = base->name;
	look.is_turned = rule->target == FIREWALL_TURN;
	return look;
}

static struct firewall_look
judge_base(struct firewall_chain *chain)
{
	add_up(chain, 0);
	unsigned may = chain->may;
	if ((may & FIREWALL_MAY_FALL) != 0) {
		bool stops = chain->policy.target == FIREWALL_STOP;

		may &= ~(unsigned)FIREWALL_MAY_FALL;
		may |= stops ? FIREWALL_MAY_STOP : FIREWALL_MAY_PASS;
		if (stops)
			blame(chain, &chain->policy, &chain->policy);
	}
	if (chain->is_partial)
		may |= FIREWALL_MAY_PASS;
	if (may == FIREWALL_MAY_STOP)
		return look_at(FIREWALL_CLOSED, chain, chain->surest);
	if (may == FIREWALL_MAY_PASS)
		return look_at(FIREWALL_OPEN, chain, NULL);
	return look_at(FIREWALL_MAYBE, chain, chain->cause);
}

struct firewall_look
firewall_judge(const struct firewall_rules *rules)
{
	struct firewall_look worst = {.verdict = FIREWALL_OPEN}, turn = worst, look;

	if (rules->is_cut)
		return (struct firewall_look){
		    .verdict = FIREWALL_MAYBE, .rule = VIEW("more rules than are read")};
	for (struct firewall_chain *at = rules->first; at != NULL; at = at->next) {
		if (!at->is_base || !at->table->is_for_us || at->table->is_dormant)
			continue;
		look = judge_base(at);
		if (look.verdict > worst.verdict)
			worst = look;
		if ((at->may & FIREWALL_MAY_TURN) != 0 && turn.verdict == FIREWALL_OPEN)
			turn = look;
	}
	/* What is turned elsewhere is no longer what the other chains are asked about. */
	if (worst.verdict == FIREWALL_CLOSED && turn.verdict != FIREWALL_OPEN)
		worst = turn;
	return worst;
}
