/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

/*
 * The language once more, written from frank.conf(5) alone and as plainly as can be: random
 * policies in a form of their own, their text, and what they decide. Nothing of policy/ or
 * engine/ is called; only struct facts is shared.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "policy/facts.h"

enum {
	REF_TESTS = 4,
	REF_RULES = 8,
	REF_LIST = 16,
	REF_FIRST_LINE = 15, /* of the rules: what stands above is always the same */
};

enum ref_kind {
	REF_PATH,
	REF_USER,
	REF_CLIENT,
	REF_SENDER,
	REF_AUTHOR,
	REF_RCPT,
	REF_OWNS,
	REF_RCPTS,
	REF_SIZE,
	REF_AGE,
	REF_HOURS,
	REF_DAYS,
	REF_SPF,
	REF_FRAGILE,
	REF_METER,
	REF_SIGN_KINDS, /* those above may stand in a rule that signs */
	REF_SIGNED = REF_SIGN_KINDS,
	REF_DMARC,
	REF_DMARC_POLICY,
	REF_KEY,
	REF_RECEIVER,
	REF_KINDS,
};

struct ref_test {
	enum ref_kind kind;
	bool negated, only;
	const char *argument; /* as it is written, where it is one word */
	const char *list[4];  /* words with commas between */
	int n_list;
	const char *compare, *meter;
	bool is_map, is_usual;
	unsigned number, from, to;
};

struct ref_rule {
	const char *verdict; /* "match" too */
	struct ref_test tests[REF_TESTS];
	int n_tests;
	bool watch, signs, tags, notes;
	const char *with; /* a key's name or a domain; NULL: 'sign' alone */
	int until;
};

struct ref_policy {
	const char *owners; /* "owners" through postmap, "own" from a file, or NULL */
	bool has_login_domain, rejects_on_error;
	struct ref_rule rules[2 * REF_RULES];
	int n_matches, n_rules;
};

struct ref_decision {
	const char *verdict;
	int line; /* 0: no rule */
	bool on_error, is_signed;
	const char *sign[REF_LIST]; /* selectors, in order */
	int n_sign;
	int tags[REF_LIST], n_tags, notes[REF_LIST], n_notes; /* lines */
	int watch[REF_LIST], n_watch;
};

extern const char ref_owners[], ref_keys[];

/* Choices: from a seed; or from BYTES, which stay until the last choice (behind their end
 * the first is taken). */
void ref_seed(uint64_t seed);
void ref_feed(const uint8_t *bytes, size_t n);
unsigned ref_random(unsigned below);

void ref_make_policy(struct ref_policy *policy);
void ref_print_policy(const struct ref_policy *policy, struct buf *out);
/* Facts that live until the next call. */
void ref_make_facts(struct facts *facts);

/* yes 1, no 0, unknown -1 */
int ref_judge(const struct ref_policy *policy, const struct ref_test *test,
    const struct facts *facts, const struct ref_decision *decision);
/* The same for what receivers will see: key, receiver, dmarc, dmarc-policy. */
int ref_foresee(const struct ref_test *test, const struct facts *facts,
    const struct ref_decision *decision);
int ref_among(const struct ref_test *test, const char *word);
void ref_decide(const struct ref_policy *policy, const struct facts *facts,
    struct ref_decision *decision);

/*
 * The engine under one random policy and MESSAGES random messages, against this; and
 * against itself: with a trace, by the policy's canonical form, from advice that went
 * through the journal's text. Fails as cmocka does.
 */
void ref_check(unsigned messages);

#endif
