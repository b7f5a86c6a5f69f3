/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/parse.h"
#include "policy/settings.h"
#include "policy/value.h"

/*
 * The canonical form: names first, then what adds, then what decides; one blank between
 * words.
 */

const char *
rule_verdict_name(enum rule_verdict verdict)
{
	static const char *const names[] = {
	    [RULE_ACCEPT] = "accept",
	    [RULE_HOLD] = "hold",
	    [RULE_DEFER] = "defer",
	    [RULE_REJECT] = "reject",
	    [RULE_MATCH] = "match",
	};

	return names[verdict];
}

static void
print_bits(unsigned bits, enum word first, struct buf *out)
{
	const char *comma = "";

	for (unsigned i = 0; bits >> i != 0; i++)
		if ((bits & 1U << i) != 0) {
			buf_addf(out, "%s%s", comma, word_text((enum word)(first + i)));
			comma = ",";
		}
}

static void
print_number(const struct test *test, struct buf *out)
{
	static const char *const signs[] = {
	    [COMPARE_OVER] = ">",
	    [COMPARE_FROM] = ">=",
	    [COMPARE_UNDER] = "<",
	    [COMPARE_TO] = "<=",
	};

	buf_addf(out, "%s ", signs[test->compare]);
	if (test->operand == OPERAND_MAP)
		buf_addf(out, "<%.*s>", VIEW_ARG(test->text));
	else if (test->operand == OPERAND_USUAL)
		buf_addf(out, "%llux usual", (unsigned long long)test->number);
	else if (test->fact == FACT_AGE)
		value_add_duration(out, test->number);
	else if (test->fact == FACT_SIZE || test->is_bytes)
		value_add_size(out, test->number);
	else
		buf_addf(out, "%llu", (unsigned long long)test->number);
}

/* A name of the admin's: in quotes where bare it would mean something else. */
static void
print_name(const struct test *test, struct buf *out)
{
	bool is_login = test->operand == OPERAND_LOGIN;
	bool is_bare =
	    is_login ? !value_is_numeric(test->text)
		     : test->operand != OPERAND_DOMAIN || view_has_char(test->text, '.');

	if (is_bare && !view_is(test->text, VIEW("postmaster")))
		value_add_text(out, test->text);
	else
		value_add_quoted(out, test->text);
}

static void
print_operand(const struct test *test, struct buf *out)
{
	char text[ADDR_TEXT];

	switch (test->operand) {
	case OPERAND_ANY:
		buf_add_text(out, "any");
		break;
	case OPERAND_NULL:
		buf_add_text(out, "null");
		break;
	case OPERAND_UNCLEAR:
		buf_add_text(out, "unclear");
		break;
	case OPERAND_TABLE:
		buf_addf(out, "<%.*s>", VIEW_ARG(test->text));
		break;
	case OPERAND_ADDRESS:
	case OPERAND_DOMAIN:
	case OPERAND_SUFFIX:
	case OPERAND_LOGIN:
		print_name(test, out);
		break;
	case OPERAND_POSTMASTER:
		buf_add_text(out, "postmaster");
		break;
	case OPERAND_NETWORK:
		buf_add_text(out, prefix_text(test->network, text));
		break;
	case OPERAND_BITS:
		print_bits(test->bits, parse_first_word(test), out);
		break;
	case OPERAND_YES:
	case OPERAND_NO:
		buf_add_text(out, test->operand == OPERAND_YES ? "yes" : "no");
		break;
	case OPERAND_HOURS:
		buf_addf(out, "%02u-%02u", test->from, test->to);
		break;
	case OPERAND_DISAGREES:
		buf_add_text(out, word_text(WORD_DISAGREES));
		break;
	case OPERAND_NUMBER:
	case OPERAND_MAP:
	case OPERAND_USUAL:
		print_number(test, out);
		break;
	case OPERAND_OWN_SENDER:
	case OPERAND_OWN_AUTHOR:
		buf_add_text(
		    out, test->operand == OPERAND_OWN_SENDER ? "sender" : "author");
		break;
	}
}

struct view
test_name(const struct test *test)
{
	return test->fact == FACT_METER ? test->name : view_of(fact_text(test->fact));
}

void
policy_print_test(const struct test *test, struct buf *out)
{
	buf_addf(out, "%s%.*s %s", test->negated ? "not " : "", VIEW_ARG(test_name(test)),
	    test->only ? "only " : "");
	print_operand(test, out);
}

static void
print_effects(const struct rule *rule, struct buf *out)
{
	if (rule->signs)
		buf_add_text(out, " sign");
	for (size_t i = 0; i < rule->signers.n; i++) {
		buf_add_text(out, i == 0 ? " with " : ", ");
		value_add_text(out, rule->signers.at[i].name);
	}
	for (size_t i = 0; i < rule->effects.n; i++) {
		const struct text_effect *effect = &rule->effects.at[i];
		struct buf field = BUF_INIT(4 * TEXT_EXPANDED_MAX);

		if (effect->is_tag)
			buf_addf(&field, "%.*s: ", VIEW_ARG(effect->name));
		buf_add(&field, effect->text);
		buf_add_text(out, effect->is_tag ? " tag " : " note ");
		value_add_quoted(out, buf_view(&field));
		buf_fini(&field);
	}
}

static void
print_options(const struct rule *rule, struct buf *out)
{
	if (rule->has_label) {
		buf_add_text(out, " label ");
		value_add_quoted(out, rule->label);
	}
	if (rule->has_reply) {
		buf_add_text(out, " reply ");
		value_add_quoted(out, rule->reply);
	}
	if (rule->notify)
		buf_add_text(out, " notify");
	if (rule->until != 0) {
		buf_add_text(out, " until ");
		value_add_date(out, rule->until);
	}
}

static void
print_rule(const struct rule *rule, struct buf *out)
{
	buf_add(out, rule->shown);
	for (size_t i = 0; i < rule->tests.n; i++) {
		buf_add_char(out, ' ');
		buf_add(out, rule->tests.at[i]->shown);
	}
	print_effects(rule, out);
	print_options(rule, out);
	buf_add_char(out, '\n');
}

static void
print_table(const struct table *table, struct buf *out)
{
	buf_addf(out, "%s <%.*s> ", table->is_map ? "map" : "table", VIEW_ARG(table->name));
	if (table->file.n > 0) {
		buf_add_text(out, table->is_postmap ? "postmap " : "file ");
		value_add_quoted(out, table->file);
	} else {
		for (size_t i = 0; i < table->items.n; i++) {
			buf_add_text(out, i == 0 ? "{ " : ", ");
			value_add_text(out, table->items.at[i]);
		}
		buf_add_text(out, " }");
	}
	buf_add_char(out, '\n');
}

static void
print_meter(const struct policy_meter *meter, struct buf *out)
{
	buf_addf(out, "meter %.*s count %s per %s within ", VIEW_ARG(meter->name),
	    word_text((enum word)(WORD_MESSAGES + meter->what)),
	    word_text((enum word)(WORD_PER_USER + meter->whom)));
	value_add_duration(out, meter->within);
	if (meter->floor > 0)
		buf_add_text(out, " floor ");
	if (meter->floor > 0 && meter->what == METER_BYTES)
		value_add_size(out, meter->floor);
	else if (meter->floor > 0)
		buf_addf(out, "%llu", (unsigned long long)meter->floor);
	if (meter->to.n > 0)
		buf_addf(
		    out, " to %s<%.*s>", meter->to_not ? "not " : "", VIEW_ARG(meter->to));
	buf_add_char(out, '\n');
}

static void
print_key(const struct policy_key_source *source, struct buf *out)
{
	if (source->name.n == 0) {
		buf_add_text(out, "keys ");
	} else {
		buf_addf(out, "key %.*s domain ", VIEW_ARG(source->name));
		value_add_text(out, source->domain);
		buf_add_text(out, " selector ");
		value_add_quoted(out, source->selector);
		buf_add_text(out, " file ");
	}
	value_add_quoted(out, source->path);
	buf_add_char(out, '\n');
}

/* A blank line between groups that both have something. */
static void
gap(struct buf *out, size_t n)
{
	if (n > 0 && out->n > 0)
		buf_add_char(out, '\n');
}

void
policy_print(const struct policy *policy, struct buf *out)
{
	for (size_t i = 0; i < policy->sets.n; i++)
		buf_addf(out, "set %s %.*s\n", setting_text(policy->sets.at[i].setting),
		    VIEW_ARG(policy->sets.at[i].shown));
	gap(out, policy->tables.n);
	for (size_t i = 0; i < policy->tables.n; i++)
		print_table(policy->tables.at[i], out);
	gap(out, policy->key_sources.n);
	for (size_t i = 0; i < policy->key_sources.n; i++)
		print_key(&policy->key_sources.at[i], out);
	gap(out, policy->meters.n);
	for (size_t i = 0; i < policy->meters.n; i++)
		print_meter(&policy->meters.at[i], out);
	gap(out, policy->matches.n);
	for (size_t i = 0; i < policy->matches.n; i++)
		print_rule(policy->matches.at[i], out);
	gap(out, policy->verdicts.n);
	for (size_t i = 0; i < policy->verdicts.n; i++)
		print_rule(policy->verdicts.at[i], out);
}
