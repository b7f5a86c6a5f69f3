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

/* The worst over all egress addresses, and what an admin is warned of. */

/* 192.0.2.N for each digit N. */
static uint32_t
egress_make(const char *digits, struct addr *egress)
{
	uint32_t n = 0;

	for (; digits[n] != '\0'; n++)
		egress[n] = (struct addr){
		    .family = ADDR_IPV4, .bytes = {192, 0, 2, (uint8_t)(digits[n] - '0')}};
	return n;
}

/* 1 passes, 2 is neutral, 3 softfail, 4 fail, 5 permerror, 6 temperror, 7 not answered, 8
 * neutral as 2. */
static const char every[] = "example.org TXT v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.2 "
			    "?ip4:192.0.2.8 ~ip4:192.0.2.3 -ip4:192.0.2.4 "
			    "include:%{i}.example.org -all\n"
			    "192.0.2.6.example.org TXT !failed\n"
			    "192.0.2.7.example.org TXT !silent\n";

static void
the_worst_counts(void **state)
{
	static const struct {
		const char *egress;
		enum spf_outcome want;
		char which;
		bool is_unanswered;
	} cases[] = {
	    {"1", SPF_EVAL_PASS, '1', false},
	    {"71", SPF_EVAL_TEMPERROR, '7', true},
	    {"17", SPF_EVAL_TEMPERROR, '7', true},
	    {"6711", SPF_EVAL_TEMPERROR, '6', false},
	    {"7611", SPF_EVAL_TEMPERROR, '6', false},
	    {"1726", SPF_EVAL_NEUTRAL, '2', false},
	    {"8216", SPF_EVAL_NEUTRAL, '8', false},
	    {"12367", SPF_EVAL_SOFTFAIL, '3', false},
	    {"135", SPF_EVAL_PERMERROR, '5', false},
	    {"531", SPF_EVAL_PERMERROR, '5', false},
	    {"154", SPF_EVAL_FAIL, '4', false},
	    {"1234567", SPF_EVAL_FAIL, '4', false},
	    {"7654321", SPF_EVAL_FAIL, '4', false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new(every);
		struct addr egress[8];
		uint32_t n = egress_make(cases[i].egress, egress);

		if (lab_worst(lab, egress, n) != cases[i].want ||
		    lab->result.is_unanswered != cases[i].is_unanswered ||
		    lab->egress.bytes[3] != cases[i].which - '0')
			fail_msg("%s: got %s of %d, want %s of %c", cases[i].egress,
			    spf_outcome_name(lab->result.outcome), lab->egress.bytes[3],
			    spf_outcome_name(cases[i].want), cases[i].which);
		lab_free(lab);
	}
}

/* None is worse than neutral, and better than softfail; here by family. */
static void
families_differ(void **state)
{
	struct lab *lab =
	    lab_new("example.org TXT v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all\n");
	struct addr egress[2] = {{.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}},
	    {.family = ADDR_IPV6, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = 1}}};

	(void)state;
	assert_int_equal(lab_worst(lab, egress, 2), SPF_EVAL_PASS);
	egress[1].bytes[15] = 2;
	assert_int_equal(lab_worst(lab, egress, 2), SPF_EVAL_FAIL);
	assert_true(addr_is(lab->egress, egress[1]));
	assert_true(view_is(lab->result.term, VIEW("-all")));
	lab_free(lab);
	lab = lab_new("");
	assert_int_equal(lab_worst(lab, egress, 2), SPF_EVAL_NONE);
	lab_free(lab);
}

/* 64 addresses that each have a name of their own: their queries are bounded together. */
static void
all_addresses_share_the_queries(void **state)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 exists:%{i}.a.example.org "
				  "exists:%{i}.b.example.org ?all\n");
	struct addr egress[SPF_EGRESS_MAX];

	(void)state;
	for (unsigned i = 0; i < SPF_EGRESS_MAX; i++)
		egress[i] =
		    (struct addr){.family = ADDR_IPV4, .bytes = {192, 0, 2, (uint8_t)i}};
	assert_int_equal(lab_worst(lab, egress, 59), SPF_EVAL_NEUTRAL);
	assert_int_equal(lab->queries, 119);
	assert_int_equal(lab->result.queries, 119);
	/* What the others come to is known; what the rest does is not. */
	assert_int_equal(lab_worst(lab, egress, SPF_EGRESS_MAX), SPF_EVAL_NEUTRAL);
	assert_int_equal(lab->queries, SPF_QUERIES_MAX);
	lab_free(lab);
}

static void
the_least_ttl_and_the_message_of_all(void **state)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 -ip4:192.0.2.4 "
				  "exists:%{l}.example.org ?all\n");
	struct addr egress[2];

	(void)state;
	lab_answer(lab, "alice.example.org", DNS_A)->ttl = 9;
	assert_int_equal(egress_make("14", egress), 2);
	assert_int_equal(lab_worst(lab, egress, 2), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.ttl, 9);
	assert_true(lab->result.is_per_message);
	assert_int_equal(lab_worst(lab, egress + 1, 1), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.ttl, 300);
	assert_false(lab->result.is_per_message);
	lab_free(lab);
}

static void
warnings_are_given(void **state)
{
	static const struct {
		const char *record, *want;
	} cases[] = {
	    {"v=spf1 a mx -all", ""},
	    {"v=spf1 what", ""},
	    {"v=spf1 +all", "the record of example.org ends in +all: anybody may send\n"},
	    {"v=spf1 ptr -all",
		"the record of example.org uses ptr, which is slow and which receivers may "
		"ignore (RFC 7208 5.5)\n"
		"1 look-up without an answer; more than 2 are permerror\n"},
	    {"v=spf1 -all x=y a:b.example.org mx",
		"the record of example.org goes on behind \"all\", and nobody gets there: "
		"a:b.example.org\n"},
	    {"v=spf1 -all redirect=b.example.org",
		"the record of example.org goes on behind \"all\", and nobody gets there: "
		"redirect=b.example.org\n"},
	    {"v=spf1 ip4:192.0.2.1/0 -all",
		"the record of example.org has a prefix length of 0, which libspf2 takes "
		"for an error\n"},
	    {"v=spf1 a a a a a a a -all", ""},
	    {"v=spf1 a a a a a a a a -all",
		"the record uses 8 of the 10 terms that look up\n"},
	    {"v=spf1 ip4:198.51.100.7 a a a a a a a a a include:three.example.org -all",
		"the record needs more than the 10 terms that look up: clients that no "
		"earlier term matches get permerror\n"},
	    {"v=spf1 ip4:198.51.100.7 include:three.example.org a a a a ~all",
		"the record uses 8 of the 10 terms that look up\n"},
	    {"v=spf1 ip4:198.51.100.7 redirect=open.example.org",
		"the record of open.example.org ends in +all: anybody may send\n"},
	    {"v=spf1 redirect=example.org",
		"the record needs more than the 10 terms that look up: clients that no "
		"earlier term matches get permerror\n"},
	    {"v=spf1 a:n1.example.org a:n2.example.org -all",
		"2 look-ups without an answer; more than 2 are permerror\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("example.org A 192.0.2.1\n"
					  "example.org MX 1 example.org\n"
					  "three.example.org TXT v=spf1 a a a -all\n"
					  "three.example.org A 192.0.2.1\n"
					  "open.example.org TXT v=spf1 all\n");

		lab_add(lab, "example.org", DNS_TXT, view_of(cases[i].record));
		if (strcmp(lab_warn(lab), cases[i].want) != 0)
			fail_msg("%s: got '%s', want '%s'", cases[i].record,
			    buf_text(&lab->warnings), cases[i].want);
		lab_free(lab);
	}
}

/* libspf2 keeps 511 bytes of compiled terms: 63 of ip4, 25 of ip6. */
static void
long_records_are_warned_of(void **state)
{
	static const struct {
		const char *term;
		unsigned n;
		const char *wanted[3], *unwanted;
	} cases[] = {
	    {" ip4:192.0.2.1", 17, {NULL}, "string"},
	    {" ip4:192.0.2.1", 31, {"more than one string (445 bytes)"}, "UDP"},
	    {" ip4:192.0.2.1", 32, {"more than one string", "over 450"}, "libspf2"},
	    {" ip4:192.0.2.1", 62, {"over 450"}, "libspf2"},
	    {" ip4:192.0.2.1", 64, {"over 450", "libspf2"}, "look up"},
	    {" ip6:2001:db8::1", 25, {"more than one string"}, "libspf2"},
	    {" ip6:2001:db8::1", 26, {"libspf2"}, "look up"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("");
		struct buf record = BUF_INIT(SPF_RECORD_MAX);
		const char *got;

		buf_add_text(&record, "v=spf1");
		for (unsigned j = 0; j < cases[i].n; j++)
			buf_add_text(&record, cases[i].term);
		buf_add_text(&record, " -all");
		lab_add(lab, "example.org", DNS_TXT, buf_view(&record));
		got = lab_warn(lab);
		for (unsigned j = 0; j < 3 && cases[i].wanted[j] != NULL; j++)
			if (strstr(got, cases[i].wanted[j]) == NULL)
				fail_msg("%u of%s: got '%s', want %s", cases[i].n,
				    cases[i].term, got, cases[i].wanted[j]);
		if (strstr(got, cases[i].unwanted) != NULL)
			fail_msg("%u of%s: got '%s'", cases[i].n, cases[i].term, got);
		buf_fini(&record);
		lab_free(lab);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_worst_counts),
	    cmocka_unit_test(families_differ),
	    cmocka_unit_test(all_addresses_share_the_queries),
	    cmocka_unit_test(the_least_ttl_and_the_message_of_all),
	    cmocka_unit_test(warnings_are_given),
	    cmocka_unit_test(long_records_are_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
