/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/check.h"
#include "policy/value.h"

/* Rules: what each may ask, who can be signed for, and which line decides. */

enum { UNTIL_WARNING_DAYS = 10 };

/* There is a 'key' line of this name. */
static bool
signer_is_named(const struct policy *policy, const struct signer *signer)
{
	for (size_t i = 0; i < policy->key_sources.n; i++)
		if (view_is(policy->key_sources.at[i].name, signer->name))
			return true;
	return false;
}

static void
fail_signer(struct checker *checker, const struct signer *signer)
{
	const struct policy *policy = checker->policy;
	struct buf list = BUF_INIT(512);
	struct guess guess;

	if (!value_is_name(signer->name)) {
		diag_error(checker->diag, signer->span, "there is no key for %.*s",
		    VIEW_ARG(signer->name));
		return;
	}
	if (signer_is_named(policy, signer)) {
		diag_error(checker->diag, signer->span,
		    "the key '%.*s' is not among those that can be used",
		    VIEW_ARG(signer->name));
		return;
	}
	diag_error(
	    checker->diag, signer->span, "there is no key '%.*s'", VIEW_ARG(signer->name));
	guess_begin(&guess, signer->name);
	for (size_t i = 0; i < policy->key_sources.n; i++)
		if (policy->key_sources.at[i].name.n > 0) {
			guess_try(&guess, policy->key_sources.at[i].name);
			buf_addf(&list, " %.*s", VIEW_ARG(policy->key_sources.at[i].name));
		}
	if (guess_is_good(&guess))
		diag_hint(checker->diag, "did you mean '%.*s'?", VIEW_ARG(guess.best));
	if (list.n > 0)
		diag_hint(checker->diag, "keys with a name:%s", buf_text(&list));
	diag_hint(checker->diag, "expected the name of a 'key' line, or a domain");
	buf_fini(&list);
}

void
check_signers(struct checker *checker)
{
	struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->matches.n; i++) {
		struct rule *rule = policy->matches.at[i];

		for (size_t j = 0; j < rule->signers.n; j++) {
			struct signer *signer = &rule->signers.at[j];
			bool is_name = value_is_name(signer->name);

			if ((is_name && !signer_is_named(policy, signer)) ||
			    (!check_resolve_signer(policy, signer) && policy->has_keys))
				fail_signer(checker, signer);
		}
	}
}

/*
 * May RULE fit mail of submission whoever the author is: no 'owns author', no path that
 * leaves it out.
 */
static bool
signs_for_anyone(const struct rule *rule)
{
	const unsigned submission = 1U << PATH_SUBMISSION;

	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct test *test = rule->tests.at[i];

		if (test->fact == FACT_OWNS && test->operand == OPERAND_OWN_AUTHOR &&
		    !test->negated)
			return false;
		if (test->fact == FACT_PATH &&
		    ((test->bits & submission) != 0) == test->negated)
			return false;
		if (test->fact == FACT_USER && test->operand == OPERAND_ANY &&
		    test->negated)
			return false;
	}
	return true;
}

static bool
has_key_directory(const struct policy *policy)
{
	for (size_t i = 0; i < policy->key_sources.n; i++)
		if (policy->key_sources.at[i].name.n == 0)
			return true;
	return false;
}

static void
check_match(struct checker *checker, const struct rule *rule)
{
	if (!rule->signs)
		return;
	for (size_t i = 0; i < rule->tests.n; i++)
		if (fact_class(rule->tests.at[i]->fact) == CLASS_DERIVED)
			diag_error(checker->diag, rule->tests.at[i]->span,
			    "'%s' is known only after the rules that sign",
			    fact_text(rule->tests.at[i]->fact));
	if (rule->signers.n == 0 && !has_key_directory(checker->policy)) {
		diag_warn(checker->diag, rule->span,
		    "nothing can sign here: there is no 'keys' line");
		diag_hint(
		    checker->diag, "add keys \"keys\", or say which key: sign with NAME");
	}
	if (signs_for_anyone(rule)) {
		diag_warn(checker->diag, rule->span,
		    "any login can have mail signed here, whoever the author is");
		diag_hint(
		    checker->diag, "add 'owns author', or a path that is not submission");
	}
}

static void
check_until(struct checker *checker, const struct rule *rule)
{
	int days;

	if (rule->until == 0 || checker->now_date == 0)
		return;
	days = value_days_between(checker->now_date, rule->until);
	if (days < 0)
		diag_warn(checker->diag, rule->until_span, "this rule has ended");
	else if (days == 0)
		diag_warn(checker->diag, rule->until_span, "this rule ends today");
	else if (days <= UNTIL_WARNING_DAYS)
		diag_warn(checker->diag, rule->until_span, "this rule ends in %d day%s",
		    days, days == 1 ? "" : "s");
}

static void
check_last(struct checker *checker)
{
	const struct policy *policy = checker->policy;
	const struct rule *last;

	if (policy->verdicts.n == 0) {
		diag_error(checker->diag, span_of_file(policy->sources.at[0]),
		    "no line decides: the last one should be a verdict, like 'accept'");
		return;
	}
	last = policy->verdicts.at[policy->verdicts.n - 1];
	if (last->tests.n == 0 && rule_always_acts(last))
		return;
	diag_error(
	    checker->diag, last->span, "the last line has to decide for every message");
	diag_hint(checker->diag, "expected accept, hold, defer or reject without a test");
}

void
check_rules(struct checker *checker)
{
	const struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->matches.n; i++)
		check_match(checker, policy->matches.at[i]);
	for (size_t i = 0; i < policy->verdicts.n; i++)
		check_until(checker, policy->verdicts.at[i]);
	check_last(checker);
	check_reach(checker);
}
