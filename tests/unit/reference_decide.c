/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "tests/unit/reference.h"

/* The three phases, one plain loop each. */

enum { NO, YES, UNKNOWN = -1, ON_ERROR = -2 };

/* Unknown advice: the line does not fit. Unknown owners, and no "no": set on-error. */
static int
line_fits(const struct ref_policy *policy, const struct ref_rule *rule,
    const struct facts *facts, const struct ref_decision *decision)
{
	bool is_unknown = false, owners_unknown = false;

	for (int i = 0; i < rule->n_tests; i++) {
		int so = ref_judge(policy, &rule->tests[i], facts, decision);

		if (so == NO)
			return NO;
		if (so == UNKNOWN && rule->tests[i].kind == REF_OWNS)
			owners_unknown = true;
		else if (so == UNKNOWN)
			is_unknown = true;
	}
	if (owners_unknown)
		return ON_ERROR;
	return is_unknown ? UNKNOWN : YES;
}

static void
add_key(struct ref_decision *decision, const char *selector)
{
	for (int i = 0; i < decision->n_sign; i++)
		if (strcmp(decision->sign[i], selector) == 0)
			return;
	decision->sign[decision->n_sign++] = selector;
}

/* The newest that is ready; else the one that was ready last; else the newest that the
 * resolver sees, that nothing is known of, that has another record, that has none. */
static bool
is_in_class(const struct fact_key *key, int class)
{
	switch (class) {
	case 0:
		return key != NULL && key->state == KEY_READY;
	case 1:
		return key != NULL && key->state == KEY_UNKNOWN && key->is_published;
	case 2:
		return key == NULL || key->state == KEY_UNKNOWN;
	default:
		return key != NULL &&
		       key->state == (class == 3 ? KEY_MISMATCHED : KEY_UNPUBLISHED);
	}
}

static const struct fact_key *
fact_of(const struct facts *facts, const char *selector)
{
	for (unsigned j = 0; j < facts->n_keys; j++)
		if (view_is(facts->keys[j].selector, view_of(selector)))
			return &facts->keys[j];
	return NULL;
}

static const char *
ready_last(const struct facts *facts, const char *const *newest_first)
{
	const char *best = NULL;
	int64_t last = 0;

	for (int i = 0; newest_first[i] != NULL; i++) {
		const struct fact_key *key = fact_of(facts, newest_first[i]);

		if (key != NULL && key->last_ready > last) {
			last = key->last_ready;
			best = newest_first[i];
		}
	}
	return best;
}

static void
add_best(struct ref_decision *decision, const struct facts *facts,
    const char *const *newest_first)
{
	for (int class = 0; class < 5; class ++) {
		const char *last = class == 1 ? ready_last(facts, newest_first) : NULL;

		if (last != NULL) {
			add_key(decision, last);
			return;
		}
		for (int i = 0; newest_first[i] != NULL; i++)
			if (is_in_class(fact_of(facts, newest_first[i]), class)) {
				add_key(decision, newest_first[i]);
				return;
			}
	}
}

static void
sign_for(struct ref_decision *decision, const struct facts *facts, const char *domain,
    bool named_too)
{
	static const char *const org[] = {"s3", "s2", "s1", NULL};
	static const char *const org_ed[] = {"e1", NULL};
	static const char *const net[] = {"n1", NULL};
	static const char *const net_named[] = {"n1", "l1", NULL};

	if (strcmp(domain, "example.org") == 0) {
		add_best(decision, facts, org);
		add_best(decision, facts, org_ed);
	} else if (strcmp(domain, "example.net") == 0) {
		add_best(decision, facts, named_too ? net_named : net);
	}
}

/* DOMAIN or one below it. */
static bool
is_at_or_below(struct view domain, const char *parent)
{
	size_t n = strlen(parent);

	return view_is(domain, view_of(parent)) ||
	       (domain.n > n && domain.p[domain.n - n - 1] == '.' &&
		   view_is(view_from(domain, domain.n - n), view_of(parent)));
}

static void
sign(struct ref_decision *decision, const struct ref_rule *rule, const struct facts *facts)
{
	struct view author = facts->author.domain;

	if (facts->unclear.n > 0 || author.n == 0)
		return;
	if (rule->with == NULL && view_is(author, VIEW("example.org")))
		sign_for(decision, facts, "example.org", false);
	else if (rule->with == NULL && view_is(author, VIEW("example.net")))
		sign_for(decision, facts, "example.net", false);
	else if (rule->with == NULL)
		return;
	else if (strcmp(rule->with, "legacy") != 0 && is_at_or_below(author, rule->with))
		sign_for(decision, facts, rule->with, true);
	else if (strcmp(rule->with, "legacy") == 0 && is_at_or_below(author, "example.net"))
		add_key(decision, "l1");
	decision->is_signed = decision->n_sign > 0;
}

static void
on_error(const struct ref_policy *policy, struct ref_decision *decision)
{
	*decision = (struct ref_decision){
	    .verdict = policy->rejects_on_error ? "reject" : "defer", .on_error = true};
}

/* False: who owns an address could not be asked. */
static bool
run_matches(const struct ref_policy *policy, const struct facts *facts,
    struct ref_decision *decision)
{
	struct ref_decision nothing_yet = {.verdict = ""};
	int answers[2 * REF_RULES] = {0};

	for (int i = 0; i < policy->n_matches; i++) {
		const struct ref_rule *rule = &policy->rules[i];

		if (!rule->signs || facts->path == PATH_INBOUND)
			continue;
		answers[i] = line_fits(policy, rule, facts, &nothing_yet);
		if (answers[i] == ON_ERROR)
			return false;
		if (answers[i] == YES)
			sign(decision, rule, facts);
	}
	for (int i = 0; i < policy->n_matches; i++) {
		const struct ref_rule *rule = &policy->rules[i];

		if (!rule->tags && !rule->notes)
			continue;
		if (!rule->signs || facts->path == PATH_INBOUND)
			answers[i] = line_fits(policy, rule, facts, decision);
		if (answers[i] == ON_ERROR)
			return false;
		if (answers[i] == YES && rule->tags)
			decision->tags[decision->n_tags++] = REF_FIRST_LINE + i;
		if (answers[i] == YES && rule->notes)
			decision->notes[decision->n_notes++] = REF_FIRST_LINE + i;
	}
	return true;
}

void
ref_decide(const struct ref_policy *policy, const struct facts *facts,
    struct ref_decision *decision)
{
	*decision = (struct ref_decision){.verdict = "accept"};
	if (!run_matches(policy, facts, decision)) {
		on_error(policy, decision);
		return;
	}
	if (facts->path == PATH_REENTRY)
		return;
	for (int i = policy->n_matches; i < policy->n_rules; i++) {
		const struct ref_rule *rule = &policy->rules[i];
		int fits;

		if (rule->until != 0 && facts->local_date > rule->until)
			continue;
		fits = line_fits(policy, rule, facts, decision);
		if (fits == ON_ERROR && !rule->watch) {
			on_error(policy, decision);
			return;
		}
		if (fits == YES && rule->watch)
			decision->watch[decision->n_watch++] = REF_FIRST_LINE + i;
		if (fits == YES && !rule->watch) {
			decision->verdict = rule->verdict;
			decision->line = REF_FIRST_LINE + i;
			return;
		}
	}
}
