/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "policy/check.h"
#include "policy/settings.h"

/* A policy from its text to its end, and what others ask of it. */

static void
parse(struct policy *policy, struct bundle *bundle, struct view name, struct diag *diag)
{
	struct parser parser = {.policy = policy, .bundle = bundle, .diag = diag};
	struct source none = {.name = name};
	const struct source *source = parse_fetch(&parser, name, span_of_file(&none));

	if (source != NULL)
		parse_source(&parser, source);
}

struct policy *
policy_load(struct bundle *bundle, const char *name, struct map_seed seed, int now_date,
    struct diag *diag)
{
	struct arena *arena = arena_new(0);
	struct policy *policy = arena_alloc(arena, sizeof(*policy));
	struct checker checker = {
	    .policy = policy, .bundle = bundle, .diag = diag, .now_date = now_date};

	policy->arena = arena;
	policy->seed = seed;
	map_init(&policy->domains, seed);
	settings_default(&policy->settings);
	parse(policy, bundle, view_of(name), diag);
	if (policy->sources.n > 0)
		check_policy(&checker, diag->errors > 0);
	if (diag->errors == 0)
		return policy;
	policy_free(policy);
	return NULL;
}

int
policy_load_keys(struct policy *policy, struct bundle *bundle, struct diag *diag)
{
	struct checker checker = {.policy = policy, .bundle = bundle, .diag = diag};
	unsigned before = diag->errors;

	check_load_keys(&checker);
	check_signers(&checker);
	return diag->errors > before ? -1 : 0;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	map_fini(&policy->domains);
	arena_free(policy->arena);
}

struct table *
policy_find_table(const struct policy *policy, struct view name)
{
	for (size_t i = 0; i < policy->tables.n; i++)
		if (view_is(policy->tables.at[i]->name, name))
			return policy->tables.at[i];
	return NULL;
}

bool
policy_has_map(const struct policy *policy, struct view name)
{
	const struct table *table = policy_find_table(policy, name);

	return table != NULL && table->is_map;
}

bool
policy_postmap_at(const struct policy *policy, size_t i, struct policy_postmap *ret_map)
{
	for (size_t j = 0; j < policy->tables.n; j++) {
		const struct table *table = policy->tables.at[j];

		if (!table->is_postmap || i-- != 0)
			continue;
		*ret_map = (struct policy_postmap){
		    .name = table->name, .table = table->file, .place = table->place};
		return true;
	}
	return false;
}

bool
policy_has_postmap(const struct policy *policy)
{
	struct policy_postmap map;

	return policy_postmap_at(policy, 0, &map);
}

struct view
policy_postmap_table(const struct policy *policy, struct view name)
{
	const struct table *table = policy_find_table(policy, name);

	return table != NULL && table->is_postmap ? table->file : VIEW_NONE;
}

const struct policy_meter *
policy_find_meter(const struct policy *policy, struct view name)
{
	for (size_t i = 0; i < policy->meters.n; i++)
		if (view_is(policy->meters.at[i].name, name))
			return &policy->meters.at[i];
	return NULL;
}

const struct policy_meter *
policy_meters(const struct policy *policy, size_t *ret_n)
{
	*ret_n = policy->meters.n;
	return policy->meters.at;
}

bool
policy_asks(const struct policy *policy, enum fact fact)
{
	return (policy->asked & 1U << fact) != 0;
}

const struct policy_settings *
policy_settings(const struct policy *policy)
{
	return &policy->settings;
}

const struct policy_key_source *
policy_key_sources(const struct policy *policy, size_t *ret_n)
{
	*ret_n = policy->key_sources.n;
	return policy->key_sources.at;
}

const struct policy_key *
policy_keys(const struct policy *policy, size_t *ret_n)
{
	*ret_n = policy->keys.n;
	return policy->keys.at;
}

bool
policy_client_is_trusted(const struct policy *policy, struct addr client)
{
	if (client.family == ADDR_NONE)
		return false;
	if (addr_is_loopback(client))
		return true;
	for (size_t i = 0; i < policy->trusted_networks.n; i++)
		if (prefix_has(policy->trusted_networks.at[i], client))
			return true;
	return policy->trusted != NULL && table_has_network(policy->trusted, client);
}

size_t
policy_n_matches(const struct policy *policy)
{
	return policy->matches.n;
}

const struct rule *
policy_match_at(const struct policy *policy, size_t i)
{
	must(i < policy->matches.n);
	return policy->matches.at[i];
}

size_t
policy_n_verdicts(const struct policy *policy)
{
	return policy->verdicts.n;
}

const struct rule *
policy_verdict_at(const struct policy *policy, size_t i)
{
	must(i < policy->verdicts.n);
	return policy->verdicts.at[i];
}
