/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "policy/parse.h"
#include "policy/text.h"
#include "policy/value.h"

/* match and verdict lines. */

static struct rule *
new_rule(struct parser *parser, enum rule_verdict verdict)
{
	struct policy *policy = parser->policy;
	struct rule *rule;

	if (policy->matches.n + policy->verdicts.n >= RULES_MAX) {
		fail_at(parser, &parser->tokens[0], "more than %d rules", RULES_MAX);
		return NULL;
	}
	rule = arena_alloc(policy->arena, sizeof(*rule));
	rule->verdict = verdict;
	rule->span = parser->tokens[0].span;
	rule->place = parse_place(parser, rule->span);
	rule->shown = VIEW("match");
	return rule;
}

static bool
take_signer(struct parser *parser, struct rule *rule)
{
	const struct token *token = peek(parser);
	struct signer *signer;

	if (!is_text(token) || (token->kind == TOKEN_WORD && word_is_reserved(token->text)))
		return fail_expected(parser, "a key's name or a domain");
	if (!value_is_name(token->text) &&
	    (domain_fault(token->text) != NULL || !view_has_char(token->text, '.')))
		return fail_at(parser, token, "'%.*s' is neither a key's name nor a domain",
		    VIEW_ARG(token->text));
	if (rule->signers.n >= RULE_SIGNERS_MAX)
		return fail_at(
		    parser, token, "more than %d keys in one rule", RULE_SIGNERS_MAX);
	signer = LIST_ADD(parser->policy->arena, &rule->signers);
	signer->name =
	    value_is_name(token->text) ? token->text : parse_lower(parser, token->text);
	signer->span = token->span;
	take(parser);
	return true;
}

static bool
take_sign(struct parser *parser, struct rule *rule)
{
	if (rule->signs)
		return fail_at(parser, &parser->tokens[parser->at - 1],
		    "'sign' stands once in a rule: sign with a, b");
	rule->signs = true;
	if (!is_word(peek(parser), "with"))
		return true;
	take(parser);
	while (take_signer(parser, rule)) {
		if (peek(parser)->kind != TOKEN_COMMA)
			return true;
		take(parser);
	}
	return false;
}

static bool
take_effect(struct parser *parser, struct rule *rule)
{
	enum word word = word_find(take(parser)->text, KIND_EFFECT);
	struct text_effect effect = {.is_tag = word == WORD_TAG};

	if (word == WORD_SIGN)
		return take_sign(parser, rule);
	if (!take_string(parser, word == WORD_TAG ? "a header field" : "a note",
		&effect.text, &effect.span))
		return false;
	if (rule->effects.n >= RULE_EFFECTS_MAX)
		return fail_at(parser, &parser->tokens[parser->at - 1],
		    "more than %d tags and notes in one rule", RULE_EFFECTS_MAX);
	if (!(effect.is_tag ? text_check_tag(parser, &effect)
			    : text_check_names(parser, effect.text, effect.span)))
		return false;
	*LIST_ADD(parser->policy->arena, &rule->effects) = effect;
	return true;
}

static bool
is_kind(const struct token *token, enum word_kind kind)
{
	return token->kind == TOKEN_WORD && word_find(token->text, kind) != WORD_NONE;
}

/* A test behind an effect or option, or an option in a match line: what stands where. */
static bool
fail_order(struct parser *parser, const struct rule *rule, const char *before)
{
	const struct token *token = peek(parser);
	enum fact fact;

	if (rule->verdict == RULE_MATCH && is_kind(token, KIND_OPTION))
		return fail_at(parser, token, "'%.*s' belongs to a verdict, not to 'match'",
		    VIEW_ARG(token->text));
	if (rule->verdict != RULE_MATCH && is_kind(token, KIND_EFFECT))
		return fail_at(parser, token, "'%.*s' belongs to 'match', not to a verdict",
		    VIEW_ARG(token->text));
	if (token->kind == TOKEN_WORD &&
	    (fact_find(token->text, &fact) || is_word(token, "not")))
		return fail_at(parser, token, "tests stand before '%s'", before);
	return fail_at(parser, token, "nothing of a rule can stand here");
}

static bool
take_tests(struct parser *parser, struct rule *rule, enum word_kind behind)
{
	while (!is_at_end(parser) && !is_kind(peek(parser), behind)) {
		if (is_kind(peek(parser), KIND_EFFECT) ||
		    is_kind(peek(parser), KIND_OPTION))
			return fail_order(parser, rule, "");
		if (!parse_test(parser, rule))
			return false;
	}
	return true;
}

bool
parse_match(struct parser *parser)
{
	struct policy *policy = parser->policy;
	struct rule *rule = new_rule(parser, RULE_MATCH);
	const char *effect = "";

	if (rule == NULL || !take_tests(parser, rule, KIND_EFFECT))
		return false;
	if (rule->tests.n == 0)
		return fail_expected(parser, "a test");
	if (is_at_end(parser))
		return fail_expected(parser, "what to do (sign, tag or note)");
	while (!is_at_end(parser)) {
		if (!is_kind(peek(parser), KIND_EFFECT))
			return fail_order(parser, rule, effect);
		effect = word_text(word_find(peek(parser)->text, KIND_EFFECT));
		if (!take_effect(parser, rule))
			return false;
	}
	if (policy->verdicts.n > 0) {
		fail_at(parser, &parser->tokens[0],
		    "match lines stand above the first verdict");
		diag_hint(parser->diag, "the first verdict is at %.*s",
		    VIEW_ARG(policy->verdicts.at[0]->place));
		return false;
	}
	*LIST_ADD(policy->arena, &policy->matches) = rule;
	return true;
}

static bool
take_until(struct parser *parser, struct rule *rule)
{
	const struct token *token = peek(parser);

	if (rule->until != 0)
		return fail_at(parser, token, "'until' stands once in a rule");
	if (!is_text(token))
		return fail_expected(parser, "a date, like 2027-01-31,");
	if (!value_date(token->text, &rule->until))
		return fail_at(parser, token, "this is not a date, like 2027-01-31");
	rule->until_span = take(parser)->span;
	return true;
}

static bool
take_option(struct parser *parser, struct rule *rule)
{
	const struct token *token = take(parser);
	enum word word = word_find(token->text, KIND_OPTION);

	if ((word == WORD_LABEL && rule->has_label) ||
	    (word == WORD_REPLY && rule->has_reply))
		return fail_at(
		    parser, token, "'%s' stands once in a rule", word_text(word));
	if (word == WORD_LABEL) {
		rule->has_label = true;
		return take_string(parser, "a label", &rule->label, &rule->label_span) &&
		       text_check_label(parser, rule);
	}
	if (word == WORD_REPLY) {
		rule->has_reply = true;
		return take_string(parser, "a reply", &rule->reply, &rule->reply_span) &&
		       text_check_reply(parser, rule);
	}
	if (word == WORD_UNTIL)
		return take_until(parser, rule);
	rule->notify = true;
	return true;
}

static bool
take_verdict(struct parser *parser, struct rule *rule)
{
	static const struct {
		enum word word;
		enum rule_verdict verdict;
	} verdicts[] = {
	    {WORD_ACCEPT, RULE_ACCEPT},
	    {WORD_HOLD, RULE_HOLD},
	    {WORD_DEFER, RULE_DEFER},
	    {WORD_REJECT, RULE_REJECT},
	};
	const struct token *token = peek(parser);

	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (is_word(token, word_text(verdicts[i].word))) {
			rule->verdict = verdicts[i].verdict;
			take(parser);
			return true;
		}
	return fail_expected(parser, "accept, hold, defer or reject");
}

bool
parse_verdict(struct parser *parser)
{
	struct policy *policy = parser->policy;
	struct rule *rule = new_rule(parser, RULE_ACCEPT);
	const char *option = "";
	struct buf shown = BUF_INIT(64);

	if (rule == NULL)
		return false;
	parser->at = 0;
	rule->watch = is_word(peek(parser), "watch");
	if (rule->watch)
		take(parser);
	if (!take_verdict(parser, rule) || !take_tests(parser, rule, KIND_OPTION))
		return false;
	while (!is_at_end(parser)) {
		if (!is_kind(peek(parser), KIND_OPTION))
			return fail_order(parser, rule, option);
		option = word_text(word_find(peek(parser)->text, KIND_OPTION));
		if (!take_option(parser, rule))
			return false;
	}
	if (rule->verdict == RULE_HOLD && !rule->has_label)
		return fail_at(parser, &parser->tokens[rule->watch ? 1 : 0],
		    "'hold' wants a label, for whoever looks at the message");
	buf_addf(
	    &shown, "%s%s", rule->watch ? "watch " : "", rule_verdict_name(rule->verdict));
	rule->shown = arena_view(policy->arena, buf_view(&shown));
	buf_fini(&shown);
	*LIST_ADD(policy->arena, &policy->verdicts) = rule;
	return true;
}
