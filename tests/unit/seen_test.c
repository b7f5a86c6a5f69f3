/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/seen.h"

/* What 'frank explain' shows of DNS. */

enum { TEXT_MAX = 4096 };

#define TEXT(literal)                                                                      \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static const struct fact_key keys[] = {
    {.domain = TEXT("example.org"), .selector = TEXT("s1"), .state = KEY_READY},
    {.domain = TEXT("example.org"), .selector = TEXT("s2"), .state = KEY_UNPUBLISHED},
    {.domain = TEXT("example.org"),
	.selector = TEXT("s3"),
	.state = KEY_READY,
	.is_testing = true},
};

static const struct {
	struct facts facts;
	const char *text, *json;
} cases[] = {
    {{.path = PATH_INBOUND}, "", "{}"},
    {{.spf = SPF_FAIL,
	 .spf_term = TEXT("-all"),
	 .spf_opinion = SEEN_DISAGREES,
	 .dmarc_record = DMARC_RECORD_REJECT,
	 .dmarc_domain = TEXT("example.org"),
	 .is_strict_spf = true,
	 .keys = keys,
	 .n_keys = ARRAY_LEN(keys)},
	"  spf fail (-all)   dmarc-policy reject (example.org)   key s1 ready   key s2 "
	"unpublished   key s3 ready, testing (t=y)\n",
	"{\"frank.spf\":\"fail\",\"frank.spf_term\":\"-all\",\"frank.spf_opinion\":"
	"\"disagrees\",\"frank.dmarc_policy\":\"reject\",\"frank.dmarc_domain\":\"example."
	"org\",\"frank.dmarc_aspf\":\"s\",\"frank.dmarc_adkim\":\"r\",\"frank.keys\":[\"s1/"
	"example.org=ready\",\"s2/example.org=unpublished\",\"s3/"
	"example.org=ready,testing\"]}"},
    /* The same policy from another place is worth a word; from the same one it is not. */
    {{.dmarc_record = DMARC_RECORD_NONE,
	 .dmarc_domain = TEXT("example.org"),
	 .tree = {.record = DMARC_RECORD_NONE, .domain = TEXT("b.example.org")}},
	"  spf unknown   dmarc-policy none (example.org), by the tree walk none "
	"(b.example.org)\n",
	"{\"frank.dmarc_policy\":\"none\",\"frank.dmarc_domain\":\"example.org\",\"frank."
	"dmarc_aspf\":\"r\",\"frank.dmarc_adkim\":\"r\",\"frank.dmarc_tree_policy\":"
	"\"none\",\"frank.dmarc_tree_domain\":\"b.example.org\",\"frank.dmarc_tree_aspf\":"
	"\"r\",\"frank.dmarc_tree_adkim\":\"r\"}"},
    {{.dmarc_record = DMARC_RECORD_NONE,
	 .dmarc_domain = TEXT("example.org"),
	 .tree = {.record = DMARC_RECORD_NONE,
	     .domain = TEXT("example.org"),
	     .is_strict_dkim = true}},
	"  spf unknown   dmarc-policy none (example.org)\n",
	"{\"frank.dmarc_policy\":\"none\",\"frank.dmarc_domain\":\"example.org\",\"frank."
	"dmarc_aspf\":\"r\",\"frank.dmarc_adkim\":\"r\",\"frank.dmarc_tree_policy\":"
	"\"none\",\"frank.dmarc_tree_domain\":\"example.org\",\"frank.dmarc_tree_aspf\":"
	"\"r\",\"frank.dmarc_tree_adkim\":\"s\"}"},
};

static void
facts_are_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = BUF_INIT(TEXT_MAX), json_text = BUF_INIT(TEXT_MAX);
		struct json json;

		seen_text(&cases[i].facts, &text);
		json_begin(&json, &json_text);
		json_object(&json, NULL);
		seen_json(&cases[i].facts, &json);
		json_end(&json);
		if (strcmp(buf_text(&text), cases[i].text) != 0 ||
		    strcmp(buf_text(&json_text), cases[i].json) != 0)
			fail_msg("case %zu:\ngot  %s%s\nwant %s%s", i, buf_text(&text),
			    buf_text(&json_text), cases[i].text, cases[i].json);
		buf_fini(&text);
		buf_fini(&json_text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(facts_are_shown)};

	return cmocka_run_group_tests_name("what DNS said", tests, NULL, NULL);
}
