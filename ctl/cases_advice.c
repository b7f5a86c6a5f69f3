/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/align.h"
#include "lib/bug.h"

#include "ctl/cases_facts.h"

/* Advice in a case: what was looked up, what meters read, what maps have. */

static int
bad(struct err *err, struct view name, struct view value)
{
	return err_set(err, ERR_BAD_INPUT, "%.*s=%.*s is not a value of this fact",
	    VIEW_ARG(name), VIEW_ARG(value));
}

static const struct policy_meter *
find_meter(const struct policy *policy, struct view name)
{
	size_t n;
	const struct policy_meter *meters = policy_meters(policy, &n);

	for (size_t i = 0; i < n; i++)
		if (view_is(meters[i].name, name))
			return &meters[i];
	return NULL;
}

/* "plan=500", "owners=alice,bob": whatever the map is asked for. */
static int
add_lookup(struct case_facts *facts, struct view map, struct view value)
{
	struct fact_lookup *lookup = advice_add_lookup(&facts->advice);

	if (lookup == NULL)
		return -1;
	*lookup = (struct fact_lookup){.map = map, .answer = ANSWER_FOUND, .values = value};
	if (view_is(value, VIEW("none")))
		lookup->answer = ANSWER_NONE;
	else if (view_is(value, VIEW("unknown")))
		lookup->answer = ANSWER_UNKNOWN;
	return 1;
}

/* "unpublished", "ready,disagrees" */
static bool
read_key(struct view value, struct fact_key *into)
{
	struct view part;
	bool has_any = false;

	while (view_cut(&value, ',', &part)) {
		if (view_is(part, VIEW("published")))
			into->is_published = true;
		else if (view_is(part, VIEW("testing")))
			into->is_testing = true;
		else if (!fact_key_state_of(part, &into->state) &&
			 !fact_seen_of(part, &into->opinion))
			return false;
		has_any = true;
	}
	return has_any;
}

static int
add_key(struct case_facts *facts, const struct policy_key *key, struct view value)
{
	struct fact_key *fact = advice_add_key(&facts->advice);

	if (fact == NULL)
		return -1;
	*fact = (struct fact_key){.domain = key->domain, .selector = key->selector};
	return read_key(value, fact) ? 1 : -1;
}

/* "key=ready" is for keys that are not known before the author is. */
static int
add_every_key(struct case_facts *facts, struct view value)
{
	struct fact_key unused = {.state = KEY_UNKNOWN};

	facts->every_key = value;
	return read_key(value, &unused) ? 1 : -1;
}

/* The words of the tree walk: what is not said of it is as by the list. */
static int
add_tree(struct case_facts *facts, struct view name, struct view value)
{
	int result = advice_read(&facts->advice, name, value);

	facts->has_tree |= result > 0;
	facts->has_tree_record |= view_is(name, VIEW("tree.dmarc-policy"));
	facts->has_tree_spf |= view_is(name, VIEW("tree.aspf"));
	facts->has_tree_dkim |= view_is(name, VIEW("tree.adkim"));
	return result;
}

/* "key.s2026=ready": every key of this selector. */
static int
add_selector(struct case_facts *facts, struct view selector, struct view value)
{
	size_t n;
	const struct policy_key *keys = policy_keys(facts->policy, &n);
	int result = -1;

	for (size_t i = 0; i < n; i++)
		if (view_is(keys[i].selector, selector)) {
			result = add_key(facts, &keys[i], value);
			if (result < 0)
				break;
		}
	return result;
}

static int
add(struct case_facts *facts, struct view name, struct view value)
{
	const struct policy_meter *meter;

	if (view_starts(name, VIEW("meter.")))
		name = view_from(name, sizeof("meter.") - 1);
	meter = find_meter(facts->policy, name);

	if (meter != NULL) {
		facts->has_reading[meter->index] = true;
		return advice_read_meter(&facts->advice, name, value);
	}
	if (view_starts(name, VIEW("usual.")))
		return find_meter(facts->policy, view_from(name, 6)) == NULL
			   ? 0
			   : advice_read_usual(&facts->advice, view_from(name, 6), value);
	if (view_is(name, VIEW("key")))
		return add_every_key(facts, value);
	if (view_starts(name, VIEW("tree.")))
		return add_tree(facts, name, value);
	if (view_starts(name, VIEW("key.")) && !view_has_char(name, '/'))
		return add_selector(facts, view_from(name, 4), value);
	if (policy_has_map(facts->policy, name))
		return add_lookup(facts, name, value);
	return advice_read(&facts->advice, name, value);
}

int
case_advice_add(
    struct case_facts *facts, struct view name, struct view value, struct err *err)
{
	int result = add(facts, name, value);

	return result < 0 ? bad(err, name, value) : result;
}

/* Has the meter somebody to count for? */
static bool
has_key(const struct policy_meter *meter, const struct facts *facts)
{
	if (facts->path == PATH_INBOUND || facts->path == PATH_REENTRY)
		return false;
	switch (meter->whom) {
	case METER_PER_USER:
		return facts->user.n > 0;
	case METER_PER_CLIENT:
	case METER_PER_NETWORK:
		return facts->client.family != ADDR_NONE || facts->path != PATH_LOCAL;
	case METER_PER_SENDER:
	case METER_PER_SENDER_DOMAIN:
		return facts->sender.text.n > 0;
	case METER_PER_AUTHOR_DOMAIN:
		return facts->author.domain.n > 0;
	case METER_PER_ORIGIN:
	case METER_PER_EVERYONE:
		break;
	}
	return true;
}

/* Meters that the case does not name read 0. */
static void
fill_meters(struct case_facts *facts)
{
	size_t n;
	const struct policy_meter *meters = policy_meters(facts->policy, &n);

	for (size_t i = 0; i < n; i++)
		if (!facts->has_reading[i])
			advice_read_meter(&facts->advice, meters[i].name,
			    has_key(&meters[i], &facts->facts) ? VIEW("0") : VIEW("none"));
}

/* "key=...": the keys that may sign for the author. */
static void
fill_keys(struct case_facts *facts)
{
	size_t n;
	const struct policy_key *keys = policy_keys(facts->policy, &n);

	for (size_t i = 0; i < n && facts->every_key.n > 0; i++)
		if (align_key_may_sign(keys[i].domain, facts->facts.author.domain) &&
		    add_key(facts, &keys[i], facts->every_key) < 0)
			return;
}

static void
fill_tree(struct case_facts *facts)
{
	const struct facts *list = &facts->facts;
	struct fact_dmarc_tree *tree = &facts->facts.tree;

	if (!facts->has_tree)
		return;
	if (!facts->has_tree_record)
		tree->record = list->dmarc_record;
	if (!facts->has_tree_spf)
		tree->is_strict_spf = list->is_strict_spf;
	if (!facts->has_tree_dkim)
		tree->is_strict_dkim = list->is_strict_dkim;
	if (tree->domain.n == 0)
		tree->domain = list->dmarc_domain;
}

void
case_advice_end(struct case_facts *facts)
{
	struct policy_postmap map;

	fill_meters(facts);
	fill_keys(facts);
	fill_tree(facts);
	for (size_t i = 0; policy_postmap_at(facts->policy, i, &map); i++)
		if (fact_lookup_find(&facts->facts, map.name, VIEW("")) == NULL)
			add_lookup(facts, map.name, VIEW("none"));
}
