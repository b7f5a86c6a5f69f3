/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "tests/unit/spf_lab.h"

/* Limits, and records that mean harm. */

static void
add_text(struct lab *lab, const char *name, const char *text)
{
	lab_add(lab, name, DNS_TXT, view_of(text));
}

static void
terms_are_counted_in_all_records(void **state)
{
	static const struct {
		const char *record;
		enum spf_outcome want;
		unsigned terms;
	} cases[] = {
	    {"v=spf1 a a a a a a a a a a -all", SPF_EVAL_FAIL, 10},
	    {"v=spf1 a a a a a a a a a a a -all", SPF_EVAL_PERMERROR, 11},
	    {"v=spf1 a a a a a a a include:two.example.org -all", SPF_EVAL_FAIL, 10},
	    {"v=spf1 a a a a a a a a include:two.example.org -all", SPF_EVAL_PERMERROR, 11},
	    {"v=spf1 a a a a a a a redirect=two.example.org", SPF_EVAL_NEUTRAL, 10},
	    {"v=spf1 a a a a a a a a redirect=two.example.org", SPF_EVAL_PERMERROR, 11},
	    {"v=spf1 a a a a a a a a a a ip4:192.0.2.1 ip6:::1 -all", SPF_EVAL_FAIL, 10},
	    {"v=spf1 a a a a a a a a a a -all exp=why.example.org", SPF_EVAL_FAIL, 10},
	    {"v=spf1 include:example.org -all", SPF_EVAL_PERMERROR, 11},
	    {"v=spf1 redirect=example.org", SPF_EVAL_PERMERROR, 11},
	    {"v=spf1 ?all a a a a a a a a a a a a a a a a a a a a", SPF_EVAL_NEUTRAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("example.org A 192.0.2.1\n"
					  "two.example.org A 192.0.2.1\n"
					  "two.example.org TXT v=spf1 a a\n");

		add_text(lab, "example.org", cases[i].record);
		if (lab_eval(lab) != cases[i].want || lab->result.terms != cases[i].terms)
			fail_msg("%s: got %s after %u terms", cases[i].record,
			    spf_outcome_name(lab->result.outcome), lab->result.terms);
		lab_free(lab);
	}
}

static void
void_look_ups_are_counted(void **state)
{
	static const struct {
		const char *record;
		enum spf_outcome want;
		unsigned voids;
	} cases[] = {
	    {"v=spf1 a:x.example.org a:y.example.org -all", SPF_EVAL_FAIL, 2},
	    {"v=spf1 a:x.example.org a:y.example.org a:z.example.org -all",
		SPF_EVAL_PERMERROR, 3},
	    {"v=spf1 a:x.example.org a:x.example.org a:x.example.org -all",
		SPF_EVAL_PERMERROR, 3},
	    {"v=spf1 exists:x.example.org mx:x.example.org ptr -all", SPF_EVAL_PERMERROR,
		3},
	    {"v=spf1 mx:voids.example.org -all", SPF_EVAL_PERMERROR, 3},
	    {"v=spf1 a:x.example.org a:y.example.org -all exp=z.example.org", SPF_EVAL_FAIL,
		2},
	    {"v=spf1 a:x..example.org a:y..example.org a:z..example.org -all",
		SPF_EVAL_FAIL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("voids.example.org MX 1 a.example.org\n"
					  "voids.example.org MX 2 b.example.org\n"
					  "voids.example.org MX 3 c.example.org\n");

		add_text(lab, "example.org", cases[i].record);
		if (lab_eval(lab) != cases[i].want || lab->result.voids != cases[i].voids)
			fail_msg("%s: got %s after %u voids", cases[i].record,
			    spf_outcome_name(lab->result.outcome), lab->result.voids);
		lab_free(lab);
	}
}

/* N names below DOMAIN in its MX records; the one numbered HERE is the client. */
static void
add_exchanges(struct lab *lab, const char *domain, unsigned n, unsigned here)
{
	char text[128], *name;

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(text, sizeof(text), "%u m%u.%s", i, i, domain);
		name = strchr(text, ' ') + 1;
		lab_add(lab, domain, DNS_MX, view_of(text));
		lab_add(
		    lab, name, DNS_A, i == here ? VIEW("198.51.100.7") : VIEW("192.0.2.1"));
	}
}

static void
ten_names_of_an_mx(void **state)
{
	static const struct {
		unsigned n, here;
		enum spf_outcome want;
	} cases[] = {{10, 9, SPF_EVAL_PASS}, {10, 99, SPF_EVAL_FAIL},
	    {11, 0, SPF_EVAL_PERMERROR}, {1, 0, SPF_EVAL_PASS}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("example.org TXT v=spf1 mx -all\n");

		add_exchanges(lab, "example.org", cases[i].n, cases[i].here);
		if (lab_eval(lab) != cases[i].want || lab->rounds > 4)
			fail_msg("%u names: got %s in %u rounds", cases[i].n,
			    spf_outcome_name(lab->result.outcome), lab->rounds);
		lab_free(lab);
	}
}

/* In order of preference, whatever order they come in. */
static void
the_first_exchange_decides(void **state)
{
	static const char *const zones[] = {
	    "example.org MX 10 m.example.org\nexample.org MX 20 f.example.org\n",
	    "example.org MX 20 f.example.org\nexample.org MX 10 m.example.org\n",
	    "example.org MX 20 m.example.org\nexample.org MX 10 f.example.org\n",
	    "example.org MX 10 f.example.org\nexample.org MX 10 m.example.org\n",
	};
	static const enum spf_outcome want[] = {
	    SPF_EVAL_PASS, SPF_EVAL_PASS, SPF_EVAL_TEMPERROR, SPF_EVAL_TEMPERROR};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct lab *lab = lab_new(zones[i]);

		add_text(lab, "example.org", "v=spf1 mx -all");
		lab_add(lab, "m.example.org", DNS_A, VIEW("198.51.100.7"));
		lab_answer(lab, "f.example.org", DNS_A)->state = DNS_FAILED;
		if (lab_eval(lab) != want[i])
			fail_msg(
			    "%s: got %s", zones[i], spf_outcome_name(lab->result.outcome));
		lab_free(lab);
	}
}

static void
a_null_mx_is_no_name(void **state)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 mx -all\n");

	(void)state;
	lab_add(lab, "example.org", DNS_MX, VIEW("0 "));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.voids, 0);
	assert_int_equal(lab->queries, 2);
	lab_free(lab);
}

/* The tenth name is looked at, the eleventh is not, and only those that could match. */
static void
ten_names_of_a_ptr(void **state)
{
	char name[64];

	(void)state;
	for (unsigned here = 9; here <= 10; here++) {
		struct lab *lab = lab_new("example.org TXT v=spf1 ptr -all\n");

		for (unsigned i = 0; i < 12; i++) {
			(void)snprintf(name, sizeof(name), "p%u.example.%s", i,
			    i == here ? "org" : "net");
			lab_add(lab, "7.100.51.198.in-addr.arpa", DNS_PTR, view_of(name));
			lab_add(lab, name, DNS_A, VIEW("198.51.100.7"));
		}
		assert_int_equal(lab_eval(lab), here == 9 ? SPF_EVAL_PASS : SPF_EVAL_FAIL);
		assert_int_equal(lab->queries, here == 9 ? 3 : 2);
		lab_free(lab);
	}
}

/* 10 includes whose records are slow: nobody is asked twice, and the end is soon. */
static void
includes_are_asked_once(void **state)
{
	struct lab *lab = lab_new("");
	struct buf record = BUF_INIT(SPF_RECORD_MAX);
	char name[64];

	(void)state;
	buf_add_text(&record, "v=spf1");
	for (unsigned i = 0; i < 10; i++) {
		buf_addf(&record, " include:i%u.example.org", i);
		(void)snprintf(name, sizeof(name), "i%u.example.org", i);
		add_text(lab, name, "v=spf1 ip4:192.0.2.0/24 -all");
	}
	buf_add_text(&record, " -all");
	add_text(lab, "example.org", buf_text(&record));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->queries, 11);
	assert_int_equal(lab->result.queries, 11);
	assert_true(lab->rounds <= 12);
	buf_fini(&record);
	lab_free(lab);
}

/* 10 mx of 10 hosts: 111 queries. With the names of the client, 122, it is too much. */
static void
queries_end_at_120(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 2; form++) {
		struct lab *lab = lab_new("");
		struct buf record = BUF_INIT(SPF_RECORD_MAX);
		char name[64];

		buf_add_text(&record, "v=spf1");
		for (unsigned i = 0; i < 10; i++) {
			buf_addf(&record, " mx:%sx%u.example.org", form ? "%{p}" : "", i);
			(void)snprintf(name, sizeof(name), "%sx%u.example.org",
			    form ? "p0.example.net" : "", i);
			add_exchanges(lab, name, 10, 99);
			(void)snprintf(name, sizeof(name), "p%u.example.net", i);
			lab_add(lab, "7.100.51.198.in-addr.arpa", DNS_PTR, view_of(name));
			lab_add(lab, name, DNS_A, VIEW("198.51.100.7"));
		}
		buf_add_text(&record, " -all");
		add_text(lab, "example.org", buf_text(&record));
		(void)lab_eval(lab);
		assert_int_equal(lab->queries, form ? SPF_QUERIES_MAX : 111);
		assert_int_equal(
		    lab->result.outcome, form ? SPF_EVAL_TEMPERROR : SPF_EVAL_FAIL);
		assert_int_equal(lab->result.is_unanswered, form);
		assert_int_equal(lab->result.queries, lab->queries);
		buf_fini(&record);
		lab_free(lab);
	}
}

/* What libspf2 dies of: a long text of macros, a long literal. */
static void
long_texts_are_harmless(void **state)
{
	struct buf text = BUF_INIT(SPF_RECORD_MAX);
	struct lab *lab = lab_new("example.org TXT v=spf1 -all exp=why.example.org\n");

	(void)state;
	for (unsigned i = 0; i < 150; i++)
		buf_add_text(&text, "%{d}");
	add_text(lab, "why.example.org", buf_text(&text));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.explanation.n, SPF_EXPLANATION_MAX);
	lab_free(lab);

	lab = lab_new("");
	buf_reset(&text);
	buf_add_text(&text, "v=spf1 a:");
	for (unsigned i = 0; i < 3700 / 10; i++)
		buf_add_text(&text, "literally.");
	buf_add_text(&text, "example.org -all");
	add_text(lab, "example.org", buf_text(&text));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	lab_free(lab);
	buf_fini(&text);
}

/* A record of 8 KB with something behind 450, 512 and 4096 bytes. */
static void
long_records_are_read_to_the_end(void **state)
{
	static const size_t sizes[] = {440, 460, 520, 4100, SPF_RECORD_MAX - 40};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf text = BUF_INIT(SPF_RECORD_MAX);
		struct lab *lab = lab_new("");

		buf_add_text(&text, "v=spf1");
		while (text.n < sizes[i])
			buf_addf(&text, " ip4:192.0.2.%zu", text.n % 256);
		buf_add_text(&text, " ip4:198.51.100.7 -all");
		assert_false(text.full);
		add_text(lab, "example.org", buf_text(&text));
		assert_int_equal(lab_eval(lab), SPF_EVAL_PASS);
		assert_true(view_is(lab->result.term, VIEW("ip4:198.51.100.7")));
		lab_client(lab, "198.51.100.8");
		assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
		lab_free(lab);
		buf_fini(&text);
	}
}

/* Includes that fan out on every level: 10 terms, and it is over. */
static void
nesting_ends(void **state)
{
	struct lab *lab = lab_new("");
	struct buf record = BUF_INIT(SPF_RECORD_MAX);
	char name[64];

	(void)state;
	for (unsigned level = 0; level < 12; level++) {
		buf_reset(&record);
		buf_add_text(&record, "v=spf1");
		for (unsigned i = 0; i < 10; i++)
			buf_addf(&record, " include:n%u.example.org", level + 1);
		(void)snprintf(name, sizeof(name), "n%u.example.org", level);
		add_text(lab, level == 0 ? "example.org" : name, buf_text(&record));
	}
	assert_int_equal(lab_eval(lab), SPF_EVAL_PERMERROR);
	assert_true(view_is(lab->result.problem, VIEW("more than 10 terms that look up")));
	assert_int_equal(lab->queries, 11);
	buf_fini(&record);
	lab_free(lab);
}

static void
an_arena_may_be_full(void **state)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 -all exp=why.example.org\n");
	struct arena *small = arena_new(64);
	struct spf_asking asking = {.arena = small, .lookup = answers_lookup};
	struct buf text = BUF_INIT(SPF_RECORD_MAX);

	(void)state;
	for (unsigned i = 0; i < 500; i++)
		buf_add_char(&text, 'x');
	add_text(lab, "why.example.org", buf_text(&text));
	asking.context = answers_new(lab->arena);
	for (size_t i = 0; i < lab->n; i++)
		assert_true(answers_add(asking.context, &lab->at[i]));
	spf_eval(&lab->question, &asking, &lab->result);
	assert_int_equal(lab->result.outcome, SPF_EVAL_PERMERROR);
	assert_true(lab->result.problem.n > 0);
	buf_fini(&text);
	arena_free(small);
	lab_free(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(terms_are_counted_in_all_records),
	    cmocka_unit_test(void_look_ups_are_counted),
	    cmocka_unit_test(ten_names_of_an_mx),
	    cmocka_unit_test(the_first_exchange_decides),
	    cmocka_unit_test(a_null_mx_is_no_name),
	    cmocka_unit_test(ten_names_of_a_ptr),
	    cmocka_unit_test(includes_are_asked_once),
	    cmocka_unit_test(queries_end_at_120),
	    cmocka_unit_test(long_texts_are_harmless),
	    cmocka_unit_test(long_records_are_read_to_the_end),
	    cmocka_unit_test(nesting_ends),
	    cmocka_unit_test(an_arena_may_be_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
