/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/check.h"

/* What is right by the language, and would still surprise whoever wrote it. */

static void
warn_empty(struct checker *checker, const struct table *table)
{
	if (table->is_map || table->is_faulty || !table->is_used || table->index.count > 0)
		return;
	diag_warn(checker->diag, table->span,
	    "nothing is in <%.*s>: no test of it ever says yes", VIEW_ARG(table->name));
}

/* Incidents, reports and 'frank log --rule' go by the label. */
static void
warn_same_label(struct checker *checker, size_t at)
{
	const struct policy *policy = checker->policy;
	const struct rule *rule = policy->verdicts.at[at];

	for (size_t i = 0; i < at && rule->has_label; i++) {
		const struct rule *earlier = policy->verdicts.at[i];

		if (!earlier->has_label || !view_is(rule->label, earlier->label))
			continue;
		diag_warn(checker->diag, rule->label_span, "%.*s has this label already",
		    VIEW_ARG(earlier->place));
		diag_hint(checker->diag, "incidents and reports cannot tell the two apart");
		return;
	}
}

/* Tests of who it is that sends, and of nothing else; of some login among them. */
static bool
accepts_logins(const struct rule *rule)
{
	bool names_login = false;

	if (rule->verdict != RULE_ACCEPT || !rule_always_acts(rule))
		return false;
	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct test *test = rule->tests.at[i];

		switch ((int)test->fact) {
		case FACT_USER:
			names_login |= !test->negated;
			break;
		case FACT_PATH:
		case FACT_CLIENT:
		case FACT_SENDER:
		case FACT_AUTHOR:
		case FACT_OWNS:
			break;
		default:
			return false;
		}
	}
	return names_login;
}

static bool
holds_by_meter(const struct rule *rule)
{
	if (rule->verdict != RULE_HOLD || rule->watch)
		return false;
	for (size_t i = 0; i < rule->tests.n; i++)
		if (rule->tests.at[i]->fact == FACT_METER)
			return true;
	return false;
}

/* A stolen account among those that RULE accepts is never caught. */
static void
warn_never_caught(struct checker *checker, size_t at)
{
	const struct policy *policy = checker->policy;
	const struct rule *rule = policy->verdicts.at[at];

	if (!accepts_logins(rule))
		return;
	for (size_t i = at + 1; i < policy->verdicts.n; i++) {
		const struct rule *hold = policy->verdicts.at[i];

		if (!holds_by_meter(hold))
			continue;
		diag_warn(checker->diag, rule->span,
		    "%.*s can never hold what these logins send, however much it is",
		    VIEW_ARG(hold->place));
		diag_hint(checker->diag, "give this line a limit by a meter, too");
		return;
	}
}

void
check_surprises(struct checker *checker)
{
	const struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->tables.n; i++)
		warn_empty(checker, policy->tables.at[i]);
	for (size_t i = 0; i < policy->verdicts.n; i++) {
		warn_same_label(checker, i);
		warn_never_caught(checker, i);
	}
}
