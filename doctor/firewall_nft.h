/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_FIREWALL_NFT_H
#define DOCTOR_FIREWALL_NFT_H

/* How nft's text is read: tables and chains (firewall_nft.c), one rule
 * (firewall_nft_rule.c), values in sets and maps (firewall_nft_value.c). Private to them.
 */

#include "doctor/firewall_rules.h"

/* A set or a map that has a name. */
struct nft_set {
	struct view elements; /* what stands behind "elements = {", with its "}" */
	bool is_open;         /* packets add to it */
};

/* Where one rule is being read. */
struct nft_reading {
	struct firewall_rules *rules;
	struct firewall_chain *chain; /* where it stands */
	struct firewall_chain *block; /* that its last jump opens; NULL: it opens none */
	struct firewall_rule rule;    /* as far as it is known */
	struct view rest, word;
	bool is_there; /* a word */
};

void nft_go_on(struct nft_reading *at);
bool nft_is_word(const struct nft_reading *at, const char *text);
/* From the word "{" to behind its "}". */
void nft_skip_block(struct nft_reading *at);

/* The words of a verdict, and where it leads; 1, 0: it is none. */
int nft_take_verdict(struct nft_reading *at, enum firewall_target *ret_target,
    struct firewall_chain **ret_to);

/* What follows the name of something of KIND: an operator and a value, or a list of them.
 */
enum firewall_match nft_take_values(struct nft_reading *at, enum firewall_kind kind);
/* "{ 25 : drop, 465 : jump x }" or "@map": adds a rule for each that may be. */
void nft_take_vmap(struct nft_reading *at, enum firewall_kind kind);

void nft_read_rule(struct firewall_rules *rules, struct firewall_chain *chain,
    struct firewall_chain *block, struct view line);

#endif
