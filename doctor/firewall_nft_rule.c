/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <ctype.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "doctor/firewall_nft.h"

/* One rule of nft: conditions, statements and a verdict, one after the other. */

/* What a condition is about. */
struct subject {
	const char *first, *second; /* NULL: it is one word */
	enum firewall_kind kind;
};

static const struct subject subjects[] = {
    {"tcp", "dport", FIREWALL_PORT},
    {"tcp", "sport", FIREWALL_SOURCE_PORT},
    {"tcp", "flags", FIREWALL_FLAGS},
    {"th", "dport", FIREWALL_PORT},
    {"th", "sport", FIREWALL_SOURCE_PORT},
    {"ct", "state", FIREWALL_STATE},
    {"ct", "direction", FIREWALL_DIRECTION},
    {"meta", "skuid", FIREWALL_UID},
    {"meta", "skgid", FIREWALL_GID},
    {"meta", "l4proto", FIREWALL_PROTOCOL},
    {"meta", "nfproto", FIREWALL_FAMILY},
    {"meta", "protocol", FIREWALL_ETHERTYPE},
    {"meta", "oif", FIREWALL_OUT},
    {"meta", "oifname", FIREWALL_OUT},
    {"meta", "iif", FIREWALL_IN},
    {"meta", "iifname", FIREWALL_IN},
    {"ip", "daddr", FIREWALL_HOST},
    {"ip", "protocol", FIREWALL_PROTOCOL},
    {"ip6", "daddr", FIREWALL_HOST},
    {"ip6", "nexthdr", FIREWALL_PROTOCOL},
    {"rt", "type", FIREWALL_NEVER},
    {"rt", "hdrlength", FIREWALL_NEVER},
    {"rt", "seg-left", FIREWALL_NEVER},
    {"skuid", NULL, FIREWALL_UID},
    {"skgid", NULL, FIREWALL_GID},
    {"oif", NULL, FIREWALL_OUT},
    {"oifname", NULL, FIREWALL_OUT},
    {"iif", NULL, FIREWALL_IN},
    {"iifname", NULL, FIREWALL_IN},
};

/* "tcp dport"; the word is behind it then. 1, 0: it is nothing of that kind. */
static int
take_subject(struct nft_reading *at, enum firewall_kind *ret_kind)
{
	/* What has two words in any case; and with that what our packet is not. */
	static const char *const pairs[] = {
	    "ct", "ether", "ip", "ip6", "meta", "tcp", "th", "vlan", NULL};
	static const char *const others[] = {"ah", "arp", "comp", "dccp", "esp", "frag",
	    "hbh", "icmp", "icmpv6", "igmp", "mh", "sctp", "udp", "udplite", NULL};
	const struct view first = at->word;
	struct nft_reading second = *at;
	bool is_other_ip =
	    view_is(first, at->rules->ask->family == ADDR_IPV4 ? VIEW("ip6") : VIEW("ip"));
	enum firewall_kind kind = FIREWALL_NOT_UNDERSTOOD;

	nft_go_on(&second);
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		if (!view_is(first, view_of(subjects[i].first)))
			continue;
		if (subjects[i].second == NULL) {
			*ret_kind = subjects[i].kind;
			nft_go_on(at);
			return 1;
		}
		if (nft_is_word(&second, subjects[i].second))
			kind = subjects[i].kind;
	}
	if (firewall_is_one_of(first, others) || is_other_ip)
		kind = FIREWALL_NEVER;
	if (kind == FIREWALL_NOT_UNDERSTOOD && !firewall_is_one_of(first, pairs))
		return 0;
	*at = second;
	nft_go_on(at);
	*ret_kind = kind;
	return 1;
}

/* "fib daddr type", and what else is asked of the routes; false: it is nothing of that. */
static bool
take_route(struct nft_reading *at, enum firewall_kind *ret_kind)
{
	static const char *const results[] = {"oif", "oifname", "type", NULL};
	size_t n = 0;

	if (!nft_is_word(at, "fib"))
		return false;
	nft_go_on(at);
	bool is_host = nft_is_word(at, "daddr");
	for (; at->is_there && !firewall_is_one_of(at->word, results); n++)
		nft_go_on(at);
	*ret_kind = is_host && n == 1 && nft_is_word(at, "type") ? FIREWALL_HOST_TYPE
								 : FIREWALL_NOT_UNDERSTOOD;
	nft_go_on(at);
	return true;
}

/* A condition, or what is set; 1, 0: it is neither; -1: the rule is done. */
static int
take_condition(struct nft_reading *at)
{
	enum firewall_kind kind, other;
	enum firewall_match match;

	if (!take_route(at, &kind) && take_subject(at, &kind) == 0)
		return 0;
	if (kind == FIREWALL_NEVER) {
		at->rule.match = FIREWALL_NO;
		return -1;
	}
	for (; nft_is_word(at, "."); kind = FIREWALL_NOT_UNDERSTOOD) {
		nft_go_on(at);
		if (take_subject(at, &other) == 0)
			nft_go_on(at);
	}
	if (nft_is_word(at, "vmap")) {
		nft_go_on(at);
		nft_take_vmap(at, kind);
		at->rule.match = FIREWALL_NO;
		return -1;
	}
	if (nft_is_word(at, "set")) {
		nft_go_on(at);
		nft_go_on(at);
		return 1;
	}
	match = nft_take_values(at, kind);
	at->rule.match = firewall_match_both(at->rule.match, match);
	return at->rule.match == FIREWALL_NO ? -1 : 1;
}

static void
take_log(struct nft_reading *at)
{
	static const char *const with_one[] = {
	    "flags", "group", "level", "prefix", "queue-threshold", "snaplen", NULL};
	static const char *const with_more[] = {"ip", "tcp", NULL};

	while (firewall_is_one_of(at->word, with_one)) {
		bool is_flags = nft_is_word(at, "flags");

		nft_go_on(at);
		if (is_flags && firewall_is_one_of(at->word, with_more))
			nft_go_on(at);
		nft_go_on(at);
	}
}

/* What does nothing to the packet, or to its way; false: it is something else. */
static bool
take_statement(struct nft_reading *at)
{
	static const char *const with_one[] = {"bytes", "name", "packets", NULL};

	if (nft_is_word(at, "counter")) {
		for (nft_go_on(at); firewall_is_one_of(at->word, with_one); nft_go_on(at))
			nft_go_on(at);
	} else if (nft_is_word(at, "log")) {
		nft_go_on(at);
		take_log(at);
	} else if (nft_is_word(at, "comment")) {
		nft_go_on(at);
		nft_go_on(at);
	} else if (nft_is_word(at, "notrack")) {
		nft_go_on(at);
	} else {
		return false;
	}
	return true;
}

int
nft_take_verdict(struct nft_reading *at, enum firewall_target *ret_target,
    struct firewall_chain **ret_to)
{
	static const struct {
		const char *name;
		enum firewall_target target;
	} verdicts[] = {{"accept", FIREWALL_ACCEPT}, {"continue", FIREWALL_NEXT},
	    {"dnat", FIREWALL_TURN}, {"drop", FIREWALL_STOP}, {"fwd", FIREWALL_TURN},
	    {"goto", FIREWALL_GOTO}, {"jump", FIREWALL_JUMP},
	    {"masquerade", FIREWALL_ACCEPT}, {"queue", FIREWALL_UNKNOWN},
	    {"redirect", FIREWALL_TURN}, {"reject", FIREWALL_STOP},
	    {"return", FIREWALL_RETURN}, {"snat", FIREWALL_ACCEPT},
	    {"synproxy", FIREWALL_UNKNOWN}, {"tproxy", FIREWALL_TURN},
	    {"vmap", FIREWALL_UNKNOWN}};

	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		if (!nft_is_word(at, verdicts[i].name))
			continue;
		nft_go_on(at);
		*ret_target = verdicts[i].target;
		*ret_to = NULL;
		if (*ret_target != FIREWALL_JUMP && *ret_target != FIREWALL_GOTO)
			return 1;
		if (nft_is_word(at, "{"))
			*ret_to = at->block;
		else if (at->is_there)
			*ret_to = firewall_chain_get(at->rules, at->word);
		nft_go_on(at);
		return 1;
	}
	return 0;
}

/* What iptables-nft could only write in its own way: "xt match owner", or from an nft that
 * knows nothing of it "# xt_owner", which may be a target as well. */
static bool
take_foreign(struct nft_reading *at)
{
	static const struct view old = {"xt_", 3};
	bool is_old = nft_is_word(at, "#"), is_target;

	if (!is_old && !nft_is_word(at, "xt"))
		return false;
	nft_go_on(at);
	is_target = is_old ? at->word.n > old.n && isupper((unsigned char)at->word.p[old.n])
			   : nft_is_word(at, "target");
	if (!is_old)
		nft_go_on(at);
	if (is_target) {
		struct view name = is_old ? view_from(at->word, old.n) : at->word;

		at->rule.target = firewall_target_of(firewall_unquote(name));
		if (at->rule.target == FIREWALL_JUMP)
			at->rule.target = FIREWALL_UNKNOWN;
	} else {
		at->rule.match = firewall_match_both(at->rule.match, FIREWALL_PERHAPS);
	}
	nft_go_on(at);
	return true;
}

void
nft_read_rule(struct firewall_rules *rules, struct firewall_chain *chain,
    struct firewall_chain *block, struct view line)
{
	struct nft_reading at = {
	    .rules = rules, .chain = chain, .block = block, .rest = line};

	at.rule.match = FIREWALL_YES;
	at.rule.text = line;
	nft_go_on(&at);
	while (at.is_there && at.rule.target == FIREWALL_NEXT) {
		if (nft_take_verdict(&at, &at.rule.target, &at.rule.to) == 1 ||
		    take_statement(&at) || take_foreign(&at))
			continue;
		int taken = take_condition(&at);
		if (taken < 0)
			break;
		if (taken > 0)
			continue;
		at.rule.match = firewall_match_both(at.rule.match, FIREWALL_PERHAPS);
		if (nft_is_word(&at, "{"))
			nft_skip_block(&at);
		else
			nft_go_on(&at);
	}
	firewall_rule_add(rules, chain, &at.rule);
}
