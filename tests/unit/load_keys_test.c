/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include "lib/bug.h"
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_keys_later),
	    cmocka_unit_test(refuses_what_does_not_fit),
	};

	return cmocka_run_group_tests_name("keys of a policy", tests, NULL, NULL);
}
