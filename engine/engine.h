/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/*
 * The decision: a pure function of policy and facts, used by the daemon, explain, test and
 * replay alike. Three phases (policy-language.md, "How a decision is made"):
 *
 *   1. 'match ... sign' rules give the set of keys that will sign;
 *   2. 'signed' (and later 'dmarc') is derived from it;
 *   3. the other 'match' rules add tags and notes, then the first verdict that fits
 * decides.
 *
 * Mail of path inbound is never signed. Mail of path reentry was judged before: its match
 * rules apply, its verdict is accept. An authority that could not be asked, where it
 * matters, gives 'set on-error' (decision.on_error says why).
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/view.h"
#include "policy/facts.h"
#include "policy/policy.h"

enum verdict { VERDICT_ACCEPT, VERDICT_HOLD, VERDICT_DEFER, VERDICT_REJECT };

enum { DECISION_SIGN_MAX = 8, DECISION_TAGS_MAX = 16, DECISION_WATCH_MAX = 16 };

struct decision_tag {
	struct view name, value; /* a header field: expanded, escaped, one line */
};

struct decision_watch { /* a watch rule that would have decided */
	enum verdict verdict;
	struct view place, label;
};

struct decision {
	enum verdict verdict;
	struct view place; /* "frank.conf:41"; empty: no rule decided (reentry, on-error) */
	struct view label; /* empty: none */
	struct view reply; /* "5.7.1 text", expanded; empty: the default for the verdict */
	bool notify;
	/* Held: for what key there is an incident with this label; a name. Set by who
	 * counts, and not by engine_decide(). */
	struct view key;
	const struct policy_meter
	    *meter; /* the first one that the rule asked; NULL: none */
	/* Meters (1 << index) by which it was held, deferred or rejected, or would have
	 * been by a watch rule: this hour of their keys is not usual. */
	uint64_t flagged;
	/* Tests that could not be answered: 1 << enum fact, and of meters 1 << index. */
	uint64_t unknown, unknown_meters;
	struct view on_error; /* not empty: decided by 'set on-error', and why */

	const struct policy_key *sign[DECISION_SIGN_MAX];
	uint32_t n_sign;
	bool is_signed; /* one of them aligns with the author: the fact 'signed' */
	struct view unsigned_why; /* when nothing signs: the nearest reason, in words */

	/* DMARC would fail, and why, in one sentence of escaped text; empty: it would not,
	 * or nobody knows. */
	struct view dmarc_why;

	struct decision_tag tags[DECISION_TAGS_MAX];
	uint32_t n_tags;
	struct view notes[DECISION_TAGS_MAX];
	uint32_t n_notes;
	struct decision_watch watch[DECISION_WATCH_MAX];
	uint32_t n_watch;
};

/*
 * What was tried, in order, for explain: every rule, every test that was looked at, its
 * answer and why. Collected in an arena; none is kept when the daemon decides.
 */
enum trace_answer { TRACE_NO, TRACE_YES, TRACE_UNKNOWN };

struct trace_step {
	struct view place; /* "frank.conf:41" */
	struct view rule;  /* "hold", "match", "watch hold" ... */
	struct view
	    test; /* "not owns author"; empty: the rule's own line (no test, or its end) */
	enum trace_answer answer;
	struct view why; /* "<owners> gives alice@example.org to alice" */
	bool decides;    /* this rule's effect was applied, or its verdict stands */
};

struct trace {
	struct trace_step *steps; /* in ARENA; borrowed */
	size_t n_steps, size;
	struct view *unsigned_notes; /* "not signed with legacy (frank.conf:27): author is
					..., the rule asks ..." */
	size_t n_unsigned_notes, unsigned_size;
	struct view remedy; /* when nothing signs: what to do if it should have; one line,
			       escaped */
	enum fact_dmarc dmarc; /* as predicted, and why; empty: nothing could be said */
	struct view dmarc_why;
};

/*
 * Judge FACTS by POLICY. All text in *ret_decision lives in ARENA or in the policy. When
 * the arena's cap is reached the decision is 'set on-error'. TRACE may be NULL; zeroed by
 * the caller otherwise.
 */
void engine_decide(const struct policy *policy, const struct facts *facts,
    struct arena *arena, struct trace *trace, struct decision *ret_decision);

const char *verdict_name(enum verdict verdict);
bool verdict_of(struct view name, enum verdict *ret_verdict);

#endif
