/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/align.h"

#include "ctl/import.h"

/*
 * SigningTable as rules: whose mail, by which key. Frank signs only with the key of the
 * author's domain or of a parent that aligns, so a row may come to less than it says.
 */

enum { SEARCHES_MAX = 100 };

/* One row with what it fits, and what part of that is in hand. */
struct signing {
	struct import *import;
	const struct import_keytable *keys;
	enum import_form form;
	LIST(struct entry) entries;
	unsigned signers;  /* rows that ask for i= */
	unsigned searches; /* for '%' through all of KeyTable */
};

struct entry {
	const struct import_row *row;
	struct import_pattern pattern;
	size_t labels;
	bool is_part; /* what stands there is wider */
};

static struct view
shown(struct import *import, const struct import_row *row)
{
	return view_of(
	    import_text(import, "%.*s %.*s", VIEW_ARG(row->key), VIEW_ARG(row->value)));
}

static void
look(struct import *import, const struct entry *entry, const char *text)
{
	import_find(
	    import, entry->row->place, shown(import, entry->row), IMPORT_LOOK, text);
}

static bool
has_key(const struct import_rule *rule, const struct import_key *key)
{
	for (unsigned i = 0; i < rule->n_keys; i++)
		if (rule->keys[i] == key)
			return true;
	return false;
}

static void
add_key(struct import *import, const struct entry *entry, struct import_rule *rule,
    struct import_key *key)
{
	if (rule->n_keys == IMPORT_SIGNERS_MAX) {
		import_error(import, entry->row->place, "more than %d keys sign for '%.*s'",
		    IMPORT_SIGNERS_MAX, VIEW_ARG(rule->text));
		return;
	}
	rule->keys[rule->n_keys++] = key;
}

/* RULE has the pattern of ENTRY already. */
static void
add_again(const struct signing *signing, const struct entry *entry,
    struct import_rule *rule, struct import_key *key)
{
	struct import *import = signing->import;
	bool is_merged =
	    entry->is_part || rule->is_part || signing->form == IMPORT_PATTERNS;

	if (has_key(rule, key))
		return;
	if (import->is_multiple && is_merged)
		add_key(import, entry, rule, key);
	else if (rule->is_part)
		import_find(import, entry->row->place, shown(import, entry->row),
		    IMPORT_LEFT,
		    import_text(
			import, "never reached: line %u fits before", rule->place.line));
	else if (!entry->is_part)
		import_error(import, entry->row->place,
		    "'%.*s' stands already in line %u, with another key: OpenDKIM takes "
		    "that one, so delete one of the two",
		    VIEW_ARG(entry->row->key), rule->place.line);
}

static void
add_rule(const struct signing *signing, const struct entry *entry, struct import_key *key)
{
	const struct import_pattern *pattern = &entry->pattern;
	struct import *import = signing->import;
	struct import_rule *rule = map_get(&import->by_pattern, pattern->text);

	if (rule != NULL) {
		add_again(signing, entry, rule, key);
		return;
	}
	if (import->rules.n >= IMPORT_ROWS_MAX) {
		import_error(
		    import, entry->row->place, "more than %d rules", IMPORT_ROWS_MAX);
		return;
	}
	rule = arena_alloc(import->arena, sizeof(*rule));
	*rule = (struct import_rule){
	    .place = entry->row->place,
	    .kind = pattern->kind,
	    .text = pattern->text,
	    .domain = pattern->domain,
	    .order = import->rules.n,
	    .is_part = entry->is_part,
	};
	add_key(import, entry, rule, key);
	(void)map_add(&import->by_pattern, rule->text, rule);
	*LIST_ADD(import->arena, &import->rules) = rule;
}

/* ENTRY for KIND of DOMAIN instead. */
static struct entry
part_of(struct import *import, const struct entry *entry, enum import_kind kind,
    struct view domain)
{
	struct entry part = *entry;

	part.is_part = true;
	part.pattern = (struct import_pattern){
	    .kind = kind,
	    .text = import_pattern_text(import, kind, domain),
	    .domain = domain,
	};
	return part;
}

/* Can KEY sign for all of what ENTRY fits? */
static bool
aligns(struct import *import, const struct entry *entry, struct view key_domain)
{
	const struct import_pattern *pattern = &entry->pattern;
	const char *below = import_text(import, "x.%.*s", VIEW_ARG(pattern->domain));

	if (pattern->kind == IMPORT_ANY)
		return false;
	return align_key_may_sign(
	    key_domain, pattern->kind == IMPORT_BELOW ? view_of(below) : pattern->domain);
}

/* The rule before ENTRY that has all of its mail; NULL: none. */
static const struct import_rule *
find_before(const struct signing *signing, const struct entry *entry)
{
	const struct map *rules = &signing->import->by_pattern;
	struct view domain = entry->pattern.domain, label;
	const struct import_rule *rule = NULL;

	if (signing->import->is_multiple || entry->pattern.kind == IMPORT_ANY)
		return NULL;
	if (entry->pattern.kind == IMPORT_ADDRESS)
		rule = map_get(rules, domain);
	while (rule == NULL && view_cut(&domain, '.', &label) && domain.p != NULL)
		rule = map_get(rules, (struct view){domain.p - 1, domain.n + 1});
	return rule;
}

/* KEY may not sign for what ENTRY fits. */
static void
say_foreign(
    const struct signing *signing, const struct entry *entry, const struct import_key *key)
{
	struct import *import = signing->import;
	const struct import_rule *before = find_before(signing, entry);

	if (before != NULL)
		import_find(import, entry->row->place, shown(import, entry->row),
		    IMPORT_LEFT,
		    import_text(
			import, "never reached: line %u fits before", before->place.line));
	else
		look(import, entry,
		    import_text(import,
			"d=%.*s is another domain than the author's, and DMARC does not "
			"count its signature: make a key for %.*s",
			VIEW_ARG(key->domain), VIEW_ARG(entry->pattern.domain)));
}

static void
apply_key(const struct signing *signing, const struct entry *entry, struct import_key *key)
{
	struct import *import = signing->import;
	const struct import_pattern *pattern = &entry->pattern;
	struct entry part;

	if (aligns(import, entry, key->domain)) {
		add_rule(signing, entry, key);
		return;
	}
	if (pattern->kind != IMPORT_ANY &&
	    (pattern->kind != IMPORT_BELOW ||
		!align_is_within(key->domain, pattern->domain))) {
		say_foreign(signing, entry, key);
		return;
	}
	part = part_of(import, entry, IMPORT_DOMAIN, key->domain);
	add_rule(signing, &part, key);
	part = part_of(import, entry, IMPORT_BELOW, key->domain);
	add_rule(signing, &part, key);
	look(import, entry,
	    import_text(import,
		"carried over for %.*s and what is below: for authors elsewhere d=%.*s was "
		"another domain than theirs, which DMARC does not count",
		VIEW_ARG(key->domain), VIEW_ARG(key->domain)));
}

static void
apply_row(
    const struct signing *signing, const struct entry *entry, const struct import_row *row)
{
	bool is_one =
	    entry->pattern.kind == IMPORT_ADDRESS || entry->pattern.kind == IMPORT_DOMAIN;
	struct import_key *key;

	if (import_keytable_any(row) && !is_one) {
		look(signing->import, entry,
		    import_text(signing->import,
			"'%.*s' has the author's domain as d=, whichever it is: write a "
			"row "
			"for each domain that you sign for",
			VIEW_ARG(row->key)));
		return;
	}
	key = import_keytable_key(signing->import, row, entry->pattern.domain);
	if (key != NULL)
		apply_key(signing, entry, key);
}

static void
apply_name(const struct signing *signing, const struct entry *entry, struct view name)
{
	const struct import_row *row = map_get(&signing->keys->by_name, name);

	if (row == NULL)
		import_error(signing->import, entry->row->place,
		    "KeyTable has no '%.*s' (case counts): OpenDKIM defers mail of '%.*s' "
		    "because of it",
		    VIEW_ARG(name), VIEW_ARG(entry->row->key));
	else
		apply_row(signing, entry, row);
}

/* '%' behind a pattern for many domains: each of them that KeyTable has by its name. */
static void
apply_domains(struct signing *signing, const struct entry *entry)
{
	const struct import_dataset *rows = &signing->keys->set;
	struct import *import = signing->import;

	if (++signing->searches > SEARCHES_MAX) {
		import_error(import, entry->row->place, "more than %d patterns with '%%'",
		    SEARCHES_MAX);
		return;
	}
	for (size_t i = 0; i < rows->rows.n; i++) {
		const struct import_row *row = &rows->rows.at[i];
		struct import_pattern name = {.kind = IMPORT_ANY};
		const char *why;

		if (!view_has_char(row->key, '.') || row->key.p[0] == '.' ||
		    import_pattern_read(import, IMPORT_FILE, row->key, &name, &why) < 0 ||
		    name.kind != IMPORT_DOMAIN)
			continue;
		if (entry->pattern.kind == IMPORT_BELOW &&
		    (view_is(name.domain, entry->pattern.domain) ||
			!align_is_within(name.domain, entry->pattern.domain)))
			continue;
		struct entry part = part_of(import, entry, IMPORT_DOMAIN, name.domain);
		apply_row(signing, &part, row);
	}
}

static void
apply(struct signing *signing, const struct entry *entry)
{
	struct view rest = entry->row->value, name;
	bool is_one =
	    entry->pattern.kind == IMPORT_ADDRESS || entry->pattern.kind == IMPORT_DOMAIN;

	if (rest.n == 0) {
		import_error(signing->import, entry->row->place,
		    "'%.*s' has no name of a key behind it", VIEW_ARG(entry->row->key));
		return;
	}
	(void)view_cut(&rest, ':', &name);
	signing->signers += rest.n > 0;
	if (view_is(name, VIEW("%")) && !is_one)
		apply_domains(signing, entry);
	else if (view_is(name, VIEW("%")))
		apply_name(signing, entry, entry->pattern.domain);
	else
		apply_name(signing, entry, name);
	if (entry->pattern.is_ending) {
		struct entry below =
		    part_of(signing->import, entry, IMPORT_BELOW, entry->pattern.domain);
		apply(signing, &below);
	}
}

static size_t
count_labels(struct view domain)
{
	size_t n = 1;

	for (size_t i = 0; i < domain.n; i++)
		n += domain.p[i] == '.';
	return n;
}

/* In a file the closest row counts, wherever it stands. */
static int
compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->pattern.kind != b->pattern.kind)
		return a->pattern.kind < b->pattern.kind ? -1 : 1;
	if (a->labels != b->labels)
		return a->labels > b->labels ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

static void
take_row(struct signing *signing, const struct import_row *row)
{
	struct entry entry = {.row = row};
	const char *why;

	if (import_pattern_read(
		signing->import, signing->form, row->key, &entry.pattern, &why) < 0) {
		look(signing->import, &entry, why);
		return;
	}
	entry.labels = count_labels(entry.pattern.domain);
	*LIST_ADD(signing->import->arena, &signing->entries) = entry;
}

unsigned
import_signing_read(struct import *import, const struct import_keytable *keys,
    const struct import_dataset *set)
{
	struct signing signing = {.import = import, .keys = keys, .form = set->form};

	for (size_t i = 0; i < set->rows.n; i++)
		take_row(&signing, &set->rows.at[i]);
	if (set->form != IMPORT_PATTERNS && signing.entries.n > 1)
		qsort(signing.entries.at, signing.entries.n, sizeof(*signing.entries.at),
		    compare_entries);
	for (size_t i = 0; i < signing.entries.n; i++)
		apply(&signing, &signing.entries.at[i]);
	import_order(import);
	return signing.signers;
}
