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

/* Macros, as explanations show them, and as names are made of them. */

#define LABEL_60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* The explanation that TEXT comes to at example.org. */
static struct lab *
lab_explain(const char *text)
{
	struct lab *lab = lab_new("example.org TXT v=spf1 -all exp=why.example.org\n");

	lab_add(lab, "why.example.org", DNS_TXT, view_of(text));
	return lab;
}

static const struct {
	const char *sender, *text, *want; /* "": no explanation */
} values[] = {
    {"strong-bad@email.example.com", "%{s}", "strong-bad@email.example.com"},
    {"strong-bad@email.example.com", "%{o}", "email.example.com"},
    {"strong-bad@email.example.com", "%{l}", "strong-bad"},
    {"strong-bad@email.example.com", "%{l-}", "strong.bad"},
    {"strong-bad@email.example.com", "%{lr}", "strong-bad"},
    {"strong-bad@email.example.com", "%{lr-}", "bad.strong"},
    {"strong-bad@email.example.com", "%{l1r-}", "strong"},
    {"strong-bad@email.example.com", "%{l1-}", "bad"},
    {"strong-bad@email.example.com", "%{o2}", "example.com"},
    {"strong-bad@email.example.com", "%{o2r}", "example.email"},
    {"strong-bad@email.example.com", "%{O2R}", "example.email"},
    {"strong-bad@email.example.com", "%{o1}", "com"},
    {"strong-bad@email.example.com", "%{o3}", "email.example.com"},
    {"strong-bad@email.example.com", "%{o4r}", "com.example.email"},
    {"strong-bad@email.example.com", "%{o999999999999999999999999999999}",
	"email.example.com"},
    {"strong-bad@email.example.com", "%{o4294967297}", "email.example.com"},
    {"strong-bad@email.example.com", "%{o0}", ""},
    {"strong-bad@email.example.com", "%{o00}", ""},
    {"strong-bad@email.example.com", "%{o02}", "example.com"},
    {"strong-bad@email.example.com", "%{or2}", ""},
    {"strong-bad@email.example.com", "%{orr}", ""},
    {"strong-bad@email.example.com", "%{o:}", ""},
    {"strong-bad@email.example.com", "%{o", ""},
    {"strong-bad@email.example.com", "%{}", ""},
    {"strong-bad@email.example.com", "%{x}", ""},
    {"strong-bad@email.example.com", "%x", ""},
    {"strong-bad@email.example.com", "100%", ""},
    {"strong-bad@email.example.com", "%%%_%-", "% %20"},
    {"a.b-c+d,e/f_g=h@example.com", "%{l.-+,/_=}", "a.b.c.d.e.f.g.h"},
    {"a.b-c+d,e/f_g=h@example.com", "%{l3r.-+,/_=}", "c.b.a"},
    {"a.b-c+d,e/f_g=h@example.com", "%{l-}", "a.b.c+d,e/f_g=h"},
    {"a.b-c+d,e/f_g=h@example.com", "%{l1.}", "b-c+d,e/f_g=h"},
    {"a--b-@example.com", "%{l-}", "a..b."},
    {"a--b-@example.com", "%{lr-}", ".b..a"},
    {"a--b-@example.com", "%{l1-}x", "x"},
    {"a--b-@example.com", "%{l2-}x", "b.x"},
    {"@example.com", "%{l}", "postmaster"},
    {"example.com", "%{s}", "postmaster@example.com"},
    {"a@b@example.com", "%{l} %{o}", "a@b example.com"},
    {"~a&b=c/d%e\"@example.com", "%{L}", "~a%26b%3Dc%2Fd%25e%22"},
    {"a-b@example.com", "%{L-}", "a.b"},
    {"a@example.com", "%{i} %{I} %{ir} %{v}",
	"198.51.100.7 198.51.100.7 7.100.51.198 in-addr"},
    {"a@example.com", "%{c} %{r} %{t} %{h} %{d}",
	"198.51.100.7 mx.example.com 1772442180 mail.example.org example.org"},
    {"a@example.com", "%{p}", "unknown"},
    {"j\xc3\xbcrgen@example.com", "%{L}", "j%C3%BCrgen"},
    {"j\xc3\xbcrgen@example.com", "%{l}", ""},
    {"a\nb@example.com", "%{l}", ""},
    {"a@example.com", "caf\xc3\xa9", ""},
    {"a@example.com", "two\nlines", ""},
};

static void
values_are_transformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct lab *lab = lab_explain(values[i].text);

		lab->question.sender = view_of(values[i].sender);
		if (lab_eval(lab) != SPF_EVAL_FAIL ||
		    !view_is(lab->result.explanation, view_of(values[i].want)))
			fail_msg("%s of %s: got '%.*s', want '%s'", values[i].text,
			    values[i].sender, VIEW_ARG(lab->result.explanation),
			    values[i].want);
		lab_free(lab);
	}
}

static void
ipv6_is_written_in_nibbles(void **state)
{
	struct lab *lab = lab_explain("%{i1r} %{v} %{c} %{i32}");

	(void)state;
	lab_client(lab, "2001:db8::cafe");
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_true(view_is(lab->result.explanation,
	    VIEW("2 ip6 2001:db8::cafe "
		 "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.A.F.E")));
	lab_free(lab);
}

/* Which name "exists" asks for. NULL: none. */
static void
names_are_made(void **state)
{
	static const struct {
		const char *spec, *name;
	} cases[] = {
	    {"%{l}.example.org", "alice.example.org"},
	    {"%{ir}.%{v}.Example.ORG", "7.100.51.198.in-addr.example.org"},
	    {"%{l}%_x.example.org", "alice\\032x.example.org"},
	    {"a\\b.example.org", "a\\092b.example.org"},
	    {"%{l1-}..example.org", NULL},
	    {"%{d}.net.", "example.org.net"},
	    {"%{d}%{d}", "example.orgexample.org"},
	    {LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".%{d}",
		LABEL_60 "." LABEL_60 "." LABEL_60 ".example.org"},
	    {"x%{d}." LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".org",
		"org." LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".org"},
	    {LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".bbbbb.org",
		LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".bbbbb.org"},
	    {LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".bbbbbb.org",
		LABEL_60 "." LABEL_60 "." LABEL_60 ".bbbbbb.org"},
	    {LABEL_60 "bbbb.%{d}", NULL},
	    {LABEL_60 LABEL_60 LABEL_60 LABEL_60 "%{l}", NULL},
	    {LABEL_60 LABEL_60 LABEL_60 LABEL_60 "%{l}" LABEL_60 "%{d}.%{d}",
		"org.example.org"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_new("");
		struct buf record = BUF_INIT(SPF_RECORD_MAX);

		buf_addf(&record, "v=spf1 exists:%s -all", cases[i].spec);
		lab_add(lab, "example.org", DNS_TXT, buf_view(&record));
		if (cases[i].name != NULL)
			lab_add(lab, cases[i].name, DNS_A, VIEW("127.0.0.2"));
		if (lab_eval(lab) !=
		    (cases[i].name != NULL ? SPF_EVAL_PASS : SPF_EVAL_FAIL))
			fail_msg("%s: got %s", cases[i].spec,
			    spf_outcome_name(lab->result.outcome));
		if (cases[i].name == NULL && lab->queries != 1)
			fail_msg("%s: was asked for", cases[i].spec);
		buf_fini(&record);
		lab_free(lab);
	}
}

static void
the_message_is_looked_at_or_not(void **state)
{
	static const struct {
		const char *record;
		bool is_per_message;
	} cases[] = {
	    {"v=spf1 -all", false},
	    {"v=spf1 exists:%{i}.%{d}.%{v}.%{o}.%{p}.example.org -all", false},
	    {"v=spf1 exists:%{s}.example.org -all", true},
	    {"v=spf1 exists:%{L}.example.org -all", true},
	    {"v=spf1 exists:%{h}.example.org -all", true},
	    {"v=spf1 -all exists:%{l}.example.org", false},
	    {"v=spf1 -all exp=%{l}.example.org", true},
	    {"v=spf1 ?all exp=%{l}.example.org", false},
	    {"v=spf1 x=%{l} -all", false},
	    {"v=spf1 -all exp=c.example.org", false},
	    {"v=spf1 -all exp=t.example.org", true},
	    {"v=spf1 include:inner.example.org -all", true},
	    {"v=spf1 redirect=%{l}.example.org", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab =
		    lab_new("c.example.org TXT %{c} is not allowed by %{r}\n"
			    "t.example.org TXT not at %{t}\n"
			    "inner.example.org TXT v=spf1 exists:%{l}.example.org -all\n");

		lab_add(lab, "example.org", DNS_TXT, view_of(cases[i].record));
		(void)lab_eval(lab);
		if (lab->result.is_per_message != cases[i].is_per_message)
			fail_msg("%s: got %d", cases[i].record, lab->result.is_per_message);
		lab_free(lab);
	}
}

/* Of the client's names the one nearest to the domain. */
static void
the_validated_name_is_near(void **state)
{
	static const struct {
		const char *names, *want;
	} cases[] = {
	    {"far.example.net below.example.org example.org", "example.org"},
	    {"far.example.net below.example.org", "below.example.org"},
	    {"far.example.net", "far.example.net"},
	    {"false.example.org far.example.net", "far.example.net"},
	    {"false.example.org", "unknown"},
	    {"failed.example.org", "unknown"},
	    {"notexample.org far.example.net", "notexample.org"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lab *lab = lab_explain("%{p}");
		struct view rest = view_of(cases[i].names), name;

		while (view_cut(&rest, ' ', &name))
			lab_add(lab, "7.100.51.198.in-addr.arpa", DNS_PTR, name);
		lab_add(lab, "far.example.net", DNS_A, VIEW("198.51.100.7"));
		lab_add(lab, "below.example.org", DNS_A, VIEW("198.51.100.7"));
		lab_add(lab, "example.org", DNS_A, VIEW("198.51.100.7"));
		lab_add(lab, "notexample.org", DNS_A, VIEW("198.51.100.7"));
		lab_add(lab, "false.example.org", DNS_A, VIEW("198.51.100.8"));
		lab_answer(lab, "failed.example.org", DNS_A)->state = DNS_FAILED;
		(void)lab_eval(lab);
		if (!view_is(lab->result.explanation, view_of(cases[i].want)))
			fail_msg("%s: got %.*s", cases[i].names,
			    VIEW_ARG(lab->result.explanation));
		lab_free(lab);
	}
}

static void
explanations_are_512_bytes_at_most(void **state)
{
	struct buf text = BUF_INIT(SPF_RECORD_MAX);
	struct lab *lab;

	(void)state;
	for (unsigned i = 0; i < 512 / 8; i++)
		buf_add_text(&text, "%_1%-78_");
	lab = lab_explain(buf_text(&text));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.explanation.n, SPF_EXPLANATION_MAX);
	assert_true(view_starts(lab->result.explanation, VIEW(" 1%2078_ 1%2078_")));
	lab_free(lab);
	/* The grammar holds for what is cut off, too. */
	buf_add_text(&text, "%{z}");
	lab = lab_explain(buf_text(&text));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.explanation.n, 0);
	lab_free(lab);
	buf_fini(&text);
}

static void
one_record_explains(void **state)
{
	struct lab *lab = lab_explain("one");

	(void)state;
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_true(view_is(lab->result.explanation, VIEW("one")));
	lab_answer(lab, "why.example.org", DNS_TXT)->is_cut = true;
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.explanation.n, 0);
	lab_free(lab);
	lab = lab_explain("one");
	lab_add(lab, "why.example.org", DNS_TXT, VIEW("two"));
	assert_int_equal(lab_eval(lab), SPF_EVAL_FAIL);
	assert_int_equal(lab->result.explanation.n, 0);
	lab_free(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_transformed),
	    cmocka_unit_test(ipv6_is_written_in_nibbles),
	    cmocka_unit_test(names_are_made),
	    cmocka_unit_test(the_message_is_looked_at_or_not),
	    cmocka_unit_test(the_validated_name_is_near),
	    cmocka_unit_test(one_record_explains),
	    cmocka_unit_test(explanations_are_512_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
