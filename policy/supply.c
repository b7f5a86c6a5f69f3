/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/ast.h"

/* What a policy wants of the daemon that runs it. */

static const char *const whats[SUPPLIES] = {
    [SUPPLY_NOTHING] = "nothing is",
    [SUPPLY_METERS] = "meters are",
    [SUPPLY_BOUNCES] = "meters of bounces are",
    [SUPPLY_DNS] = "DNS look-ups are",
    [SUPPLY_RECEIVER] = "the receiver's opinions are",
    [SUPPLY_POSTMAP] = "maps through postmap are",
    [SUPPLY_NOTIFY] = "notifications are",
};

static const enum policy_supply by_fact[FACTS] = {
#define NEEDS_FACT(symbol, supply) [FACT_##symbol] = SUPPLY_##supply,
#include "policy/words.def"
};

static const enum policy_supply by_setting[SETTINGS] = {
#define NEEDS_SETTING(symbol, supply) [SETTING_##symbol] = SUPPLY_##supply,
#include "policy/words.def"
};

static bool
rule_needs(const struct rule *rule, enum policy_supply what)
{
	for (size_t i = 0; i < rule->tests.n; i++)
		if (by_fact[rule->tests.at[i]->fact] == what)
			return true;
	return false;
}

static bool
rules_need(const struct policy *policy, enum policy_supply what, struct view *ret_place)
{
	for (size_t i = 0; i < policy->matches.n + policy->verdicts.n; i++) {
		const struct rule *rule = i < policy->matches.n
					      ? policy->matches.at[i]
					      : policy->verdicts.at[i - policy->matches.n];

		if (rule_needs(rule, what)) {
			*ret_place = rule->place;
			return true;
		}
	}
	return false;
}

static bool
meters_need(const struct policy *policy, enum policy_supply what, struct view *ret_place)
{
	for (size_t i = 0; i < policy->meters.n; i++) {
		const struct policy_meter *meter = &policy->meters.at[i];

		if (what == SUPPLY_METERS ||
		    (what == SUPPLY_BOUNCES && meter->what == METER_BOUNCES)) {
			*ret_place = meter->place;
			return true;
		}
	}
	return false;
}

bool
policy_needs(const struct policy *policy, enum policy_supply what, struct view *ret_place)
{
	must(what < SUPPLIES);
	if (what == SUPPLY_NOTHING)
		return false;
	for (size_t i = 0; i < policy->sets.n; i++)
		if (by_setting[policy->sets.at[i].setting] == what) {
			*ret_place = policy->sets.at[i].place;
			return true;
		}
	for (size_t i = 0; what == SUPPLY_POSTMAP && i < policy->tables.n; i++)
		if (policy->tables.at[i]->is_postmap) {
			*ret_place = policy->tables.at[i]->place;
			return true;
		}
	return meters_need(policy, what, ret_place) || rules_need(policy, what, ret_place);
}

unsigned
policy_unsupplied(const struct policy *policy, unsigned supplied, struct buf *out)
{
	unsigned n = 0;

	for (unsigned what = SUPPLY_NOTHING + 1; what < SUPPLIES; what++) {
		struct view place;

		if ((supplied & 1U << what) != 0 ||
		    !policy_needs(policy, (enum policy_supply)what, &place))
			continue;
		buf_addf(out, "%.*s: error: %s not built into this frankd yet\n",
		    VIEW_ARG(place), whats[what]);
		n++;
	}
	return n;
}
