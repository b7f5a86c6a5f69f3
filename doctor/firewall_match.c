/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <ctype.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "doctor/firewall_rules.h"

/*
 * Does a single condition hold for the first packet of a connection from here to another
 * host? That host may be any that can get mail, a relay host inside as well.
 */

enum {
	STATE_NEW = 8,
	FLAG_SYN = 2,
	PROTOCOL_TCP = 6,
	FIRST_PORT = 1024, /* of those that a connection is given */
	LAST_PORT = 65535
};

struct name {
	const char *name;
	unsigned number;
};

static const struct name states[] = {{"invalid", 1}, {"established", 2}, {"related", 4},
    {"new", STATE_NEW}, {"untracked", 64}, {NULL, 0}};
static const struct name flags_of_tcp[] = {{"fin", 1}, {"syn", FLAG_SYN}, {"rst", 4},
    {"psh", 8}, {"ack", 16}, {"urg", 32}, {"ecn", 64}, {"cwr", 128}, {"all", 63},
    {"none", 0}, {NULL, 0}};
/* What another host's address never is; ::ffff:0:0/96 is not of IPv6 here. */
static const char *const nowhere[] = {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16",
    "224.0.0.0/3", "::/96", "2002::/16", "fe80::/10", "ff00::/8"};

enum firewall_match
firewall_match_not(enum firewall_match match)
{
	return match == FIREWALL_YES  ? FIREWALL_NO
	       : match == FIREWALL_NO ? FIREWALL_YES
				      : FIREWALL_PERHAPS;
}

enum firewall_match
firewall_match_both(enum firewall_match a, enum firewall_match b)
{
	return a < b ? a : b;
}

enum firewall_match
firewall_match_either(enum firewall_match a, enum firewall_match b)
{
	return a > b ? a : b;
}

static enum firewall_match
yes_or_no(bool is_so)
{
	return is_so ? FIREWALL_YES : FIREWALL_NO;
}

/* "0x0800", "2048" */
static bool
read_number(struct view text, unsigned long long *ret_number)
{
	static const char digits[] = "0123456789abcdef";
	unsigned long long number = 0;

	if (!view_starts(text, VIEW("0x")))
		return view_number(text, UINT32_MAX, ret_number);
	if (text.n <= 2 || text.n > 10)
		return false;
	for (size_t i = 2; i < text.n; i++) {
		const char *digit = text.p[i] != '\0' ? strchr(digits, text.p[i]) : NULL;

		if (digit == NULL)
			return false;
		number = number * 16 + (unsigned long long)(digit - digits);
	}
	*ret_number = number;
	return true;
}

static bool
read_range(struct view text, unsigned long long *ret_from, unsigned long long *ret_to)
{
	struct view head;

	(void)view_cut(&text, view_has_char(text, ':') ? ':' : '-', &head);
	if (!read_number(head, ret_from))
		return false;
	*ret_to = *ret_from;
	return text.p == NULL || read_number(text, ret_to);
}

static enum firewall_match
match_number(struct view text, unsigned long long number)
{
	unsigned long long from, to;

	if (!read_range(text, &from, &to))
		return FIREWALL_PERHAPS;
	return yes_or_no(number >= from && number <= to);
}

/* It is one of many that the connection is given. */
static enum firewall_match
match_source_port(struct view text)
{
	unsigned long long from, to;

	if (!read_range(text, &from, &to))
		return FIREWALL_PERHAPS;
	if (from <= FIRST_PORT && to >= LAST_PORT)
		return FIREWALL_YES;
	return to < FIRST_PORT ? FIREWALL_NO : FIREWALL_PERHAPS;
}

static enum firewall_match
match_name(struct view text, const char *name, unsigned number)
{
	enum firewall_match match = match_number(text, number);

	if (match != FIREWALL_PERHAPS || text.n == 0 || !isalpha((unsigned char)text.p[0]))
		return match;
	return yes_or_no(view_is_nocase(text, view_of(name)));
}

/* The bits of "0x2,0x4" or "syn,ack"; false: one is not known. */
static bool
read_bits(struct view list, const struct name *names, unsigned *ret_bits)
{
	unsigned long long number;
	unsigned bits = 0;
	struct view one;

	while (view_cut(&list, ',', &one)) {
		const struct name *at = names;

		if (read_number(one, &number)) {
			bits |= (unsigned)number;
			continue;
		}
		while (at->name != NULL && !view_is_nocase(one, view_of(at->name)))
			at++;
		if (at->name == NULL)
			return false;
		bits |= at->number;
	}
	*ret_bits = bits;
	return true;
}

static enum firewall_match
match_state(const struct firewall_rules *rules, struct view list)
{
	unsigned bits;

	if (rules->is_untracked || !read_bits(list, states, &bits))
		return FIREWALL_PERHAPS;
	return yes_or_no((bits & STATE_NEW) != 0);
}

enum firewall_match
firewall_match_flags(struct view flags, struct view mask)
{
	unsigned set, all;

	if (!read_bits(flags, flags_of_tcp, &set) || !read_bits(mask, flags_of_tcp, &all) ||
	    all >= 64)
		return FIREWALL_PERHAPS;
	return yes_or_no((FLAG_SYN & all) == set);
}

static enum firewall_match
match_host(struct view text, uint8_t family)
{
	struct prefix prefix, other;
	struct err err = ERR_INIT;

	if (prefix_parse(text, &prefix, &err) < 0)
		return FIREWALL_PERHAPS;
	if (prefix.addr.family != family)
		return FIREWALL_NO;
	if (prefix.bits == 0)
		return FIREWALL_YES;
	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++) {
		must(prefix_parse(view_of(nowhere[i]), &other, NULL) == 0);
		if (prefix.bits >= other.bits && prefix_has(other, prefix.addr))
			return FIREWALL_NO;
	}
	return FIREWALL_PERHAPS;
}

/* Of RTN_: unicast, and what another host's address is not. */
static enum firewall_match
match_host_type(struct view text)
{
	static const char *const others[] = {
	    "local", "broadcast", "anycast", "multicast", NULL};
	unsigned long long number;

	if (!read_number(text, &number))
		return view_is_nocase(text, VIEW("unicast")) ? FIREWALL_YES
		       : firewall_is_one_of(text, others)    ? FIREWALL_NO
							     : FIREWALL_PERHAPS;
	return number == 1 ? FIREWALL_YES : number <= 5 ? FIREWALL_NO : FIREWALL_PERHAPS;
}

static enum firewall_match
match_owner(const struct firewall_ask *ask, struct view text, uint32_t id)
{
	return ask->has_owner ? match_number(text, id) : FIREWALL_PERHAPS;
}

enum firewall_match
firewall_match_value(
    const struct firewall_rules *rules, enum firewall_kind kind, struct view value)
{
	const struct firewall_ask *ask = rules->ask;
	bool is_v6 = ask->family == ADDR_IPV6;

	switch (kind) {
	case FIREWALL_PORT:
		return match_number(value, ask->port);
	case FIREWALL_SOURCE_PORT:
		return match_source_port(value);
	case FIREWALL_UID:
		return match_owner(ask, value, ask->uid);
	case FIREWALL_GID:
		return match_owner(ask, value, ask->gid);
	case FIREWALL_PROTOCOL:
		return view_is(value, VIEW("all")) ? FIREWALL_YES
						   : match_name(value, "tcp", PROTOCOL_TCP);
	case FIREWALL_FAMILY:
		return match_name(value, is_v6 ? "ipv6" : "ipv4", is_v6 ? 10 : 2);
	case FIREWALL_ETHERTYPE:
		return match_name(value, is_v6 ? "ip6" : "ip", is_v6 ? 0x86dd : 0x0800);
	case FIREWALL_STATE:
		return match_state(rules, value);
	case FIREWALL_DIRECTION:
		return match_name(value, "original", 0);
	case FIREWALL_HOST:
		return match_host(value, ask->family);
	case FIREWALL_HOST_TYPE:
		return match_host_type(value);
	case FIREWALL_OUT:
		return view_is(firewall_unquote(value), VIEW("lo")) ? FIREWALL_NO
								    : FIREWALL_PERHAPS;
	case FIREWALL_IN:
	case FIREWALL_NEVER:
		return FIREWALL_NO;
	case FIREWALL_FLAGS:
	case FIREWALL_NOT_UNDERSTOOD:
		break;
	}
	return FIREWALL_PERHAPS;
}

/* The number of ours that it is about; false: it is about none that is known. */
static bool
find_number(
    const struct firewall_ask *ask, enum firewall_kind kind, unsigned long long *ret_number)
{
	if (kind == FIREWALL_PORT)
		*ret_number = ask->port;
	else if (kind == FIREWALL_UID && ask->has_owner)
		*ret_number = ask->uid;
	else if (kind == FIREWALL_GID && ask->has_owner)
		*ret_number = ask->gid;
	else
		return false;
	return true;
}

enum firewall_match
firewall_match_compare(const struct firewall_rules *rules, enum firewall_kind kind,
    struct view operator, struct view value)
{
	unsigned long long ours, number;

	if (!find_number(rules->ask, kind, &ours) || !read_number(value, &number))
		return FIREWALL_PERHAPS;
	if (ours == number)
		return yes_or_no(view_ends(operator, VIEW("=")));
	return yes_or_no((ours < number) == view_starts(operator, VIEW("<")));
}
