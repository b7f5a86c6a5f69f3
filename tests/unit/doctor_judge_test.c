/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/ask.h"
#include "doctor/blocklist.h"
#include "doctor/connect.h"
#include "doctor/firewall.h"
#include "doctor/place.h"
#include "doctor/reverse.h"
#include "lib/bug.h"
#include "tests/unit/doctor_lab.h"

/* What checks make of what they have seen; nothing here asks anybody. */

static void
begin(struct doctor_report *report)
{
	report->arena = arena_new(0);
	report->first = NULL;
	report->end = &report->first;
}

/* "bad; ok; " */
static void
answers(const struct doctor_report *report, struct buf *out)
{
	buf_reset(out);
	for (const struct doctor_finding *at = report->first; at != NULL; at = at->next)
		buf_addf(out, "%s; ", doctor_answer_name(at->answer));
}

static const struct {
	enum firewall_verdict verdict;
	unsigned port;
	uint8_t family;
	bool has_family, has_port;
	const char *table, *base, *adds, *want;
} firewalls[] = {
    {FIREWALL_OPEN, 25, ADDR_NONE, true, true, "inet f", "o", "nft", ""},
    {FIREWALL_CLOSED, 25, ADDR_NONE, true, true, "inet f", "o", "nft",
	"bad connections to port 25 of others are kept back by: drop (table inet "
	"f, "
	"chain c)\n"
	"> Let Postfix out before this rule, and write that where the rules are "
	"kept as well; now:\n"
	"> nft insert rule inet f o meta skuid mail tcp dport 25 accept\n"},
    {FIREWALL_CLOSED, 25, ADDR_IPV4, true, true, "ip filter", "OUTPUT", "nft",
	"bad IPv4 connections to port 25 of others are kept back by: drop (table "
	"ip "
	"filter, chain c)\n"
	"> Let Postfix out before this rule, and write that where the rules are "
	"kept as well; now:\n"
	"> iptables -I OUTPUT -p tcp --dport 25 -m owner --uid-owner mail -j "
	"ACCEPT\n"},
    {FIREWALL_CLOSED, 25, ADDR_IPV6, true, true, "ip6 mangle", "POSTROUTING", "nft",
	"bad IPv6 connections to port 25 of others are kept back by: drop (table "
	"ip6 "
	"mangle, chain c)\n"
	"> Let Postfix out before this rule, and write that where the rules are "
	"kept as well; now:\n"
	"> ip6tables -t mangle -I POSTROUTING -p tcp --dport 25 -m owner "
	"--uid-owner mail -j ACCEPT\n"},
    {FIREWALL_CLOSED, 25, ADDR_IPV4, true, true, "filter", "OUTPUT", "iptables-legacy",
	"bad IPv4 connections to port 25 of others are kept back by: drop (table "
	"filter, chain c)\n"
	"> Let Postfix out before this rule, and write that where the rules are "
	"kept as well; now:\n"
	"> iptables-legacy -I OUTPUT -p tcp --dport 25 -m owner --uid-owner mail "
	"-j "
	"ACCEPT\n"},
    {FIREWALL_CLOSED, 25, ADDR_IPV6, false, true, "ip6 f", "o", "nft",
	"could not tell IPv6 connections to port 25 of others are kept back, which "
	"matters where mail leaves that way ('set egress' names no such address): "
	"drop (table ip6 f, chain c)\n"},
    {FIREWALL_CLOSED, 587, ADDR_NONE, true, false, "inet f", "o", "nft",
	"could not tell connections to port 587 of others are kept back, which "
	"matters where mail leaves through a relay host there: drop (table inet f, chain "
	"c)\n"},
    {FIREWALL_CLOSED, 25, ADDR_NONE, true, false, "inet f", "o", "nft",
	"could not tell connections to port 25 of others are kept back, which matters "
	"where mail leaves past the relay host: drop (table inet f, chain c)\n"},
    {FIREWALL_CLOSED, 587, ADDR_NONE, true, true, "inet f", "o", "nft",
	"bad connections to port 587 of others are kept back by: drop (table inet f, "
	"chain c)\n"
	"> Let Postfix out before this rule, and write that where the rules are kept as "
	"well; now:\n"
	"> nft insert rule inet f o meta skuid mail tcp dport 587 accept\n"},
    {FIREWALL_MAYBE, 25, ADDR_IPV4, true, true, "inet f", "o", "nft",
	"could not tell IPv4 connections to port 25 of others may be kept back by: "
	"drop (table inet f, chain c)\n"},
};

static void
says_what_a_firewall_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(firewalls); i++) {
		struct connect_firewall firewall = {
		    .look = {.verdict = firewalls[i].verdict,
			.rule = VIEW("drop"),
			.table = view_of(firewalls[i].table),
			.chain = VIEW("c"),
			.base = view_of(firewalls[i].base)},
		    .port = firewalls[i].port,
		    .family = firewalls[i].family,
		    .has_family = firewalls[i].has_family,
		    .has_port = firewalls[i].has_port,
		    .owner = VIEW("mail"),
		    .adds = firewalls[i].adds,
		};
		struct doctor_report *report = lab_report();
		char what[32];

		snprintf(what, sizeof(what), "case %zu", i);
		connect_judge_firewall(report, &firewall);
		lab_report_end(report, what, firewalls[i].want);
	}
}

static void
knows_what_postfix_offers(void **state)
{
	static const struct {
		const char *lines, *interfaces, *addr;
		unsigned port;
		enum connect_offer want;
	} cases[] = {
	    {"smtp  inet  n - y - - smtpd\n", "all", "127.0.0.1", 25, CONNECT_OFFER_HERE},
	    {"smtp  inet  n - y - - smtpd\n", "all", "127.0.0.1", 587, CONNECT_OFFER_NO},
	    {"smtp  unix  n - y - - smtp\n", "all", "127.0.0.1", 25, CONNECT_OFFER_NO},
	    {"smtps inet  n - y - - smtpd", "all", "::1", 465, CONNECT_OFFER_HERE},
	    {"submission inet n - y - - smtpd", "loopback-only", "127.0.0.1", 587,
		CONNECT_OFFER_HERE},
	    {"submission inet n - y - - smtpd", "192.0.2.1", "127.0.0.1", 587,
		CONNECT_OFFER_ELSEWHERE},
	    {"submission inet n - y - - smtpd", "192.0.2.1, localhost", "127.0.0.1", 587,
		CONNECT_OFFER_HERE},
	    {"587 inet n - y - - smtpd", "192.0.2.1 192.0.2.2", "192.0.2.2", 587,
		CONNECT_OFFER_HERE},
	    {"[::1]:25 inet n - y - - smtpd", "all", "127.0.0.1", 25,
		CONNECT_OFFER_ELSEWHERE},
	    {"[::1]:25 inet n - y - - smtpd", "192.0.2.1", "::1", 25, CONNECT_OFFER_HERE},
	    {"localhost:10025 inet n - y - - smtpd", "192.0.2.1", "127.0.0.1", 10025,
		CONNECT_OFFER_HERE},
	    {"", "all", "127.0.0.1", 25, CONNECT_OFFER_NO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct addr addr;

		must(addr_parse(view_of(cases[i].addr), &addr, NULL) == 0);
		if (connect_offers(view_of(cases[i].lines), view_of(cases[i].interfaces),
			addr, cases[i].port) != cases[i].want)
			fail_msg(
			    "case %zu: %s, %s", i, cases[i].lines, cases[i].interfaces);
	}
}

static void
names_services(void **state)
{
	const struct view lines = VIEW("smtp inet n - y - - smtpd\n"
				       "submission unix - - n - - smtp\n"
				       "127.0.0.1:submission inet n - y - - smtpd\n"
				       "465 inet n - y - - smtpd\n");

	(void)state;
	assert_true(view_is(connect_service_name(lines, 25), VIEW("smtp")));
	assert_true(
	    view_is(connect_service_name(lines, 587), VIEW("127.0.0.1:submission")));
	assert_true(view_is(connect_service_name(lines, 465), VIEW("465")));
	assert_true(connect_service_name(lines, 2525).n == 0);
}

static void
judges_certificates(void **state)
{
	enum { NOW = 1800000000, DAY = 86400 };
	static const struct connect_service users = {"587", 587, false, true},
					    servers = {"25", 25, false, false};
	const struct tls_facts good = {.protocol = VIEW("TLSv1.3"),
	    .has_certificate = true,
	    .names = VIEW("mail.example.org"),
	    .from = NOW - DAY,
	    .until = NOW + 2 * DAY,
	    .has_alt_names = true,
	    .has_name = true,
	    .trust_fault = VIEW("")};
	struct tls_facts facts[] = {
	    good, good, good, good, good, good, good, good, good, good};
	static const struct {
		const struct connect_service *service;
		const char *want;
	} cases[] = {
	    {&users, "ok; "}, {&users, "bad; "}, /* ended */
	    {&users, "bad; "},                   /* not yet */
	    {&users, "bad; "},                   /* within a day */
	    {&users, "bad; ok; "},               /* an old protocol */
	    {&users, "ok; bad; "},               /* nobody vouches for it */
	    {&servers, "ok; ok; "},              /* which servers do not mind */
	    {&servers, "ok; could not tell; "},  /* another name */
	    {&users, "ok; bad; "},               /* only a CN */
	    {&servers, "ok; ok; "}               /* which few servers mind */
	};
	struct buf got = BUF_INIT(1024);

	(void)state;
	facts[1].until = NOW - 1;
	facts[2].from = NOW + 1;
	facts[3].until = NOW + DAY - 1;
	facts[4].is_old = true;
	facts[5].trust_fault = facts[6].trust_fault = VIEW("self-signed");
	facts[7].has_name = facts[8].has_name = facts[9].has_name = false;
	facts[8].has_alt_names = facts[9].has_alt_names = false;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report report;

		begin(&report);
		connect_judge_tls(
		    &report, cases[i].service, &facts[i], VIEW("mail.example.org"), NOW);
		answers(&report, &got);
		if (strcmp(buf_text(&got), cases[i].want) != 0)
			fail_msg(
			    "case %zu: got %s want %s", i, buf_text(&got), cases[i].want);
		arena_free(report.arena);
	}
	buf_fini(&got);
}

static void
reads_lists(void **state)
{
	const struct {
		enum dns_state state;
		struct view data[2];
		enum blocklist_answer want;
	} cases[] = {
	    {DNS_FOUND, {VIEW("\x7f\0\0\2")}, BLOCKLIST_LISTED},
	    {DNS_FOUND, {VIEW("\x7f\0\1\4"), VIEW("\x7f\0\0\2")}, BLOCKLIST_LISTED},
	    {DNS_FOUND, {VIEW("\x7f\xff\xff\xfe")}, BLOCKLIST_REFUSED},
	    {DNS_FOUND, {VIEW("\x7f\0\0\2"), VIEW("\x7f\xff\xff\xfe")}, BLOCKLIST_REFUSED},
	    {DNS_FOUND, {VIEW("\xc0\0\2\x50")}, BLOCKLIST_REFUSED},
	    {DNS_NO_NAME, {VIEW("")}, BLOCKLIST_NOT_LISTED},
	    {DNS_NO_DATA, {VIEW("")}, BLOCKLIST_NOT_LISTED},
	    {DNS_FAILED, {VIEW("")}, BLOCKLIST_UNKNOWN},
	    {DNS_NO_ANSWER, {VIEW("")}, BLOCKLIST_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_record records[2] = {
		    {.data = cases[i].data[0]}, {.data = cases[i].data[1]}};
		struct dns_answer answer = {.type = DNS_A,
		    .state = cases[i].state,
		    .records = records,
		    .n = (uint32_t)(cases[i].data[0].n > 0) +
			 (uint32_t)(cases[i].data[1].n > 0)};

		assert_int_equal(blocklist_read(&answer), cases[i].want);
	}
	assert_int_equal(
	    blocklist_judge(BLOCKLIST_LISTED, BLOCKLIST_NOT_LISTED), BLOCKLIST_WORKS);
	assert_int_equal(
	    blocklist_judge(BLOCKLIST_LISTED, BLOCKLIST_LISTED), BLOCKLIST_OTHER);
	assert_int_equal(
	    blocklist_judge(BLOCKLIST_NOT_LISTED, BLOCKLIST_NOT_LISTED), BLOCKLIST_OTHER);
	assert_int_equal(
	    blocklist_judge(BLOCKLIST_REFUSED, BLOCKLIST_NOT_LISTED), BLOCKLIST_REFUSES);
	assert_int_equal(
	    blocklist_judge(BLOCKLIST_LISTED, BLOCKLIST_UNKNOWN), BLOCKLIST_SILENT);
}

static void
reads_places(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} cases[] = {
	    {"mail.example.org", "mail.example.org", 25},
	    {"mail.example.org:2525", "mail.example.org", 2525},
	    {"192.0.2.1:587", "192.0.2.1", 587},
	    {"2001:db8::1", "2001:db8::1", 25},
	    {"[2001:db8::1]", "2001:db8::1", 25},
	    {"[2001:db8::1]:465", "2001:db8::1", 465},
	    {"", NULL, 0},
	    {":25", NULL, 0},
	    {"a:0", NULL, 0},
	    {"a:65536", NULL, 0},
	    {"a:b", NULL, 0},
	    {"[::1", NULL, 0},
	    {"[::1]x", NULL, 0},
	    {"[a]:25", NULL, 0},
	    {"a b", NULL, 0},
	    {"a/b", NULL, 0},
	    {"a..b", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place place;
		bool is_place = place_parse(view_of(cases[i].text), 25, &place);

		if (is_place != (cases[i].host != NULL))
			fail_msg("'%s'", cases[i].text);
		if (!is_place)
			continue;
		assert_true(view_is(place.host, view_of(cases[i].host)));
		assert_int_equal(place.port, cases[i].port);
	}
}

static void
turns_addresses_around(void **state)
{
	static const struct {
		const char *addr, *zone, *want;
		bool is_inside;
	} cases[] = {
	    {"192.0.2.25", "", "25.2.0.192.in-addr.arpa", false},
	    {"192.0.2.25", "bl.example", "25.2.0.192.bl.example", false},
	    {"2001:db8::25", "",
		"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
		false},
	    {"10.1.2.3", "", "3.2.1.10.in-addr.arpa", true},
	    {"172.32.0.1", "", "1.0.32.172.in-addr.arpa", false},
	    {"fd00::1", "z",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.z", true},
	};
	struct arena *arena = arena_new(0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct addr addr;

		must(addr_parse(view_of(cases[i].addr), &addr, NULL) == 0);
		struct view got = reverse_name(addr, view_of(cases[i].zone), arena);
		assert_string_equal(arena_text(arena, got), cases[i].want);
		assert_int_equal(ask_is_inside(addr), cases[i].is_inside);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_a_firewall_does),
	    cmocka_unit_test(knows_what_postfix_offers),
	    cmocka_unit_test(names_services),
	    cmocka_unit_test(judges_certificates),
	    cmocka_unit_test(reads_lists),
	    cmocka_unit_test(reads_places),
	    cmocka_unit_test(turns_addresses_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
