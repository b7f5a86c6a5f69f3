/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_RULE_H
#define POLICY_RULE_H

/*
 * The rules of a policy as engine/ walks them, and the judge of one test. Nothing changes
 * after policy_load; text is the policy's.
 */

#include "lib/buf.h"
#include "policy/list.h"
#include "policy/policy.h"
#include "policy/source.h"
#include "policy/table.h"
#include "policy/words.h"

enum {
	RULES_MAX = 2000, /* match and verdict lines together */
	RULE_TESTS_MAX = 32,
	RULE_EFFECTS_MAX = 8,  /* tags and notes of one match line */
	RULE_SIGNERS_MAX = 16, /* keys and domains behind 'sign with' */
	TEXT_EXPANDED_MAX = 512,
};

enum operand {
	OPERAND_ANY,        /* user any */
	OPERAND_NULL,       /* no address */
	OPERAND_UNCLEAR,    /* author unclear */
	OPERAND_TABLE,      /* table */
	OPERAND_ADDRESS,    /* text: local@domain */
	OPERAND_DOMAIN,     /* text: the domain */
	OPERAND_SUFFIX,     /* text: .domain */
	OPERAND_POSTMASTER, /* at any domain of ours */
	OPERAND_LOGIN,      /* text: in lower case, or @domain: every login there */
	OPERAND_NETWORK,    /* network */
	OPERAND_BITS,       /* bits: one for each path, weekday or enum fact_fragile */
	OPERAND_YES,        /* signed yes */
	OPERAND_NO,         /* signed no */
	OPERAND_HOURS,      /* from <= hour < to, over midnight when to <= from */
	OPERAND_NUMBER,     /* compare, number; of 'age': seconds */
	OPERAND_MAP,        /* compare, table: what it has for the origin */
	OPERAND_USUAL,      /* compare, number: so many times the usual */
	OPERAND_DISAGREES,
	OPERAND_OWN_SENDER,
	OPERAND_OWN_AUTHOR,
};

enum compare { COMPARE_OVER, COMPARE_FROM, COMPARE_UNDER, COMPARE_TO };

struct test {
	enum fact fact;
	enum operand operand;
	bool negated, only;
	enum compare compare;
	uint64_t number;
	bool is_bytes; /* number was written as a size */
	unsigned bits, from, to;
	uint32_t rcpt; /* the number of a rcpt test */
	struct view text;
	struct prefix network;
	const struct table *table;
	const struct policy_meter *meter;
	struct view name;                        /* of the meter */
	struct view shown;                       /* in canonical form */
	struct span span, name_span, value_span; /* only while loading */
};

/* What stands behind 'sign with': a key by its name, or the newest ones of a domain. */
struct signer {
	struct view name; /* as written: a key's name or a domain */
	const struct policy_key *keys[ALGORITHMS];
	uint32_t n_keys;
	bool by_domain; /* not a 'key' line: the choice is made for each message */
	struct span span;
};

enum rule_verdict { RULE_ACCEPT, RULE_HOLD, RULE_DEFER, RULE_REJECT, RULE_MATCH };

struct text_effect {
	bool is_tag;
	struct view name, text; /* a tag's name and value; a note's text */
	struct span span;
};

struct rule {
	enum rule_verdict verdict;
	bool watch, notify, signs;
	LIST(struct test *) tests;
	LIST(struct signer) signers; /* empty: 'sign' alone */
	LIST(struct text_effect) effects;
	bool has_label, has_reply;
	struct view label, reply;
	int until;         /* 20270131; 0: no end */
	struct view place; /* "frank.conf:41" */
	struct view shown; /* "watch hold" */
	struct span span;  /* of its first word */
	struct span label_span, reply_span, until_span;
};

size_t policy_n_matches(const struct policy *policy);
const struct rule *policy_match_at(const struct policy *policy, size_t i);
size_t policy_n_verdicts(const struct policy *policy);
const struct rule *policy_verdict_at(const struct policy *policy, size_t i);

const char *rule_verdict_name(enum rule_verdict verdict);
/* "path", or the meter's own name. */
struct view test_name(const struct test *test);
void policy_print_test(const struct test *test, struct buf *out);

/*
 * The key of DOMAIN that signs: by file time the newest one that is ready in DNS; else the
 * one that was ready last; else the newest of those that the resolver sees, then of those
 * of which nothing is known, then of those with another record, and last of all one that
 * is not published. NAMED: those of 'key' lines too, as 'sign with
 * DOMAIN' uses them; 'sign' alone has those of 'keys' directories only. NULL: none.
 */
const struct policy_key *policy_choose_key(const struct policy *policy, struct view domain,
    enum policy_algorithm algorithm, bool named, const struct facts *facts);

/* Is a key of which FACT is known to be preferred to one that is newer, of which OTHER is
 * known? NULL: nothing is known. */
bool policy_key_is_better(const struct fact_key *fact, const struct fact_key *other);

/* The I-th newest key of DOMAIN, named or not; NULL: there is none. */
const struct policy_key *policy_key_at(
    const struct policy *policy, struct view domain, size_t i);

/* What is known only when it is clear who signs. */
struct derived {
	bool is_signed;
	enum fact_dmarc dmarc;
	struct view dmarc_why;
	struct view key; /* the selector of the best key that signs; empty: none */
	enum fact_key_state key_state;
	bool key_is_testing;
	enum fact_seen opinion;
	struct view opinion_why;
};

/* The Ith of policy_rcpt_tests(). */
const struct test *policy_rcpt_test_at(const struct policy *policy, uint32_t i);

/* Does any test of the policy ask for FACT? */
bool policy_asks(const struct policy *policy, enum fact fact);

/* The newest one from a 'keys' directory, whatever DNS has. */
const struct policy_key *policy_newest_key(
    const struct policy *policy, struct view domain, enum policy_algorithm algorithm);

enum match_answer { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };

/*
 * Judge TEST, with its 'not'. WHY, when not NULL, gets a few
 * words of explanation (escaped); it is appended to.
 */
enum match_answer policy_test_judge(const struct policy *policy, const struct test *test,
    const struct facts *facts, const struct derived *derived, struct buf *why);

/*
 * ADDRESS is not owned, as 'owns' sees it: what to write where, if it should be. Escaped;
 * nothing where no entry could help.
 */
void policy_owns_remedy(const struct policy *policy, const struct fact_address *address,
    const struct facts *facts, struct buf *out);

/*
 * TEXT with its {facts} filled in, escaped. 'full' of OUT says that it was cut. Names were
 * checked when the policy was loaded.
 */
void policy_expand(struct view text, const struct facts *facts, struct buf *out);

#endif
