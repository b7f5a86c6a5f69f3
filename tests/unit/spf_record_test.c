/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "tests/unit/spf_lab.h"

/* Records and answers: what the official suites leave out. */

static const char zone[] = "mail.example.org A 198.51.100.7\n"
			   "other.example.org A 198.51.100.8\n"
			   "example.org A 198.51.100.9\n"
			   "example.org MX 10 mail.example.org\n"
			   "no.example.org TXT some other text\n"
			   "yes.example.org TXT v=spf1 +all\n"
			   "maybe.example.org TXT v=spf1 ?all\n"
			   "broken.example.org TXT v=spf1 what\n"
			   "failed.example.org A !failed\n"
			   "failed.example.org TXT !failed\n"
			   "silent.example.org A !silent\n"
			   "silent.example.org MX !silent\n"
			   "silent.example.org TXT !silent\n";

static const struct {
	const char *record;
	enum spf_outcome want;
} records[] = {
    {"v=spf1", SPF_EVAL_NEUTRAL},
    {"v=spf1 ", SPF_EVAL_NEUTRAL},
    {"v=spf1    -all   ", SPF_EVAL_FAIL},
    {"v=spf1\t-all", SPF_EVAL_NONE},
    {"v=spf10 -all", SPF_EVAL_NONE},
    {"V=SPF1 -ALL", SPF_EVAL_FAIL},
    {"v=spf1 -all\t", SPF_EVAL_PERMERROR},
    {"v=spf1 -all\x7f", SPF_EVAL_PERMERROR},
    {"v=spf1 --all", SPF_EVAL_PERMERROR},
    {"v=spf1 -", SPF_EVAL_PERMERROR},
    {"v=spf1 %", SPF_EVAL_PERMERROR},
    {"v=spf1 -redirect=yes.example.org", SPF_EVAL_PERMERROR},
    {"v=spf1 Redirect=yes.example.org", SPF_EVAL_PASS},
    {"v=spf1 a=b -all", SPF_EVAL_FAIL},
    {"v=spf1 x=%{c} -all", SPF_EVAL_PERMERROR},
    {"v=spf1 x=%{d}/y -all", SPF_EVAL_FAIL},
    {"v=spf1 ip4:198.51.100.7", SPF_EVAL_PASS},
    {"v=spf1 ip4:198.51.100.0/25 -all", SPF_EVAL_PASS},
    {"v=spf1 ip4:198.51.100.128/25 -all", SPF_EVAL_FAIL},
    {"v=spf1 ip4:0.0.0.0/0 -all", SPF_EVAL_PASS},
    {"v=spf1 ip4:198.51.100.7/ -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:198.51.100.7/00 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:198.51.100.07 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:198.51.100.256 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:198.51.100.7. -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:198.51.100.7.1 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip4:%{i} -all", SPF_EVAL_PERMERROR},
    {"v=spf1 ip6:::ffff:198.51.100.7 -all", SPF_EVAL_FAIL},
    {"v=spf1 ip6:::/0 -all", SPF_EVAL_FAIL},
    {"v=spf1 ip6:fe80::1%eth0 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:mail.example.org. -all", SPF_EVAL_PASS},
    {"v=spf1 a:mail.example.org.. -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:other.example.org/28 -all", SPF_EVAL_PASS},
    {"v=spf1 a:other.example.org/28//64 -all", SPF_EVAL_PASS},
    {"v=spf1 a:other.example.org//64/28 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:other.example.org/028 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a/ -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a: -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:/24 -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:example -all", SPF_EVAL_PERMERROR},
    {"v=spf1 a:example.1-2 -all", SPF_EVAL_FAIL},
    {"v=spf1 mx -all", SPF_EVAL_PASS},
    {"v=spf1 mx:mail.example.org -all", SPF_EVAL_FAIL},
    {"v=spf1 include:no.example.org -all", SPF_EVAL_PERMERROR},
    {"v=spf1 include:yes.example.org -all", SPF_EVAL_PASS},
    {"v=spf1 -include:yes.example.org +all", SPF_EVAL_FAIL},
    {"v=spf1 include:maybe.example.org -all", SPF_EVAL_FAIL},
    {"v=spf1 include:broken.example.org +all", SPF_EVAL_PERMERROR},
    {"v=spf1 +all include:broken.example.org", SPF_EVAL_PASS},
    {"v=spf1 redirect=maybe.example.org", SPF_EVAL_NEUTRAL},
    {"v=spf1 redirect=no.example.org", SPF_EVAL_PERMERROR},
    {"v=spf1 redirect=no.example.org -all", SPF_EVAL_FAIL},
    {"v=spf1 redirect=yes.example.org redirect=yes.example.org", SPF_EVAL_PERMERROR},
    {"v=spf1 a:failed.example.org +all", SPF_EVAL_TEMPERROR},
    {"v=spf1 include:failed.example.org +all", SPF_EVAL_TEMPERROR},
    {"v=spf1 redirect=failed.example.org", SPF_EVAL_TEMPERROR},
    {"v=spf1 exists:failed.example.org +all", SPF_EVAL_TEMPERROR},
    {"v=spf1 mx:silent.example.org +all", SPF_EVAL_TEMPERROR},
};

static void
records_come_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		enum spf_outcome got = lab_record(records[i].record, zone);

		if (got != records[i].want)
			fail_msg("%s: got %s, want %s", records[i].record,
			    spf_outcome_name(got), spf_outcome_name(records[i].want));
	}
}

/* Which term decided, in whose record, and what is wrong. */
static void
the_deciding_term_is_named(void **state)
{
	static const struct {
		const char *record, *term, *domain, *problem;
	} cases[] = {
	    {"v=spf1 a -all", "-all", "example.org", ""},
	    {"v=spf1 a", "", "", ""},
	    {"v=spf1 ip4:192.0.2.1 Include:yes.example.org -all", "Include:yes.example.org",
		"example.org", ""},
	    {"v=spf1 redirect=yes.example.org", "+all", "yes.example.org", ""},
	    {"v=spf1 include:broken.example.org -all", "what", "broken.example.org",
		"what in the record of broken.example.org: this is no mechanism that SPF "
		"knows"},
	    {"v=spf1 include:no.example.org -all", "include:no.example.org", "example.org",
		"no.example.org has no SPF record"},
	    {"v=spf1 redirect=no.example.org", "", "",
		"redirect=no.example.org: no SPF record there"},
	    {"v=spf1 a:failed.example.org -all", "a:failed.example.org", "example.org",
		"A of failed.example.org: DNS failed"},
	    {"v=spf1 exp=", "exp=", "example.org",
		"exp= in the record of example.org: a domain has to follow"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new(zone);

		lab_add(lab, "example.org", DNS_TXT, view_of(cases[i].record));
		(void)lab_eval(lab);
		if (!view_is(lab->result.term, view_of(cases[i].term)) ||
		    !view_is(lab->result.domain, view_of(cases[i].domain)) ||
		    !view_is(lab->result.problem, view_of(cases[i].problem)))
			fail_msg("%s: got %.*s of %.*s, '%.*s'", cases[i].record,
			    VIEW_ARG(lab->result.term), VIEW_ARG(lab->result.domain),
			    VIEW_ARG(lab->result.problem));
		lab_free(lab);
	}
}

static void
nobody_knows_is_not_what_dns_says(void **state)
{
	static const struct {
		const char *zone;
		enum spf_outcome want;
		bool is_unanswered;
	} cases[] = {
	    {"example.org TXT !failed\n", SPF_EVAL_TEMPERROR, false},
	    {"example.org TXT !silent\n", SPF_EVAL_TEMPERROR, true},
	    {"example.org TXT other\nexample.org TXT !cut\n", SPF_EVAL_TEMPERROR, true},
	    {"example.org TXT v=spf1 -all\nexample.org TXT !cut\n", SPF_EVAL_FAIL, false},
	    {"example.org TXT v=spf1 -all\nexample.org TXT v=spf1\nexample.org TXT !cut\n",
		SPF_EVAL_PERMERROR, false},
	    {"example.org TXT v=spf1 a -all\nexample.org A 192.0.2.1\nexample.org A !cut\n",
		SPF_EVAL_TEMPERROR, true},
	    {"example.org TXT v=spf1 a -all\nexample.org A 198.51.100.7\n"
	     "example.org A !cut\n",
		SPF_EVAL_PASS, false},
	    {"example.org TXT v=spf1 a ~all\nexample.org A !silent\n", SPF_EVAL_TEMPERROR,
		true},
	    {"example.org TXT v=spf1 ptr ~all\n7.100.51.198.in-addr.arpa PTR !failed\n",
		SPF_EVAL_SOFTFAIL, false},
	    {"example.org TXT v=spf1 ptr ~all\n7.100.51.198.in-addr.arpa PTR !silent\n",
		SPF_EVAL_TEMPERROR, true},
	    {"example.org TXT v=spf1 -all exp=why.example.org\nwhy.example.org TXT "
	     "!silent\n",
		SPF_EVAL_FAIL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new(cases[i].zone);
		enum spf_outcome got = lab_eval(lab);

		if (got != cases[i].want ||
		    lab->result.is_unanswered != cases[i].is_unanswered)
			fail_msg("%s: got %s%s, want %s", cases[i].zone,
			    spf_outcome_name(got),
			    lab->result.is_unanswered ? " unanswered" : "",
			    spf_outcome_name(cases[i].want));
		lab_free(lab);
	}
}

static void
only_domains_are_asked(void **state)
{
	static const struct {
		const char *domain;
		size_t queries;
	} cases[] = {{"example.org", 1}, {"example.org.", 1}, {"", 0}, {"localhost", 0},
	    {"[192.0.2.1]", 0}, {"a..example.org", 0}, {".example.org", 0}, {"org.", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("");

		lab->question.domain = view_of(cases[i].domain);
		if (lab_eval(lab) != SPF_EVAL_NONE || lab->queries != cases[i].queries)
			fail_msg("'%s': got %s after %zu queries", cases[i].domain,
			    spf_outcome_name(lab->result.outcome), lab->queries);
		lab_free(lab);
	}
}

static void
clients_are_ipv4_or_ipv6(void **state)
{
	static const char record[] =
	    "example.org TXT v=spf1 ip4:198.51.100.7 ~ip6:2001:db8::/32 -all\n";
	struct lab *lab = lab_new(record);

	(void)state;
	assert_int_equal(lab_eval(lab), SPF_EVAL_PASS);
	lab_client(lab, "2001:db8::1");
	assert_int_equal(lab_eval(lab), SPF_EVAL_SOFTFAIL);
	/* As it comes from a socket, not folded by lib/net.c. */
	lab->question.client = (struct addr){.family = ADDR_IPV6,
	    .bytes = {
		[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51, [14] = 100, [15] = 7}};
	assert_int_equal(lab_eval(lab), SPF_EVAL_PASS);
	lab->question.client.family = ADDR_NONE;
	assert_int_equal(lab_eval(lab), SPF_EVAL_TEMPERROR);
	assert_true(lab->result.is_unanswered);
	lab_free(lab);
}

static void
a_nul_is_no_end(void **state)
{
	static const char hidden[] = "v=spf1 +all\0 -all",
			  name[] = "v=spf1 a:b\0c.example.org";
	struct lab *lab = lab_new("");

	(void)state;
	lab_add(lab, "example.org", DNS_TXT, (struct view){hidden, sizeof(hidden) - 1});
	assert_int_equal(lab_eval(lab), SPF_EVAL_PERMERROR);
	lab_free(lab);
	lab = lab_new("");
	lab_add(lab, "example.org", DNS_TXT, (struct view){name, sizeof(name) - 1});
	assert_int_equal(lab_eval(lab), SPF_EVAL_PERMERROR);
	lab_free(lab);
}

static void
the_least_ttl_counts(void **state)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 a:mail.example.org mx -all\n"
				  "mail.example.org A 192.0.2.1\n"
				  "example.org MX 10 mail.example.org\n");

	(void)state;
	lab_answer(lab, "example.org", DNS_TXT)->ttl = 900;
	lab_answer(lab, "mail.example.org", DNS_A)->ttl = 70;
	lab_answer(lab, "example.org", DNS_MX)->ttl = 80;
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.ttl, 70);
	lab_client(lab, "192.0.2.1");
	lab_answer(lab, "example.org", DNS_MX)->ttl = 5;
	assert_int_equal(lab_eval(lab), SPF_EVAL_PASS);
	assert_int_equal(lab->result.ttl, 70);
	lab->question.domain = VIEW("localhost");
	assert_int_equal(lab_eval(lab), SPF_EVAL_NONE);
	assert_int_equal(lab->result.ttl, 0);
	lab_free(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_come_to),
	    cmocka_unit_test(the_deciding_term_is_named),
	    cmocka_unit_test(nobody_knows_is_not_what_dns_says),
	    cmocka_unit_test(only_domains_are_asked),
	    cmocka_unit_test(clients_are_ipv4_or_ipv6),
	    cmocka_unit_test(a_nul_is_no_end),
	    cmocka_unit_test(the_least_ttl_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
