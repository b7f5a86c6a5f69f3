/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include "lib/bug.h"
#include "policy/advice.h"
#include "policy/rule.h"

/* Keys that come after their policy. */

static const char text[] = "keys \"keys\"\n"
			   "key legacy domain example.net selector l1 file \"f\"\n"
			   "match path relay sign with legacy\n"
			   "match path local sign with example.org\n"
			   "accept\n";

struct loaded {
	struct bundle *bundle;
	struct policy *policy;
	struct diag diag;
};

static void
set_up(struct loaded *loaded)
{
	struct map_seed seed = {.k0 = 1, .k1 = 2};

	loaded->bundle = bundle_new(NULL);
	diag_init(&loaded->diag);
	must(bundle_put(loaded->bundle, VIEW("frank.conf"), view_of(text), NULL) == 0);
	loaded->policy = policy_load(loaded->bundle, "frank.conf", seed, 0, &loaded->diag);
	assert_non_null(loaded->policy);
}

static void
tear_down(struct loaded *loaded)
{
	policy_free(loaded->policy);
	bundle_free(loaded->bundle);
	diag_fini(&loaded->diag);
}

static int
take(struct loaded *loaded, const char *list)
{
	must(bundle_put(loaded->bundle, VIEW(POLICY_KEYS_FILE), view_of(list), NULL) == 0);
	diag_fini(&loaded->diag);
	diag_init(&loaded->diag);
	return policy_load_keys(loaded->policy, loaded->bundle, &loaded->diag);
}

static void
takes_keys_later(void **state)
{
	struct loaded loaded;
	size_t n;

	(void)state;
	set_up(&loaded);
	assert_int_equal(take(&loaded, "- example.org s1 rsa-sha256 100\n"
				       "legacy example.net l1 rsa-sha256 50\n"),
	    0);
	(void)policy_keys(loaded.policy, &n);
	assert_int_equal(n, 2);
	assert_true(policy_has_key_for(loaded.policy, VIEW("example.org")));
	assert_int_equal(loaded.diag.errors, 0);
	tear_down(&loaded);
}

static void
refuses_what_does_not_fit(void **state)
{
	struct loaded loaded;
	size_t n;

	(void)state;
	set_up(&loaded);
	assert_int_equal(take(&loaded, "legacy example.net l1 rsa-sha256 50\n"), -1);
	assert_int_equal(loaded.diag.errors, 1);
	assert_int_equal(take(&loaded, "nonsense\n"), -1);
	/* And another list is taken as if it were the first. */
	assert_int_equal(take(&loaded, "legacy example.net l1 rsa-sha256 50\n"
				       "- example.org s9 rsa-sha256 100\n"),
	    0);
	(void)policy_keys(loaded.policy, &n);
	assert_int_equal(n, 2);
	assert_int_equal(policy_match_at(loaded.policy, 0)->signers.at[0].n_keys, 1);
	tear_down(&loaded);
}

/* The newest comes first; every case says what signs. */
static void
chooses_by_what_is_known(void **state)
{
	static const struct {
		const char *known, *signs;
	} cases[] = {
	    {"", "s3"},
	    {"key.s1/d=ready key.s2/d=ready", "s2"},
	    {"key.s1/d=ready key.s2/d=unknown,200 key.s3/d=unknown,published", "s1"},
	    {"key.s1/d=unknown,200 key.s2/d=unpublished,100 key.s3/d=unknown,published",
		"s1"},
	    {"key.s1/d=unpublished,100 key.s2/d=unknown,published", "s1"},
	    {"key.s1/d=unknown,published key.s2/d=unpublished", "s1"},
	    {"key.s1/d=unknown,published key.s2/d=unknown,published", "s2"},
	    {"key.s1/d=unknown key.s3/d=unpublished", "s2"},
	    {"key.s1/d=unknown key.s2/d=mismatched key.s3/d=unpublished", "s1"},
	    {"key.s1/d=mismatched key.s2/d=unpublished key.s3/d=unpublished", "s1"},
	    {"key.s1/d=unpublished key.s2/d=unpublished key.s3/d=unpublished", "s3"},
	};
	struct loaded loaded;

	(void)state;
	set_up(&loaded);
	assert_int_equal(take(&loaded, "- d s1 rsa-sha256 100\n"
				       "- d s2 rsa-sha256 200\n"
				       "- d s3 rsa-sha256 300\n"
				       "- example.org s1 rsa-sha256 100\n"
				       "legacy example.net l1 rsa-sha256 50\n"),
	    0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		struct facts facts = {.n_keys = 0};

		advice_read_text(view_of(cases[i].known), arena, &facts);
		lab_same_view(cases[i].known, "signs",
		    policy_choose_key(
			loaded.policy, VIEW("d"), ALGORITHM_RSA, false, &facts)
			->selector,
		    cases[i].signs);
		arena_free(arena);
	}
	tear_down(&loaded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_keys_later),
	    cmocka_unit_test(refuses_what_does_not_fit),
	    cmocka_unit_test(chooses_by_what_is_known),
	};

	return cmocka_run_group_tests_name("keys of a policy", tests, NULL, NULL);
}
