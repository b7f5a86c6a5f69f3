/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/align.h"
#include "engine/deciding.h"
#include "lib/escape.h"

/* Which keys sign, and why none does. */

enum { REASON_MAX = 768 };

struct view
sign_obstacle(const struct deciding *deciding)
{
	const struct facts *facts = deciding->facts;

	if (facts->path == PATH_INBOUND)
		return VIEW("incoming mail is not signed");
	if (facts->unclear.n > 0)
		return VIEW("author unclear");
	if (facts->author.text.n == 0)
		return VIEW("there is no author");
	if (facts->author.domain.n == 0)
		return VIEW("the author has no domain");
	return VIEW_NONE;
}

/* Why a rule that fits did not sign, for the author's DOMAIN. */
static void
add_missing(const struct missing *missing, struct view domain, struct buf *out)
{
	const struct policy_key *key = missing->key;

	if (missing->has_no_room) {
		buf_add_text(out, "too many signatures with one for ");
	} else if (missing->signer != NULL && key == NULL) {
		buf_add_text(out, "there is no such key, and the author is at ");
	} else if (missing->signer != NULL) {
		buf_add_text(out, "the key of ");
		escape_add(out, key->domain, ESCAPE_MAX);
		buf_add_text(out, " may not sign for ");
	} else if (key != NULL && view_is(key->domain, domain)) {
		buf_addf(out, "the key '%.*s' is for ", VIEW_ARG(key->name));
	} else {
		buf_add_text(out, "no key for ");
	}
	escape_add(out, domain, ESCAPE_MAX);
	if (missing->signer != NULL || missing->has_no_room || key == NULL)
		return;
	if (view_is(key->domain, domain))
		buf_addf(out, ", but a key with a name signs only by 'sign with %.*s'",
		    VIEW_ARG(key->name));
	else
		buf_addf(out, ", one for its parent %.*s", VIEW_ARG(key->domain));
}

/* Remember the first of them, and tell the trace of each. */
static void
note_missing(struct deciding *deciding, struct missing missing)
{
	char text[REASON_MAX] = "";
	struct buf reason = BUF_OVER(text);
	size_t begin;

	if (deciding->trace == NULL && deciding->no_key.n > 0)
		return;
	buf_add_text(&reason, "not signed");
	if (missing.signer != NULL)
		buf_addf(&reason, " with %.*s", VIEW_ARG(missing.signer->name));
	buf_addf(&reason, " (%.*s): ", VIEW_ARG(missing.rule->place));
	begin = reason.n;
	add_missing(&missing, deciding->facts->author.domain, &reason);
	if (deciding->trace != NULL)
		trace_unsigned(deciding, deciding_keep(deciding, &reason));
	if (deciding->no_key.n == 0) {
		reason.p += begin;
		reason.n -= begin;
		deciding->no_key = deciding_keep(deciding, &reason);
		deciding->missing = missing;
	}
}

/*
 * Where 'sign' alone has no key for DOMAIN: one that a rule could name. A named one of the
 * domain, or one of the nearest parent that has any. NULL: none.
 */
static const struct policy_key *
other_key(const struct policy *policy, struct view domain, const struct facts *facts)
{
	bool is_named = true; /* of a parent only what 'sign with DOMAIN' finds for sure */
	struct view parent = domain, label;

	while (parent.n > 0) {
		for (unsigned i = 0; i < ALGORITHMS; i++) {
			const struct policy_key *key = policy_choose_key(
			    policy, parent, (enum policy_algorithm)i, is_named, facts);

			if (key != NULL)
				return align_key_may_sign(parent, domain) ? key : NULL;
		}
		is_named = false;
		(void)view_cut(&parent, '.', &label);
	}
	return NULL;
}

/* False: there are too many already. */
static bool
add_key(struct deciding *deciding, const struct policy_key *key)
{
	struct decision *decision = deciding->decision;

	for (uint32_t i = 0; i < decision->n_sign; i++)
		if (decision->sign[i]->index == key->index)
			return true;
	if (decision->n_sign == DECISION_SIGN_MAX)
		return false;
	decision->sign[decision->n_sign++] = key;
	return true;
}

static void
sign_alone(struct deciding *deciding, const struct rule *rule)
{
	struct view domain = deciding->facts->author.domain;
	bool has_key = false;

	for (unsigned i = 0; i < ALGORITHMS; i++) {
		const struct policy_key *key = policy_choose_key(deciding->policy, domain,
		    (enum policy_algorithm)i, false, deciding->facts);

		if (key == NULL)
			continue;
		has_key = true;
		if (!add_key(deciding, key))
			note_missing(
			    deciding, (struct missing){.rule = rule, .has_no_room = true});
	}
	if (!has_key)
		note_missing(deciding,
		    (struct missing){.rule = rule,
			.key = other_key(deciding->policy, domain, deciding->facts)});
}

/* The keys behind SIGNER, for this message. */
static uint32_t
keys_of(const struct deciding *deciding, const struct signer *signer,
    const struct policy_key *keys[ALGORITHMS])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < signer->n_keys; i++)
		keys[n++] = signer->keys[i];
	for (unsigned i = 0; signer->by_domain && i < ALGORITHMS; i++) {
		keys[n] = policy_choose_key(deciding->policy, signer->name,
		    (enum policy_algorithm)i, true, deciding->facts);
		n += keys[n] != NULL;
	}
	return n;
}

static void
sign_with(struct deciding *deciding, const struct rule *rule, const struct signer *signer)
{
	struct view domain = deciding->facts->author.domain;
	const struct policy_key *keys[ALGORITHMS + 1];
	uint32_t n = keys_of(deciding, signer, keys);

	if (n == 0)
		note_missing(deciding, (struct missing){.rule = rule, .signer = signer});
	for (uint32_t i = 0; i < n; i++) {
		struct missing missing = {.rule = rule, .signer = signer, .key = keys[i]};

		if (!align_key_may_sign(keys[i]->domain, domain)) {
			note_missing(deciding, missing);
			return;
		}
		missing.has_no_room = !add_key(deciding, keys[i]);
		if (missing.has_no_room)
			note_missing(deciding, missing);
	}
}

void
sign_by_rule(struct deciding *deciding, const struct rule *rule)
{
	if (sign_obstacle(deciding).n > 0)
		return;
	if (rule->signers.n == 0)
		sign_alone(deciding, rule);
	for (size_t i = 0; i < rule->signers.n; i++)
		sign_with(deciding, rule, &rule->signers.at[i]);
	/* Each of them aligns: exactly the author's domain, or asked of align_key_may_sign.
	 */
	deciding->decision->is_signed = deciding->decision->n_sign > 0;
}

/* Tests whose reason is a sentence; the others only name what was found. */
static bool
explains_itself(const struct test *test)
{
	return test->operand == OPERAND_TABLE || test->fact == FACT_OWNS ||
	       test->fact == FACT_RCPT || test->fact == FACT_FRAGILE ||
	       test->operand == OPERAND_UNCLEAR;
}

/* "author is alice@example.org, the rule asks example.net" */
static void
add_miss(struct deciding *deciding, const struct test *test, struct buf *out)
{
	struct view asked = test->shown;
	struct view fact = test_name(test);
	size_t skip = fact.n + 1;

	if (!explains_itself(test))
		buf_addf(out, "%.*s is ", VIEW_ARG(fact));
	policy_test_judge(deciding->policy, test, deciding->facts, &deciding->derived, out);
	if (!explains_itself(test) || test->negated || test->operand == OPERAND_UNCLEAR) {
		if (!test->negated)
			asked = view_from(asked, skip);
		buf_addf(out, ", the rule asks %.*s", VIEW_ARG(asked));
	}
}

static void
trace_miss(struct deciding *deciding, const struct rule *rule, const struct test *test)
{
	char text[REASON_MAX] = "";
	struct buf note = BUF_OVER(text);

	buf_add_text(&note, "not signed");
	for (size_t i = 0; i < rule->signers.n; i++)
		buf_addf(&note, i == 0 ? " with %.*s" : ", %.*s",
		    VIEW_ARG(rule->signers.at[i].name));
	buf_addf(&note, " (%.*s): ", VIEW_ARG(rule->place));
	add_miss(deciding, test, &note);
	trace_unsigned(deciding, deciding_keep(deciding, &note));
}

void
sign_missed(struct deciding *deciding, const struct rule *rule, size_t test)
{
	if (deciding->nearest == NULL || test > deciding->nearest_test) {
		deciding->nearest = rule;
		deciding->nearest_test = test;
	}
	if (deciding->trace != NULL && test < rule->tests.n)
		trace_miss(deciding, rule, rule->tests.at[test]);
}

/* The sign rule that came furthest, and what it asked in vain. */
static void
add_nearest(struct deciding *deciding, struct buf *out)
{
	const struct rule *nearest = deciding->nearest;

	buf_addf(
	    out, "no match rule that signs fits; nearest: %.*s ", VIEW_ARG(nearest->place));
	if (deciding->nearest_test < nearest->tests.n)
		add_miss(deciding, nearest->tests.at[deciding->nearest_test], out);
	else
		buf_add_text(out, "asks what was not known");
}

void
sign_explain_none(struct deciding *deciding)
{
	struct view obstacle = sign_obstacle(deciding);
	char text[REASON_MAX] = "";
	struct buf why = BUF_OVER(text);

	if (obstacle.n > 0 && deciding->facts->unclear.n > 0 &&
	    deciding->facts->path != PATH_INBOUND) {
		buf_add_text(&why, "author unclear: ");
		escape_add(&why, deciding->facts->unclear, ESCAPE_MAX);
		obstacle = deciding_keep(deciding, &why);
	} else if (obstacle.n == 0 && deciding->no_key.n > 0) {
		obstacle = deciding->no_key;
	} else if (obstacle.n == 0 && deciding->nearest == NULL) {
		obstacle = VIEW("the policy has no match rule that signs");
	} else if (obstacle.n == 0) {
		add_nearest(deciding, &why);
		obstacle = deciding_keep(deciding, &why);
	}
	deciding->decision->unsigned_why = obstacle;
	if (deciding->trace != NULL && sign_obstacle(deciding).n > 0)
		trace_unsigned(deciding, obstacle);
	if (deciding->trace != NULL)
		remedy_find(deciding);
}
