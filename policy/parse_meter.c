/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/parse.h"
#include "policy/value.h"

/* meter NAME count WHAT per WHOM within DURATION [ floor N ] [ to [ not ] <table> ] */

enum { WITHIN_MIN = 10, WITHIN_MAX = 31 * 86400 };

static bool
name_is_free(struct parser *parser, const struct token *token, struct view name)
{
	const struct policy_meter *other = policy_find_meter(parser->policy, name);
	enum fact fact;

	if (token->kind == TOKEN_STRING && fact_find(name, &fact))
		return fail_at(parser, token, "'%.*s' is a test, and cannot be a meter",
		    VIEW_ARG(name));
	if (other == NULL)
		return true;
	fail_at(parser, token, "there is a meter '%.*s' already", VIEW_ARG(name));
	diag_hint(parser->diag, "see %.*s", VIEW_ARG(other->place));
	return false;
}

/* One of the words of KIND. */
static bool
take_one_of(
    struct parser *parser, enum word_kind kind, const char *expected, enum word *ret_word)
{
	const struct token *token = peek(parser);
	struct guess guess;

	*ret_word = token->kind == TOKEN_WORD ? word_find(token->text, kind) : WORD_NONE;
	if (*ret_word != WORD_NONE) {
		take(parser);
		return true;
	}
	if (token->kind != TOKEN_WORD || word_find(token->text, KIND_CLAUSE) != WORD_NONE)
		fail_expected(
		    parser, kind == KIND_WHAT ? "what to count" : "whom to count for");
	else
		fail_at(parser, token,
		    kind == KIND_WHAT ? "'%.*s' cannot be counted"
				      : "'%.*s' is nobody to count for",
		    VIEW_ARG(token->text));
	guess_begin(&guess, token->kind == TOKEN_WORD ? token->text : VIEW_NONE);
	guess_kind(&guess, kind);
	hint_guess(parser, &guess);
	diag_hint(parser->diag, "expected %s", expected);
	return false;
}

static bool
take_counted(struct parser *parser, struct policy_meter *meter)
{
	enum word what, whom;

	if (!take_keyword(parser, WORD_COUNT) ||
	    !take_one_of(parser, KIND_WHAT,
		"messages, recipients, bytes, rcpt-domains, new-recipients, clients, users "
		"or "
		"bounces",
		&what) ||
	    !take_keyword(parser, WORD_PER) ||
	    !take_one_of(parser, KIND_WHOM,
		"user, origin, client, network, sender, sender-domain, author-domain or "
		"everyone",
		&whom))
		return false;
	meter->what = (enum meter_what)(what - WORD_MESSAGES);
	meter->whom = (enum meter_whom)(whom - WORD_PER_USER);
	if ((meter->what == METER_USERS && meter->whom == METER_PER_USER) ||
	    (meter->what == METER_CLIENTS && meter->whom == METER_PER_CLIENT))
		return fail_at(parser, &parser->tokens[parser->at - 1],
		    "%s per %s is never more than one", word_text(what), word_text(whom));
	return true;
}

static bool
take_within(struct parser *parser, struct policy_meter *meter)
{
	const struct token *token;
	uint64_t seconds;

	if (!take_keyword(parser, WORD_WITHIN))
		return false;
	token = peek(parser);
	if (!is_text(token) || !value_duration(token->text, &seconds))
		return fail_expected(parser, "a duration, like 10m or 1h,");
	if (seconds < WITHIN_MIN || seconds > WITHIN_MAX)
		return fail_at(parser, token, "a meter looks back from 10s to 31d");
	meter->within = (uint32_t)seconds;
	take(parser);
	return true;
}

static bool
take_floor(struct parser *parser, struct policy_meter *meter)
{
	const struct token *token;
	unsigned long long number = 0;

	if (!is_word(peek(parser), "floor"))
		return true;
	take(parser);
	token = peek(parser);
	if (token->kind == TOKEN_WORD && meter->what == METER_BYTES &&
	    value_size(token->text, &meter->floor)) {
		take(parser);
		return true;
	}
	if (token->kind != TOKEN_WORD || !view_number(token->text, UINT32_MAX, &number))
		return fail_expected(
		    parser, meter->what == METER_BYTES ? "a size, like 10M," : "a number");
	meter->floor = number;
	take(parser);
	return true;
}

static bool
take_to(struct parser *parser, struct policy_meter *meter, struct meter_place *place)
{
	if (!is_word(peek(parser), "to"))
		return true;
	take(parser);
	if (is_word(peek(parser), "not")) {
		meter->to_not = true;
		take(parser);
	}
	place->to = peek(parser)->span;
	return take_table_name(parser, &meter->to);
}

bool
parse_meter(struct parser *parser)
{
	struct policy *policy = parser->policy;
	const struct token *token = peek(parser);
	struct policy_meter meter = {0};
	struct meter_place *place;
	size_t n = policy->meters.n;

	if (!take_name(parser, "the name of a meter", &meter.name) ||
	    !name_is_free(parser, token, meter.name))
		return false;
	if (n >= FACTS_METERS_MAX)
		return fail_at(parser, token, "more than %d meters", FACTS_METERS_MAX);
	meter.index = (uint32_t)n;
	meter.place = parse_place(parser, token->span);
	place = LIST_ADD(policy->arena, &policy->meter_places);
	place->name = token->span;
	place->is_faulty = !take_counted(parser, &meter) || !take_within(parser, &meter) ||
			   !take_floor(parser, &meter) || !take_to(parser, &meter, place) ||
			   !take_end(parser);
	*LIST_ADD(policy->arena, &policy->meters) = meter;
	return !place->is_faulty;
}
