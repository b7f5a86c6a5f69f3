/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_FIREWALL_H
#define DOCTOR_FIREWALL_H

/*
 * What the rules of a firewall do to a new connection from this machine to another host's
 * port of mail. Pure; the text may be anybody's. Jumps are followed. Only what is beyond
 * doubt is called closed or open: a condition that is not understood may be true or not,
 * and what the rules do then is added up.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/map.h"
#include "lib/view.h"

enum { FIREWALL_RULES_MAX = 65536 }; /* and as many chains, and sets */

/* The connection that is asked about. */
struct firewall_ask {
	uint8_t family; /* ADDR_IPV4, ADDR_IPV6 */
	unsigned port;
	bool has_owner;    /* who connects is known, and is: */
	uint32_t uid, gid; /* Postfix's */
	struct map_seed seed;
};

enum firewall_verdict {
	FIREWALL_OPEN,  /* no rule keeps it back */
	FIREWALL_MAYBE, /* 'rule' may */
	FIREWALL_CLOSED /* 'rule' does */
};

/* Views are borrowed from the text, or literals. */
struct firewall_look {
	enum firewall_verdict verdict;
	struct view rule;         /* as it stands there, or "policy drop" */
	struct view table, chain; /* where it stands: "inet filter", "filter" */
	struct view base;         /* the chain with a hook from which it is reached */
	bool is_turned;           /* it leads connections elsewhere */
};

/* TEXT is what 'nft -n list ruleset' prints. What is found out on the way goes to ARENA: a
 * few hundred bytes a rule, up to the maximum. */
struct firewall_look firewall_read_nft(
    struct view text, const struct firewall_ask *ask, struct arena *arena);
/* TEXT is what iptables-save or ip6tables-save prints, or 'iptables -S'. */
struct firewall_look firewall_read_iptables(
    struct view text, const struct firewall_ask *ask, struct arena *arena);

#endif
