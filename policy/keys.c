/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "policy/check.h"

/* The list of usable keys, as the key process gave it, and which is the newest of a domain.
 */

static const char *const algorithms[ALGORITHMS] = {
    [ALGORITHM_RSA] = "rsa-sha256",
    [ALGORITHM_ED25519] = "ed25519-sha256",
};

static bool
algorithm_of(struct view text, enum policy_algorithm *ret_algorithm)
{
	for (unsigned i = 0; i < ALGORITHMS; i++)
		if (view_is(view_of(algorithms[i]), text)) {
			*ret_algorithm = (enum policy_algorithm)i;
			return true;
		}
	return false;
}

static bool
read_line(struct view line, struct policy_key *key)
{
	struct view algorithm, mtime;
	unsigned long long seconds;

	if (!view_cut(&line, ' ', &key->name) || !view_cut(&line, ' ', &key->domain) ||
	    !view_cut(&line, ' ', &key->selector) || !view_cut(&line, ' ', &algorithm) ||
	    !view_cut(&line, ' ', &mtime) || line.p != NULL)
		return false;
	if (key->name.n == 0 || key->domain.n == 0 || key->selector.n == 0 ||
	    !algorithm_of(algorithm, &key->algorithm) ||
	    !view_number(mtime, INT64_MAX, &seconds))
		return false;
	key->mtime = (int64_t)seconds;
	key->named = !view_is(key->name, VIEW("-"));
	if (!key->named)
		key->name = key->selector;
	return true;
}

/*
 * Newer, and where the times are the same the selector that sorts last, so that the choice
 * is stable.
 */
static bool
is_newer(const struct policy_key *key, const struct policy_key *other)
{
	if (other == NULL || key->mtime != other->mtime)
		return other == NULL || key->mtime > other->mtime;
	return view_compare(key->selector, other->selector) > 0;
}

static int
compare_age(const void *a, const void *b)
{
	const struct policy_key *const *x = a, *const *y = b;

	if (is_newer(*x, *y) || is_newer(*y, *x))
		return is_newer(*x, *y) ? -1 : 1;
	return (*x)->index < (*y)->index ? -1 : (*x)->index > (*y)->index;
}

static void
enter(struct policy *policy, const struct policy_key *key)
{
	struct domain_keys *entry = map_get(&policy->domains, key->domain);

	if (entry == NULL) {
		entry = arena_alloc(policy->arena, sizeof(*entry));
		entry->domain = key->domain;
		map_add(&policy->domains, entry->domain, entry);
	}
	*LIST_ADD(policy->arena, &entry->keys) = key;
}

/* By domain, the newest first. */
static void
enter_all(struct policy *policy)
{
	const struct policy_key **keys =
	    arena_array(policy->arena, policy->keys.n + 1, sizeof(keys[0]));

	for (size_t i = 0; i < policy->keys.n; i++)
		keys[i] = &policy->keys.at[i];
	qsort(keys, policy->keys.n, sizeof(keys[0]), compare_age);
	for (size_t i = 0; i < policy->keys.n; i++)
		enter(policy, keys[i]);
}

static bool
find_list(const struct bundle *bundle, struct view *ret_content)
{
	struct view name;

	for (size_t i = 0; bundle_at(bundle, i, &name, ret_content); i++)
		if (view_is(name, VIEW(POLICY_KEYS_FILE)))
			return true;
	return false;
}

void
check_load_keys(struct checker *checker)
{
	struct policy *policy = checker->policy;
	struct source *source;
	struct lines lines;
	struct span line;
	struct view content;

	if (!find_list(checker->bundle, &content))
		return;
	policy->has_keys = true;
	policy->keys.n = policy->keys.size = 0;
	map_fini(&policy->domains);
	map_init(&policy->domains, policy->seed);
	source = arena_alloc(policy->arena, sizeof(*source));
	source->name = VIEW(POLICY_KEYS_FILE);
	source->text = arena_view(policy->arena, content);
	lines_begin(&lines, source);
	while (lines_next(&lines, &line) && !diag_is_full(checker->diag)) {
		struct policy_key *key = LIST_ADD(policy->arena, &policy->keys);

		if (!read_line(line.text, key))
			diag_error(
			    checker->diag, line, "this is not a key of the key process");
		key->index = (uint32_t)(policy->keys.n - 1);
	}
	/* Only now: the list does not move any more. */
	if (checker->diag->errors == 0)
		enter_all(policy);
}

const struct domain_keys *
policy_domain_keys(const struct policy *policy, struct view domain)
{
	return map_get(&policy->domains, domain);
}

bool
policy_has_key_for(const struct policy *policy, struct view domain)
{
	return policy_domain_keys(policy, domain) != NULL;
}

const struct policy_key *
policy_key_at(const struct policy *policy, struct view domain, size_t i)
{
	const struct domain_keys *entry = policy_domain_keys(policy, domain);

	return entry != NULL && i < entry->keys.n ? entry->keys.at[i] : NULL;
}

/* How much there is to be said for a key. */
static int
rank(const struct fact_key *fact)
{
	if (fact == NULL)
		return 2;
	if (fact->state == KEY_READY)
		return 5;
	if (fact->last_ready > 0)
		return 4;
	if (fact->state == KEY_UNKNOWN)
		return fact->is_published ? 3 : 2;
	return fact->state == KEY_MISMATCHED ? 1 : 0;
}

bool
policy_key_is_better(const struct fact_key *fact, const struct fact_key *other)
{
	int a = rank(fact), b = rank(other);

	return a == 4 && b == 4 ? fact->last_ready > other->last_ready : a > b;
}

const struct policy_key *
policy_choose_key(const struct policy *policy, struct view domain,
    enum policy_algorithm algorithm, bool named, const struct facts *facts)
{
	const struct domain_keys *entry = policy_domain_keys(policy, domain);
	const struct policy_key *best = NULL;
	const struct fact_key *best_fact = NULL;

	for (size_t i = 0; entry != NULL && i < entry->keys.n; i++) {
		const struct policy_key *key = entry->keys.at[i];
		const struct fact_key *fact;

		if (key->algorithm != algorithm || (key->named && !named))
			continue;
		if (best != NULL && facts->n_keys == 0)
			break;
		fact = fact_key_find(facts, key->domain, key->selector);
		if (best == NULL || policy_key_is_better(fact, best_fact)) {
			best = key;
			best_fact = fact;
		}
	}
	return best;
}

const struct policy_key *
policy_newest_key(
    const struct policy *policy, struct view domain, enum policy_algorithm algorithm)
{
	const struct facts nothing = {.n_keys = 0};

	return policy_choose_key(policy, domain, algorithm, false, &nothing);
}

bool
check_resolve_signer(const struct policy *policy, struct signer *signer)
{
	signer->n_keys = 0;
	for (size_t i = 0; i < policy->keys.n; i++)
		if (policy->keys.at[i].named &&
		    view_is(policy->keys.at[i].name, signer->name) &&
		    signer->n_keys < ALGORITHMS)
			signer->keys[signer->n_keys++] = &policy->keys.at[i];
	signer->by_domain =
	    signer->n_keys == 0 && policy_domain_keys(policy, signer->name) != NULL;
	return signer->n_keys > 0 || signer->by_domain;
}
