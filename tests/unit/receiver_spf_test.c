/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What libspf2 makes of records, from answers in our hand: where it agrees, where it is
 * known to differ and that the reason is told, and what it is not asked.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/receiver_spf_lab.h"

enum { FACTS = 6 };
struct row {
	const char *what, *client, *ours;
	struct fact facts[FACTS];
	enum receiver_opinion opinion;
	const char *theirs, *reason; /* of the reason: a part of it */
};

static const struct row rows[] = {
    {"ip4", "192.0.2.1", "pass", {TXT("example.org", "v=spf1 ip4:192.0.2.0/24 -all")},
	RECEIVER_AGREES, "pass", ""},
    {"all", "192.0.3.1", "fail", {TXT("example.org", "v=spf1 ip4:192.0.2.0/24 -all")},
	RECEIVER_AGREES, "fail", ""},
    {"ip6", "2001:db8::1", "softfail",
	{TXT("example.org", "v=spf1 ip6:2001:db9::/32 ~all")}, RECEIVER_AGREES, "softfail",
	""},
    {"none", "192.0.2.1", "none", {TXT("example.org", "hello")}, RECEIVER_AGREES, "none",
	""},
    {"no name", "192.0.2.1", "none", {GONE("example.org", DNS_TXT, DNS_NO_NAME)},
	RECEIVER_AGREES, "none", ""},
    {"a and mx", "2001:db8::25", "pass",
	{TXT("example.org", "v=spf1 a:no.example.org mx -all"),
	    GONE("no.example.org", DNS_AAAA, DNS_NO_DATA),
	    HAS("example.org", DNS_MX, "mx.example.org"),
	    HAS("mx.example.org", DNS_AAAA, "2001:db8::25")},
	RECEIVER_AGREES, "pass", ""},
    {"include", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 include:other.example.net -all"),
	    TXT("other.example.net", "v=spf1 a:Host.Example.NET -all"),
	    HAS("host.example.net", DNS_A, "192.0.2.1")},
	RECEIVER_AGREES, "pass", ""},
    {"temperror", "192.0.2.1", "temperror", {GONE("example.org", DNS_TXT, DNS_FAILED)},
	RECEIVER_AGREES, "temperror", ""},
    {"syntax", "192.0.2.1", "permerror", {TXT("example.org", "v=spf1 frob -all")},
	RECEIVER_AGREES, "permerror", ""},
    {"macro", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 exists:%{l}.%{i}.x.example.org -all"),
	    HAS("kim.192.0.2.1.x.example.org", DNS_A, "127.0.0.2")},
	RECEIVER_AGREES, "pass", ""},

    {"a name that we did not ask", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 a:unasked.example.org ip4:192.0.2.1 -all")},
	RECEIVER_NO_OPINION, "", "asks DNS for what we did not"},
    {"unasked at the root", "192.0.2.1", "none", {TXT("example.net", "v=spf1 -all")},
	RECEIVER_NO_OPINION, "", "asks DNS for what we did not"},
    {"time-out", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 a ip4:192.0.2.1 -all"),
	    GONE("example.org", DNS_A, DNS_NO_ANSWER)},
	RECEIVER_NO_OPINION, "", "DNS did not answer"},
    {"our failure", "192.0.2.1", "temperror", {TXT("example.org", "v=spf1 -all")},
	RECEIVER_NO_OPINION, "fail", "DNS failed"},

    {"/0", "192.0.2.1", "pass", {TXT("example.org", "v=spf1 ip4:0.0.0.0/0 -all")},
	RECEIVER_DISAGREES, "permerror",
	"libspf2 says permerror, not pass: it refuses a prefix length of /0"},
    {"//0", "2001:db8::1", "fail",
	{TXT("example.org", "v=spf1 ip4:192.0.2.1 a//0 -all"),
	    GONE("example.org", DNS_AAAA, DNS_NO_DATA)},
	RECEIVER_DISAGREES, "permerror", "it refuses a prefix length of /0"},
    {"void look-ups", "192.0.2.1", "permerror",
	{TXT("example.org", "v=spf1 a:1.example.org a:2.example.org a:3.example.org -all"),
	    GONE("1.example.org", DNS_A, DNS_NO_NAME),
	    GONE("2.example.org", DNS_A, DNS_NO_DATA),
	    GONE("3.example.org", DNS_A, DNS_NO_NAME)},
	RECEIVER_DISAGREES, "fail",
	"libspf2 says fail, not permerror: it has no limit of 2 look-ups without an"},
    {"redirect with a colon", "192.0.2.1", "permerror",
	{TXT("example.org", "v=spf1 redirect:other.example.net"),
	    TXT("other.example.net", "v=spf1 ip4:192.0.2.1 -all")},
	RECEIVER_DISAGREES, "pass", "takes redirect for a mechanism"},
    {"redirect in front", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 redirect=other.example.net ip4:192.0.2.1"),
	    TXT("other.example.net", "v=spf1 -all")},
	RECEIVER_DISAGREES, "fail", "takes redirect for a mechanism"},
    {"loopback", "127.0.0.1", "fail", {TXT("example.org", "v=spf1 -all")},
	RECEIVER_DISAGREES, "pass", "it lets every loopback client pass"},
    {"its own words", "192.0.2.1", "pass",
	{TXT("example.org", "v=spf1 ip4:192.0.2.1 a:%{z}.example.org -all")},
	RECEIVER_DISAGREES, "permerror", "Unknown variable 'z'"},
};

static void
judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(WORLD);
		struct spf_case asked = spf_question(
		    rows[i].client, rows[i].ours, spf_world(arena, rows[i].facts, FACTS));
		struct spf_judgement got;

		spf_judge(&asked, &got);
		spf_check(
		    rows[i].what, &got, rows[i].opinion, rows[i].theirs, rows[i].reason);
		arena_free(arena);
	}
}

static void
tells_of_cut_records(void **state)
{
	static const struct {
		const char *client, *term;
		int n;
		enum receiver_opinion opinion;
		const char *theirs, *reason;
	} cases[] = {
	    {"192.0.2.1", "ip4:198.51.100.1", 63, RECEIVER_AGREES, "fail", ""},
	    {"192.0.2.1", "ip4:198.51.100.1", 64, RECEIVER_DISAGREES, "neutral",
		"keeps 511 bytes of a compiled record, here 64 of 65 terms"},
	    {"2001:db8::1", "ip6:2001:db8:1::1", 25, RECEIVER_AGREES, "fail", ""},
	    {"2001:db8::1", "ip6:2001:db8:1::1", 26, RECEIVER_DISAGREES, "neutral",
		"here 26 of 27 terms"},
	    {"192.0.2.1", "ip4:198.51.100.1 x=y", 64, RECEIVER_DISAGREES, "neutral",
		"here 64 of 65 terms"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new(WORLD);
		struct buf record = BUF_INIT(DNS_TXT_MAX);
		struct spf_judgement got;

		spf_record_of(&record, cases[i].term, cases[i].n);
		struct fact fact = TXT("example.org", buf_text(&record));
		struct spf_case asked =
		    spf_question(cases[i].client, "fail", spf_world(arena, &fact, 1));
		spf_judge(&asked, &got);
		spf_check(cases[i].term, &got, cases[i].opinion, cases[i].theirs,
		    cases[i].reason);
		buf_fini(&record);
		arena_free(arena);
	}
}

static void
counts_terms_anew(void **state)
{
	struct arena *arena = arena_new(WORLD);
	struct spf_case asked =
	    spf_question("192.0.2.1", "permerror", spf_fan(arena, 2, 5));
	struct spf_judgement got;

	(void)state;
	spf_judge(&asked, &got);
	spf_check("31 terms", &got, RECEIVER_DISAGREES, "fail",
	    "libspf2 says fail, not permerror: it counts the terms that look up anew in "
	    "every include");
	arena_free(arena);
}

static void
asks_about_such_senders_only(void **state)
{
	const struct {
		struct view sender, domain;
	} cases[] = {
	    {VIEW("kim@example.net"), VIEW("example.org")},
	    {VIEW(""), VIEW("example.org")},
	    {VIEW("a\0b@example.org"), VIEW("example.org")},
	    {VIEW("kim"), VIEW("example.org")},
	};
	static const struct fact fact = TXT("example.org", "v=spf1 -all");
	char longest[SPF_JUDGE_NAME_MAX + 40];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	memcpy(longest + sizeof(longest) - 12, "@example.org", 12);
	for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new(WORLD);
		struct spf_case asked =
		    spf_question("192.0.2.1", "fail", spf_world(arena, &fact, 1));
		struct spf_judgement got;
		bool is_last = i == sizeof(cases) / sizeof(cases[0]);

		asked.sender =
		    is_last ? (struct view){longest, sizeof(longest)} : cases[i].sender;
		asked.domain = is_last ? VIEW("example.org") : cases[i].domain;
		spf_judge(&asked, &got);
		spf_check("sender", &got, RECEIVER_NO_OPINION, "", "such a sender");
		arena_free(arena);
	}
}

/* No HELO, quoted local parts and case: questions like any other. */
static void
asks_about_odd_senders(void **state)
{
	const struct view senders[] = {VIEW("\"a@b\"@example.org"), VIEW("KIM@Example.ORG"),
	    VIEW("@example.org"), VIEW("%{d}%s@example.org")};
	static const struct fact fact = TXT("example.org", "v=spf1 -all");

	(void)state;
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		struct arena *arena = arena_new(WORLD);
		struct spf_case asked =
		    spf_question("192.0.2.1", "fail", spf_world(arena, &fact, 1));
		struct spf_judgement got;

		asked.sender = senders[i];
		asked.helo = VIEW_NONE;
		spf_judge(&asked, &got);
		spf_check(senders[i].p, &got, RECEIVER_AGREES, "fail", "");
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(judges),
	    cmocka_unit_test(tells_of_cut_records),
	    cmocka_unit_test(counts_terms_anew),
	    cmocka_unit_test(asks_about_such_senders_only),
	    cmocka_unit_test(asks_about_odd_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
