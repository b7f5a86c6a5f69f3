/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "ctl/import.h"

/*
 * OpenDKIM takes the first row that fits, Frank every rule that does: what an earlier rule
 * signs is taken out of the later ones around it. Patterns are one within the other or have
 * nothing in common: alice@a.example.org, a.example.org, .example.org.
 */

/* INNER is within OUTER, and mail that both fit goes to one of them. */
static void
settle(struct import *import, struct import_rule *inner, struct import_rule *outer)
{
	if (inner->is_shadowed)
		return;
	if (inner->order < outer->order) {
		*LIST_ADD(import->arena, &outer->but) = inner;
		return;
	}
	inner->is_shadowed = true;
	if (inner->is_part)
		return;
	import_find(import, inner->place, inner->text, IMPORT_LEFT,
	    import_text(import, "never reached: line %u fits before", outer->place.line));
}

static void
settle_with(struct import *import, struct import_rule *inner, struct view text)
{
	struct import_rule *outer = map_get(&import->by_pattern, text);

	if (outer != NULL)
		settle(import, inner, outer);
}

static void
order_rule(struct import *import, struct import_rule *rule)
{
	struct view domain = rule->domain, label;

	if (rule->kind == IMPORT_ADDRESS)
		settle_with(import, rule, domain);
	/* ".example.org" is the end of every domain that it fits. */
	while (view_cut(&domain, '.', &label) && domain.p != NULL) {
		struct view below = {domain.p - 1, domain.n + 1};

		settle_with(import, rule, below);
	}
}

void
import_order(struct import *import)
{
	for (size_t i = 0; !import->is_multiple && i < import->rules.n; i++)
		order_rule(import, import->rules.at[i]);
	for (size_t i = 0; i < import->rules.n; i++) {
		const struct import_rule *rule = import->rules.at[i];

		for (unsigned j = 0; !rule->is_shadowed && j < rule->n_keys; j++)
			rule->keys[j]->is_used = true;
	}
}
