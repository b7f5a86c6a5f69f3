/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What libspf2 said, and until when that stands. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/spf_opinions.h"

static struct dns_spf_reply
result_of(uint32_t outcome, const char *term)
{
	struct dns_spf_reply reply = {.outcome = outcome};

	snprintf(reply.term, sizeof(reply.term), "%s", term);
	return reply;
}

static void
test_opinions(void **state)
{
	struct spf_opinions *opinions = spf_opinions_new((struct map_seed){1, 2});
	struct spf_opinions_status status;
	const struct view org = VIEW("example.org"), net = VIEW("example.net");
	struct dns_spf_reply pass = result_of(SPF_EVAL_PASS, "mx");
	struct dns_spf_reply fail = result_of(SPF_EVAL_FAIL, "-all");

	(void)state;
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_UNKNOWN);
	spf_opinions_result(opinions, org, &pass);
	assert_false(spf_opinions_learn(opinions, org, SEEN_AGREES, ""));
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_AGREES);
	assert_int_equal(spf_opinions_get(opinions, net), SEEN_UNKNOWN);

	/* News once; no opinion takes nothing back. */
	assert_true(spf_opinions_learn(opinions, org, SEEN_DISAGREES, "record cut"));
	assert_false(spf_opinions_learn(opinions, org, SEEN_DISAGREES, "record cut"));
	assert_false(spf_opinions_learn(opinions, org, SEEN_UNKNOWN, "it died"));
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_DISAGREES);
	spf_opinions_status(opinions, &status);
	assert_int_equal(status.disagrees, 1);
	assert_int_equal(status.agrees, 0);
	assert_string_equal(status.disagreements[0], "example.org: record cut");

	/* The same result again, then another. */
	spf_opinions_result(opinions, org, &pass);
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_DISAGREES);
	spf_opinions_result(opinions, org, &fail);
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_UNKNOWN);
	assert_true(spf_opinions_learn(opinions, org, SEEN_DISAGREES, NULL));

	assert_false(spf_opinions_learn(opinions, VIEW(""), SEEN_DISAGREES, "x"));
	spf_opinions_free(opinions);
}

/* Each message has a result of its own, and the domain one opinion. */
static void
test_per_message(void **state)
{
	struct spf_opinions *opinions = spf_opinions_new((struct map_seed){1, 2});
	const struct view org = VIEW("example.org");
	struct dns_spf_reply pass = result_of(SPF_EVAL_PASS, "exists:%{l}.example.org");
	struct dns_spf_reply fail = result_of(SPF_EVAL_FAIL, "-all");

	(void)state;
	pass.is_per_message = fail.is_per_message = 1;
	pass.published = fail.published = 77;
	spf_opinions_result(opinions, org, &pass);
	assert_true(spf_opinions_learn(opinions, org, SEEN_DISAGREES, "upper case"));
	for (int i = 0; i < 3; i++) {
		spf_opinions_result(opinions, org, i % 2 == 0 ? &fail : &pass);
		assert_int_equal(spf_opinions_get(opinions, org), SEEN_DISAGREES);
		assert_false(spf_opinions_learn(opinions, org, SEEN_AGREES, ""));
		assert_int_equal(spf_opinions_get(opinions, org), SEEN_DISAGREES);
		assert_false(
		    spf_opinions_learn(opinions, org, SEEN_DISAGREES, "upper case"));
	}

	/* Another record. */
	pass.published = 78;
	spf_opinions_result(opinions, org, &pass);
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_UNKNOWN);
	assert_false(spf_opinions_learn(opinions, org, SEEN_AGREES, ""));
	assert_int_equal(spf_opinions_get(opinions, org), SEEN_AGREES);
	spf_opinions_free(opinions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_opinions), cmocka_unit_test(test_per_message)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
