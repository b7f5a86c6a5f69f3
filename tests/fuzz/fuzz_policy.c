/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A policy, its tables and its list of keys: the input is frank.conf, and behind a line "%"
 * the file that every table, map and include gets, and behind another the list of keys.
 * What loads must print in a form that loads again and prints as itself, and must judge a
 * message in the same way before and after.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/bug.h"
#include "lib/bundle.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CANONICAL_MAX = 64 << 20 };

static const char *const names[] = {
    "tables/owners", "tables/mixed", "parts/names", "parts/rules", "f"};

/* The part of *rest before a line that is "%". */
static struct view
take_part(struct view *rest)
{
	const char *cut = rest->n == 0 ? NULL : memmem(rest->p, rest->n, "\n%\n", 3);
	struct view part = *rest;

	if (cut == NULL) {
		*rest = VIEW_NONE;
		return part;
	}
	part.n = (size_t)(cut - rest->p) + 1;
	*rest = view_from(*rest, part.n + 2);
	return part;
}

static struct policy *
load(struct bundle *bundle, struct buf *canonical)
{
	struct map_seed seed = {.k0 = 1, .k1 = 2};
	struct diag diag;
	struct policy *policy;

	diag_init(&diag);
	policy = policy_load(bundle, "frank.conf", seed, 20260302, &diag);
	must((policy == NULL) == (diag.errors > 0));
	must((diag.errors + diag.warnings > 0) == (diag.out.n > 0));
	diag_fini(&diag);
	if (policy != NULL)
		policy_print(policy, canonical);
	return policy;
}

static struct fact_address
address(const char *local)
{
	struct fact_address address = {
	    .text = VIEW("Alice+x@example.org"), .domain = VIEW("example.org")};

	address.local = view_of(local);
	return address;
}

static void
decide(const struct policy *policy, enum fact_path path, struct decision *ret_decision)
{
	struct fact_address rcpt = address("postmaster");
	struct arena *arena = arena_new(1 << 20);
	struct trace trace = {0};
	struct facts facts = {
	    .local_date = 20260302,
	    .local_weekday = 1,
	    .path = path,
	    .user = VIEW("alice"),
	    .client = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}},
	    .sender = address("Alice+x"),
	    .author = address("\"al\\ice+x\""),
	    .rcpts = 1,
	    .rcpt_sample = &rcpt,
	    .n_rcpt_sample = 1,
	};

	engine_decide(policy, &facts, arena, &trace, ret_decision);
	must(path != PATH_INBOUND || ret_decision->n_sign == 0);
	must(ret_decision->is_signed == (ret_decision->n_sign > 0));
	arena_free(arena);
}

static void
compare(const struct policy *policy, const struct policy *again)
{
	for (int path = PATH_SUBMISSION; path <= PATH_INBOUND; path++) {
		struct decision one, two;

		decide(policy, (enum fact_path)path, &one);
		decide(again, (enum fact_path)path, &two);
		must(one.verdict == two.verdict && one.n_sign == two.n_sign);
		must(one.n_tags == two.n_tags && one.n_notes == two.n_notes);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = {(const char *)data, size}, text, table, keys;
	struct bundle *bundle = bundle_new(NULL);
	struct buf once = BUF_INIT(CANONICAL_MAX), twice = BUF_INIT(CANONICAL_MAX);
	struct policy *policy, *again;

	text = take_part(&rest);
	table = take_part(&rest);
	keys = take_part(&rest);
	must(bundle_put(bundle, VIEW("frank.conf"), text, NULL) == 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		must(bundle_put(bundle, view_of(names[i]), table, NULL) == 0);
	if (keys.n > 0)
		must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE), keys, NULL) == 0);
	policy = load(bundle, &once);
	if (policy != NULL) {
		must(bundle_put(bundle, VIEW("frank.conf"), buf_view(&once), NULL) == 0);
		again = load(bundle, &twice);
		must(again != NULL && view_is(buf_view(&once), buf_view(&twice)));
		compare(policy, again);
		policy_free(again);
	}
	policy_free(policy);
	bundle_free(bundle);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
