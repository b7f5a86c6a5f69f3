/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "tests/unit/firewall_lab.h"

/* Rules of iptables; what real programs print of either language, tests/firewall; and what
 * is only meant to take long. */

#define TCP25 "-A OUTPUT -p tcp -m tcp --dport 25 "

static const struct {
	const char *text, *want;
} iptables[] = {
    {"", "open open"},
    {"-P INPUT DROP\n-P OUTPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 25 -j DROP\n",
	"open open"},
    {TCP25 "-j DROP\n", "closed open"},
    {"-A OUTPUT -p tcp -m multiport --dports 25,465,587 -j REJECT --reject-with "
     "icmp-port-unreachable\n",
	"closed closed"},
    {"-A OUTPUT -p tcp -m tcp --dport 500:600 -j DROP\n", "open closed"},
    {"-A OUTPUT -p udp -m udp --dport 25 -j DROP\n-A OUTPUT -p icmp -m icmp -j DROP\n",
	"open open"},
    {"-A OUTPUT -d 10.0.0.0/8 -p tcp -m tcp --dport 25 -j DROP\n", "maybe open"},
    {"-A OUTPUT -d 127.0.0.0/8 -j DROP\n-A OUTPUT -m addrtype --dst-type LOCAL -j DROP\n",
	"open open"},
    {"-A OUTPUT -p tcp -m tcp ! --dport 443 -j DROP\n", "closed closed"},
    {"-A OUTPUT ! -p udp -j DROP\n", "closed closed"},
    {"-A OUTPUT -o lo -j ACCEPT\n"
     "-A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n" TCP25 "-j DROP\n",
	"closed open"},
    {"-A OUTPUT -m conntrack --ctstate NEW --ctdir ORIGINAL -j DROP\n", "closed closed"},
    {"-A OUTPUT -m conntrack ! --ctstate ESTABLISHED -j DROP\n", "closed closed"},
    {"-A OUTPUT -m conntrack --ctstate NEW,DNAT -j DROP\n", "maybe maybe"},
    {"-A OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n", "closed closed"},
    {"-A OUTPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n", "open open"},
    {"-A OUTPUT -p tcp -m tcp --sport 1024:65535 --dport 25 -j DROP\n", "closed open"},
    {"-A OUTPUT -m owner --uid-owner 102 -j ACCEPT\n" TCP25 "-j DROP\n", "open open"},
    {"-A OUTPUT -m owner --uid-owner 33 -j ACCEPT\n" TCP25 "-j DROP\n", "closed open"},
    {TCP25 "-m owner ! --uid-owner 0-199 -j DROP\n", "open open"},
    {"-A OUTPUT -m owner --gid-owner 105 -j ACCEPT\n" TCP25 "-j DROP\n", "open open"},
    {"-A OUTPUT -m owner --socket-exists -j ACCEPT\n" TCP25 "-j DROP\n", "maybe open"},
    {"-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n" TCP25 "-j DROP\n", "maybe open"},
    {"-A OUTPUT -m set --match-set drop dst -j DROP\n", "maybe maybe"},
    {TCP25 "-j LOG --log-prefix \"x -j ACCEPT\"\n" TCP25 "-j DROP\n", "closed open"},
    {TCP25 "-m comment --comment \"a \\\" -j ACCEPT\" -j DROP\n", "closed open"},
    {"-A OUTPUT -f -j DROP\n-A OUTPUT -m rt --rt-type 0 -j DROP\n", "open open"},
    {"-P OUTPUT DROP\n" TCP25 "-j ACCEPT\n", "open closed"},
    {":OUTPUT DROP [0:0]\n" TCP25 "-j ACCEPT\n", "open closed"},
    {":OUTPUT ACCEPT [0:0]\n:x - [0:0]\n:y - [0:0]\n-A OUTPUT -p tcp -j x\n"
     "-A x -p tcp -m tcp --dport 25 -g y\n-A y -j DROP\n-A x -j RETURN\n",
	"closed open"},
    {"-N x\n-A OUTPUT -j x\n-A x -j x\n" TCP25 "-j DROP\n", "maybe maybe"},
    {TCP25 "-j NOSUCH\n", "maybe open"},
    {TCP25 "-j NFQUEUE --queue-num 0\n", "maybe open"},
    {"*nat\n:OUTPUT ACCEPT [0:0]\n" TCP25 "-j REDIRECT --to-ports 2525\nCOMMIT\n"
     "*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n",
	"maybe closed"},
    {"*mangle\n:OUTPUT ACCEPT [0:0]\n" TCP25 "-j MARK --set-xmark 0x3/0xffffffff\nCOMMIT\n"
     "*raw\n:OUTPUT ACCEPT [0:0]\n" TCP25 "-j DROP\nCOMMIT\n",
	"closed open"},
    {"*nat\n:OUTPUT ACCEPT [0:0]\n" TCP25 "-j DROP\nCOMMIT\n", "maybe open"},
    {"*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n",
	"open open"},
    {"*filter\n:x - [0:0]\n-A x -j DROP\nCOMMIT\n*mangle\n:OUTPUT ACCEPT [0:0]\n"
     ":x - [0:0]\n-A OUTPUT -j x\nCOMMIT\n",
	"open open"},
    {"*raw\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p udp -j CT --notrack\nCOMMIT\n"
     "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m state --state NEW -j DROP\nCOMMIT\n",
	"maybe maybe"},
    {"-A OUTPUT !\n-A OUTPUT -p\n-A OUTPUT -j\n-A OUTPUT\n-A\n:\n*\n-P OUTPUT\n",
	"open open"},
};

static void
reads_iptables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(iptables); i++)
		firewall_expect(iptables[i].text, "iptables", ADDR_IPV4, iptables[i].want);
}

static void
read_sample(const char *name, struct buf *out)
{
	const char *source = getenv("FRANK_SRC");
	struct err err = ERR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/firewall/%s", source != NULL ? source : ".",
	    name);
	if (file_read(path, out, &err) < 0)
		fail_msg("%s", err.text);
}

/* What real programs print: the verdicts for 25 and 587, and the rule that decides on 25.
 */
static void
reads_what_programs_print(void **state)
{
	static const struct {
		const char *file, *language, *want4, *want6, *rule, *table, *chain, *base;
	} samples[] = {
	    {"ufw.nft", "nft", "closed open", "closed open",
		"tcp dport 25 counter packets 0 bytes 0 drop", "ip filter",
		"ufw-user-output", "OUTPUT"},
	    {"ufw.save", "iptables", "closed open", "closed open",
		"-A ufw-user-output -p tcp -m tcp --dport 25 -j DROP", "filter",
		"ufw-user-output", "OUTPUT"},
	    {"firewalld.nft", "nft", "closed open", "closed open",
		"tcp dport 25 ct state { 0x8, 0x40 } reject with icmpx 3", "inet firewalld",
		"filter_OUT_policy_no-mail_deny", "filter_OUTPUT"},
	    {"iptables.nft", "nft", "maybe maybe", "closed open",
		"tcp dport 25 counter packets 0 bytes 0 redirect to :2525", "ip nat",
		"OUTPUT", "OUTPUT"},
	    {"iptables.save", "iptables", "maybe maybe", "maybe maybe",
		"-A OUTPUT -p tcp -m tcp --dport 25 -j REDIRECT --to-ports 2525", "nat",
		"OUTPUT", "OUTPUT"},
	};
	struct buf text = BUF_INIT(FIREWALL_LAB_TEXT);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct firewall_look look;

		buf_reset(&text);
		read_sample(samples[i].file, &text);
		firewall_expect(
		    buf_text(&text), samples[i].language, ADDR_IPV4, samples[i].want4);
		firewall_expect(
		    buf_text(&text), samples[i].language, ADDR_IPV6, samples[i].want6);
		look =
		    firewall_look_at(buf_view(&text), samples[i].language, 25, ADDR_IPV4);
		if (!view_is(look.rule, view_of(samples[i].rule)) ||
		    !view_is(look.table, view_of(samples[i].table)) ||
		    !view_is(look.chain, view_of(samples[i].chain)) ||
		    !view_is(look.base, view_of(samples[i].base)))
			fail_msg("%s: %.*s (table %.*s, chain %.*s from %.*s)",
			    samples[i].file, VIEW_ARG(look.rule), VIEW_ARG(look.table),
			    VIEW_ARG(look.chain), VIEW_ARG(look.base));
	}
	buf_fini(&text);
}

/* N chains, each of which jumps twice to the next; the last one drops. */
static void
add_chains(struct buf *out, unsigned n)
{
	buf_reset(out);
	buf_add_text(out, ":OUTPUT ACCEPT [0:0]\n-A OUTPUT -j c0\n");
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "-A c%u -m mark --mark 1 -j c%u\n-A c%u -j c%u\n", i, i + 1,
		    i, i + 1);
	buf_addf(out, "-A c%u -j DROP\n", n);
}

static void
comes_to_an_end(void **state)
{
	struct buf text = BUF_INIT(FIREWALL_LAB_TEXT);

	(void)state;
	/* Without a memory this is 2^40 ways. */
	add_chains(&text, 40);
	firewall_expect(buf_text(&text), "iptables", ADDR_IPV4, "closed closed");
	/* Nor round in circles that many times. */
	firewall_expect("-N x\n-A OUTPUT -j x\n-A x -j x\n-A x -j x\n-A x -j x\n",
	    "iptables", ADDR_IPV4, "maybe maybe");
	/* Deeper than is followed, and more than is kept. */
	add_chains(&text, 100);
	firewall_expect(buf_text(&text), "iptables", ADDR_IPV4, "maybe maybe");
	add_chains(&text, FIREWALL_RULES_MAX / 2 + 1);
	firewall_expect(buf_text(&text), "iptables", ADDR_IPV4, "maybe maybe");
	buf_reset(&text);
	for (unsigned i = 0; i <= FIREWALL_RULES_MAX; i++)
		buf_addf(
		    &text, "-A OUTPUT -d 10.0.%u.%u -j ACCEPT\n", i / 256 % 256, i % 256);
	firewall_expect(buf_text(&text), "iptables", ADDR_IPV4, "maybe maybe");
	/* What cannot concern us does not count. */
	buf_reset(&text);
	for (unsigned i = 0; i <= FIREWALL_RULES_MAX; i++)
		buf_add_text(&text, "-A OUTPUT -p udp -j DROP\n");
	firewall_expect(buf_text(&text), "iptables", ADDR_IPV4, "open open");
	buf_reset(&text);
	for (unsigned i = 0; i < 1000; i++)
		buf_add_text(&text, "table inet x {\n chain y {\n tcp dport 25 jump {\n");
	firewall_expect(buf_text(&text), "nft", ADDR_IPV4, "maybe maybe");
	buf_fini(&text);
}

/* A set that every rule goes through, and that is too long for that. */
static void
bounds_what_sets_cost(void **state)
{
	struct buf text = BUF_INIT(FIREWALL_LAB_TEXT);

	(void)state;
	buf_add_text(&text, "table ip f {\n\tset s {\n\t\telements = { 1");
	for (unsigned i = 0; i < 5000; i++)
		buf_add_text(&text, ", 2-3");
	buf_add_text(&text, " }\n\t}\n\tchain o {\n\t\ttype filter hook output priority 0; "
			    "policy accept;\n");
	for (unsigned i = 0; i < 100; i++)
		buf_add_text(&text, "\t\ttcp dport @s drop\n");
	size_t n = text.n;
	buf_add_text(&text, "\t}\n}\n");
	firewall_expect(buf_text(&text), "nft", ADDR_IPV4, "open open");
	text.n = n;
	for (unsigned i = 0; i < 1000; i++)
		buf_add_text(&text, "\t\ttcp dport @s drop\n");
	buf_add_text(&text, "\t}\n}\n");
	firewall_expect(buf_text(&text), "nft", ADDR_IPV4, "maybe maybe");
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_iptables),
	    cmocka_unit_test(reads_what_programs_print),
	    cmocka_unit_test(comes_to_an_end),
	    cmocka_unit_test(bounds_what_sets_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
