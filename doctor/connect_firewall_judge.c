/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/connect.h"
#include "doctor/firewall.h"

enum { SHOWN = 300, NAME_SHOWN = 128, TEXT_MAX = 2048 };

/* Is it a table that iptables-nft made, and has to be able to read again? */
static bool
is_of_iptables(const struct firewall_look *look)
{
	static const struct view hooks[] = {{"OUTPUT", 6}, {"POSTROUTING", 11}};

	if (!view_starts(look->table, VIEW("ip ")) &&
	    !view_starts(look->table, VIEW("ip6 ")))
		return false;
	return view_is(look->base, hooks[0]) || view_is(look->base, hooks[1]);
}

/* The name of a table of iptables: "filter" of "ip6 filter". */
static struct view
table_of(const struct firewall_look *look)
{
	struct view rest = look->table, first;

	(void)view_cut(&rest, ' ', &first);
	return rest.p != NULL ? rest : look->table;
}

static void
add_command(struct buf *out, const struct connect_firewall *firewall)
{
	const struct firewall_look *look = &firewall->look;
	struct view owner = view_head(firewall->owner, NAME_SHOWN);
	struct view base = view_head(look->base, NAME_SHOWN);
	const char *program = firewall->adds;
	struct view table = view_head(table_of(look), NAME_SHOWN);
	bool is_nft = view_is(view_of(program), VIEW("nft"));

	if (is_nft && !is_of_iptables(look)) {
		buf_addf(out,
		    "nft insert rule %.*s %.*s meta skuid %.*s tcp dport %u accept",
		    VIEW_ARG(view_head(look->table, NAME_SHOWN)), VIEW_ARG(base),
		    VIEW_ARG(owner), firewall->port);
		return;
	}
	if (is_nft)
		program = view_starts(look->table, VIEW("ip6 ")) ? "ip6tables" : "iptables";
	buf_add_text(out, program);
	if (!view_is(table, VIEW("filter")))
		buf_addf(out, " -t %.*s", VIEW_ARG(table));
	buf_addf(out, " -I %.*s -p tcp --dport %u -m owner --uid-owner %.*s -j ACCEPT",
	    VIEW_ARG(base), firewall->port, VIEW_ARG(owner));
}

/* "tcp dport 25 drop (table inet filter, chain output)" */
static void
add_rule(struct buf *out, const struct firewall_look *look)
{
	buf_addf(out, "%.*s", VIEW_ARG(view_head(look->rule, SHOWN)));
	if (look->table.n > 0)
		buf_addf(out, " (table %.*s, chain %.*s)",
		    VIEW_ARG(view_head(look->table, NAME_SHOWN)),
		    VIEW_ARG(view_head(look->chain, NAME_SHOWN)));
}

static void
say_closed(struct doctor_report *report, const struct connect_firewall *firewall,
    const char *whose, struct view rule)
{
	struct doctor_finding *finding;
	struct buf command = BUF_INIT(TEXT_MAX);

	if (!firewall->has_port) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s to port %u of others are kept back, which matters where "
		    "mail leaves %s: %.*s",
		    whose, firewall->port,
		    firewall->port == 25 ? "past the relay host"
					 : "through a relay host there",
		    VIEW_ARG(rule));
		return;
	}
	if (!firewall->has_family) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s to port %u of others are kept back, which matters where mail "
		    "leaves that way ('set egress' names no such address): %.*s",
		    whose, firewall->port, VIEW_ARG(rule));
		return;
	}
	add_command(&command, firewall);
	finding =
	    doctor_say(report, DOCTOR_BAD, "%s to port %u of others are kept back by: %.*s",
		whose, firewall->port, VIEW_ARG(rule));
	doctor_remedy(report, finding,
	    "Let Postfix out before this rule, and write that where the rules are kept as "
	    "well; now:\n%s",
	    buf_text(&command));
	buf_fini(&command);
}

void
connect_judge_firewall(
    struct doctor_report *report, const struct connect_firewall *firewall)
{
	const char *whose = firewall->family == ADDR_IPV4   ? "IPv4 connections"
			    : firewall->family == ADDR_IPV6 ? "IPv6 connections"
							    : "connections";
	struct buf rule = BUF_INIT(TEXT_MAX);

	if (firewall->look.verdict == FIREWALL_OPEN)
		return;
	add_rule(&rule, &firewall->look);
	if (firewall->look.verdict == FIREWALL_CLOSED)
		say_closed(report, firewall, whose, buf_view(&rule));
	else
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s to port %u of others may be %s by: %.*s", whose, firewall->port,
		    firewall->look.is_turned ? "led elsewhere" : "kept back",
		    VIEW_ARG(buf_view(&rule)));
	buf_fini(&rule);
}
