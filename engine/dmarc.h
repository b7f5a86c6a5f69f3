/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef ENGINE_DMARC_H
#define ENGINE_DMARC_H

/* The prediction of DMARC, between who makes it and who puts it into words. */

#include "engine/deciding.h"

/* Receivers find the record and the Organizational Domains in one of two ways. */
struct dmarc_way {
	const char *name;              /* "the tree walk" */
	enum fact_dmarc_record record; /* unknown: this way does not count */
	bool is_strict_spf, is_strict_dkim;
	struct view domain;         /* where the record stands; empty: not said */
	struct view author, sender; /* Organizational Domains; empty: by the list */

	enum fact_dmarc result;
	const struct policy_key *key; /* whose signature passes; NULL: none does */
	bool is_testing;              /* it is published as t=y, and nothing else passes */
	bool spf_aligns;              /* known unless 'key' is set */
};

enum fact_key_state deciding_key_state(
    const struct deciding *deciding, const struct policy_key *key);
/* Ready, and published as testing. */
bool deciding_key_is_testing(const struct deciding *deciding, const struct policy_key *key);
/* The domain that SPF speaks for: the sender's; of bounces the name in HELO (RFC 7489
 * 3.1.2). */
struct view dmarc_spf_domain(const struct deciding *deciding);
bool dmarc_key_aligns(
    const struct dmarc_way *way, struct view key_domain, struct view author);

void dmarc_predict(struct deciding *deciding);

/* In one sentence why WAY comes to its result; OTHER is said where it differs. */
void dmarc_say(const struct deciding *deciding, const struct dmarc_way *way,
    const struct dmarc_way *other, struct buf *why);

#endif
