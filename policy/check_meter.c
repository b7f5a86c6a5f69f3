/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/check.h"
#include "policy/judge.h"
#include "policy/text.h"

/* Meters: those that are asked for are there, and can answer. */

void
check_meters(struct checker *checker)
{
	struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->meters.n; i++) {
		const struct policy_meter *meter = &policy->meters.at[i];
		struct meter_place *place = &policy->meter_places.at[i];

		if (meter->to.n > 0 && !place->is_faulty)
			place->table =
			    check_find_table(checker, meter->to, place->to, false);
	}
}

bool
policy_meter_counts(const struct policy *policy, const struct policy_meter *meter,
    const struct fact_address *rcpt)
{
	struct test test = {.fact = FACT_RCPT, .operand = OPERAND_TABLE};

	must(meter->index < policy->meters.n);
	if (meter->to.n == 0)
		return true;
	test.table = policy->meter_places.at[meter->index].table;
	return judge_address(policy, &test, rcpt, NULL) != meter->to_not;
}

static void
hint_meters(struct checker *checker)
{
	const struct policy *policy = checker->policy;
	struct buf list = BUF_INIT(1024);

	for (size_t i = 0; i < policy->meters.n; i++)
		buf_addf(&list, " %.*s", VIEW_ARG(policy->meters.at[i].name));
	if (list.n > 0)
		diag_hint(checker->diag, "meters:%s", buf_text(&list));
	else
		diag_hint(checker->diag,
		    "there are no meters: meter NAME count ... per ... "
		    "within ...");
	buf_fini(&list);
}

static void
fail_unknown(struct checker *checker, const struct test *test)
{
	const struct policy *policy = checker->policy;
	struct guess guess;

	diag_error(checker->diag, test->name_span, "'%.*s' is neither a test nor a meter",
	    VIEW_ARG(test->name));
	guess_begin(&guess, test->name);
	for (size_t i = 0; i < policy->meters.n; i++)
		guess_try(&guess, policy->meters.at[i].name);
	for (unsigned fact = FACT_METER + 1; fact < FACTS; fact++)
		if (fact == FACT_RCPTS || fact == FACT_SIZE || fact == FACT_AGE)
			guess_try(&guess, view_of(fact_text((enum fact)fact)));
	if (guess_is_good(&guess))
		diag_hint(checker->diag, "did you mean '%.*s'?", VIEW_ARG(guess.best));
	hint_meters(checker);
}

void
check_meter_test(struct checker *checker, struct test *test)
{
	struct policy *policy = checker->policy;

	test->meter = policy_find_meter(policy, test->name);
	if (test->meter == NULL) {
		fail_unknown(checker, test);
		return;
	}
	policy->meter_places.at[test->meter->index].is_used = true;
	if (test->is_bytes && test->meter->what != METER_BYTES &&
	    !policy->meter_places.at[test->meter->index].is_faulty)
		diag_error(checker->diag, test->value_span,
		    "'%.*s' counts no bytes: a number should stand here",
		    VIEW_ARG(test->name));
}

static void
check_text(struct checker *checker, struct view text, struct span where)
{
	struct policy *policy = checker->policy;
	const struct policy_meter *meter;
	struct view name;

	while (text_next_name(&text, &name)) {
		if (text_is_fill(name))
			continue;
		meter = policy_find_meter(policy, name);
		if (meter == NULL) {
			text_fail_name(checker, where, name);
			return;
		}
		policy->meter_places.at[meter->index].is_used = true;
	}
}

void
check_texts(struct checker *checker, const struct rule *rule)
{
	for (size_t i = 0; i < rule->effects.n; i++)
		check_text(checker, rule->effects.at[i].text, rule->effects.at[i].span);
	if (rule->has_reply)
		check_text(checker, rule->reply, rule->reply_span);
}
