/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/check.h"
#include "lib/bug.h"
#include "policy/settings.h"
#include "policy/value.h"

/* Names: every table and map is there, is what it should be, and is used. */

static void
load_tables(struct checker *checker)
{
	struct policy *policy = checker->policy;
	struct parser parser = {
	    .policy = policy, .bundle = checker->bundle, .diag = checker->diag};
	struct table_load load = {
	    .arena = policy->arena, .diag = checker->diag, .seed = policy->seed};

	for (size_t i = 0; i < policy->tables.n && !diag_is_full(checker->diag); i++) {
		struct table *table = policy->tables.at[i];
		const struct source *source;

		if (table->is_faulty || table->is_postmap)
			continue;
		if (table->file.n == 0) {
			table_load_items(table, &load);
			continue;
		}
		source = parse_fetch(&parser, table->file, table->file_span);
		if (source != NULL)
			table_load_file(table, source, &load);
	}
}

/* For what a message may ask there has to be room among its facts. */
static void
count_postmaps(struct checker *checker)
{
	const struct policy *policy = checker->policy;
	unsigned n = 0;

	for (size_t i = 0; i < policy->tables.n; i++) {
		const struct table *table = policy->tables.at[i];

		if (!table->is_postmap || !table->is_numbers || table->is_faulty)
			continue;
		if (n++ == POLICY_POSTMAP_NUMBERS)
			diag_error(checker->diag, table->span,
			    "more than %d maps of numbers through postmap",
			    POLICY_POSTMAP_NUMBERS);
	}
}

static void
fail_unknown(struct checker *checker, struct view name, struct span where, bool is_map)
{
	const struct policy *policy = checker->policy;
	struct buf list = BUF_INIT(512);
	struct guess guess;

	diag_error(checker->diag, where, "there is no %s <%.*s>", is_map ? "map" : "table",
	    VIEW_ARG(name));
	guess_begin(&guess, name);
	for (size_t i = 0; i < policy->tables.n; i++)
		if (policy->tables.at[i]->is_map == is_map) {
			guess_try(&guess, policy->tables.at[i]->name);
			buf_addf(&list, " <%.*s>", VIEW_ARG(policy->tables.at[i]->name));
		}
	if (guess_is_good(&guess))
		diag_hint(checker->diag, "did you mean <%.*s>?", VIEW_ARG(guess.best));
	if (list.n > 0)
		diag_hint(
		    checker->diag, "%s:%s", is_map ? "maps" : "tables", buf_text(&list));
	buf_fini(&list);
}

const struct table *
check_find_table(struct checker *checker, struct view name, struct span where, bool is_map)
{
	struct table *table = policy_find_table(checker->policy, name);

	if (table == NULL) {
		fail_unknown(checker, name, where, is_map);
		return NULL;
	}
	table->is_used = true;
	if (table->is_map == is_map)
		return table;
	diag_error(checker->diag, where,
	    is_map ? "<%.*s> is a table, and a map should stand here"
		   : "<%.*s> is a map, and a table should stand here",
	    VIEW_ARG(name));
	return NULL;
}

/* A table that can never answer the question it is asked. */
static void
check_content(struct checker *checker, const struct test *test)
{
	const struct table *table = test->table;
	bool wants_networks = test->fact == FACT_CLIENT;
	uint32_t fit;

	if (table == NULL || table->is_faulty || table->index.count == 0)
		return;
	fit = wants_networks ? table->networks : table->index.count - table->networks;
	if (fit == 0)
		diag_warn(checker->diag, test->span,
		    wants_networks ? "<%.*s> holds no address or network"
				   : "<%.*s> holds only addresses and networks of clients",
		    VIEW_ARG(table->name));
}

static void
resolve_rule(struct checker *checker, struct rule *rule)
{
	for (size_t i = 0; i < rule->tests.n; i++) {
		struct test *test = rule->tests.at[i];

		checker->policy->asked |= 1U << test->fact;
		if (test->operand == OPERAND_OWN_SENDER)
			checker->policy->asks_sender = true;
		if (test->operand == OPERAND_OWN_AUTHOR)
			checker->policy->asks_author = true;
		if (test->operand == OPERAND_MAP)
			test->table =
			    check_find_table(checker, test->text, test->value_span, true);
		if (test->fact == FACT_METER)
			check_meter_test(checker, test);
		if (test->operand != OPERAND_TABLE)
			continue;
		test->table = check_find_table(checker, test->text, test->span, false);
		check_content(checker, test);
	}
}

/* Maps that are compared with: what they hold has to be numbers. */
static void
mark_numbers(struct checker *checker, const struct rule *rule)
{
	const struct policy *policy = checker->policy;

	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct test *test = rule->tests.at[i];
		struct table *table = NULL;

		if (test->operand == OPERAND_MAP)
			table = policy_find_table(policy, test->text);
		if (table == NULL || !table->is_map || table->is_numbers)
			continue;
		table->is_numbers = true;
		for (size_t j = 0; j < policy->sets.n; j++)
			if (policy->sets.at[j].setting == SETTING_OWNERS &&
			    view_is(policy->sets.at[j].table, table->name))
				diag_error(checker->diag, test->value_span,
				    "<%.*s> says who owns an address, and has no numbers",
				    VIEW_ARG(table->name));
	}
}

static bool
is_same_question(const struct test *a, const struct test *b)
{
	return a->operand == b->operand && view_is(a->text, b->text);
}

/* Tests that ask the same of a recipient share one number. */
static void
number_rcpt_tests(struct checker *checker, struct rule *rule)
{
	struct policy *policy = checker->policy;

	for (size_t i = 0; i < rule->tests.n; i++) {
		struct test *test = rule->tests.at[i];
		size_t n = 0;

		if (test->fact != FACT_RCPT)
			continue;
		while (n < policy->rcpt_tests.n &&
		       !is_same_question(policy->rcpt_tests.at[n], test))
			n++;
		if (n == POLICY_RCPT_TESTS_MAX) {
			diag_error(checker->diag, test->span,
			    "more than %d different tests of recipients",
			    POLICY_RCPT_TESTS_MAX);
			return;
		}
		test->rcpt = (uint32_t)n;
		if (n == policy->rcpt_tests.n)
			*LIST_ADD(policy->arena, &policy->rcpt_tests) = test;
	}
}

void
check_names(struct checker *checker)
{
	struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->sets.n; i++) {
		const struct set_statement *set = &policy->sets.at[i];

		if (set->table.n == 0)
			continue;
		if (set->setting == SETTING_OWNERS)
			policy->owners =
			    check_find_table(checker, set->table, set->value_span, true);
		else
			policy->trusted =
			    check_find_table(checker, set->table, set->value_span, false);
	}
	check_meters(checker);
	for (size_t i = 0; i < policy->matches.n; i++) {
		resolve_rule(checker, policy->matches.at[i]);
		check_texts(checker, policy->matches.at[i]);
		number_rcpt_tests(checker, policy->matches.at[i]);
	}
	for (size_t i = 0; i < policy->verdicts.n; i++) {
		resolve_rule(checker, policy->verdicts.at[i]);
		check_texts(checker, policy->verdicts.at[i]);
		number_rcpt_tests(checker, policy->verdicts.at[i]);
	}
}

static bool
key_is_used(const struct policy *policy, const struct policy_key_source *source)
{
	for (size_t i = 0; i < policy->matches.n; i++)
		for (size_t j = 0; j < policy->matches.at[i]->signers.n; j++) {
			struct view name = policy->matches.at[i]->signers.at[j].name;

			if (view_is(name, source->name) || view_is(name, source->domain))
				return true;
		}
	return false;
}

void
check_unused(struct checker *checker)
{
	const struct policy *policy = checker->policy;

	for (size_t i = 0; i < policy->tables.n; i++) {
		const struct table *table = policy->tables.at[i];

		if (!table->is_used)
			diag_warn(checker->diag, table->span, "nothing uses <%.*s>",
			    VIEW_ARG(table->name));
	}
	for (size_t i = 0; i < policy->meters.n; i++)
		if (!policy->meter_places.at[i].is_used)
			diag_warn(checker->diag, policy->meter_places.at[i].name,
			    "nothing asks for the meter '%.*s'",
			    VIEW_ARG(policy->meters.at[i].name));
	for (size_t i = 0; i < policy->key_sources.n; i++) {
		const struct policy_key_source *source = &policy->key_sources.at[i];

		if (source->name.n > 0 && !key_is_used(policy, source))
			diag_warn(checker->diag, policy->key_places.at[i].name,
			    "nothing signs with '%.*s'", VIEW_ARG(source->name));
	}
}

void
check_policy(struct checker *checker, bool had_errors)
{
	for (size_t i = 0; i < checker->policy->matches.n; i++)
		mark_numbers(checker, checker->policy->matches.at[i]);
	for (size_t i = 0; i < checker->policy->verdicts.n; i++)
		mark_numbers(checker, checker->policy->verdicts.at[i]);
	load_tables(checker);
	count_postmaps(checker);
	check_names(checker);
	check_load_keys(checker);
	check_signers(checker);
	/* What a faulty line would have said is not known: these would only guess. */
	if (had_errors)
		return;
	check_rules(checker);
	if (checker->diag->errors > 0)
		return;
	check_unused(checker);
	check_surprises(checker);
}
