/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "policy/value.h"
#include "policy/words.h"

#include "ctl/import.h"

/*
 * Rules and keys as frank.conf will have them. Where a domain's keys always sign together
 * they go into the tree of 'keys', where the next ones can be put beside them; otherwise
 * each has a 'key' line and signs by its name. Rules with the same keys become one.
 */

enum { NAME_LETTERS = 48, NAME_SIZE = NAME_LETTERS + 24 };

/* A domain with keys. */
struct domain {
	LIST(const struct import_key *) keys;
	bool is_split; /* some rule wants a part of them */
};

static struct domain *
domain_of(struct import_plan *plan, const struct import_key *key)
{
	struct domain *domain = map_get(&plan->domains, key->domain);

	if (domain == NULL) {
		domain = arena_alloc(plan->import->arena, sizeof(*domain));
		(void)map_add(&plan->domains, key->domain, domain);
	}
	return domain;
}

static void
collect_keys(struct import_plan *plan)
{
	struct import *import = plan->import;

	for (size_t i = 0; i < import->keys.n; i++) {
		const struct import_key *key = import->keys.at[i];
		struct domain *domain = domain_of(plan, key);

		if (!key->is_used)
			continue;
		*LIST_ADD(import->arena, &domain->keys) = key;
		/* 'sign' takes one key of each algorithm; 'sign with' a domain has a dot.
		 */
		domain->is_split = domain->keys.n > 2 || !view_has_char(key->domain, '.') ||
				   (domain->keys.n == 2 &&
				       domain->keys.at[0]->algorithm == key->algorithm);
	}
}

/* Does RULE take some of a domain's keys and not the others? */
static void
note_splits(struct import_plan *plan, const struct import_rule *rule)
{
	for (unsigned i = 0; i < rule->n_keys; i++) {
		struct domain *domain = domain_of(plan, rule->keys[i]);
		size_t n = 0;

		for (unsigned j = 0; j < rule->n_keys; j++)
			n += domain_of(plan, rule->keys[j]) == domain;
		if (n != domain->keys.n)
			domain->is_split = true;
	}
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters and digits of TEXT, with '-' for the rest; its length. */
static size_t
make_name(struct view text, char name[NAME_SIZE])
{
	size_t n = 0;

	if (text.n == 0 || !is_letter(text.p[0]))
		n = (size_t)snprintf(name, NAME_SIZE, "k-");
	for (size_t i = 0; i < text.n && n < NAME_LETTERS; i++) {
		char c = text.p[i];

		if (is_letter(c) || (c >= '0' && c <= '9') || c == '_')
			name[n++] = c;
		else if (n > 0 && name[n - 1] != '-')
			name[n++] = '-';
	}
	name[n] = '\0';
	if (word_is_reserved(view_of(name)))
		n += (size_t)snprintf(name + n, NAME_SIZE - n, "-key");
	return n;
}

struct view
import_plan_name(struct import_plan *plan, struct view text)
{
	char name[NAME_SIZE];
	size_t n = make_name(text, name);

	for (unsigned number = 2;; number++) {
		struct view kept = arena_view(plan->import->arena, view_of(name));

		if (map_add(&plan->names, kept, plan) == NULL)
			return kept;
		snprintf(name + n, sizeof(name) - n, "-%u", number);
	}
}

static void
name_keys(struct import_plan *plan)
{
	struct import *import = plan->import;

	for (size_t i = 0; i < import->keys.n; i++) {
		struct import_key *key = import->keys.at[i];

		key->is_named = key->is_used && domain_of(plan, key)->is_split;
		if (!key->is_named)
			continue;
		if (!value_is_name(key->name))
			key->name = view_of(import_text(import, "%.*s-%.*s",
			    VIEW_ARG(key->selector), VIEW_ARG(key->domain)));
		key->name = import_plan_name(plan, key->name);
	}
}

const char *
import_plan_path(struct import *import, const struct import_key *key)
{
	return import_text(import, "%s/%.*s/%.*s.pem", key->is_named ? "named" : "keys",
	    VIEW_ARG(key->domain), VIEW_ARG(key->selector));
}

static void
add_files(struct import_plan *plan)
{
	struct import *import = plan->import;

	for (size_t i = 0; i < import->keys.n; i++) {
		const struct import_key *key = import->keys.at[i];

		if (key->is_used)
			*LIST_ADD(import->arena, &plan->files) = (struct import_file){
			    .path = import_plan_path(import, key),
			    .content = buf_view(&key->pem),
			    .is_secret = true,
			};
	}
}

/* Is an earlier key of RULE one of the same domain, which is named as a whole? */
static bool
is_named_before(const struct import_rule *rule, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (!rule->keys[i]->is_named &&
		    view_is(rule->keys[i]->domain, rule->keys[at]->domain))
			return true;
	return false;
}

/* What stands behind 'sign with'. */
static struct view
signers(struct import *import, const struct import_rule *rule)
{
	struct buf text = BUF_INIT(4096);
	struct view kept, only = rule->keys[0]->domain;
	unsigned n = 0;

	for (unsigned i = 0; i < rule->n_keys; i++) {
		const struct import_key *key = rule->keys[i];

		if (!key->is_named && is_named_before(rule, i))
			continue;
		buf_add_text(&text, n++ > 0 ? ", " : "");
		buf_add(&text, key->is_named ? key->name : key->domain);
	}
	kept = arena_view(import->arena, buf_view(&text));
	if (rule->kind == IMPORT_DOMAIN && n == 1 && view_is(rule->domain, only) &&
	    !rule->keys[0]->is_named)
		kept.n = 0;
	buf_fini(&text);
	return kept;
}

static struct import_group *
add_group(struct import_plan *plan, struct view with)
{
	struct import_group *group = arena_alloc(plan->import->arena, sizeof(*group));

	group->with = with;
	*LIST_ADD(plan->import->arena, &plan->groups) = group;
	return group;
}

static void
take_rule(struct import_plan *plan, const struct import_rule *rule)
{
	struct import *import = plan->import;
	struct import_group *group = NULL;
	struct view with = signers(import, rule);

	/* What the same keys sign need not be left out. */
	for (size_t i = 0; i < rule->but.n; i++) {
		const struct import_rule *other = rule->but.at[i];

		if (other->n_keys == rule->n_keys &&
		    memcmp(other->keys, rule->keys, sizeof(rule->keys)) == 0)
			continue;
		if (group == NULL)
			group = add_group(plan, with);
		*LIST_ADD(import->arena, &group->but) = other;
	}
	if (group == NULL) {
		group = map_get(&plan->by_with, with);
		if (group == NULL) {
			group = add_group(plan, with);
			(void)map_add(&plan->by_with, with, group);
		}
	}
	*LIST_ADD(import->arena, &group->rules) = rule;
}

void
import_plan_init(struct import_plan *plan, struct import *import)
{
	*plan = (struct import_plan){.import = import};
	map_init(&plan->by_with, map_seed_random());
	map_init(&plan->domains, map_seed_random());
	map_init(&plan->names, map_seed_random());
}

void
import_plan_make(struct import_plan *plan)
{
	struct import *import = plan->import;

	collect_keys(plan);
	for (size_t i = 0; i < import->rules.n; i++)
		if (!import->rules.at[i]->is_shadowed)
			note_splits(plan, import->rules.at[i]);
	name_keys(plan);
	add_files(plan);
	for (size_t i = 0; i < import->rules.n; i++)
		if (!import->rules.at[i]->is_shadowed)
			take_rule(plan, import->rules.at[i]);
}

void
import_plan_fini(struct import_plan *plan)
{
	map_fini(&plan->by_with);
	map_fini(&plan->domains);
	map_fini(&plan->names);
}
