/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/net.h"

#include "doctor/firewall_rules.h"

/* Rules as iptables writes them: options, and what it does last. */

struct option {
	const char *name;
	enum firewall_kind kind;
};

static const struct option options[] = {{"-p", FIREWALL_PROTOCOL}, {"-d", FIREWALL_HOST},
    {"-o", FIREWALL_OUT}, {"-i", FIREWALL_IN}, {"--dport", FIREWALL_PORT},
    {"--dports", FIREWALL_PORT}, {"--sport", FIREWALL_SOURCE_PORT},
    {"--sports", FIREWALL_SOURCE_PORT}, {"--uid-owner", FIREWALL_UID},
    {"--gid-owner", FIREWALL_GID}, {"--state", FIREWALL_STATE},
    {"--ctstate", FIREWALL_STATE}, {"--ctdir", FIREWALL_DIRECTION},
    {"--dst-type", FIREWALL_HOST_TYPE}};

/* Where one rule is being read. */
struct reading {
	const struct firewall_rules *rules;
	struct view rest, word;
	bool is_there; /* a word */
};

static void
go_on(struct reading *at)
{
	at->is_there = firewall_word(&at->rest, true, &at->word);
}

/* Options of one value: any of a list, but a list of states is one value. */
static enum firewall_match
match_list(const struct firewall_rules *rules, enum firewall_kind kind, struct view list)
{
	enum firewall_match match = FIREWALL_NO;
	struct view one;

	if (kind == FIREWALL_STATE)
		return firewall_match_value(rules, kind, list);
	while (view_cut(&list, ',', &one))
		match =
		    firewall_match_either(match, firewall_match_value(rules, kind, one));
	return match;
}

static enum firewall_match
match_flags(struct reading *at)
{
	struct view mask = at->word;

	go_on(at);
	struct view flags = at->is_there ? at->word : VIEW("?");
	go_on(at);
	return firewall_match_flags(flags, mask);
}

/* What is only there with another protocol, or with headers that are not ours. */
static enum firewall_match
match_module(struct view name)
{
	static const char *const others[] = {"ah", "dccp", "dst", "esp", "frag", "hbh",
	    "icmp", "icmp6", "mh", "rt", "sctp", "udp", "udplite", NULL};

	return firewall_is_one_of(name, others) ? FIREWALL_NO : FIREWALL_YES;
}

/* The values of an option that is not known. */
static void
skip_values(struct reading *at)
{
	while (at->is_there && at->word.p[0] != '-' && !view_is(at->word, VIEW("!")))
		go_on(at);
}

/* One condition; the word is behind it then. */
static enum firewall_match
take_condition(struct reading *at)
{
	const struct view name = at->word;

	go_on(at);
	if (view_is(name, VIEW("-f")))
		return FIREWALL_NO;
	if (!at->is_there)
		return FIREWALL_PERHAPS;
	const struct view value = at->word;
	if (view_is(name, VIEW("--tcp-flags")))
		return match_flags(at);
	if (view_is(name, VIEW("-m")) || view_is(name, VIEW("--comment"))) {
		go_on(at);
		return view_is(name, VIEW("-m")) ? match_module(value) : FIREWALL_YES;
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (view_is(name, view_of(options[i].name))) {
			go_on(at);
			return match_list(at->rules, options[i].kind, value);
		}
	skip_values(at);
	return FIREWALL_PERHAPS;
}

/* "-j DROP", the last of a rule; false: it is something else. */
static bool
take_target(struct firewall_rules *rules, struct reading *at, struct firewall_rule *rule)
{
	bool is_goto = view_is(at->word, VIEW("-g"));

	if (!is_goto && !view_is(at->word, VIEW("-j")))
		return false;
	go_on(at);
	if (!at->is_there)
		return true;
	rule->target = is_goto ? FIREWALL_GOTO : firewall_target_of(at->word);
	if (is_goto || rule->target == FIREWALL_JUMP)
		rule->to = firewall_chain_get(rules, at->word);
	return true;
}

/* "-A OUTPUT -p tcp -m tcp ! --dport 443 -j DROP" */
static void
read_rule(struct firewall_rules *rules, struct firewall_chain *chain, struct view line,
    struct view rest)
{
	struct firewall_rule rule = {.match = FIREWALL_YES, .text = line};
	struct reading at = {.rules = rules, .rest = rest};

	go_on(&at);
	while (
	    at.is_there && rule.match != FIREWALL_NO && !take_target(rules, &at, &rule)) {
		bool is_not = view_is(at.word, VIEW("!"));

		if (is_not)
			go_on(&at);
		if (!at.is_there)
			break;
		enum firewall_match match = take_condition(&at);
		rule.match = firewall_match_both(
		    rule.match, is_not ? firewall_match_not(match) : match);
	}
	firewall_rule_add(rules, chain, &rule);
}

static struct firewall_chain *
begin_chain(struct firewall_rules *rules, struct view name)
{
	struct firewall_chain *chain = firewall_chain_get(rules, name);

	chain->is_there = true;
	chain->is_base =
	    view_is(name, VIEW("OUTPUT")) || view_is(name, VIEW("POSTROUTING"));
	chain->is_partial = view_is(rules->table->name, VIEW("nat"));
	return chain;
}

static void
set_policy(struct firewall_chain *chain, struct view policy)
{
	if (!view_is(policy, VIEW("DROP")))
		return;
	chain->policy.target = FIREWALL_STOP;
	chain->policy.text = VIEW("policy DROP");
}

static void
read_line(struct firewall_rules *rules, struct view line)
{
	struct view rest = line, verb, name, policy;

	if (view_starts(line, VIEW("*"))) {
		firewall_table_begin(rules, view_from(line, 1));
		rules->table->is_for_us = true;
		return;
	}
	if (!firewall_word(&rest, true, &verb))
		return;
	if (verb.p[0] == ':') {
		if (firewall_word(&rest, true, &policy))
			set_policy(begin_chain(rules, view_from(verb, 1)), policy);
		return;
	}
	if (!firewall_word(&rest, true, &name))
		return;
	if (view_is(verb, VIEW("-A")))
		read_rule(rules, begin_chain(rules, name), line, rest);
	else if (view_is(verb, VIEW("-N")))
		(void)begin_chain(rules, name);
	else if (view_is(verb, VIEW("-P")) && firewall_word(&rest, true, &policy))
		set_policy(begin_chain(rules, name), policy);
}

struct firewall_look
firewall_read_iptables(
    struct view text, const struct firewall_ask *ask, struct arena *arena)
{
	struct firewall_rules rules;
	struct firewall_look look;
	struct view line;

	firewall_rules_init(&rules, text, ask, arena);
	firewall_table_begin(&rules, VIEW("filter"));
	rules.table->is_for_us = true;
	while (!rules.is_cut && view_cut(&text, '\n', &line))
		read_line(&rules, view_trim(line));
	look = firewall_judge(&rules);
	firewall_rules_fini(&rules);
	return look;
}
