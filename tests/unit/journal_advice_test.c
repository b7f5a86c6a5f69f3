/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/advice.h"

#include "tests/unit/journal_lab.h"

/* Advice comes out of the journal as it went in. */

static int
print(void *context, const struct journal_row *row)
{
	advice_print(&row->facts, context);
	return 0;
}

static void
comes_back(void **state)
{
	const struct fact_key keys[] = {{VIEW("example.org"), VIEW("s2026"), KEY_READY,
	    false, true, 1772441100, SEEN_DISAGREES}};
	const struct fact_meter meters[] = {
	    {VIEW("sent"), READING_KNOWN, 64, USUAL_SITE, 5},
	    {VIEW("fresh"), READING_NO_KEY, 0, USUAL_UNKNOWN, 0}};
	const struct fact_lookup lookups[] = {{VIEW("owners"), VIEW("alice@example.org"),
	    ANSWER_FOUND, VIEW("alice, \xFF\"x\"")}};
	const char *dir = lab_dir();
	struct journal_settings settings = lab_settings(JOURNAL_MODE_BEST_EFFORT);
	struct journal *journal = lab_open(dir, &settings);
	struct journal_filter all = {.since = 0};
	struct buf want = BUF_INIT(1 << 14), got = BUF_INIT(1 << 14);
	struct lab_record lab;

	(void)state;
	lab_record_init(&lab, "one", LAB_TIME);
	lab.facts.spf = SPF_SOFTFAIL;
	lab.facts.spf_egress = (struct addr){ADDR_IPV4, {203, 0, 113, 25}};
	lab.facts.dmarc_record = DMARC_RECORD_REJECT;
	lab.facts.is_strict_dkim = lab.facts.is_signed_already = lab.facts.has_age = true;
	lab.facts.age = 3600;
	lab.facts.keys = keys;
	lab.facts.meters = meters;
	lab.facts.lookups = lookups;
	lab.facts.n_keys = lab.facts.n_lookups = 1;
	lab.facts.n_meters = ARRAY_LEN(meters);
	advice_print(&lab.facts, &want);
	lab_append(journal, &lab);
	journal_close(journal);

	struct journal_reader *reader = lab_reader(dir);
	assert_int_equal(journal_scan(reader, &all, print, &got, NULL), 0);
	journal_reader_close(reader);
	assert_true(want.n > 100);
	assert_string_equal(buf_text(&got), buf_text(&want));
	buf_fini(&want);
	buf_fini(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back)};

	return cmocka_run_group_tests_name("journal: advice", tests, NULL, NULL);
}
