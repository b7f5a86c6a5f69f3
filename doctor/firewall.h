/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_FIREWALL_H
#define DOCTOR_FIREWALL_H

/*
 * What the rules of a firewall do to connections from this machine to other hosts' ports of
 * mail. Pure. Only what is beyond doubt is called closed: a rule with any further
 * condition, or behind one that may have let it pass, is one that may apply.
 */

#include <stdbool.h>

#include "lib/view.h"

enum firewall_verdict {
	FIREWALL_OPEN,  /* no rule keeps it back */
	FIREWALL_MAYBE, /* 'rule' may */
	FIREWALL_CLOSED /* 'rule' does */
};

struct firewall_look {
	enum firewall_verdict verdict;
	struct view rule; /* borrowed from the text */
};

/* TEXT is what 'nft -n list ruleset' prints. */
struct firewall_look firewall_read_nft(struct view text, unsigned port);
/* TEXT is what 'iptables -S' prints. */
struct firewall_look firewall_read_iptables(struct view text, unsigned port);

#endif
