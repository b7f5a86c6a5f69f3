/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "ctl/import.h"

/* The settings that say who signs, in the combinations that OpenDKIM takes. */

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static size_t
used_keys(const struct import *import)
{
	size_t n = 0;

	for (size_t i = 0; i < import->keys.n; i++)
		n += import->keys.at[i]->is_used;
	return n;
}

/* How many rows of KeyTable no row of SigningTable came to. */
static size_t
unused_rows(const struct import *import, const struct import_keytable *table)
{
	struct map names;
	size_t n;

	map_init(&names, map_seed_random());
	for (size_t i = 0; i < import->keys.n; i++)
		if (import->keys.at[i]->is_used)
			(void)map_add(&names, import->keys.at[i]->name, &names);
	n = table->by_name.count - names.count;
	map_fini(&names);
	return n;
}

static void
say_keytable(struct import *import, const struct import_keytable *table,
    struct import_setting *setting)
{
	size_t n = used_keys(import), unused = unused_rows(import, table);
	const char *rest = "";

	if (unused > 0)
		rest =
		    import_text(import, "; %zu row%s that nothing signs with: not copied",
			unused, plural(unused));
	import_say(import, setting, IMPORT_CARRIED,
	    import_text(import, "%zu key%s copied%s", n, plural(n), rest));
}

static void
say_ignored(struct import *import, const char *name, const char *why)
{
	struct import_setting *setting = import_get(import, name);

	if (setting != NULL)
		import_say(import, setting, IMPORT_LEFT, why);
}

static void
read_tables(
    struct import *import, struct import_setting *keys, struct import_setting *signing)
{
	static const char why[] =
	    "OpenDKIM does not look at it either: there is a KeyTable";
	struct import_keytable table = {0};
	struct import_dataset set;
	unsigned signers;

	if (import_keytable_read(import, keys, &table) == 0 &&
	    import_dataset_read(import, signing, &set) == 0) {
		signers = import_signing_read(import, &table, &set);
		say_keytable(import, &table, keys);
		import_say(import, signing, IMPORT_CARRIED,
		    import_text(import, "%zu row%s as %zu rule%s%s", set.rows.n,
			plural(set.rows.n), import->rules.n, plural(import->rules.n),
			signers > 0 ? "; some have an i=, which Frank does not write"
				    : ""));
	}
	import_keytable_fini(&table);
	say_ignored(import, "Domain", why);
	say_ignored(import, "Selector", why);
	say_ignored(import, "KeyFile", why);
	say_ignored(import, "SubDomains", "it goes with Domain, and there is a KeyTable");
}

/* "*.example.org" of Domain, ".example.org" of SubDomains, by the one key. */
static void
add_domain(struct import *import, struct import_dataset *set, struct import_row row)
{
	row.value = row.key;
	*LIST_ADD(import->arena, &set->rows) = row;
	if (!import_is_on(import, "SubDomains"))
		return;
	row.key = import_pattern_text(import, IMPORT_BELOW, row.key);
	*LIST_ADD(import->arena, &set->rows) = row;
}

static void
say_domains(struct import *import)
{
	struct import_setting *below = import_get(import, "SubDomains");
	size_t n = used_keys(import);

	import_say(import, import_get(import, "Domain"), IMPORT_CARRIED,
	    import_text(import, "%zu rule%s", import->rules.n, plural(import->rules.n)));
	import_say(import, import_get(import, "Selector"), IMPORT_CARRIED, "of all keys");
	import_say(import, import_get(import, "KeyFile"), IMPORT_CARRIED,
	    import_text(import, "copied for %zu domain%s", n, plural(n)));
	if (below != NULL && import_is_on(import, "SubDomains"))
		import_say(import, below, IMPORT_CARRIED,
		    "a rule for what is below each domain, with the domain's key");
	else
		say_ignored(import, "SubDomains", "off, as it is without a rule for them");
}

static void
read_domains(struct import *import, const struct import_setting *domain,
    const struct import_setting *selector, const struct import_setting *file)
{
	struct import_dataset names, set = {.form = IMPORT_FILE};
	struct import_keytable table = {.set.form = IMPORT_FILE};
	const char *path = import_path(import, file->place, file->value);

	if (import_dataset_read(import, domain, &names) < 0 || path == NULL)
		return;
	if (names.form == IMPORT_PATTERNS) {
		import_error(import, domain->place,
		    "patterns of domains: list the domains that sign, and set SubDomains");
		return;
	}
	for (size_t i = 0; i < names.rows.n; i++) {
		struct import_row row = names.rows.at[i];

		row.value = VIEW_NONE;
		add_domain(import, &set, row);
		row.value = view_of(import_text(import, "%.*s:%.*s:%s", VIEW_ARG(row.key),
		    VIEW_ARG(selector->value), path));
		*LIST_ADD(import->arena, &table.set.rows) = row;
	}
	if (import_keytable_index(import, &table) == 0) {
		(void)import_signing_read(import, &table, &set);
		say_domains(import);
	}
	import_keytable_fini(&table);
}

static void
read_rules(struct import *import)
{
	struct import_setting *keys = import_get(import, "KeyTable"),
			      *signing = import_get(import, "SigningTable"),
			      *domain = import_get(import, "Domain"),
			      *selector = import_get(import, "Selector"),
			      *file = import_get(import, "KeyFile");
	const struct import_place nowhere = {import->source, 0};

	if (keys != NULL && signing != NULL)
		read_tables(import, keys, signing);
	else if (keys != NULL || signing != NULL)
		import_error(import, keys != NULL ? keys->place : signing->place,
		    "KeyTable and SigningTable go together, and there is no %s",
		    keys != NULL ? "SigningTable" : "KeyTable");
	else if (domain != NULL && selector != NULL && file != NULL)
		read_domains(import, domain, selector, file);
	else
		import_error(import, nowhere,
		    "nothing here signs: it takes KeyTable and SigningTable, or Domain, "
		    "Selector and KeyFile, and there is no %s",
		    domain == NULL     ? "Domain"
		    : selector == NULL ? "Selector"
				       : "KeyFile");
}

void
import_rules_read(struct import *import)
{
	struct import_setting *multiple = import_get(import, "MultipleSignatures");

	import->is_multiple = import_is_on(import, "MultipleSignatures");
	if (multiple != NULL && import->is_multiple)
		import_say(import, multiple, IMPORT_CARRIED,
		    "every rule that fits signs; of more than two OpenDKIM 2.11 makes only "
		    "the first and the last");
	else if (multiple != NULL)
		import_say(import, multiple, IMPORT_CARRIED,
		    "each rule leaves to others what came before it");
	read_rules(import);
	if (import->rules.n == 0 && import->n_errors == 0)
		import_error(import, (struct import_place){import->source, 0},
		    "no row can be carried over, so nothing would be signed");
}
