/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_AST_H
#define POLICY_AST_H

/* A policy from the inside: what parsing fills, check completes, and match and print read.
 */

#include "policy/lex.h"
#include "policy/rule.h"
#include "policy/table.h"

enum { POLICY_FILES_MAX = 64, POLICY_TABLES_MAX = 256, POLICY_KEY_SOURCES_MAX = 2000 };

/* One 'set', kept for printing and for saying where it stood. */
struct set_statement {
	enum setting setting;
	struct view shown; /* its values in canonical form */
	struct span span, value_span;
	struct view table; /* the table or map it names; empty: none */
	struct view place;
};

/* The keys of a domain, the newest first. */
struct domain_keys {
	struct view domain;
	LIST(const struct policy_key *) keys;
};

struct key_place {
	struct span name, domain;
};

struct meter_place {
	struct span name, to;
	const struct table *table; /* behind 'to' */
	bool is_used, is_faulty;
};

struct policy {
	struct arena *arena;
	struct map_seed seed;
	LIST(const struct source *) sources;
	struct policy_settings settings;
	LIST(struct set_statement) sets;
	const struct table *trusted;
	LIST(struct prefix) trusted_networks;
	const struct table *owners;
	LIST(struct table *) tables; /* and maps */
	LIST(struct policy_meter) meters;
	LIST(struct meter_place) meter_places; /* beside meters */
	LIST(struct policy_key_source) key_sources;
	LIST(struct key_place) key_places; /* beside key_sources */
	LIST(struct policy_key) keys;
	bool has_keys;      /* the list of keys was there */
	struct map domains; /* domain -> struct domain_keys */
	LIST(struct rule *) matches;
	LIST(struct rule *) verdicts;
	LIST(const struct test *) rcpt_tests;
	uint32_t asked;                /* one bit for each fact that a test asks for */
	bool asks_sender, asks_author; /* 'owns' of the one and of the other */
};

const struct policy_meter *policy_find_meter(const struct policy *policy, struct view name);
struct table *policy_find_table(const struct policy *policy, struct view name);
const struct domain_keys *policy_domain_keys(
    const struct policy *policy, struct view domain);

#endif
