/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "tests/unit/firewall_lab.h"

/* What rules of nft do to a connection of Postfix's, over IPv4 and over IPv6. */

#define CHAIN(policy, rules)                                                               \
	"table inet filter {\n"                                                            \
	"\tset mail {\n\t\ttype inet_service\n\t\telements = { 25, 465 }\n\t}\n\n"         \
	"\tset many {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { 1, 2, " \
	"20-30 comment \"a, b : }\",\n\t\t\t     500-600 counter packets 0 bytes 0 }\n"    \
	"\t}\n\n"                                                                          \
	"\tset ours {\n\t\ttypeof meta skuid\n\t\telements = { 33, 102 }\n\t}\n\n"         \
	"\tset brief {\n\t\ttype inet_service\n\t\tflags timeout\n"                        \
	"\t\telements = { 25 timeout 300s expires 299s }\n\t}\n\n"                         \
	"\tset filling {\n\t\ttype inet_service\n\t\tsize 65535\n"                         \
	"\t\tflags dynamic,timeout\n\t}\n\n"                                               \
	"\tset none {\n\t\ttype inet_service\n\t}\n\n"                                     \
	"\tset pairs {\n\t\ttype ipv4_addr . inet_service\n"                               \
	"\t\telements = { 1.2.3.4 . 25 }\n\t}\n\n"                                         \
	"\tmap verdicts {\n\t\ttype inet_service : verdict\n\t\tflags interval\n"          \
	"\t\telements = { 25-30 counter packets 0 bytes 0 : drop, 31 : accept,\n"          \
	"\t\t\t     * : goto late }\n\t}\n\n"                                              \
	"\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n"           \
	"\t\ttcp dport 25 drop\n\t}\n\n"                                                   \
	"\tchain output {\n\t\ttype filter hook output priority 0; policy " policy         \
	";\n" rules "\t}\n\n"                                                              \
	"\tchain stops {\n\t\ttcp dport 25 drop\n\t}\n\n"                                  \
	"\tchain early {\n\t\tjump stops\n\t\ttcp dport 587 accept\n\t\tdrop\n\t}\n\n"     \
	"\tchain late {\n\t\tgoto stops\n\t}\n\n"                                          \
	"\tchain back {\n\t\ttcp dport 25 return\n\t\tdrop\n\t}\n\n"                       \
	"\tchain round {\n\t\tjump around\n\t}\n\n"                                        \
	"\tchain around {\n\t\tjump round\n\t}\n}\n"
#define NFT(rules)  CHAIN("accept", rules)
#define DROP(rules) CHAIN("drop", rules)

static const struct {
	const char *text, *v4, *v6;
} nft[] = {
    {"", "open open", "open open"},
    {NFT(""), "open open", "open open"},
    {DROP(""), "closed closed", "closed closed"},
    /* Ports */
    {NFT("\t\ttcp dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport 25 counter packets 3 bytes 180 reject with tcp reset\n"),
	"closed open", "closed open"},
    {NFT("\t\ttcp dport { 25, 465, 587 } log prefix \"accept }\" drop\n"), "closed closed",
	"closed closed"},
    {NFT("\t\ttcp dport { 20-30 } drop comment \"accept\"\n"), "closed open",
	"closed open"},
    {NFT("\t\ttcp dport != 443 drop\n"), "closed closed", "closed closed"},
    {NFT("\t\ttcp dport != { 25, 443 } drop\n"), "open closed", "open closed"},
    {NFT("\t\ttcp dport >= 25 tcp dport < 587 drop\n"), "closed open", "closed open"},
    {NFT("\t\tth dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\tmeta l4proto { 6, 17 } th dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\tudp dport 25 drop\n\t\tudp dport != 1 drop\n"), "open open", "open open"},
    {NFT("\t\tmeta l4proto 17 drop\n\t\tmeta l4proto != 6 drop\n"), "open open",
	"open open"},
    {NFT("\t\ttcp sport 1024-65535 tcp dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\ttcp sport 25 drop\n\t\ttcp sport 2000-3000 tcp dport 25 drop\n"),
	"maybe open", "maybe open"},
    {NFT("\t\tmeta l4proto tcp tcp dport smtp drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\tdrop\n"), "closed closed", "closed closed"},
    /* The state of a new connection */
    {NFT("\t\tct state 0x2,0x4 accept\n\t\ttcp dport 25 drop\n"), "closed open",
	"closed open"},
    {NFT("\t\tct state { established, related } accept\n\t\ttcp dport 25 drop\n"),
	"closed open", "closed open"},
    {NFT("\t\tct state 0x8 tcp dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\tct state ! related,established drop\n"), "closed closed", "closed closed"},
    {NFT("\t\tct state 0x1 drop\n\t\tct direction 1 drop\n"), "open open", "open open"},
    {NFT("\t\tct state vmap { 0x1 : drop, 0x2 : accept, 0x8 : jump stops }\n"),
	"closed open", "closed open"},
    {NFT("\t\ttcp dport 587 notrack\n\t\tct state 0x8 tcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {NFT("\t\ttcp flags 0x2 / 0x1,0x2,0x4,0x10 tcp dport 25 drop\n"), "closed open",
	"closed open"},
    {NFT("\t\ttcp flags != 0x2 / 0x1,0x2,0x4,0x10 drop\n"), "open open", "open open"},
    {NFT("\t\ttcp flags & (0x2 | 0x10) == 0x2 drop\n"), "maybe maybe", "maybe maybe"},
    /* Where it goes */
    {NFT("\t\toif \"lo\" accept\n\t\toifname \"lo\" accept\n\t\ttcp dport 25 drop\n"),
	"closed open", "closed open"},
    {NFT("\t\toifname != \"lo\" tcp dport 25 drop\n"), "closed open", "closed open"},
    {NFT("\t\toifname \"eth0\" tcp dport 25 drop\n"), "maybe open", "maybe open"},
    {NFT("\t\toifname { \"lo\", \"eth*\" } tcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {NFT("\t\tiif \"lo\" drop\n\t\tiifname != \"lo\" tcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {NFT("\t\tip daddr 10.0.0.0/8 tcp dport 25 drop\n"), "maybe open", "open open"},
    {NFT("\t\tip daddr { 127.0.0.0/8, 169.254.0.0/16 } drop\n\t\tip6 daddr ::1 drop\n"),
	"open open", "open open"},
    {NFT("\t\tip daddr != 127.0.0.0/8 drop\n"), "closed closed", "open open"},
    {NFT("\t\tip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002:e000::/19 } drop\n"), "open open",
	"open open"},
    {NFT("\t\tip6 daddr ::/0 drop\n"), "open open", "closed closed"},
    {NFT("\t\tfib daddr type 2 accept\n\t\ttcp dport 25 drop\n"), "closed open",
	"closed open"},
    {NFT("\t\tfib daddr . iif type local drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\tfib saddr . iif oif missing drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\tmeta nfproto 10 drop\n\t\tip protocol 6 tcp dport 25 drop\n"), "closed open",
	"closed closed"},
    {NFT("\t\tmeta protocol 0x0800 drop\n"), "closed closed", "open open"},
    {NFT("\t\tip6 nexthdr 6 drop\n\t\trt type 0 drop\n"), "open open", "closed closed"},
    {NFT("\t\tip daddr . tcp dport { 1.2.3.4 . 25 } drop\n"), "maybe maybe", "open open"},
    {NFT("\t\ttcp dport . ip daddr vmap { 25 . 1.2.3.4 : drop }\n"), "maybe maybe",
	"maybe maybe"},
    /* Who connects */
    {NFT("\t\tmeta skuid != 102 tcp dport 25 drop\n"), "open open", "open open"},
    {NFT("\t\tmeta skuid 102 accept\n\t\ttcp dport 25 drop\n"), "open open", "open open"},
    {NFT("\t\tskuid 102 counter packets 0 bytes 0 accept\n\t\ttcp dport 25 drop\n"),
	"open open", "open open"},
    {NFT("\t\tmeta skgid { 1, 105 } accept\n\t\ttcp dport 25 drop\n"), "open open",
	"open open"},
    {NFT("\t\tmeta skuid >= 1000 drop\n\t\tmeta skuid 0-99 drop\n"), "open open",
	"open open"},
    {NFT("\t\tmeta skuid @ours accept\n\t\ttcp dport 25 drop\n"), "open open", "open open"},
    {NFT("\t\tmeta skuid vmap { 33 : accept, 102 : drop }\n"), "closed closed",
	"closed closed"},
    /* Sets and maps */
    {NFT("\t\ttcp dport @mail drop\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport != @mail drop\n"), "open closed", "open closed"},
    {NFT("\t\ttcp dport @many drop\n"), "closed closed", "closed closed"},
    {NFT("\t\ttcp dport @brief drop\n"), "maybe open", "maybe open"},
    {NFT("\t\ttcp dport @filling drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\ttcp dport @none drop\n"), "open open", "open open"},
    {NFT("\t\ttcp dport @missing drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\tip daddr . tcp dport @pairs drop\n"), "maybe maybe", "open open"},
    {NFT("\t\ttcp dport vmap { 25 : drop, 465 : jump stops }\n"), "closed open",
	"closed open"},
    {NFT("\t\ttcp dport vmap { 25 : accept, * : drop }\n"), "open closed", "open closed"},
    {NFT("\t\ttcp dport vmap @verdicts\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport vmap @missing\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\ttcp dport 25 add @filling { ip daddr limit rate 5/second } drop\n"),
	"maybe open", "maybe open"},
    {NFT("\t\tmeta mark set tcp dport map { 25 : 0x1 } accept\n\t\ttcp dport 25 drop\n"),
	"maybe open", "maybe open"},
    /* Other chains */
    {NFT("\t\tjump stops\n"), "closed open", "closed open"},
    {NFT("\t\tjump early\n"), "closed open", "closed open"},
    {DROP("\t\tgoto back\n"), "closed closed", "closed closed"},
    {NFT("\t\tgoto back\n"), "open closed", "open closed"},
    {NFT("\t\tjump back\n\t\ttcp dport 25 drop\n"), "closed closed", "closed closed"},
    {NFT("\t\tgoto late\n\t\tdrop\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport 443 jump early\n"), "open open", "open open"},
    {NFT("\t\tmeta mark 1 jump early\n"), "maybe open", "maybe open"},
    {NFT("\t\ttcp dport 25 jump {\n\t\t\tmeta skuid 5 accept\n\t\t\tdrop\n\t\t}\n"
	 "\t\ttcp dport 587 jump {\n\t\t\tmeta skuid 102 accept\n\t\t\tdrop\n\t\t}\n"),
	"closed open", "closed open"},
    {NFT("\t\tjump round\n\t\ttcp dport 25 drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\tjump missing\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\treturn\n\t\tdrop\n"), "open open", "open open"},
    /* What is accepted first, and what may be */
    {NFT("\t\ttcp dport 443 accept\n\t\ttcp dport 25 drop\n"), "closed open",
	"closed open"},
    {NFT("\t\tmeta mark 1 accept\n\t\ttcp dport 25 drop\n"), "maybe open", "maybe open"},
    {NFT("\t\tmeta mark 1 drop\n\t\ttcp dport 25 drop\n"), "closed maybe", "closed maybe"},
    {NFT("\t\tlimit rate 5/second accept\n\t\ttcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {NFT("\t\ttcp dport 25 quota over 3 bytes drop\n"), "maybe open", "maybe open"},
    {NFT("\t\ttcp dport 25 ct count over 10 reject\n"), "maybe open", "maybe open"},
    {NFT("\t\tmeta random & 2147483647 < 1073741824 drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\txt match owner counter packets 0 bytes 0 drop\n"), "maybe maybe",
	"maybe maybe"},
    {NFT("\t\ttcp dport 25 xt target \"REJECT\"\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport 25 xt target \"LOG\"\n\t\txt target \"TARPIT\"\n"), "maybe maybe",
	"maybe maybe"},
    {NFT("\t\ttcp dport 25 # xt_LOG\n\t\ttcp dport 25 counter # xt_REJECT\n"),
	"closed open", "closed open"},
    {NFT("\t\t# xt_owner counter packets 0 bytes 0 drop\n"), "maybe maybe", "maybe maybe"},
    {NFT("\t\ttcp dport 25 continue\n"), "open open", "open open"},
    {NFT("\t\ttcp dport 25 queue num 0\n\t\ttcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {NFT("\t\ttcp dport 25 meta mark set 0x00000005 drop\n"), "closed open", "closed open"},
    {NFT("\t\ttcp dport 25 ip dscp set 0x08 drop\n"), "closed open", "open open"},
    {NFT("\t\ttcp dport 25 log flags tcp sequence,options group 2 snaplen 9 drop\n"),
	"closed open", "closed open"},
    {NFT("\t\ttcp dport 25 redirect to :2525\n\t\ttcp dport 25 drop\n"), "maybe open",
	"maybe open"},
    {DROP("\t\ttcp dport 25 accept\n"), "open closed", "open closed"},
    {DROP("\t\tmeta skuid 102 tcp dport { 25, 587 } accept\n"), "open open", "open open"},
    {DROP("\t\toifname \"eth0\" accept\n"), "maybe maybe", "maybe maybe"},
    /* Other hooks, families and tables */
    {"table inet f {\n\tflags dormant\n\n\tchain o {\n\t\ttype filter hook output priority "
     "0; policy drop;\n\t}\n}\n",
	"open open", "open open"},
    {"table ip6 f {\n\tchain o {\n\t\ttype filter hook output priority 0; policy "
     "drop;\n\t}\n}\n",
	"open open", "closed closed"},
    {"table ip n {\n\tchain o {\n\t\ttype nat hook output priority -100; policy accept;\n"
     "\t\ttcp dport 25 drop\n\t}\n\tchain other {\n\t\ttcp dport 587 drop\n\t}\n}\n",
	"maybe open", "open open"},
    {"table ip n {\n\tchain o {\n\t\ttype nat hook output priority -100; policy accept;\n"
     "\t\ttcp dport 25 redirect to :2525\n\t}\n}\n"
     "table ip f {\n\tchain o {\n\t\ttype filter hook output priority 0; policy drop;\n"
     "\t}\n}\n",
	"maybe closed", "open open"},
    {"table ip m {\n\tchain p {\n\t\ttype filter hook postrouting priority 0; policy "
     "accept;\n\t\ttcp dport 25 drop\n\t}\n}\n",
	"closed open", "open open"},
    {"table netdev n { # progname x\n\tchain e {\n\t\ttype filter hook egress device "
     "\"eth0\" priority 0; policy accept;\n\t\ttcp dport 25 drop\n\t}\n}\n",
	"maybe open", "maybe open"},
    {"table inet n {\n\tchain e {\n\t\ttype filter hook egress device \"eth0\" "
     "priority 0; policy drop;\n\t}\n}\n",
	"maybe maybe", "maybe maybe"},
    {"table bridge b {\n\tchain e {\n\t\ttype filter hook output priority 0; policy "
     "drop;\n\t\ttcp dport 25 accept\n\t}\n}\n",
	"open maybe", "open maybe"},
    {"table inet f {\n\tchain o {\n\t\ttype filter hook input priority 0; policy "
     "accept;\n",
	"maybe maybe", "maybe maybe"},
    {"table inet f {\n\tset s {\n\t\telements = { 1,\n", "maybe maybe", "maybe maybe"},
    {"table arp a {\n\tchain e {\n\t\ttype filter hook output priority 0; policy "
     "drop;\n\t}\n}\n",
	"open open", "open open"},
    {"table ip a {\n\tchain x {\n\t\tdrop\n\t}\n}\ntable ip b {\n\tchain x {\n\t}\n\n"
     "\tchain o {\n\t\ttype filter hook output priority 0; policy accept;\n"
     "\t\tjump x\n\t}\n}\n",
	"open open", "open open"},
};

static void
reads_nft(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nft); i++) {
		firewall_expect(nft[i].text, "nft", ADDR_IPV4, nft[i].v4);
		firewall_expect(nft[i].text, "nft", ADDR_IPV6, nft[i].v6);
	}
}

static void
needs_to_know_who_connects(void **state)
{
	static const char owner[] =
	    NFT("\t\tmeta skuid 102 accept\n\t\ttcp dport 25 drop\n"),
			  plain[] = NFT("\t\tmeta skuid 5 tcp dport 443 accept\n"
					"\t\ttcp dport 25 drop\n");
	struct firewall_look look;

	(void)state;
	look = firewall_look_as(view_of(owner), "nft", 25, ADDR_IPV4, false);
	assert_int_equal(look.verdict, FIREWALL_MAYBE);
	look = firewall_look_as(view_of(plain), "nft", 25, ADDR_IPV4, false);
	assert_int_equal(look.verdict, FIREWALL_CLOSED);
}

/* Which of several rules is named. */
static void
names_the_rule(void **state)
{
	static const struct {
		const char *text, *rule, *chain;
	} cases[] = {
	    {NFT("\t\tmeta mark 1 drop\n\t\tjump stops\n"), "tcp dport 25 drop", "stops"},
	    {NFT("\t\tmeta mark 1 drop\n\t\tmeta mark 2 accept\n\t\tjump stops\n"),
		"meta mark 1 drop", "output"},
	    {DROP("\t\tmeta mark 1 accept\n\t\tjump late\n"), "tcp dport 25 drop", "stops"},
	    {DROP("\t\ttcp dport 443 accept\n"), "policy drop", "output"},
	    {NFT("\t\tjump missing\n"), "jump missing", "output"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct firewall_look look =
		    firewall_look_at(view_of(cases[i].text), "nft", 25, ADDR_IPV4);

		if (!view_is(look.rule, view_of(cases[i].rule)) ||
		    !view_is(look.chain, view_of(cases[i].chain)) ||
		    !view_is(look.base, VIEW("output")) ||
		    !view_is(look.table, VIEW("inet filter")))
			fail_msg("case %zu: %.*s in %.*s of %.*s, from %.*s", i,
			    VIEW_ARG(look.rule), VIEW_ARG(look.chain), VIEW_ARG(look.table),
			    VIEW_ARG(look.base));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_nft),
	    cmocka_unit_test(needs_to_know_who_connects),
	    cmocka_unit_test(names_the_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
