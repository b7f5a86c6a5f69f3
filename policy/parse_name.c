/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/parse.h"
#include "policy/value.h"

/* The lines that give names: table, map, keys, key. */

static bool
name_is_free(struct parser *parser, const struct token *token, struct view name)
{
	const struct table *other = policy_find_table(parser->policy, name);

	if (other == NULL)
		return true;
	fail_at(parser, token, "<%.*s> has a meaning already", VIEW_ARG(name));
	diag_hint(parser->diag, "see %.*s:%u", VIEW_ARG(other->span.source->name),
	    other->span.line);
	return false;
}

static bool
take_item(struct parser *parser, struct table *table)
{
	const struct token *token = peek(parser);

	if (!is_text(token))
		return fail_expected(parser, "an item of the table");
	if (token->text.n == 0)
		return fail_at(parser, token, "an item is empty");
	*LIST_ADD(parser->policy->arena, &table->items) = token->text;
	*LIST_ADD(parser->policy->arena, &table->item_spans) = token->span;
	take(parser);
	return true;
}

static bool
take_items(struct parser *parser, struct table *table)
{
	take(parser);
	if (peek(parser)->kind == TOKEN_CLOSE)
		return fail_at(parser, peek(parser), "a table needs at least one item");
	for (;;) {
		if (!take_item(parser, table))
			return false;
		if (peek(parser)->kind == TOKEN_CLOSE)
			break;
		if (peek(parser)->kind != TOKEN_COMMA)
			return fail_expected(parser, "a comma or the closing brace");
		take(parser);
	}
	take(parser);
	return true;
}

/* "type:name", as postmap(1) has it. */
static bool
take_postmap(struct parser *parser, struct table *table)
{
	const struct token *token = peek(parser);
	struct view type, rest;

	if (!take_string(parser, "a table of Postfix", &table->file, &table->file_span))
		return false;
	rest = table->file;
	if (rest.n > POLICY_POSTMAP_MAX)
		return fail_at(parser, token, "the name of a table is longer than %d bytes",
		    POLICY_POSTMAP_MAX);
	if (view_cut(&rest, ':', &type) && value_is_name(type) && rest.n > 0)
		return true;
	fail_at(parser, token, "this is not a table of Postfix");
	diag_hint(parser->diag, "expected type:name, like hash:/etc/postfix/plan");
	return false;
}

static bool
take_content(struct parser *parser, struct table *table)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_OPEN && table->is_map)
		return fail_at(parser, token,
		    "a map comes from a file: map <%.*s> file \"...\"",
		    VIEW_ARG(table->name));
	if (token->kind == TOKEN_OPEN)
		return take_items(parser, table);
	if (table->is_map && is_word(token, "postmap"))
		table->is_postmap = true;
	else if (!is_word(token, "file"))
		return fail_expected(parser, table->is_map
						 ? "file \"...\" or postmap \"...\""
						 : "{ items } or file \"...\"");
	take(parser);
	if (table->is_postmap)
		return take_postmap(parser, table);
	return take_string(parser, "the name of a file", &table->file, &table->file_span);
}

bool
parse_table(struct parser *parser, bool is_map)
{
	struct policy *policy = parser->policy;
	const struct token *token = peek(parser);
	struct table *table;
	struct view name;

	if (!take_table_name(parser, &name) || !name_is_free(parser, token, name))
		return false;
	if (policy->tables.n >= POLICY_TABLES_MAX)
		return fail_at(
		    parser, token, "more than %d tables and maps", POLICY_TABLES_MAX);
	table = arena_alloc(policy->arena, sizeof(*table));
	table->name = name;
	table->is_map = is_map;
	table->span = token->span;
	table->place = parse_place(parser, token->span);
	*LIST_ADD(policy->arena, &policy->tables) = table;
	table->is_faulty = !take_content(parser, table) || !take_end(parser);
	return !table->is_faulty;
}

/* Room for one more place of keys; its name stands at TOKEN. */
static struct policy_key_source *
add_source(struct parser *parser, const struct token *token)
{
	struct policy *policy = parser->policy;
	struct policy_key_source *source;

	if (policy->key_sources.n >= POLICY_KEY_SOURCES_MAX) {
		fail_at(parser, token, "more than %d keys lines", POLICY_KEY_SOURCES_MAX);
		return NULL;
	}
	*LIST_ADD(policy->arena, &policy->key_places) =
	    (struct key_place){.name = token->span};
	source = LIST_ADD(policy->arena, &policy->key_sources);
	source->place = parse_place(parser, token->span);
	return source;
}

bool
parse_keys(struct parser *parser)
{
	struct policy_key_source *source;
	const struct token *token = peek(parser);
	struct view path;
	struct span where;

	if (!take_string(parser, "the name of a directory", &path, &where) ||
	    !take_end(parser))
		return false;
	source = add_source(parser, token);
	if (source == NULL)
		return false;
	source->path = path;
	return true;
}

static bool
key_name_is_free(struct parser *parser, const struct token *token, struct view name)
{
	struct policy *policy = parser->policy;

	for (size_t i = 0; i < policy->key_sources.n; i++)
		if (view_is(policy->key_sources.at[i].name, name)) {
			fail_at(
			    parser, token, "there is a key '%.*s' already", VIEW_ARG(name));
			diag_hint(parser->diag, "see %.*s",
			    VIEW_ARG(policy->key_sources.at[i].place));
			return false;
		}
	return true;
}

bool
parse_key(struct parser *parser)
{
	struct policy_key_source key = {0}, *source;
	const struct token *token = peek(parser), *selector;
	struct span where;

	if (!take_name(parser, "the name of a key", &key.name) ||
	    !key_name_is_free(parser, token, key.name) ||
	    !take_keyword(parser, WORD_DOMAIN) || !take_domain(parser, &key.domain) ||
	    !take_keyword(parser, WORD_SELECTOR))
		return false;
	selector = peek(parser);
	if (!is_text(selector))
		return fail_expected(parser, "a selector");
	if (domain_fault(selector->text) != NULL)
		return fail_at(parser, selector, "this is not a selector");
	key.selector = parse_lower(parser, take(parser)->text);
	if (!take_keyword(parser, WORD_FILE) ||
	    !take_string(parser, "the name of a file", &key.path, &where) ||
	    !take_end(parser))
		return false;
	source = add_source(parser, token);
	if (source == NULL)
		return false;
	key.place = source->place;
	*source = key;
	return true;
}
