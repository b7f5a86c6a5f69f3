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

#define NFT(rules)                                                                         \
	"table inet filter {\n\tchain input {\n\t\ttype filter hook input "                \
	"priority filter; policy drop;\n\t\ttcp dport 25 drop\n\t}\n\tchain output {\n"    \
	"\t\ttype filter hook output priority filter; policy accept;\n" rules "\t}\n}\n"

static const struct {
	const char *text;
	bool is_iptables;
	enum firewall_verdict v25, v587;
} firewalls[] = {
    {"", false, FIREWALL_OPEN, FIREWALL_OPEN},
    {NFT(""), false, FIREWALL_OPEN, FIREWALL_OPEN},
    {NFT("\t\ttcp dport 25 drop\n"), false, FIREWALL_CLOSED, FIREWALL_OPEN},
    {NFT("\t\ttcp dport 25 counter packets 3 bytes 180 reject with tcp reset\n"), false,
	FIREWALL_CLOSED, FIREWALL_OPEN},
    {NFT("\t\ttcp dport { 25, 465, 587 } log prefix \"x\" drop\n"), false, FIREWALL_CLOSED,
	FIREWALL_CLOSED},
    {NFT("\t\ttcp dport { 20-30 } drop\n"), false, FIREWALL_CLOSED, FIREWALL_OPEN},
    {NFT("\t\tmeta l4proto tcp tcp dport 587 drop\n"), false, FIREWALL_OPEN,
	FIREWALL_CLOSED},
    {NFT("\t\ttcp dport != 443 drop\n"), false, FIREWALL_MAYBE, FIREWALL_MAYBE},
    {NFT("\t\tip daddr 10.0.0.0/8 tcp dport 25 drop\n"), false, FIREWALL_MAYBE,
	FIREWALL_OPEN},
    {NFT("\t\tmeta skuid != 104 tcp dport 25 drop\n"), false, FIREWALL_MAYBE,
	FIREWALL_OPEN},
    {NFT("\t\tmeta skuid 104 accept\n\t\ttcp dport 25 drop\n"), false, FIREWALL_MAYBE,
	FIREWALL_OPEN},
    {NFT("\t\tjump ours\n\t\ttcp dport 25 drop\n"), false, FIREWALL_MAYBE, FIREWALL_OPEN},
    {NFT("\t\ttcp dport 443 accept\n\t\ttcp dport 25 drop\n"), false, FIREWALL_CLOSED,
	FIREWALL_OPEN},
    {NFT("\t\tdrop\n"), false, FIREWALL_CLOSED, FIREWALL_CLOSED},
    {"table ip f {\n\tchain OUTPUT {\n\t\ttype filter hook output priority 0; "
     "policy "
     "drop;\n\t\ttcp dport 25 accept\n\t}\n}\n",
	false, FIREWALL_MAYBE, FIREWALL_MAYBE},
    {"table ip n {\n\tchain o {\n\t\ttype nat hook output priority 0; policy "
     "accept;\n"
     "\t\ttcp dport 25 drop\n\t}\n\tchain other {\n\t\ttcp dport 25 drop\n\t}\n}\n",
	false, FIREWALL_OPEN, FIREWALL_OPEN},
    {"", true, FIREWALL_OPEN, FIREWALL_OPEN},
    {"-P INPUT DROP\n-P OUTPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 25 -j DROP\n", true,
	FIREWALL_OPEN, FIREWALL_OPEN},
    {"-A OUTPUT -p tcp -m tcp --dport 25 -j DROP\n", true, FIREWALL_CLOSED, FIREWALL_OPEN},
    {"-A OUTPUT -p tcp -m multiport --dports 25,465,587 -j REJECT --reject-with "
     "icmp-port-unreachable\n",
	true, FIREWALL_CLOSED, FIREWALL_CLOSED},
    {"-A OUTPUT -p tcp -m tcp --dport 500:600 -j DROP\n", true, FIREWALL_OPEN,
	FIREWALL_CLOSED},
    {"-A OUTPUT -p udp -m udp --dport 25 -j DROP\n", true, FIREWALL_OPEN, FIREWALL_OPEN},
    {"-A OUTPUT -d 10.0.0.0/8 -p tcp -m tcp --dport 25 -j DROP\n", true, FIREWALL_MAYBE,
	FIREWALL_OPEN},
    {"-A OUTPUT -p tcp -m tcp ! --dport 443 -j DROP\n", true, FIREWALL_MAYBE,
	FIREWALL_MAYBE},
    {"-A OUTPUT -m owner --uid-owner 104 -j ACCEPT\n"
     "-A OUTPUT -p tcp -m tcp --dport 25 -j DROP\n",
	true, FIREWALL_MAYBE, FIREWALL_OPEN},
    {"-A OUTPUT -p tcp -m tcp --dport 25 -j LOG\n"
     "-A OUTPUT -p tcp -m tcp --dport 25 -j DROP\n",
	true, FIREWALL_CLOSED, FIREWALL_OPEN},
    {"-P OUTPUT DROP\n-A OUTPUT -p tcp -m tcp --dport 25 -j ACCEPT\n", true, FIREWALL_MAYBE,
	FIREWALL_MAYBE},
};

static void
reads_firewalls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(firewalls); i++) {
		struct view text = view_of(firewalls[i].text);
		struct firewall_look (*read)(struct view, unsigned) =
		    firewalls[i].is_iptables ? firewall_read_iptables : firewall_read_nft;

		if (read(text, 25).verdict != firewalls[i].v25 ||
		    read(text, 587).verdict != firewalls[i].v587)
			fail_msg("case %zu: got %d and %d:\n%s", i, read(text, 25).verdict,
			    read(text, 587).verdict, firewalls[i].text);
	}
}

static void
says_what_a_firewall_does(void **state)
{
	static const struct {
		enum firewall_verdict verdict;
		unsigned port;
		const char *want;
	} cases[] = {
	    {FIREWALL_OPEN, 25, ""},
	    {FIREWALL_CLOSED, 25, "bad; "},
	    {FIREWALL_CLOSED, 587, "could not tell; "},
	    {FIREWALL_MAYBE, 25, "could not tell; "},
	};
	struct buf got = BUF_INIT(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct firewall_look look = {cases[i].verdict, VIEW("tcp dport 25 drop")};
		struct doctor_report report;

		begin(&report);
		connect_judge_firewall(&report, look, cases[i].port);
		answers(&report, &got);
		assert_string_equal(buf_text(&got), cases[i].want);
		arena_free(report.arena);
	}
	buf_fini(&got);
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
	    cmocka_unit_test(reads_firewalls),
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
