/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/escape.h"

#include "policy/value.h"

#include "ctl/import.h"

/* The text of frank.conf. */

enum {
	INLINE_MAX = 20,  /* items of a table; longer ones are files */
	COLUMNS = 84,     /* of a table's line */
	GROUPS_MAX = 900, /* each is two rules, and a policy has 2000 */
	TABLES_MAX = 240,
	WATCHED_MAX = 10, /* groups that have a 'watch' line */
};

/* The items of a table; what they are of is the caller's. */
struct items {
	LIST(struct view) list;
};

/* "{ a, b }", wrapped. */
static void
add_inline(struct buf *out, const struct items *items)
{
	size_t column = 24;

	buf_add_text(out, "{ ");
	for (size_t i = 0; i < items->list.n; i++) {
		struct view item = items->list.at[i];

		if (i > 0 && column + item.n > COLUMNS) {
			buf_add_text(out, ",\n\t");
			column = 8;
		} else if (i > 0) {
			buf_add_text(out, ", ");
		}
		value_add_text(out, item);
		column += item.n + 2;
	}
	buf_add_text(out, " }\n");
}

static void
add_file(struct import_plan *plan, const char *path, const struct items *items)
{
	struct buf text = BUF_INIT(IMPORT_DATASET_MAX);

	for (size_t i = 0; i < items->list.n; i++) {
		buf_add(&text, items->list.at[i]);
		buf_add_char(&text, '\n');
	}
	*LIST_ADD(plan->import->arena, &plan->files) = (struct import_file){
	    .path = path,
	    .content = arena_view(plan->import->arena, buf_view(&text)),
	};
	buf_fini(&text);
}

/* A table of ITEMS; "<name>", or the one item itself. */
static struct view
add_table(
    struct import_plan *plan, struct buf *out, const char *name, const struct items *items)
{
	struct import *import = plan->import;
	struct view unique;

	if (items->list.n == 1)
		return items->list.at[0];
	plan->n_tables++;
	unique = import_plan_name(plan, view_of(name));
	buf_addf(out, "table <%.*s>  ", VIEW_ARG(unique));
	if (items->list.n <= INLINE_MAX) {
		add_inline(out, items);
	} else {
		const char *path = import_text(import, "tables/%.*s", VIEW_ARG(unique));

		buf_addf(out, "file \"%s\"\n", path);
		add_file(plan, path, items);
	}
	return view_of(import_text(import, "<%.*s>", VIEW_ARG(unique)));
}

static void
add_internal(struct import_plan *plan, struct buf *out)
{
	struct import *import = plan->import;
	struct items items = {0};
	char text[ADDR_TEXT];

	if (import->internal.n == 0)
		return;
	for (size_t i = 0; i < import->internal.n; i++)
		*LIST_ADD(import->arena, &items.list) = arena_view(
		    import->arena, view_of(prefix_text(import->internal.at[i], text)));
	buf_add_text(out, "# InternalHosts: they relay without a login, and are signed.\n"
			  "table <internal>  ");
	(void)import_plan_name(plan, VIEW("internal"));
	if (items.list.n <= INLINE_MAX) {
		add_inline(out, &items);
	} else {
		buf_add_text(out, "file \"tables/internal\"\n");
		add_file(plan, "tables/internal", &items);
	}
	buf_add_text(out, "set trusted  <internal>\n\n");
}

static void
add_keys(const struct import_plan *plan, struct buf *out)
{
	struct import *import = plan->import;
	bool has_tree = false, has_named = false;

	for (size_t i = 0; i < import->keys.n; i++) {
		has_tree |= import->keys.at[i]->is_used && !import->keys.at[i]->is_named;
		has_named |= import->keys.at[i]->is_named;
	}
	if (has_tree)
		buf_add_text(out,
		    "# keys/DOMAIN/SELECTOR.pem. To change a key put the next "
		    "one beside it (frank key new).\n"
		    "keys \"keys\"\n");
	if (has_named)
		buf_add_text(
		    out, "# Several keys of one domain, each for its own rules.\n");
	for (size_t i = 0; i < import->keys.n; i++) {
		const struct import_key *key = import->keys.at[i];

		if (!key->is_named)
			continue;
		buf_addf(out, "key %.*s  domain ", VIEW_ARG(key->name));
		value_add_text(out, key->domain);
		buf_add_text(out, "  selector ");
		value_add_text(out, key->selector);
		buf_addf(out, "  file \"%s\"\n", import_plan_path(import, key));
	}
	buf_add_char(out, '\n');
}

static void
add_author(struct buf *out, struct view author)
{
	if (author.p[0] == '<')
		buf_add(out, author);
	else if (!view_has_char(author, '.') && !view_has_char(author, '@'))
		value_add_quoted(out, author); /* localhost */
	else
		value_add_text(out, author);
}

/* What the rules of GROUP are for; and for what one of them is not, in *ret_but. */
static void
add_tables(struct import_plan *plan, struct import_group *group, struct buf *out,
    struct view *ret_but)
{
	struct import *import = plan->import;
	struct items items = {0};
	const char *name = "ours";

	for (size_t i = 0; i < group->rules.n; i++)
		*LIST_ADD(import->arena, &items.list) = group->rules.at[i]->text;
	if (group->with.n > 0)
		name = import_text(import, "by-%.*s", VIEW_ARG(group->with));
	group->authors = add_table(plan, out, name, &items);
	items = (struct items){0};
	for (size_t i = 0; i < group->but.n; i++)
		*LIST_ADD(import->arena, &items.list) = group->but.at[i]->text;
	if (group->but.n > 0)
		*ret_but = add_table(plan, out,
		    import_text(import, "not-%.*s", VIEW_ARG(group->authors)), &items);
}

static void
add_match(
    struct buf *out, const char *from, const struct import_group *group, struct view but)
{
	buf_addf(out, "match %s  author ", from);
	add_author(out, group->authors);
	if (but.n > 0) {
		buf_add_text(out, "  not author ");
		add_author(out, but);
	}
	buf_add_text(out, "  sign");
	if (group->with.n > 0)
		buf_addf(out, " with %.*s", VIEW_ARG(group->with));
	buf_add_char(out, '\n');
}

static void
add_group(struct import_plan *plan, struct import_group *group, struct buf *out)
{
	const struct import *import = plan->import;
	struct view but = VIEW_NONE;

	add_tables(plan, group, out, &but);
	add_match(out, "path submission  owns author", group, but);
	if (import->has_loopback)
		add_match(out, "path relay,local", group, but);
	else if (import->internal.n > 0)
		add_match(out, "path relay  client <internal>", group, but);
}

static void
add_owners(const struct import *import, struct buf *out)
{
	struct view domain = import->rules.at[0]->domain;

	buf_add_text(out,
	    "# OpenDKIM signed for whatever stood in From. Frank asks whether who logged "
	    "in "
	    "may write as\n# that ('owns author'): a login owns the address of its own "
	    "name "
	    "and all addresses in its\n# domain. Take this in where logins are bare names; "
	    "'set owners' has a map where it is finer.\n#set login-domain ");
	value_add_text(out, domain);
	buf_add_text(out, "\n\n");
}

static void
add_verdicts(const struct import_plan *plan, struct buf *out)
{
	buf_add_text(out,
	    "\naccept path inbound\n"
	    "# OpenDKIM refused nothing: these lines only record what they would do. When\n"
	    "# 'frank log' shows that they mean nobody else, take out the word 'watch'.\n"
	    "watch reject path submission  not owns author\n"
	    "\treply \"5.7.1 {user} may not write as {author}\"\n");
	for (size_t i = 0; i < plan->groups.n && i < WATCHED_MAX; i++) {
		buf_add_text(out, "watch hold   signed no  author ");
		add_author(out, plan->groups.at[i]->authors);
		buf_add_text(out, "  label \"would leave unsigned\"\n");
	}
	buf_add_text(out, "accept\n");
}

int
import_policy_make(struct import_plan *plan, struct buf *out, struct err *err)
{
	struct import *import = plan->import;

	if (plan->groups.n > GROUPS_MAX)
		return err_set(err, ERR_CONFIG,
		    "%s: %zu patterns have keys of their own, and a policy has room for "
		    "%d: "
		    "only whole domains, each with its one key, are as many as there are",
		    import->source, plan->groups.n, GROUPS_MAX);
	buf_add_text(out, "# frank.conf - what OpenDKIM signed by ");
	escape_add(out, view_of(import->source), ESCAPE_MAX);
	buf_add_text(out, ". frank.conf(5) explains every word.\n\n");
	buf_addf(out, "set canonicalization %s\n", import->canonicalization);
	buf_add(out, buf_view(&import->more));
	buf_add_char(out, '\n');
	add_internal(plan, out);
	add_keys(plan, out);
	add_owners(import, out);
	for (size_t i = 0; i < plan->groups.n; i++)
		add_group(plan, plan->groups.at[i], out);
	add_verdicts(plan, out);
	if (plan->n_tables > TABLES_MAX)
		return err_set(err, ERR_CONFIG,
		    "%s: this takes %zu tables, and a policy has room for %d: only whole "
		    "domains, each with its one key, are as many as there are",
		    import->source, plan->n_tables, TABLES_MAX);
	*LIST_ADD(import->arena, &plan->files) =
	    (struct import_file){.path = "frank.conf", .content = buf_view(out)};
	return 0;
}
