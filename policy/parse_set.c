/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/parse.h"
#include "policy/settings.h"
#include "policy/value.h"

/* 'set NAME value ...': which setting, its lists, and what 'check -v' prints of it. */

enum { PORT_MAX = 65535, SHOWN_MAX = 2 << 20 };

/* One value of a list: bare, or among others in braces. */
static const struct token *
next_value(struct parser *parser, bool *is_braced)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_OPEN && !*is_braced) {
		*is_braced = true;
		take(parser);
	} else if (token->kind == TOKEN_COMMA && *is_braced) {
		take(parser);
	}
	token = peek(parser);
	if (token->kind == TOKEN_CLOSE && *is_braced) {
		take(parser);
		*is_braced = false;
		token = peek(parser);
	}
	return token->kind == TOKEN_END ? NULL : token;
}

static bool
set_addresses(struct parser *parser)
{
	struct policy_settings *settings = &parser->policy->settings;
	struct addr *list =
	    arena_array(parser->policy->arena, SETTINGS_LIST_MAX, sizeof(*list));
	const struct token *token;
	struct err err = ERR_INIT;
	bool is_braced = false;

	settings->egress = list;
	while ((token = next_value(parser, &is_braced)) != NULL) {
		if (settings->n_egress >= SETTINGS_LIST_MAX)
			return fail_at(
			    parser, token, "more than %d addresses", SETTINGS_LIST_MAX);
		if (!is_text(token) ||
		    addr_parse(token->text, &list[settings->n_egress], &err) < 0)
			return fail_at(parser, token, "this is not an IP address");
		settings->n_egress++;
		take(parser);
	}
	return !is_braced || fail_expected(parser, "the closing brace");
}

static bool
set_ports(struct parser *parser)
{
	struct policy_settings *settings = &parser->policy->settings;
	uint16_t *list =
	    arena_array(parser->policy->arena, SETTINGS_LIST_MAX, sizeof(*list));
	const struct token *token;
	unsigned long long port;
	bool is_braced = false;

	settings->reentry = list;
	while ((token = next_value(parser, &is_braced)) != NULL) {
		if (settings->n_reentry >= SETTINGS_LIST_MAX)
			return fail_at(
			    parser, token, "more than %d ports", SETTINGS_LIST_MAX);
		if (!is_text(token) || !view_number(token->text, PORT_MAX, &port) ||
		    port == 0)
			return fail_at(parser, token, "this is not the number of a port");
		list[settings->n_reentry++] = (uint16_t)port;
		take(parser);
	}
	return !is_braced || fail_expected(parser, "the closing brace");
}

/* As paths are: bare with commas between them, or in braces. */
static bool
set_reasons(struct parser *parser)
{
	const struct token *token;
	bool is_braced = false;

	while ((token = next_value(parser, &is_braced)) != NULL) {
		if (!is_text(token))
			return fail_expected(parser, "the reason why mail was missed");
		if (!setting_add_reason(parser, token))
			return false;
		take(parser);
		if (!is_braced && peek(parser)->kind == TOKEN_COMMA)
			take(parser);
	}
	return !is_braced || fail_expected(parser, "the closing brace");
}

static bool
set_hosts(struct parser *parser)
{
	struct policy_settings *settings = &parser->policy->settings;
	struct view *list =
	    arena_array(parser->policy->arena, SETTINGS_LIST_MAX, sizeof(*list));
	const struct token *token;
	bool is_braced = false;

	settings->blocklists = list;
	while ((token = next_value(parser, &is_braced)) != NULL) {
		const char *fault =
		    is_text(token) ? domain_fault(token->text) : "expected a domain";

		if (settings->n_blocklists >= SETTINGS_LIST_MAX)
			return fail_at(
			    parser, token, "more than %d domains", SETTINGS_LIST_MAX);
		if (fault != NULL)
			return fail_at(parser, token, "%s", fault);
		list[settings->n_blocklists++] = parse_lower(parser, token->text);
		take(parser);
	}
	return !is_braced || fail_expected(parser, "the closing brace");
}

static bool
set_networks(struct parser *parser, struct set_statement *set)
{
	const struct token *token = peek(parser);
	struct prefix network;
	struct err err = ERR_INIT;
	bool is_braced = false;

	if (token->kind == TOKEN_TABLE) {
		set->table = take(parser)->text;
		return true;
	}
	while ((token = next_value(parser, &is_braced)) != NULL) {
		if (!is_text(token))
			return fail_at(
			    parser, token, "expected networks, or a table of them");
		if (prefix_parse(token->text, &network, &err) < 0)
			return fail_at(parser, token, "%s", err.text);
		*LIST_ADD(parser->policy->arena, &parser->policy->trusted_networks) =
		    network;
		take(parser);
	}
	return !is_braced || fail_expected(parser, "the closing brace");
}

static bool
set_map(struct parser *parser, struct set_statement *set)
{
	if (peek(parser)->kind != TOKEN_TABLE)
		return fail_expected(parser, "a map, like <owners>,");
	set->table = take(parser)->text;
	return true;
}

static bool
take_values(struct parser *parser, struct set_statement *set)
{
	if (is_at_end(parser))
		return fail_expected(parser, "a value");
	switch (setting_type(set->setting)) {
	case TYPE_ADDRESSES:
		return set_addresses(parser);
	case TYPE_HOSTS:
		return set_hosts(parser);
	case TYPE_PORTS:
		return set_ports(parser);
	case TYPE_NETWORKS:
		return set_networks(parser, set);
	case TYPE_MAP:
		return set_map(parser, set);
	case TYPE_REASONS:
		return set_reasons(parser);
	case TYPE_SOCKET:
	case TYPE_PATH:
	case TYPE_ACCOUNT:
	case TYPE_HOST:
	case TYPE_CHOICE:
	case TYPE_CHARACTER:
	case TYPE_ZONE:
	case TYPE_DURATION:
	case TYPE_NUMBER:
	case TYPE_LIFETIME:
	case TYPE_RESOLVER:
	case TYPE_MAILBOX:
	case TYPE_SERVER:
	case TYPE_MAILLOG:
		break;
	}
	if (!is_text(peek(parser)))
		return fail_expected(parser, "one value");
	return setting_take_one(parser, set->setting);
}

static bool
fail_setting(struct parser *parser, const struct token *token)
{
	struct guess guess;

	fail_at(parser, token, "'%.*s' is not a setting", VIEW_ARG(token->text));
	guess_begin(&guess, token->text);
	guess_kind(&guess, KIND_SETTING);
	hint_guess(parser, &guess);
	diag_hint(parser->diag, "frank.conf(5), SETTINGS, has all of them");
	return false;
}

static bool
is_new(struct parser *parser, const struct token *token, enum setting setting)
{
	const struct policy *policy = parser->policy;

	for (size_t i = 0; i < policy->sets.n; i++)
		if (policy->sets.at[i].setting == setting) {
			fail_at(
			    parser, token, "'%s' is set already", setting_text(setting));
			diag_hint(parser->diag, "see %.*s:%u",
			    VIEW_ARG(policy->sets.at[i].span.source->name),
			    policy->sets.at[i].span.line);
			return false;
		}
	return true;
}

/* The tokens from FIRST on, as they are printed. */
static struct view
show_values(struct parser *parser, size_t first)
{
	struct buf out = BUF_INIT(SHOWN_MAX);
	struct view shown;
	bool is_list = false;

	for (size_t i = first; parser->tokens[i].kind != TOKEN_END; i++) {
		const struct token *token = &parser->tokens[i];

		if (!is_text(token) && token->kind != TOKEN_TABLE)
			continue;
		if (out.n > 0) {
			buf_add_text(&out, ", ");
			is_list = true;
		}
		if (token->kind == TOKEN_TABLE)
			buf_add(&out, token->span.text);
		else
			value_add_word(&out, token->text);
	}
	if (is_list) {
		struct buf list = BUF_INIT(SHOWN_MAX + 8);

		buf_addf(&list, "{ %s }", buf_text(&out));
		shown = arena_view(parser->policy->arena, buf_view(&list));
		buf_fini(&list);
	} else {
		shown = arena_view(parser->policy->arena, buf_view(&out));
	}
	buf_fini(&out);
	return shown;
}

bool
parse_set(struct parser *parser)
{
	const struct token *token = peek(parser);
	struct set_statement set = {.span = token->span};
	size_t first;

	if (!is_text(token))
		return fail_expected(parser, "the name of a setting");
	if (!setting_find(token->text, &set.setting))
		return fail_setting(parser, token);
	if (!is_new(parser, token, set.setting))
		return false;
	take(parser);
	first = parser->at;
	set.value_span = peek(parser)->span;
	if (!take_values(parser, &set) || !take_end(parser))
		return false;
	set.shown = show_values(parser, first);
	set.place = parse_place(parser, set.span);
	*LIST_ADD(parser->policy->arena, &parser->policy->sets) = set;
	return true;
}
